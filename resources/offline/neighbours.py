"""Whose pixels are whose where boxes overlap: each thing's colours are learned where its box is alone."""

from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from genval_assets.types import Mask
from resources.offline.ground_colours import F32

EXAMPLES = 150
"""Pixels of each thing that others are compared with, evenly over those it has."""
FEWEST = 10
"""With fewer pixels to itself, a thing's colours are learned in the middle of its box."""
NEAREST = 4
"""A pixel is as far from a thing as the example that is the fourth nearest: single stray examples do not count."""
WINDOW = 5
"""Side of the square in which pixels decide together, px (our choice)."""
UNSURE, NOTICEABLE = 2.0, 3.0
"""A pixel is contested if it is not `UNSURE` times as far from the one as from the other, give or take what can just
be noticed (CIELAB; our choice)."""


@dataclass(frozen=True, eq=False)
class Division:
    """What becomes of the pixels that a box shares with others."""

    theirs: Mask  # they rather belong to another box, by their colours
    contested: Mask  # colours hardly tell whose they are


def divided(lab: F32, things: Mask, box: Mask, others: Sequence[Mask]) -> Division:
    """Return how the pixels that the box shares with others are divided.

    Args:
        lab: (h, w, 3).
        things: what is no ground.
        box: the box in question.
        others: the other boxes.
    """
    theirs, contested = np.zeros_like(box), np.zeros_like(box)
    for at, other in enumerate(others):
        shared = things & box & other
        if not shared.any():
            continue
        examples = _examples(lab, things, box, others)
        of_other = _examples(lab, things, other, [box, *others[:at], *others[at + 1 :]])
        if len(examples) and len(of_other):
            to_own, to_other = _distances(lab[shared], examples), _distances(lab[shared], of_other)
            theirs |= _voted(shared, to_other < to_own)
            near, far = np.minimum(to_own, to_other), np.maximum(to_own, to_other)
            contested[shared] |= far < UNSURE * near + NOTICEABLE
    return Division(theirs, contested)


def _examples(lab: F32, things: Mask, box: Mask, others: Sequence[Mask]) -> F32:
    """Return (K, 3) colours of the thing in the box; none where nothing is in it."""
    alone = things & box & ~np.logical_or.reduce(others)
    if np.count_nonzero(alone) < FEWEST:
        alone = things & _middle(box)
    places = np.flatnonzero(alone)
    few = min(EXAMPLES, len(places))
    examples: F32 = lab.reshape(-1, 3)[places[np.arange(few) * len(places) // max(few, 1)]]
    return examples


def _middle(box: Mask) -> Mask:
    """Return the middle half of the box along both axes."""
    left, top, width, height = cv2.boundingRect(box.astype(np.uint8))
    middle = np.zeros_like(box)
    middle[top + height // 4 : top + height - height // 4, left + width // 4 : left + width - width // 4] = True
    return middle


def _voted(shared: Mask, theirs: NDArray[np.bool_]) -> Mask:
    """Return which of the shared pixels are theirs, each decided with those around it."""
    vote = np.zeros(shared.shape, dtype=np.float32)
    vote[shared] = np.where(theirs, 1, -1)
    decided: Mask = shared & (cv2.blur(vote, (WINDOW, WINDOW)) > 0)
    return decided


def _distances(colours: F32, examples: F32) -> F32:
    """Return (N,) distances of colours to the examples, in CIELAB."""
    squares = (colours**2).sum(axis=1)[:, None] + (examples**2).sum(axis=1)[None] - 2 * colours @ examples.T
    nth = min(NEAREST, len(examples)) - 1
    distances: F32 = np.sqrt(np.maximum(np.partition(squares, nth, axis=1)[:, nth], 0))
    return distances
