"""How often the same work may be asked for again: a run that dies without a trace must not be launched for ever."""

import json
from collections.abc import Callable, Collection
from dataclasses import dataclass

from genval_assets.topup.plan import WavePlan

MOST_ATTEMPTS = 3
REMEMBERED = 20
"""Works whose attempts are remembered, besides those given up at the moment: several may take turns (our choice)."""


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
    numbers = _read(memory)
    number = _counted(numbers, key)
    return Attempt(key, number, _written(numbers, REMEMBERED))


@dataclass(frozen=True)
class Turn:
    """The next wave that is worth a try."""

    wave: WavePlan
    memory: str  # what `next_turn` must be given the next time
    given_up: frozenset[str]  # categories of the waves before it, which were tried in vain


def next_turn(plan: Callable[[Collection[str]], WavePlan], memory: str | None) -> Turn:
    """Return the next wave that was not tried in vain too often; an empty one when nothing else is left.

    Nothing is given up for good: once its work is another, a category is tried again.

    Args:
        plan: returns the next wave without the categories that it is given.
        memory: of the turn before; None or empty at first.
    """
    numbers = _read(memory)
    given_up: frozenset[str] = frozenset()
    waves = 0
    while True:
        wave = plan(given_up)
        if not wave.categories or _counted(numbers, wave.key) <= MOST_ATTEMPTS:
            return Turn(wave, _written(numbers, REMEMBERED + waves), given_up)
        given_up |= set(wave.categories)
        waves += 1


def _read(memory: str | None) -> dict[str, int]:
    """Return the attempts at each work remembered, the latest last."""
    return dict(json.loads(memory)) if memory else {}


def _counted(numbers: dict[str, int], key: str) -> int:
    """Count one more attempt at some work, now the latest, and return its number."""
    numbers[key] = numbers.pop(key, 0) + 1
    return numbers[key]


def _written(numbers: dict[str, int], latest: int) -> str:
    return json.dumps(dict(list(numbers.items())[-latest:]))
