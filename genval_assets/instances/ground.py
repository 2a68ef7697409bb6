"""A plain ground that a cut-out stands out from, for people and for vision models."""

import cv2
import numpy as np
from numpy.typing import NDArray

from genval_assets.types import Rgb, Rgba

Colour = tuple[int, int, int]
"""sRGB, 0..255."""

GROUNDS: tuple[Colour, ...] = (
    (236, 236, 236), (128, 128, 128), (32, 32, 32), (150, 190, 220), (215, 180, 190), (70, 100, 80),
)  # fmt: skip
"""Muted grounds to choose from, the preferred first (our choice)."""


def contrasting_ground(rgba: Rgba) -> Colour:
    """Return the ground that even the object's most similar tenth of pixels differs from most, in Lab.

    Never always black: dark objects vanish on it. Without visible pixels: the first.
    """
    seen = rgba[rgba[..., 3] > 127][:, :3]
    if not seen.size:
        return GROUNDS[0]
    sample = seen[:: max(1, len(seen) // 4096)]
    distances = [
        np.percentile(np.linalg.norm(_lab(sample) - _lab(np.array([ground], dtype=np.uint8)), axis=1), 10)
        for ground in GROUNDS
    ]
    return GROUNDS[int(np.argmax(distances))]


def flattened(rgba: Rgba, ground: Colour) -> Rgb:
    """Return the cut-out over a plain ground."""
    alpha = rgba[..., 3:].astype(np.float32) / 255
    levels: Rgb = np.rint(rgba[..., :3] * alpha + np.array(ground, dtype=np.float32) * (1 - alpha)).astype(np.uint8)
    return levels


def _lab(colours: Rgb) -> NDArray[np.float32]:
    """Return (N, 3) sRGB levels as (N, 3) Lab with L in [0, 100]."""
    levels = colours.reshape(1, -1, 3).astype(np.float32) / 255
    return np.asarray(cv2.cvtColor(levels, cv2.COLOR_RGB2Lab), dtype=np.float32).reshape(-1, 3)
