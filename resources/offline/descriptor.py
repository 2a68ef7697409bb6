"""The shape of an object as the offline vision model remembers it: five maps in polar coordinates about its middle.

In polar coordinates a turned object is the same map shifted along the angle, and a mirrored one the same map
reversed, so that one correlation over all shifts compares two objects whatever their pose (Fourier-Mellin's idea,
without its scale: sizes are normalised first).
"""

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from genval_assets.types import Mask, Rgb
from resources.offline.seen import boxed

F32 = NDArray[np.float32]

RINGS, ANGLES = 16, 48
REACH = 2.5
"""How far the outermost ring lies from the middle, in root mean squares of the distance from it."""
SIDE, PAD = 80, 4
"""Longer side of a thumbnail's object, and the ground left around it, px."""
WEIGHTS = (1.0, 0.7, 0.7, 0.5, 0.5)
"""Of the five maps: coverage, outline across and along the radius, inner edges across and along it (our choice)."""

_ANGLE = np.arange(ANGLES) * (2 * np.pi / ANGLES)
_RING = (np.arange(RINGS) + 0.5) / RINGS * REACH


@dataclass(frozen=True, eq=False)
class Thumbnail:
    """One object, cut out, scaled to `SIDE`, with its middle and extent in px."""

    rgb: Rgb  # (h, w, 3)
    cover: F32  # (h, w), share of each pixel that is object, in [0, 1]
    x: float
    y: float
    extent: float  # root mean square of the distance from the middle

    def offsets(self) -> tuple[F32, F32]:
        """Return each pixel's distance to the right of and below the middle, (1, w) and (h, 1)."""
        height, width = self.cover.shape
        right = np.arange(width, dtype=np.float32) - np.float32(self.x)
        below = np.arange(height, dtype=np.float32) - np.float32(self.y)
        return right[None, :], below[:, None]


def thumbnail(picture: Rgb, mask: Mask) -> Thumbnail:
    """Return the masked object; the mask must not be empty."""
    box = boxed(mask)
    height, width = mask[box].shape
    scale = SIDE / max(height, width)
    size = (max(3, round(width * scale)), max(3, round(height * scale)))
    rgb = cv2.resize(np.ascontiguousarray(picture[box]), size, interpolation=cv2.INTER_AREA)
    cover = cv2.resize(mask[box].astype(np.float32), size, interpolation=cv2.INTER_AREA)
    rgb = cv2.copyMakeBorder(rgb, PAD, PAD, PAD, PAD, cv2.BORDER_REPLICATE)
    cover = cv2.copyMakeBorder(cover, PAD, PAD, PAD, PAD, cv2.BORDER_CONSTANT, value=0)
    mass = float(cover.sum())
    column, row = cover.sum(axis=0), cover.sum(axis=1)
    across, down = np.arange(cover.shape[1]), np.arange(cover.shape[0])
    x, y = float(column @ across) / mass, float(row @ down) / mass
    spread = (float(column @ (across - x) ** 2) + float(row @ (down - y) ** 2)) / mass
    return Thumbnail(
        rgb.astype(np.uint8, copy=False), cover.astype(np.float32, copy=False), x, y, max(1.0, spread**0.5)
    )


def polar(thumb: Thumbnail, image: F32) -> F32:
    """Return an (h, w) or (h, w, n) image sampled at (RINGS, ANGLES) about the object's middle, 0 outside."""
    radius = _RING[:, None] * thumb.extent
    columns = (thumb.x + radius * np.cos(_ANGLE)).astype(np.float32)
    rows = (thumb.y + radius * np.sin(_ANGLE)).astype(np.float32)
    return cv2.remap(image, columns, rows, cv2.INTER_LINEAR, borderMode=cv2.BORDER_CONSTANT).astype(
        np.float32, copy=False
    )


def describe(thumb: Thumbnail) -> F32:
    """Return the (5, RINGS, ANGLES) maps; the whole has norm 1, each map its share of `WEIGHTS`."""
    right, below = thumb.offsets()
    distance = np.sqrt(right**2 + below**2) + np.float32(1e-3)
    out_x, out_y = right / distance, below / distance
    firm = (thumb.cover > 0.6).astype(np.uint8)
    inside = cv2.erode(firm, np.ones((5, 5), dtype=np.uint8)).astype(np.float32)
    grey = cv2.cvtColor(thumb.rgb, cv2.COLOR_RGB2GRAY).astype(np.float32) / np.float32(255)
    gx, gy = (inside * g for g in _gradient(grey, 1.0))
    strength = np.sqrt(gx**2 + gy**2)
    gain = 1 / (strength + np.float32(0.08))  # saturates: an edge is there or not, whatever the two tones
    mx, my = _gradient(thumb.cover, 1.5)
    maps = [
        cv2.GaussianBlur(thumb.cover, (0, 0), 0.8),
        *(cv2.GaussianBlur(m, (0, 0), 1.2) for m in (abs(mx * out_x + my * out_y), abs(my * out_x - mx * out_y))),
        *(
            cv2.GaussianBlur(m * gain, (0, 0), 1.5)
            for m in (abs(gx * out_x + gy * out_y), abs(gy * out_x - gx * out_y))
        ),
    ]
    sampled = np.stack([polar(thumb, m.astype(np.float32, copy=False)) for m in maps])
    sampled *= np.sqrt(_RING / REACH).astype(np.float32)[None, :, None]  # a ring counts by its area
    norms = np.sqrt((sampled**2).sum(axis=(1, 2), keepdims=True)) + np.float32(1e-6)
    shares = np.sqrt(np.array(WEIGHTS, dtype=np.float32) / np.float32(sum(WEIGHTS)))
    described: F32 = sampled / norms * shares[:, None, None]
    return described


def _gradient(image: F32, blur: float) -> tuple[F32, F32]:
    smooth = cv2.GaussianBlur(image, (0, 0), blur)
    gx, gy = (cv2.Sobel(smooth, cv2.CV_32F, i, 1 - i, scale=0.25) for i in (1, 0))
    return gx.astype(np.float32, copy=False), gy.astype(np.float32, copy=False)


def cartesian(thumb: Thumbnail, image: F32) -> F32:
    """Return a (RINGS, ANGLES) map laid back over the thumbnail, (h, w): the inverse of `polar`."""
    right, below = thumb.offsets()
    ring = np.sqrt(right**2 + below**2) / thumb.extent * (RINGS / REACH) - 0.5
    angle = np.arctan2(below, right) / (2 * np.pi) * ANGLES % ANGLES
    closed = np.concatenate([image, image[:, :1]], axis=1)
    columns, rows = angle.astype(np.float32), ring.astype(np.float32)
    laid = cv2.remap(closed, columns, rows, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)
    return laid.astype(np.float32, copy=False)
