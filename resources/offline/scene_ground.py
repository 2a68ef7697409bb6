"""What of a picture is its ground: walls, floors and skies go on sideways, things stand out from them. Simulated.

Pixels only. First guess: what sharp outlines enclose is no ground. Then the ground is continued behind it from both
sides, row by row, and what differs from that is not ground either. Not here: which things it is (`scene_pieces.py`).
"""

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from genval_assets.types import Mask, Rgb

F32 = NDArray[np.float32]

SIDE = 256
"""Longer side of what is looked at, px: pictures are made smaller for speed (our choice)."""
SHARP, SHARP_NEAR = 8.0, 5.0
"""Least change of colour across an outline, in CIELAB units per px: the lens is focused on things. The second in a
crop, which is seldom made smaller."""
STARK = 3.5
"""How many times sharper than the median of its rows an outline is at least: grass and bricks are sharp everywhere."""
BESIDE, ABOVE, ABOVE_NEAR = 0.14, 0.008, 0.04
"""Reach of the ground's continuation, sideways and upwards, in longer sides; the third upwards in a crop, where a row
may have no ground at all."""
TRUST = ((0.25, 1.0), (1.0, 0.05), (4.0, 0.001))
"""Reach and weight of what continues the ground: what is near counts most, what is far where there is nothing near."""
GRAIN = 2.0
"""Least difference from the ground, in CIELAB units, that is not its own grain."""
APART = 4.0
"""How many times its own mean difference a pixel differs from the ground to be something else."""
FIRM, LOOSE = 0.8, 3.0
"""Factors on that within sharp outlines, where clear glass is, and outside, where clouds are."""
ROUNDS = 2
_SQUARE = np.ones((3, 3), dtype=np.uint8)


@dataclass(frozen=True, eq=False)
class Ground:
    """The ground of a picture made small, continued behind its things."""

    lab: F32  # (h, w, 3): its colour
    reach: F32  # (h, w): difference from it in CIELAB units, from which a pixel is something else
    things: Mask  # (h, w): where something else is seen
    sharp: F32  # (h, w): change of colour per px


def ground_of(picture: Rgb, *, near: bool = False) -> Ground:
    """Return the ground of an (H, W, 3) picture; `near`: of a crop, most of which is one thing."""
    lab = small_lab(picture, SIDE)
    sharp = _sharpness(lab, near=near)
    enclosed = _enclosed(sharp, near=near)
    needed = np.where(enclosed, np.float32(FIRM), np.float32(LOOSE))
    suspect, above = enclosed, ABOVE_NEAR if near else ABOVE
    for _ in range(ROUNDS):
        ground = _continued(lab, ~suspect, above)
        off = np.sqrt(((lab - ground) ** 2).sum(axis=2, keepdims=True))
        reach = np.maximum(APART * _continued(off, ~suspect, above), np.float32(GRAIN))[..., 0]
        things: Mask = off[..., 0] > reach * needed
        suspect = cv2.dilate(things.astype(np.uint8), _SQUARE) > 0
    return Ground(ground, reach, things, sharp)


def small_lab(picture: Rgb, side: int) -> F32:
    """Return the picture in CIELAB, its longer side at most `side` px."""
    height, width = picture.shape[:2]
    shrink = min(1.0, side / max(height, width))
    size = (max(1, round(width * shrink)), max(1, round(height * shrink)))
    small = cv2.resize(picture, size, interpolation=cv2.INTER_AREA).astype(np.float32) / np.float32(255)
    return cv2.cvtColor(small, cv2.COLOR_RGB2LAB).astype(np.float32, copy=False)


def _sharpness(lab: F32, *, near: bool) -> F32:
    """Return (h, w) changes of colour per px; what the whole row has in common, such as a horizon, is none."""
    soft = cv2.GaussianBlur(lab, (0, 0), 0.6)
    level = soft if near else soft - np.median(soft, axis=1, keepdims=True)
    gx, gy = (cv2.Sobel(level, cv2.CV_32F, i, 1 - i, scale=0.25) for i in (1, 0))
    sharp: F32 = np.sqrt((gx**2 + gy**2).sum(axis=2)).astype(np.float32, copy=False)
    return sharp


def _enclosed(sharp: F32, *, near: bool) -> Mask:
    """Return what sharp outlines enclose, with the outlines."""
    usual = cv2.blur(np.median(sharp, axis=1, keepdims=True), (1, 15))
    least = np.full_like(usual, SHARP_NEAR) if near else np.maximum(SHARP, STARK * usual)
    outline = cv2.morphologyEx((sharp > least).astype(np.uint8), cv2.MORPH_CLOSE, np.ones((5, 5), np.uint8))
    room = cv2.copyMakeBorder(1 - outline, 1, 1, 1, 1, cv2.BORDER_CONSTANT, value=1)
    outside = 2
    cv2.floodFill(room, np.zeros((room.shape[0] + 2, room.shape[1] + 2), np.uint8), (0, 0), outside, flags=4)
    enclosed: Mask = room[1:-1, 1:-1] != outside
    return enclosed


def _continued(values: F32, known: Mask, above: float) -> F32:
    """Return (h, w, n) values continued from the known pixels."""
    side = max(known.shape)
    weight = known.astype(np.float32)[..., None]
    weighed = np.concatenate([values * weight, weight], axis=2)
    total = np.zeros_like(weighed)
    for reach, trust in TRUST:
        total += np.float32(trust) * _blurred(weighed, BESIDE * side * reach, above * side)
    return (total[..., :-1] / (total[..., -1:] + np.float32(1e-6))).astype(np.float32, copy=False)


def _blurred(image: F32, across: float, down: float) -> F32:
    """Return the image under two boxes, which come close to a Gaussian and cost the same for any width."""
    wide, high = 2 * round(1.5 * across) + 1, 2 * round(1.5 * down) + 1
    edge = cv2.BORDER_REFLECT_101 if wide < image.shape[1] else cv2.BORDER_REPLICATE
    once = cv2.blur(image, (wide, high), borderType=edge)
    return cv2.blur(once, (wide, 1), borderType=edge).astype(np.float32, copy=False)
