"""Drawn things laid into a picture: fitted to a box, with a soft shadow at the foot, over what is there.

Not here: which things, and where they should stand (`layout_drawing.py`).
"""

from dataclasses import dataclass, replace

import cv2
import numpy as np
from numpy.typing import NDArray

from genval_assets.types import Mask, Rgba, Xywh
from resources.offline.studio import Look, draw

F32 = NDArray[np.float32]

STRETCH = 1.15
"""Most by which the ratio of its sides changes to fill the box (our choice): it must be known by its outline."""
SIZE = (0.93, 1.0)
"""Side of a thing as a share of its box's, along the axis that it fills."""
SHIFT = 0.015
"""Largest shift from where it should stand along each axis, in sides of the box."""
FINE = 1.1
"""Things are drawn so many times larger and then made smaller, which makes their edges as soft as a lens does."""
SHADOW = 0.3
"""Share of the light that the ground at a thing's foot loses at most."""
LEAST_SIDE = 6
"""Of a thing, px."""


@dataclass(frozen=True, eq=False)
class Sprite:
    """A drawn thing; its left top corner lies at (x, y) of the picture, and it may reach beyond the picture."""

    look: Look
    rgba: Rgba  # cut to its outline
    x: int
    y: int

    @property
    def box(self) -> Xywh:
        """The box that its outline fills, px."""
        return float(self.x), float(self.y), float(self.rgba.shape[1]), float(self.rgba.shape[0])

    def silhouette(self, height: int, width: int) -> Mask:
        """Return (height, width): what it would cover if nothing stood before it. Glass counts as solid."""
        mask = np.zeros((height, width), dtype=np.bool_)
        there, piece = _overlap(self.x, self.y, self.rgba.shape, mask.shape)
        mask[there] = self.rgba[piece][..., 3] > solid_from(self.look)
        return mask

    def lay(self, canvas: F32) -> None:
        """Lay it over the canvas, (H, W, 3) in 0..255, in place (Porter and Duff 1984, operator `over`)."""
        there, piece = _overlap(self.x, self.y, self.rgba.shape, canvas.shape)
        drawn = self.rgba[piece].astype(np.float32)
        canvas[there] += (drawn[..., :3] - canvas[there]) * (drawn[..., 3:] / np.float32(255))

    def shade(self, canvas: F32) -> None:
        """Darken the ground just under its foot, in place."""
        height, width = self.rgba.shape[:2]
        reach = max(3, round(0.05 * max(height, width)))
        foot = self.rgba[-max(2, height // 12) :, :, 3].max(axis=0).astype(np.float32) / np.float32(255)
        patch = np.zeros((4 * reach, width + 4 * reach), dtype=np.float32)
        patch[2 * reach - reach // 3 : 2 * reach + reach // 3 + 1, 2 * reach : -2 * reach] = foot
        soft = cv2.GaussianBlur(patch, (0, 0), sigmaX=reach / 1.5, sigmaY=reach / 2.5).astype(np.float32, copy=False)
        there, piece = _overlap(self.x - 2 * reach, self.y + height - 2 * reach, soft.shape, canvas.shape)
        canvas[there] *= 1 - np.float32(SHADOW) * soft[piece][..., None]

    def cut(self, rng: np.random.Generator) -> "Sprite":
        """Return it with a good part gone, along a straight edge."""
        height, width = self.rgba.shape[:2]
        side, kept = int(rng.integers(4)), rng.uniform(0.45, 0.65)
        w, h = (round(width * kept), height) if side % 2 == 0 else (width, round(height * kept))
        left, top = (width - w if side == 2 else 0), (height - h if side == 3 else 0)
        part = np.ascontiguousarray(self.rgba[top : top + h, left : left + w])
        return replace(self, rgba=part, x=self.x + left, y=self.y + top)


def _overlap(
    x: int, y: int, shape: tuple[int, ...], canvas: tuple[int, ...]
) -> tuple[tuple[slice, slice], tuple[slice, slice]]:
    """Return the rows and columns that a piece at (x, y) takes of the canvas, and those of the piece."""
    left, top = max(0, x), max(0, y)
    right, bottom = max(left, min(canvas[1], x + shape[1])), max(top, min(canvas[0], y + shape[0]))
    piece = (slice(top - y, bottom - y), slice(left - x, right - x))
    return (slice(top, bottom), slice(left, right)), piece


def solid_from(look: Look) -> int:
    """Return the alpha above which a pixel belongs to a thing: clear glass counts, too."""
    return 50 if look.material == "glass" else 127


def fitted_sprite(look: Look, box: Xywh, rng: np.random.Generator, *, standing: bool) -> Sprite:
    """Return the look, drawn to fill the box as far as its proportions allow; `standing` puts its foot at the bottom.

    Size and place are off by a little, as generators are.
    """
    x, y, w, h = box
    size, off_x, off_y = rng.uniform(*SIZE), *rng.uniform(-SHIFT, SHIFT, 2)
    large = _outlined(look, max(64, round(FINE * max(w, h))))
    own_h, own_w = large.shape[:2]
    stretch = np.sqrt(np.clip((w / own_w) / (h / own_h), 1 / STRETCH, STRETCH))
    own_w, own_h = own_w * stretch, own_h / stretch
    scale = size * min(w / own_w, h / own_h)
    width, height = (max(LEAST_SIDE, round(side * scale)) for side in (own_w, own_h))
    left = x + (w - width) / 2 + off_x * w
    top = y + (h - height) / (1 if standing else 2) + off_y * h
    return Sprite(look, _resized(large, width, height), round(left), round(top))


def _outlined(look: Look, frame: int) -> Rgba:
    """Return the look drawn in a frame of that side, cut to its outline."""
    picture = draw(look, frame, margin=0.02)
    left, top, width, height = cv2.boundingRect((picture[..., 3] > solid_from(look)).astype(np.uint8))
    return np.ascontiguousarray(picture[top : top + height, left : left + width])


def _resized(picture: Rgba, width: int, height: int) -> Rgba:
    """Return a straight-alpha picture at another size; colours are weighed by their alpha."""
    floats = picture.astype(np.float32)
    floats[..., :3] *= floats[..., 3:] / np.float32(255)
    small = cv2.resize(floats, (width, height), interpolation=cv2.INTER_AREA)
    alpha = small[..., 3:]
    colour = small[..., :3] * np.float32(255) / np.maximum(alpha, 1.0)
    return np.clip(np.concatenate([colour, alpha], axis=2) + 0.5, 0, 255).astype(np.uint8)
