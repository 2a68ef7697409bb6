"""Masks and boxes drawn on a picture, for galleries and contact sheets."""

from collections.abc import Sequence

import cv2
import numpy as np

from genval_assets.types import Mask, Rgb, Xywh

Colour = tuple[int, int, int]
FILL = 0.35
"""Opacity of a mask's inside."""


def overlay(rgb: Rgb, objects: Sequence[tuple[Mask, Xywh, Colour]]) -> Rgb:
    """Return a copy of the picture with each mask filled translucently and outlined, and its box drawn.

    Args:
        rgb: the picture.
        objects: (mask over the whole picture, box in px, RGB colour), drawn in this order.
    """
    drawn = rgb.copy()
    for mask, (x, y, w, h), colour in objects:
        inside = drawn[mask].astype(np.float32)
        drawn[mask] = (inside + FILL * (np.asarray(colour, dtype=np.float32) - inside)).round().astype(np.uint8)
        drawn[_outline(mask)] = colour
        corner = round(x + w) - 1, round(y + h) - 1  # the last pixels inside the box
        cv2.rectangle(drawn, (round(x), round(y)), corner, colour, 1)
    return drawn


def _outline(mask: Mask) -> Mask:
    """Return the mask's pixels that touch its outside, the picture's border included."""
    inner = cv2.erode(
        mask.view(np.uint8), np.ones((3, 3), np.uint8), borderType=cv2.BORDER_CONSTANT, borderValue=(0.0,)
    )
    return np.asarray(mask & (inner == 0), dtype=bool)
