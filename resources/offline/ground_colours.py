"""What the ground of a picture looks like, and how far each pixel is from it: the offline segmenter's sense of colour.

Places change from row to row and little along a row, so each pixel is compared with the ground of its own rows.
"""

import cv2
import numpy as np
from numpy.typing import NDArray

from genval_assets.types import Mask, Rgb

F32 = NDArray[np.float32]

PER_ROW = 16
"""Pixels of ground from each row that a pixel of that row, and of the two next to it, is compared with."""
FROM_AFAR = 12
"""Pixels of ground farther away that a pixel is compared with besides, of its own row alone."""
USUAL = 95
"""So many percent of the ground's own pixels lie within distance 1 of the rest of it (our choice)."""


def lab_of(rgb: Rgb) -> F32:
    """Return (h, w, 3) in CIELAB."""
    lab = cv2.cvtColor(rgb.astype(np.float32) / np.float32(255), cv2.COLOR_RGB2LAB)
    return lab.astype(np.float32, copy=False)


def distance_from_ground(lab: F32, ground: Mask, strip: F32, ground_of_strip: Mask) -> F32:
    """Return (h, w) distances of each pixel's colour to the nearest colour of the ground in its rows.

    In units of the ground's own spread: 1 is what `USUAL` percent of the ground stay below, each pixel compared with
    others than itself. In rows without ground everything is infinitely far.

    Args:
        lab: (h, w, 3).
        ground: (h, w): what is surely ground.
        strip: (h, v, 3): the same rows, farther to both sides.
        ground_of_strip: (h, v).
    """
    rows = np.arange(len(lab))
    columns = _sampled_columns(ground, PER_ROW)
    near = np.full(lab.shape[:2], np.inf, dtype=np.float32)
    for step in (-1, 0, 1):
        beside = np.clip(rows + step, 0, len(lab) - 1)
        known = np.flatnonzero(ground[beside].any(axis=1))
        distances = _square_distances(lab[known], lab[beside[:, None], columns[beside]][known])
        if step == 0:
            distances[np.arange(len(known))[:, None], np.arange(PER_ROW), columns[known]] = np.inf
        near[known] = np.minimum(near[known], distances.min(axis=1))
    spread = near[ground & np.isfinite(near)]
    usual = float(np.percentile(spread, USUAL)) if len(spread) else 0.0
    known = np.flatnonzero(ground_of_strip.any(axis=1))
    examples = strip[rows[:, None], _sampled_columns(ground_of_strip, FROM_AFAR)][known]
    near[known] = np.minimum(near[known], _square_distances(lab[known], examples).min(axis=1))
    apart: F32 = np.sqrt(near / np.float32(max(usual, 1e-6)))
    return apart


def with_ground_instead(rgb: Rgb, away: Mask, ground: Mask) -> Rgb:
    """Return the picture with what should be `away` painted over with the ground around it, blurred.

    Push and pull (Gortler et al. 1996): averages of the ground at ever coarser scales, the finest that has some.
    """
    if not away.any() or not ground.any():
        return rgb
    weight = ground.astype(np.float32)[..., None]
    levels = [np.concatenate([rgb.astype(np.float32) * weight, weight], axis=2)]
    while min(levels[-1].shape[:2]) > 2:
        levels.append(_halved(levels[-1]))
    filled = levels[-1]
    for level in reversed(levels[:-1]):
        coarse = cv2.resize(filled, (level.shape[1], level.shape[0]), interpolation=cv2.INTER_LINEAR)
        filled = level + coarse * (1 - level[..., 3:])
    painted = rgb.copy()
    painted[away] = np.clip(filled[..., :3] / np.maximum(filled[..., 3:], 1e-6) + 0.5, 0, 255).astype(np.uint8)[away]
    return painted


def _halved(level: F32) -> F32:
    size = ((level.shape[1] + 1) // 2, (level.shape[0] + 1) // 2)
    return cv2.resize(level, size, interpolation=cv2.INTER_AREA).astype(np.float32, copy=False)


def _sampled_columns(ground: Mask, each: int) -> NDArray[np.intp]:
    """Return (h, each) columns of ground in each row, evenly over those it has; any columns where it has none."""
    first = np.argsort(~ground, axis=1, kind="stable")  # the ground's columns come first, in order
    counts = np.maximum(ground.sum(axis=1), 1)
    places = np.arange(each)[None] * counts[:, None] // each
    return np.take_along_axis(first, places, axis=1)


def _square_distances(lab: F32, others: F32) -> F32:
    """Return (h, K, w): (h, w, 3) colours against (h, K, 3) of the same row."""
    squares = (lab**2).sum(axis=2)[:, None] + (others**2).sum(axis=2)[:, :, None]
    squares -= 2 * np.matmul(others, lab.transpose(0, 2, 1))
    distances: F32 = np.maximum(squares, 0, out=squares)
    return distances
