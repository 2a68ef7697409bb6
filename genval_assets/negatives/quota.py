"""How many negatives of which difficulty a caption gets: by the number of exchanged attributes (FG-OVD's levels)."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations
from math import prod

LEVELS: Mapping[int, str] = {1: "hard", 2: "medium", 3: "easy"}
"""Exchanged attributes -> level."""
TRIVIAL = "trivial"
"""Another picture's caption."""


@dataclass(frozen=True)
class Quota:
    """So many of each level; FineGen has ten, as 4, 3 and 3."""

    hard: int = 4
    medium: int = 3
    easy: int = 3

    @property
    def total(self) -> int:
        """How many negatives a caption gets, trivial ones not counted."""
        return self.hard + self.medium + self.easy

    def of(self, attributes: int) -> dict[str, int]:
        """Return level -> number for a caption with so many attributes: more hard ones where it has fewer than three.

        Raises:
            ValueError: a caption without attributes has no negatives.
        """
        if attributes < 1:
            raise ValueError("a caption without attributes has no negatives")
        medium = self.medium if attributes >= 2 else 0
        easy = self.easy if attributes >= 3 else 0
        return {"hard": self.total - medium - easy, "medium": medium, "easy": easy}


def possible(alternatives: Sequence[int]) -> dict[str, int]:
    """Return level -> how many different negatives there are, given how many words may replace each attribute."""
    return {level: sum(map(prod, combinations(alternatives, n))) for n, level in LEVELS.items()}
