"""What pictures are searched for, and what was found: an object that nobody annotated has no label.

A search is told apart by its mark: detector, names and pixels. What has a mark was searched, and is not again.
"""

import hashlib
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property

import numpy as np

from genval_assets.keys import recipe
from genval_assets.rows import Background, Quarantined
from genval_assets.types import Found, RefusedItem, Rgb

SHOWS_CATEGORY = "shows_category"
"""The reason for which a picture with an object of a category is refused."""
FINDS_NAMED = 5
"""Finds that a refusal tells one by one (our choice)."""


@dataclass(frozen=True)
class Terms:
    """Which detector looks for which names."""

    detector: str  # its fingerprint: model, revision and settings
    names: tuple[str, ...]  # of the categories, in any order

    def mark(self, rgb: Rgb) -> str:
        """Return what tells this search of this picture from any other."""
        picture = hashlib.sha256(repr(rgb.shape).encode())
        picture.update(np.ascontiguousarray(rgb).data)
        return f"{self.detector} names={self._names} picture={picture.hexdigest()[:16]}"

    @cached_property
    def _names(self) -> str:
        return recipe("names", names=sorted(self.names))[:12]


@dataclass(frozen=True)
class Search:
    """How backgrounds are searched. The model may be opened by the first question for a batch, not before."""

    terms: Terms
    batch: Callable[[], int]  # pictures that are best searched at once
    find: Callable[[Sequence[Rgb]], list[list[Found]]]
    known: Mapping[str, str] = field(default_factory=dict)  # mark -> what was found then; empty: nothing


def known_searches(kept: Iterable[Background], refused: Iterable[Quarantined]) -> dict[str, str]:
    """Return mark -> what was found, of every search that rows tell of; empty where nothing was found."""
    found = {row.raw: row.detail for row in refused if row.reason == SHOWS_CATEGORY}
    return found | {row.screen: "" for row in kept if row.screen is not None}


def told(finds: Sequence[Found]) -> str:
    """Return what was found and where, the surest first; empty for nothing."""
    surest = sorted(finds, key=lambda find: -find.score)
    named = "; ".join(_told(find) for find in surest[:FINDS_NAMED])
    return f"{named}; {len(finds) - FINDS_NAMED} more" if len(finds) > FINDS_NAMED else named


def _told(find: Found) -> str:
    x, y, width, height = find.box
    return f"{find.name}, {width:.0f} x {height:.0f} px at ({x:.0f}, {y:.0f}), score {find.score:.2f}"


def shows_category(path: str, mark: str, found: str) -> RefusedItem:
    """Return the refusal of a picture in which something was found; the mark makes it known to later searches."""
    return RefusedItem(path, SHOWS_CATEGORY, found, raw=mark)
