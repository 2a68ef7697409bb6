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
USUAL = 95
"""So many percent of the ground's own pixels lie within distance 1 of the rest of it (our choice)."""


def lab_of(rgb: Rgb) -> F32:
    """Return (h, w, 3) in CIELAB."""
    lab = cv2.cvtColor(rgb.astype(np.float32) / np.float32(255), cv2.COLOR_RGB2LAB)
    return lab.astype(np.float32, copy=False)


def distance_from_ground(lab: F32, ground: Mask) -> F32:
    """Return (h, w) distances of each pixel's colour to the nearest colour of the ground in its rows.

    In units of the ground's own spread: 1 is what `USUAL` percent of the ground stay below, each pixel compared with
    others than itself. In rows without ground everything is infinitely far.
    """
    height, width = lab.shape[:2]
    columns = _sampled_columns(ground)
    rows = np.arange(height)
    nearest = np.full((height, width), np.inf, dtype=np.float32)
    for step in (-1, 0, 1):
        beside = np.clip(rows + step, 0, height - 1)
        known = ground[beside].any(axis=1)
        distances = _square_distances(lab[known], lab[beside[:, None], columns[beside]][known])
        own = np.flatnonzero(known)
        if step == 0:
            distances[np.arange(len(own))[:, None], np.arange(PER_ROW), columns[own]] = np.inf
        nearest[own] = np.minimum(nearest[own], distances.min(axis=1))
    spread = nearest[ground & np.isfinite(nearest)]
    usual = float(np.percentile(spread, USUAL)) if len(spread) else 0.0
    apart: F32 = np.sqrt(nearest / np.float32(max(usual, 1e-6)))
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


def _sampled_columns(ground: Mask) -> NDArray[np.intp]:
    """Return (h, PER_ROW) columns of ground in each row, evenly over those it has; any columns where it has none."""
    first = np.argsort(~ground, axis=1, kind="stable")  # the ground's columns come first, in order
    counts = np.maximum(ground.sum(axis=1), 1)
    places = np.arange(PER_ROW)[None] * counts[:, None] // PER_ROW
    return np.take_along_axis(first, places, axis=1)


def _square_distances(lab: F32, others: F32) -> F32:
    """Return (h, K, w): (h, w, 3) colours against (h, K, 3) of the same row."""
    squares = (lab**2).sum(axis=2)[:, None] + (others**2).sum(axis=2)[:, :, None]
    squares -= 2 * np.matmul(others, lab.transpose(0, 2, 1))
    distances: F32 = np.maximum(squares, 0, out=squares)
    return distances
