"""Cut-outs laid on a picture: what stays visible of each, and the pixels.

A pixel belongs to the front-most painted object whose alpha there exceeds the object's own threshold. Everything
works in each object's box; no full canvas per object.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import Image

from genval_assets.compose.rle import area_px
from genval_assets.types import Mask, Rgb, Rgba

SOLID = 250
"""Alpha from which a pixel shows only its own object (our choice: resizing leaves 255 at 254 or so)."""
RIM_PX = 3
"""Width of the rim whose colours may be mixed with what was once behind it (our choice)."""


@dataclass(frozen=True, eq=False)
class Paste:
    """A cut-out at its final size and place; it lies within the canvas."""

    rgba: Rgba
    mask: Mask  # the whole object: alpha above its threshold
    left: int
    top: int

    @property
    def window(self) -> tuple[slice, slice]:
        """Return the rows and columns of the canvas that it takes."""
        rows, columns = self.mask.shape
        return slice(self.top, self.top + rows), slice(self.left, self.left + columns)


@dataclass(frozen=True, eq=False)
class Visibility:
    """What can be seen of objects that cover each other."""

    visible: tuple[Mask | None, ...]  # in each object's box; None: too little would be seen, so it is not painted
    covered: Mask  # the canvas's pixels that belong to some painted object


def resolve(pastes: Sequence[Paste], size: tuple[int, int], min_visible: float) -> Visibility:
    """Return what stays visible of each object once those in front of it are painted, and who is not painted at all.

    Whether an object is painted depends only on those in front of it, so one pass from front to back settles it: an
    object of which less than `min_visible`, or nothing, shows is left out and hides nothing, which may save one
    further back. (X-Paste paints such an object and only leaves its annotation away.)

    Args:
        pastes: back to front.
        size: (height, width) of the canvas.
        min_visible: least visible share of the object's mask, in [0, 1].

    Raises:
        ValueError: an object reaches beyond the canvas or has an empty mask.
    """
    covered = np.zeros(size, dtype=bool)
    visible: list[Mask | None] = []
    for paste in reversed(pastes):
        _refuse_outside(paste, size)
        ground = covered[paste.window]
        seen = paste.mask & ~ground
        seen_px = area_px(seen)
        keep = seen_px > 0 and seen_px / area_px(paste.mask) >= min_visible
        visible.append(seen if keep else None)
        if keep:
            ground |= paste.mask
    return Visibility(tuple(reversed(visible)), covered)


def _refuse_outside(paste: Paste, size: tuple[int, int]) -> None:
    rows, columns = paste.window
    if rows.start < 0 or columns.start < 0 or rows.stop > size[0] or columns.stop > size[1]:
        raise ValueError(f"an object in rows {rows} and columns {columns} does not lie within a canvas of {size}")
    if not paste.mask.any():
        raise ValueError("an object with an empty mask cannot be pasted")


def paint(canvas: Rgb, paste: Paste) -> None:
    """Draw the cut-out over the canvas, in place: opaque pixels are copied, only soft ones are mixed.

    Porter and Duff (1984), operator `over`, on an opaque ground; rounded to the nearest level.

    Raises:
        ValueError: the canvas is not contiguous.
    """
    alpha = cv2.extractChannel(paste.rgba, 3)
    opaque = (alpha == 255).view(np.uint8)
    cv2.copyTo(cv2.cvtColor(paste.rgba, cv2.COLOR_RGBA2RGB), opaque, canvas[paste.window])

    row, column = _places((alpha > 0) & (alpha < 255))
    pixels = canvas.reshape(-1, 3, copy=False)
    at = (row + paste.top) * canvas.shape[1] + column + paste.left  # one index per pixel gathers faster than two
    own = paste.rgba.reshape(-1, 4).take(row * alpha.shape[1] + column, axis=0).astype(np.uint16)
    share = own[:, 3:]
    sums = own[:, :3] * share + pixels.take(at, axis=0) * (255 - share) + 128
    pixels[at] = (sums + (sums >> 8)) >> 8  # sums / 255, rounded: exact for 16 bits, and no division


def _places(mask: Mask) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    """Return rows and columns of the true pixels; `np.nonzero` on two dimensions takes seven times as long."""
    row, column = np.divmod(np.flatnonzero(mask), mask.shape[1])
    return row, column


def resized(rgba: Rgba, scale: float) -> Rgba:
    """Return the cut-out scaled by `scale`, at least 1 px each way; colour under alpha 0 becomes black.

    Pillow premultiplies, so that clear pixels lend no colour; its triangle filter averages when it shrinks and never
    overshoots.
    """
    height, width = (max(1, round(side * scale)) for side in rgba.shape[:2])
    return np.array(Image.fromarray(rgba).resize((width, height), Image.Resampling.BILINEAR))


def defringed(rgba: Rgba) -> Rgba:
    """Return the cut-out with the soft pixels of its rim in the colour of the nearest solid one.

    A soft pixel at the rim is a mixture with the ground the object was cut from. Only pixels within `RIM_PX` of
    both a solid and a clear pixel change (beyond the crop is clear): glass, whose inside is soft, keeps its colours.
    Alpha stays.
    """
    alpha = cv2.extractChannel(rgba, 3)
    window = np.ones((2 * RIM_PX + 1, 2 * RIM_PX + 1), dtype=np.uint8)
    clear = (alpha == 0).view(np.uint8)
    by_clear = cv2.dilate(clear, window, borderType=cv2.BORDER_CONSTANT, borderValue=(1.0,))
    row, column = _places((alpha > 0) & (alpha < SOLID) & (by_clear > 0))
    solid = np.pad(alpha >= SOLID, RIM_PX)
    result = rgba.copy()
    for down, right in _NEAREST_FIRST:
        found = solid[row + (down + RIM_PX), column + (right + RIM_PX)]
        result[row[found], column[found], :3] = rgba[row[found] + down, column[found] + right, :3]
        row, column = row[~found], column[~found]
        if not len(row):
            break
    return result


def _offsets(radius: int) -> list[tuple[int, int]]:
    """Return the steps (down, right) within a radius, shortest first."""
    steps = [(y, x) for y in range(-radius, radius + 1) for x in range(-radius, radius + 1) if (y, x) != (0, 0)]
    return sorted((s for s in steps if np.hypot(*s) <= radius), key=lambda s: (np.hypot(*s), s))


_NEAREST_FIRST = _offsets(RIM_PX)


def object_mask(rgba: Rgba, threshold: int) -> Mask:
    """Return the pixels that belong to the object: alpha above the cut-out's own threshold (0..254; low for glass)."""
    return np.asarray(cv2.extractChannel(rgba, 3) > threshold, dtype=bool)
