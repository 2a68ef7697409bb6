"""What categories owe beside candidates: of each kind a count per category, and stages of its own to time it by."""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from genval_assets.layouts.layout import STAGE as LAYOUTS
from genval_assets.layouts.owed import STAGES as GRAPH_STAGES
from genval_assets.negatives.owed import STAGES as CAPTION_STAGES
from genval_assets.negatives.positive import STAGE as HARD_NEGATIVES


@dataclass(frozen=True)
class Extra:
    """One kind of work beside candidates."""

    items: str  # what they are called, as people read it
    stages: tuple[str, ...]  # that an item passes
    counted: str  # the one of these whose items they are


GRAPHS = Extra("scene graphs", GRAPH_STAGES, counted=LAYOUTS)
"""To be drawn as whole scenes (`[layouts]`)."""
CAPTIONS = Extra("captions", CAPTION_STAGES, counted=HARD_NEGATIVES)
"""Of accepted pictures, with their hard negatives (`[hard_negatives]`)."""
EXTRAS = (GRAPHS, CAPTIONS)
EXTRA_STAGES = frozenset(stage for extra in EXTRAS for stage in extra.stages)
"""What these stages cost, and that they fail, says nothing of instances."""


@dataclass(frozen=True)
class OwedExtra:
    """What categories owe of one kind, whether or not they have their target of instances."""

    extra: Extra
    counts: Mapping[str, int]  # category -> items to go
    assumed: float  # candidates in whose time an item is worked, before any was measured


@dataclass(frozen=True)
class PlannedExtra:
    """A category whose items of one kind a wave works, all that it owes."""

    category: str
    extra: Extra
    count: int


def in_words(counts: Iterable[tuple[Extra, int]]) -> str:
    """Return how many items of each kind there are, in the order of `EXTRAS`; empty where there are none."""
    totals: Counter[Extra] = Counter()
    for extra, count in counts:
        totals[extra] += count
    return " and ".join(f"{totals[extra]} {extra.items}" for extra in EXTRAS if totals[extra])
