"""How often one wave may be asked for again: a run that dies without a trace must not be launched for ever."""

import json
from dataclasses import dataclass

from genval_assets.topup.plan import WavePlan

MOST_ATTEMPTS = 3
REMEMBERED = 20
"""Waves whose attempts are remembered: several may take turns (our choice)."""


@dataclass(frozen=True)
class Attempt:
    """The n-th time that the planner comes to the same wave."""

    key: str
    number: int
    memory: str  # what `next_attempt` must be given the next time

    @property
    def run_key(self) -> str:
        """A key under which a scheduler launches this attempt once, and the next one again."""
        return f"{self.key}-{self.number}"

    @property
    def too_many(self) -> bool:
        """Whether the wave has been run in vain often enough."""
        return self.number > MOST_ATTEMPTS


def next_attempt(memory: str | None, plan: WavePlan) -> Attempt:
    """Return which attempt at `plan` this is.

    A wave that did anything changes the next plan, and with it the key; the same key again means that the last run
    left no trace: it was killed before its first row, or nothing of it could be done.

    Args:
        memory: of the attempt before, whatever wave it was for; None or empty at first.
        plan: the wave that would be launched now.
    """
    numbers: dict[str, int] = json.loads(memory) if memory else {}
    number = numbers.pop(plan.key, 0) + 1
    kept = [*numbers.items(), (plan.key, number)][-REMEMBERED:]
    return Attempt(plan.key, number, json.dumps(dict(kept)))
