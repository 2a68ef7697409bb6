"""How often the same work may be asked for again: a run that dies without a trace must not be launched for ever."""

import json
from dataclasses import dataclass

MOST_ATTEMPTS = 3
REMEMBERED = 20
"""Works whose attempts are remembered: several may take turns (our choice)."""


@dataclass(frozen=True)
class Attempt:
    """The n-th time that the same work is to be launched."""

    key: str
    number: int
    memory: str  # what `next_attempt` must be given the next time

    @property
    def too_many(self) -> bool:
        """Whether it has been run in vain often enough."""
        return self.number > MOST_ATTEMPTS


def next_attempt(memory: str | None, key: str) -> Attempt:
    """Return which attempt at some work this is.

    A wave that did anything changes the next plan, and with it the key; the same key again means that the last run
    left no trace: it was killed before its first row, or nothing of it could be done.

    Args:
        memory: of the attempt before, whatever work it was for; None or empty at first.
        key: names what would be launched now, such as `WavePlan.key`.
    """
    numbers: dict[str, int] = json.loads(memory) if memory else {}
    number = numbers.pop(key, 0) + 1
    kept = [*numbers.items(), (key, number)][-REMEMBERED:]
    return Attempt(key, number, json.dumps(dict(kept)))
