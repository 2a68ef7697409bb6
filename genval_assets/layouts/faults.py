"""What is wrong with a graph or a layout, as values: a code for SQL and a sentence that goes back to the model."""

from collections.abc import Sequence
from dataclasses import dataclass

from genval_assets.chat.answers import UnreadableAnswer


@dataclass(frozen=True)
class Fault:
    """One thing that is wrong."""

    reason: str
    detail: str


def refuse(found: Sequence[Fault]) -> None:
    """Refuse an answer in which faults were found.

    Raises:
        UnreadableAnswer: its reasons are the faults' codes, in order.
    """
    if found:
        said = "; ".join(f"{fault.reason}: {fault.detail}" for fault in found)
        raise UnreadableAnswer(said, tuple(fault.reason for fault in found))
