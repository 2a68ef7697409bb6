"""Ways to make a pasted object fit its surroundings. Only its own pixels change, and its colour keeps its name."""

from collections.abc import Callable, Mapping

import cv2
import numpy as np
from numpy.typing import NDArray

from genval_assets.compose.colours import colour_name, name_of, sampling
from genval_assets.compose.paste import Paste
from genval_assets.compose.settings import Harmonise, SceneSettings
from genval_assets.types import Rgb, Rgba

RING_PX = 32
"""How far around an object's box its surroundings are read (our choice)."""
FEATHER_PX = 1.0
"""Standard deviation of the blur that softens a feathered rim (our choice)."""
BACK_OFF = (1.0, 0.5, 0.25)
"""Shares of the wanted strength that are tried until the colour keeps its name; after the last, nothing is done."""


Harmoniser = Callable[[Paste, Rgb, SceneSettings], Rgba]
"""Returns the cut-out adapted to the picture: its alpha as it was, its own array where nothing is changed.

The picture is the canvas before anything was pasted: objects adapt to the scene, not to each other.
"""


def harmonised(paste: Paste, picture: Rgb, settings: SceneSettings) -> Rgba:
    """Return the cut-out adapted to the picture by the method of the settings; its alpha stays."""
    return HARMONISERS[settings.harmonise](paste, picture, settings)


def reinhard(paste: Paste, picture: Rgb, strength: float, max_ratio: float) -> Rgba:
    """Return the cut-out with mean and contrast of its Lab channels moved towards those of its surroundings.

    Reinhard et al. (2001), in CIE Lab instead of l-alpha-beta; per channel one lookup table. Our choices: the ratio of
    standard deviations, each at least 1 level, is kept within [1/max_ratio, max_ratio]; `strength` mixes
    the result with the original; it is reduced until the object's colour keeps its name. Where nothing surrounds the
    object it stays as it is.
    """
    grid = sampling(paste.mask)
    inside = paste.mask[grid]
    rgb = _rgb_of(paste.rgba)
    own_rgb = np.ascontiguousarray(rgb[grid][inside])
    around = _surroundings(paste, picture)
    if not len(around):
        return paste.rgba
    own, ground = _to_lab(own_rgb), _to_lab(around)
    name = name_of(own_rgb)
    for share in BACK_OFF:
        table = _reinhard_table(own, ground, strength * share, max_ratio)
        if name_of(_to_rgb(_looked_up(own, table))) == name:
            moved = cv2.LUT(cv2.cvtColor(rgb, cv2.COLOR_RGB2LAB), table)
            return _recoloured(paste.rgba, np.asarray(cv2.cvtColor(moved, cv2.COLOR_LAB2RGB), dtype=np.uint8))
    return paste.rgba


def _reinhard_table(
    own: NDArray[np.uint8], around: NDArray[np.uint8], strength: float, max_ratio: float
) -> NDArray[np.uint8]:
    """Return (1, 256, 3): where each level of L, a and b goes."""
    own_mean, own_spread = (moment.ravel() for moment in cv2.meanStdDev(own[:, None]))
    mean, spread = (moment.ravel() for moment in cv2.meanStdDev(around[:, None]))
    ratio = np.clip(np.maximum(spread, 1) / np.maximum(own_spread, 1), 1 / max_ratio, max_ratio)
    level = np.arange(256)[:, None]
    moved = (level - own_mean) * ratio + mean
    table: NDArray[np.uint8] = (level + strength * (moved - level)).round().clip(0, 255).astype(np.uint8)
    return table[None]


def _surroundings(paste: Paste, picture: Rgb) -> NDArray[np.uint8]:
    """Return a sample, (N, 3), of the picture around the object: its box and `RING_PX` more, without its mask."""
    rows, columns = paste.window
    top, left = max(0, rows.start - RING_PX), max(0, columns.start - RING_PX)
    context = picture[top : rows.stop + RING_PX, left : columns.stop + RING_PX]
    outside = np.ones(context.shape[:2], dtype=bool)
    outside[rows.start - top : rows.stop - top, columns.start - left : columns.stop - left] = ~paste.mask
    if not outside.any():
        return np.empty((0, 3), dtype=np.uint8)
    grid = sampling(outside)
    return np.ascontiguousarray(context[grid][outside[grid]])


def _to_lab(pixels: NDArray[np.uint8]) -> NDArray[np.uint8]:
    return np.asarray(cv2.cvtColor(pixels[:, None], cv2.COLOR_RGB2LAB)[:, 0], dtype=np.uint8)


def _to_rgb(pixels: NDArray[np.uint8]) -> NDArray[np.uint8]:
    return np.asarray(cv2.cvtColor(pixels[:, None], cv2.COLOR_LAB2RGB)[:, 0], dtype=np.uint8)


def _looked_up(pixels: NDArray[np.uint8], table: NDArray[np.uint8]) -> NDArray[np.uint8]:
    return np.asarray(cv2.LUT(pixels[:, None], table)[:, 0], dtype=np.uint8)


def _rgb_of(rgba: Rgba) -> Rgb:
    return np.asarray(cv2.cvtColor(rgba, cv2.COLOR_RGBA2RGB), dtype=np.uint8)


def _recoloured(rgba: Rgba, rgb: Rgb) -> Rgba:
    return np.asarray(cv2.merge([*cv2.split(rgb), cv2.extractChannel(rgba, 3)]), dtype=np.uint8)


def poisson(paste: Paste, picture: Rgb) -> Rgba:
    """Return the cut-out with its gradients kept and its rim in the picture's colours; unchanged if its name would go.

    Pérez et al. (2003), seamless cloning. The mask is taken in by 1 px, so that no gradient is read across its edge.
    Objects that touch the picture's border, or are thinner than 3 px, stay as they are.
    """
    rows, columns = paste.window
    height, width = picture.shape[:2]
    mask = paste.mask.astype(np.uint8) * 255
    inner = cv2.erode(mask, np.ones((3, 3), np.uint8), borderType=cv2.BORDER_CONSTANT, borderValue=(0.0,))
    at_border = rows.start == 0 or columns.start == 0 or rows.stop == height or columns.stop == width
    if at_border or not inner.any():
        return paste.rgba
    left, top, w, h = cv2.boundingRect(inner)
    centre = columns.start + left + w // 2, rows.start + top + h // 2
    rgb = _rgb_of(paste.rgba)
    cloned = cv2.seamlessClone(rgb, picture, inner, centre, cv2.NORMAL_CLONE)[rows, columns]
    colour = np.asarray(cloned, dtype=np.uint8)
    if colour_name(colour, paste.mask) != colour_name(rgb, paste.mask):
        return paste.rgba
    return _recoloured(paste.rgba, colour)


def feathered(rgba: Rgba) -> Rgba:
    """Return the cut-out with a softer rim: alpha only ever falls, colours stay."""
    alpha = cv2.extractChannel(rgba, 3)
    soft = cv2.GaussianBlur(alpha, (0, 0), FEATHER_PX, borderType=cv2.BORDER_CONSTANT)
    result = rgba.copy()
    result[..., 3] = np.minimum(alpha, soft)
    return result


HARMONISERS: Mapping[Harmonise, Harmoniser] = {
    "none": lambda paste, _picture, _settings: paste.rgba,
    "reinhard": lambda paste, picture, of: reinhard(paste, picture, of.reinhard_strength, of.reinhard_max_ratio),
    "poisson": lambda paste, picture, _settings: poisson(paste, picture),
}
"""Name in the settings -> method. A learned one takes its place here: a resource opens its network, the stage hands an
object that fits `Harmoniser` to `compose_scene`, and the colour's name is guarded as Reinhard's is."""
