"""Parts of an object that its alpha calls clear although they were drawn: white shirts, pale bellies, paper.

Layer Diffusion draws objects on grey, and a second network reads their alpha off; pale parts within an object
sometimes come out clear. The picture on grey tells them from real holes, through which its ground is seen.
"""

import cv2
import numpy as np
from numpy.typing import NDArray

from genval_assets.types import Mask, Rgb, Rgba

SOLID_ALPHA = 128
"""What has at least this alpha encloses; holes in clear glass are left alone (our choice)."""
LEAST_HOLE_PX = 16
"""Smaller ones are the gate's pinholes (our choice)."""
DIFFERS = 40
"""A hole is filled if a channel of its median colour is so many levels of 255 from the ground's (our choice)."""
RIM_PX = 3
"""Width of a hole's soft rim, which becomes as opaque as what lies around it (our choice)."""


def filled(rgba: Rgba, drawn: Rgb) -> Rgba:
    """Return the frame with every enclosed hole filled that shows something else than the ground around the object.

    The pixels of such a hole take the colour that was drawn there, and the alpha of what encloses them. A hole that
    shows the ground, as in a ring or in a mug's handle, stays, and so does a part in the ground's own colour. Where
    no ground is seen around the object nothing is filled. All of it is our choice.

    Args:
        rgba: (H, W, 4) frame, straight colours.
        drawn: (H, W, 3) the same frame before its transparency was read, on its ground.
    """
    clear = rgba[..., 3] < SOLID_ALPHA
    count, labels, stats, _ = cv2.connectedComponentsWithStats(clear.astype(np.uint8), connectivity=4)
    around = _touch_border(np.asarray(labels, dtype=np.int32), count)
    around[0] = False  # what is solid
    outside = around[labels]
    if not outside.any():
        return rgba
    ground = np.median(drawn[outside], axis=0)
    result = rgba.copy()
    for label in range(1, count):
        if around[label] or stats[label, cv2.CC_STAT_AREA] < LEAST_HOLE_PX:
            continue
        near = _near(stats[label])
        hole = np.asarray(labels[near] == label, dtype=bool)
        if np.abs(np.median(drawn[near][hole], axis=0) - ground).max() > DIFFERS:
            _fill(result[near], hole, outside[near], drawn[near])
    return result


def _near(stats: NDArray[np.int32]) -> tuple[slice, slice]:
    """Return the rows and columns of a part with what lies around it: a frame has many parts, most of them small."""
    x, y, width, height = (int(stats[i]) for i in range(4))
    margin = 2 * RIM_PX
    return slice(max(0, y - margin), y + height + margin), slice(max(0, x - margin), x + width + margin)


def _touch_border(labels: NDArray[np.int32], count: int) -> NDArray[np.bool_]:
    """Return (count,) whether each part touches the frame's border."""
    touching = np.zeros(count, dtype=bool)
    for edge in (labels[0], labels[-1], labels[:, 0], labels[:, -1]):
        touching[edge] = True
    return touching


def _fill(rgba: Rgba, hole: Mask, outside: Mask, drawn: Rgb) -> None:
    """Fill one hole in place."""
    rim = _grown(hole, RIM_PX) & ~outside
    wall = _grown(rim, RIM_PX) & ~rim & ~outside & (rgba[..., 3] >= SOLID_ALPHA)
    level = np.median(rgba[..., 3][wall]) if wall.any() else rgba[..., 3][rim].max()
    rgba[..., 3][rim] = np.maximum(rgba[..., 3][rim], np.uint8(level))
    rgba[..., :3][hole] = drawn[hole]


def _grown(mask: Mask, px: int) -> Mask:
    window = np.ones((2 * px + 1, 2 * px + 1), np.uint8)
    return np.asarray(cv2.dilate(mask.astype(np.uint8), window) > 0, dtype=bool)
