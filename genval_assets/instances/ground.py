"""A plain ground that a cut-out stands out from, for people and for vision models."""

import cv2
import numpy as np
from numpy.typing import NDArray

from genval_assets.instances.gate import Frame
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


def on_plain_ground(crop: Rgba | Rgb) -> Rgb:
    """Return a cut-out over the ground that it stands out from; a picture without alpha as it is."""
    return flattened(crop, contrasting_ground(crop)) if crop.shape[2] == 4 else crop


def in_frame(crop: Rgba, frame: Frame, longest: int) -> Rgb:
    """Return a candidate as a vision model should see it: at its place in its frame, over a contrasting plain ground.

    Args:
        crop: tight RGBA crop of everything visible; opaque pictures (H, W, 3) are shown as they are.
        frame: the picture it was drawn in; what touches its edge may be cut off, which the crop alone cannot show.
        longest: side of the result in px that is not exceeded; larger frames are scaled down.
    """
    whole = crop if crop.shape[2] == 4 else np.dstack([crop, np.full(crop.shape[:2], 255, np.uint8)])
    ground = contrasting_ground(whole)
    canvas: Rgb = np.empty((frame.height, frame.width, 3), dtype=np.uint8)
    canvas[:] = ground
    height, width = whole.shape[:2]
    canvas[frame.y : frame.y + height, frame.x : frame.x + width] = flattened(whole, ground)
    scale = longest / max(frame.height, frame.width)
    if scale >= 1:
        return canvas
    size = (max(1, round(frame.width * scale)), max(1, round(frame.height * scale)))
    return np.asarray(cv2.resize(canvas, size, interpolation=cv2.INTER_AREA), dtype=np.uint8)


def _lab(colours: Rgb) -> NDArray[np.float32]:
    """Return (N, 3) sRGB levels as (N, 3) Lab with L in [0, 100]."""
    levels = colours.reshape(1, -1, 3).astype(np.float32) / 255
    return np.asarray(cv2.cvtColor(levels, cv2.COLOR_RGB2Lab), dtype=np.float32).reshape(-1, 3)
