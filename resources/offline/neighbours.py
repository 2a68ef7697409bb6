"""Whose pixels are whose where boxes overlap: each thing's colours are learned where its box is alone."""

from collections.abc import Sequence

import cv2
import numpy as np

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


def of_neighbours(lab: F32, things: Mask, box: Mask, others: Sequence[Mask]) -> Mask:
    """Return (h, w): what is in the box and, by its colours, rather belongs to another box that overlaps with it.

    Args:
        lab: (h, w, 3).
        things: what is no ground.
        box: the box in question.
        others: the other boxes.
    """
    theirs = np.zeros_like(box)
    for at, other in enumerate(others):
        shared = things & box & other
        if shared.any():
            of_other = _examples(lab, things, other, [box, *others[:at], *others[at + 1 :]])
            theirs |= _nearer(lab, shared, of_other, _examples(lab, things, box, others))
    return theirs


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


def _nearer(lab: F32, shared: Mask, one: F32, other: F32) -> Mask:
    """Return which shared pixels look more like `one` than like `other`, decided with those around them."""
    if not len(one) or not len(other):
        return np.zeros_like(shared)
    vote = np.zeros(shared.shape, dtype=np.float32)
    vote[shared] = np.where(_distances(lab[shared], one) < _distances(lab[shared], other), 1, -1)
    nearer: Mask = shared & (cv2.blur(vote, (WINDOW, WINDOW)) > 0)
    return nearer


def _distances(colours: F32, examples: F32) -> F32:
    """Return (N,) squared distances of colours to the examples."""
    squares = (colours**2).sum(axis=1)[:, None] + (examples**2).sum(axis=1)[None] - 2 * colours @ examples.T
    nth = min(NEAREST, len(examples)) - 1
    distances: F32 = np.partition(squares, nth, axis=1)[:, nth]
    return distances
