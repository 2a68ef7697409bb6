"""The name of an object's colour, so that what is said of an object stays true after its colours were adjusted."""

from functools import cache

import cv2
import numpy as np
from numpy.typing import NDArray

from genval_assets.types import Mask, Rgb

COLOURS = ("black", "white", "grey", "red", "orange", "yellow", "green", "blue", "purple", "pink", "brown")
"""The basic colour terms of English (Berlin and Kay, 1969)."""
SAMPLE_SIDE = 64
"""Rows and columns that are looked at: 4,096 pixels settle a majority."""


def sampling(mask: Mask) -> tuple[slice, slice]:
    """Return the grid on which an object's colours are read; every pixel where a coarse one misses the object."""
    grid = tuple(slice(None, None, max(1, side // SAMPLE_SIDE)) for side in mask.shape)
    return (grid[0], grid[1]) if mask[grid].any() else (slice(None), slice(None))


def colour_name(rgb: Rgb, mask: Mask) -> str:
    """Return the colour term that most of the mask's pixels bear, ties by the order of `COLOURS`.

    Raises:
        ValueError: the mask is empty.
    """
    grid = sampling(mask)
    return name_of(rgb[grid][mask[grid]])


def name_of(pixels: NDArray[np.uint8]) -> str:
    """Return the colour term that most of the pixels, (N, 3) RGB, bear.

    Raises:
        ValueError: there is none.
    """
    if not len(pixels):
        raise ValueError("no pixel to name a colour of")
    red, green, blue = (pixels >> 3).T
    return COLOURS[int(np.bincount(_terms()[red, green, blue]).argmax())]


@cache
def _terms() -> NDArray[np.uint8]:
    """Return the index into `COLOURS` of each RGB cell of 8 levels' width, (32, 32, 32)."""
    levels = (np.arange(32, dtype=np.float32) * 8 + 4) / 255
    cells = np.stack(np.meshgrid(levels, levels, levels, indexing="ij"), axis=-1).reshape(-1, 1, 3)
    hue, saturation, value = np.asarray(cv2.cvtColor(cells, cv2.COLOR_RGB2HSV), dtype=np.float32).reshape(-1, 3).T
    hue = np.where(hue >= 345, hue - 360, hue)  # degrees from -15, so that red is one interval
    # the first rule that holds; saturation and value in [0, 1]; bounds are our choice
    rules = (
        (value < 0.2, "black"),
        ((saturation < 0.12) & (value > 0.85), "white"),
        ((saturation < 0.15) | (saturation * value < 0.08), "grey"),
        ((hue < 15) & (saturation < 0.6) & (value > 0.75), "pink"),
        (hue < 15, "red"),
        ((hue < 45) & ((value < 0.7) | ((saturation < 0.6) & (value < 0.85))), "brown"),
        (hue < 42, "orange"),
        ((hue < 70) & (value > 0.5), "yellow"),
        (hue < 165, "green"),
        (hue < 255, "blue"),
        ((hue < 290) | ((hue < 330) & (value < 0.7)), "purple"),
    )
    names = np.select([rule for rule, _ in rules], [COLOURS.index(name) for _, name in rules], COLOURS.index("pink"))
    return names.astype(np.uint8).reshape(32, 32, 32)
