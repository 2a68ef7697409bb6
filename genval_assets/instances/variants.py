"""Variants of a real cut-out: flip, scale, a small turn, and changes of light that keep the colour's name.

Simple Copy-Paste and X-Paste's baseline paste real instances with such changes; bounds are our choice.
"""

from collections.abc import Mapping
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray
from pydantic import Field

from genval_assets.instances.effective import PER_SOURCE
from genval_assets.instances.mask import tight_crop
from genval_assets.types import Rgba, Settings


class VariantSettings(Settings):
    """How far a variant may differ from its source."""

    per_source: int = Field(
        default=PER_SOURCE,
        ge=1,
        description="Candidates per source object, itself included; at most three of them count towards the target.",
    )
    min_scale: float = Field(default=0.7, gt=0, le=1, description="Smallest scale (0..1).")
    max_scale: float = Field(
        default=1.3, ge=1, le=1.5, description="Largest scale (1..1.5): beyond it the source has no detail to show."
    )
    max_turn_degrees: float = Field(
        default=6.0, ge=0, le=45, description="Largest turn either way, in degrees (0..45)."
    )
    max_brightness: float = Field(
        default=0.12, ge=0, le=0.5, description="Largest change of brightness either way, as a share (0..0.5)."
    )
    max_contrast: float = Field(
        default=0.12, ge=0, le=0.5, description="Largest change of contrast either way, as a share (0..0.5)."
    )
    max_gamma: float = Field(
        default=0.12, ge=0, le=0.5, description="Largest change of gamma either way, as a share (0..0.5)."
    )
    max_saturation: float = Field(
        default=0.15, ge=0, le=0.5, description="Largest change of saturation either way, as a share (0..0.5)."
    )
    max_temperature: float = Field(
        default=0.03, ge=0, le=0.2, description="Largest gain of red against blue either way, as a share (0..0.2)."
    )


@dataclass(frozen=True)
class Variant:
    """A variant and what was done: JSON values for the `settings` column."""

    rgba: Rgba
    settings: Mapping[str, float | int | bool]


@dataclass(frozen=True)
class _Light:
    """Changes of light as factors; 1 leaves a thing as it is."""

    brightness: float
    contrast: float
    gamma: float
    saturation: float
    temperature: float  # of red; blue takes the inverse


def vary(rgba: Rgba, seed: int, variant: int, settings: VariantSettings) -> Variant:
    """Return the variant of a cut-out that (seed, variant) stands for, as a tight crop.

    Variant 0 is the cut-out itself. Hue is never rotated, so that a caption's colour word stays true.

    Raises:
        ValueError: the cut-out shows nothing.
    """
    if not rgba[..., 3].any():
        raise ValueError(f"a cut-out with visible pixels is needed; got {rgba.shape} without any")
    if variant == 0:
        return Variant(rgba, {"variant": 0})
    rng = np.random.default_rng([seed, variant])
    flip = bool(rng.random() < 0.5)
    scale = float(np.exp(rng.uniform(np.log(settings.min_scale), np.log(settings.max_scale))))
    turn = float(rng.uniform(-settings.max_turn_degrees, settings.max_turn_degrees))
    light = _draw_light(rng, settings)
    lit = _relight(rgba[:, ::-1] if flip else rgba, light)
    moved, _, _ = tight_crop(_transform(lit, scale, turn))
    factors = {"scale": scale, "turn_degrees": turn, **vars(light)}
    rounded = {name: round(value, 4) for name, value in factors.items()}
    return Variant(moved, {"variant": variant, "flip": flip, **rounded})


def _draw_light(rng: np.random.Generator, settings: VariantSettings) -> _Light:
    def around_one(reach: float) -> float:
        return float(1 + rng.uniform(-reach, reach))

    return _Light(
        brightness=around_one(settings.max_brightness),
        contrast=around_one(settings.max_contrast),
        gamma=around_one(settings.max_gamma),
        saturation=around_one(settings.max_saturation),
        temperature=around_one(settings.max_temperature),
    )


def _relight(rgba: Rgba, light: _Light) -> Rgba:
    """Return the cut-out under another light; alpha stays. Contrast turns about the object's own mean luma."""
    colour = (rgba[..., :3].astype(np.float32) / 255) ** light.gamma * light.brightness
    colour *= np.array([light.temperature, 1.0, 1 / light.temperature], dtype=np.float32)
    luma = colour @ np.array([0.299, 0.587, 0.114], dtype=np.float32)
    mean = float(luma[rgba[..., 3] > 0].mean())
    colour = luma[..., None] + (colour - luma[..., None]) * light.saturation
    colour = mean + (colour - mean) * light.contrast
    levels = np.rint(np.clip(colour, 0, 1) * 255)
    return np.dstack([levels, rgba[..., 3]]).astype(np.uint8)


def _transform(rgba: Rgba, scale: float, turn_degrees: float) -> Rgba:
    """Return the cut-out scaled and turned in one premultiplied resampling, on a canvas that holds all of it."""
    height, width = rgba.shape[:2]
    matrix = cv2.getRotationMatrix2D(((width - 1) / 2, (height - 1) / 2), turn_degrees, scale)
    cos, sin = abs(matrix[0, 0]), abs(matrix[0, 1])
    out_width, out_height = int(width * cos + height * sin) + 3, int(width * sin + height * cos) + 3
    matrix[:, 2] += ((out_width - width) // 2, (out_height - height) // 2)  # whole px: no blur where nothing turns
    premultiplied = rgba.astype(np.float32)
    premultiplied[..., :3] *= premultiplied[..., 3:] / 255
    moved = cv2.warpAffine(premultiplied, matrix, (out_width, out_height), flags=cv2.INTER_LINEAR)
    return _straight(np.asarray(moved, dtype=np.float32))


def _straight(premultiplied: NDArray[np.float32]) -> Rgba:
    """Return straight-alpha uint8 of premultiplied levels; black where alpha is 0."""
    alpha = premultiplied[..., 3:]
    colour = np.divide(premultiplied[..., :3] * 255, alpha, out=np.zeros_like(premultiplied[..., :3]), where=alpha > 0)
    levels: Rgba = np.rint(np.clip(np.dstack([colour, alpha]), 0, 255)).astype(np.uint8)
    return levels
