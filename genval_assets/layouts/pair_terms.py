"""How alike two pairs of boxes are: the three terms of CLIS-L (Auto Cherry-Picker, arXiv 2406.20085, eq. 3 to 8).

A pair is measured once: four numbers. Everything else compares numbers. Not here: which real pairs a pair is compared
with (`pool.py`), and how the most alike one is found without looking at all (`nearest.py`).
"""

from typing import Literal

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Matching = Literal["separate", "joint"]

RATIO, IOU, DISTANCE, ANGLE = range(4)
"""Rows of measures: area of the subject by that of the object; overlap; distance of the centres in mean diagonals;
direction from the subject to the object in radians, NaN where the centres coincide."""
SIZE_WEIGHT, DISTANCE_WEIGHT, DIRECTION_WEIGHT = 0.5, 1.0, 0.8
"""Of the released code; the paper gives none."""
ROUNDING = 1e-9
"""An offset of centres or an overlap below this is 0: shares of a picture come from decimals and divisions."""
LEAST_SIDE = 1e-6
"""Share of the picture; a box with a smaller side is none, and areas of far smaller ones vanish in rounding."""
TINY = 1e-300
"""Makes 0 as much as 0, and leaves every other quotient as it is."""


def measured(subject_boxes: Floats, object_boxes: Floats, sided: NDArray[np.bool_]) -> Floats:
    """Return the measures of pairs, (4, N), rows as `RATIO`, `IOU`, `DISTANCE` and `ANGLE` name them.

    The distance is the centres' by the mean of the two diagonals, as in the released code. Where the relation does not
    say left or right, a mirrored example counts too; the more alike of an example and its mirror image is found by
    turning both pairs to the right, so those angles lie in [-pi/2, pi/2].

    Args:
        subject_boxes: (N, 4), left, top, width, height as shares of the picture, sides from `LEAST_SIDE`.
        object_boxes: (N, 4), of the same kind.
        sided: (N,), whether the relation says left or right.
    """
    subject_sides, object_sides = subject_boxes[:, 2:], object_boxes[:, 2:]
    subject_area, object_area = subject_sides.prod(axis=1), object_sides.prod(axis=1)
    ends = np.minimum(subject_boxes[:, :2] + subject_sides, object_boxes[:, :2] + object_sides)
    shared = (ends - np.maximum(subject_boxes[:, :2], object_boxes[:, :2])).clip(min=0.0).prod(axis=1)
    overlap = shared / (subject_area + object_area - shared)
    offset = object_boxes[:, :2] + object_sides / 2 - subject_boxes[:, :2] - subject_sides / 2
    apart = np.hypot(offset[:, 0], offset[:, 1])
    still = apart < ROUNDING
    diagonals = np.hypot(*subject_sides.T) + np.hypot(*object_sides.T)
    angle = np.arctan2(offset[:, 1], np.where(sided, offset[:, 0], np.abs(offset[:, 0])))
    return np.stack(
        (
            subject_area / object_area,
            np.where(overlap < ROUNDING, 0.0, overlap),
            np.where(still, 0.0, 2 * apart / diagonals),
            np.where(still, np.nan, angle),
        )
    )


def alike(a: Floats, b: Floats) -> Floats:
    """Return the smaller by the larger of two numbers of at least 0; 1 where both are 0 (eq. 3).

    The paper normalises the two numbers first; by their sum, norm or maximum, the quotient is the same.
    """
    quotient: Floats = (np.minimum(a, b) + TINY) / (np.maximum(a, b) + TINY)
    return quotient


def size_alike(pair: Floats, example: Floats) -> Floats:
    """Return the likeness of relative sizes, in [0, 1] (eq. 4)."""
    return alike(pair[RATIO], example[RATIO])


def distance_alike(pair: Floats, example: Floats, iou_weight: float) -> Floats:
    """Return the likeness of overlap and of distance, in [0, 1], the former with `iou_weight` (eq. 5 to 7)."""
    overlap, apart = alike(pair[IOU], example[IOU]), alike(pair[DISTANCE], example[DISTANCE])
    likeness: Floats = iou_weight * overlap + (1.0 - iou_weight) * apart
    return likeness


def direction_alike(pair: Floats, example: Floats) -> Floats:
    """Return (cosine + 1) / 2 of two directions; 1 where both pairs have none, 0 where one has none (eq. 8)."""
    likeness: Floats = (np.cos(pair[ANGLE] - example[ANGLE]) + 1.0) / 2.0
    neither = np.isnan(pair[ANGLE]) & np.isnan(example[ANGLE])
    return np.where(np.isnan(likeness), neither.astype(np.float64), likeness)


def terms(pair: Floats, example: Floats, iou_weight: float) -> Floats:
    """Return size, distance and direction likeness, (3, …), of measures (4, …) that broadcast."""
    return np.stack(
        (size_alike(pair, example), distance_alike(pair, example, iou_weight), direction_alike(pair, example))
    )


def total(size: Floats, distance: Floats, direction: Floats) -> Floats:
    """Return CLIS-L of one pair, 0 to 100, from its terms (eq. 9)."""
    weighted = SIZE_WEIGHT * size + DISTANCE_WEIGHT * distance + DIRECTION_WEIGHT * direction
    score: Floats = 100.0 * weighted / (SIZE_WEIGHT + DISTANCE_WEIGHT + DIRECTION_WEIGHT)
    return score


def scored(pairs: Floats, examples: Floats, matching: Matching, iou_weight: float) -> Floats:
    """Return CLIS-L of each pair from examples of its own, all of which are looked at: (Q,) of (4, Q) and (4, Q, m)."""
    likeness = terms(pairs[:, :, None], examples, iou_weight)
    if matching == "joint":
        best: Floats = total(*likeness).max(axis=-1)
        return best
    return total(*likeness.max(axis=-1))
