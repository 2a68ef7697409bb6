"""What an eye tells apart in a flattened cut-out: the plain ground, the parts on it, what the frame cuts, smears.

Pixels only. Not here: which kind of object it is (`recognition.py`) and its colour (`surface.py`).
"""

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from genval_assets.types import Mask, Rgb

APART = 8
"""Levels by which a pixel differs from the ground, in its most different channel, to belong to an object (our choice).
Clear glass, the faintest thing that the studio draws, differs by some 25; a flat ground by nothing."""
SMEAR_PX = 9
"""Least pixels of one colour exactly, all around them too, in a smear; grain leaves none on a surface (our choice)."""

_NO_GRAIN = np.isin(np.arange(256), (0, 1, 254, 255)).astype(np.uint8)
"""Level -> 1 where it is clipped: burnt-out and pitch-black pixels have lost their grain, and say nothing."""


@dataclass(frozen=True, eq=False)
class Sight:
    """One picture, taken apart."""

    picture: Rgb
    mask: Mask  # everything that is not ground
    sides: tuple[float, float, float, float]  # share of the frame's left, top, right, bottom edge that is not ground
    smears: Mask  # patches of one colour exactly: see `_smears`

    @property
    def smeared(self) -> float:
        """Area of the smears / area of the mask; 0 where nothing is seen."""
        return float(self.smears.sum() / max(1, self.mask.sum()))


def sight(picture: Rgb) -> Sight:
    """Return what is seen in an (H, W, 3) picture of something on a plain ground."""
    mask = _apart(picture, _ground(picture))
    edges = (mask[:, 0], mask[0], mask[:, -1], mask[-1])
    left, top, right, bottom = (float(edge.mean()) for edge in edges)
    return Sight(picture, mask, (left, top, right, bottom), _smears(picture, mask))


def parts_of(mask: Mask, least: float) -> tuple[Mask, ...]:
    """Return the connected parts of a mask with at least this share of the largest one's area, the largest first."""
    _, labels, stats, _ = cv2.connectedComponentsWithStats(mask.astype(np.uint8), connectivity=8)
    areas = stats[1:, cv2.CC_STAT_AREA]
    order = [int(i) for i in np.argsort(-areas, kind="stable") if areas[i] >= least * areas.max()]
    return tuple(labels == i + 1 for i in order)


def boxed(mask: Mask) -> tuple[slice, slice]:
    """Return rows and columns of a mask's tight box; the mask must not be empty."""
    ys, xs = np.flatnonzero(mask.any(axis=1)), np.flatnonzero(mask.any(axis=0))
    return slice(int(ys[0]), int(ys[-1]) + 1), slice(int(xs[0]), int(xs[-1]) + 1)


def _ground(picture: Rgb) -> NDArray[np.uint8]:
    """Return the (3,) colour of the ground: the commonest along the frame, which may well be covered here and there."""
    frame = np.concatenate([picture[0], picture[-1], picture[:, 0], picture[:, -1]])
    coarse = (frame >> 3).astype(np.int32) @ np.array([1024, 32, 1], dtype=np.int32)
    found, counts = np.unique(coarse, return_counts=True)
    ground: NDArray[np.uint8] = np.median(frame[coarse == found[counts.argmax()]], axis=0).astype(np.uint8)
    return ground


def _apart(picture: Rgb, ground: NDArray[np.uint8]) -> Mask:
    darker, lighter = (np.clip(ground.astype(np.int16) + d, 0, 255).astype(np.uint8) for d in (-APART, APART))
    apart: Mask = cv2.inRange(picture, darker, lighter) == 0
    return apart


def _smears(picture: Rgb, mask: Mask) -> Mask:
    """Return the patches of one colour exactly.

    Every surface that is drawn or photographed has grain; what a generator leaves of a background often has none.
    """
    smears = np.zeros_like(mask)
    if not mask.any():
        return smears
    box = tuple(slice(max(0, side.start - 1), side.stop + 1) for side in boxed(mask))  # with the ground next to it
    crop, inside = np.ascontiguousarray(picture[box]), mask[box].astype(np.uint8)
    kernel = np.ones((3, 3), dtype=np.uint8)
    spread = cv2.subtract(cv2.dilate(crop, kernel), cv2.erode(crop, kernel))
    even = cv2.inRange(spread, (0, 0, 0), (0, 0, 0))
    clipped = cv2.inRange(cv2.LUT(crop, _NO_GRAIN), (1, 1, 1), (1, 1, 1))
    patches = cv2.bitwise_and(cv2.subtract(even, clipped), inside)
    count, labels, stats, _ = cv2.connectedComponentsWithStats(patches, connectivity=4)
    large = np.zeros(count, dtype=np.bool_)
    large[1:] = stats[1:, cv2.CC_STAT_AREA] >= SMEAR_PX
    smears[box] = large[labels]
    return smears
