"""Generation, verification and correction of negatives (FineGen): bounded work on many captions at once.

For each caption: the text model writes what is wanted; code compares each sentence with the caption; what stands up to
that is held against the picture; what does not goes back with the reason, so many times at most, and is rejected then.
A rejected sentence is told apart for ever: the released implementation writes its last correction out all the same.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from genval_assets.model_ports import ChatModel
from genval_assets.negatives.changes import Compared
from genval_assets.negatives.quota import Quota
from genval_assets.negatives.verification import Captioned, Verifier
from genval_assets.negatives.vocabulary import Vocabulary


@dataclass(frozen=True)
class Rules:
    """What lists are made by."""

    quota: Quota
    corrections: int  # of one negative at most
    vocabulary: Vocabulary
    verifier: Verifier


@dataclass(frozen=True)
class Attempt:
    """One sentence that was written for a list."""

    index: int  # of the negative within the list, from 0; its corrections share it
    attempt: int  # 0: as it was written; from 1: corrections
    compared: Compared  # its faults are all that forbid it, by its words and of the picture
    level: str | None  # hard | medium | easy; None: it has no change, or too many
    outcome: str  # accepted | corrected | rejected
    confirmed_by: tuple[str, ...] = ()


@dataclass(frozen=True)
class MadeList:
    """All that was written for one caption, in order of index and attempt."""

    attempts: tuple[Attempt, ...] = ()
    unreadable: str = ""  # why the last answer could not be read, where that ended the work on the list
    unanswered: str = ""  # why the model was not reached: nothing is decided, the caption stays owed

    @property
    def accepted(self) -> tuple[Attempt, ...]:
        """The negatives, by index."""
        return tuple(one for one in self.attempts if one.outcome == "accepted")


def make_lists(chat: ChatModel, captioned: Sequence[Captioned], rules: Rules) -> list[MadeList]:
    """Return one list per caption, in order; each has at most its quota of every level, and may be short."""
    raise NotImplementedError
