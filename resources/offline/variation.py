"""The offline variation model: shows a real object anew by moving, bending and relighting its pixels. Simulated.

It stands in for image-to-image with a reference, errors included: now and then the object lands elsewhere, or what
comes back is the source itself, so that the checks on both have work. Not here: those checks (`instances/variation`).
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from genval_assets.types import Mask, Rgb, Varied, VaryRequest

MODEL_NAME = "genval-offline-variation"
REVISION = "1"

COPIES = 0.08
"""Share of the answers that are the source again, but for grain (our choice, as every number here)."""
ASTRAY = 0.12
"""Share of the answers whose object lands too far off."""

SHIFT = 0.03
"""Largest shift along each axis, in thicknesses of the object: a bicycle moves less than a ball."""
FAR_SHIFT = (0.4, 0.7)
"""That of an object that goes astray, in sides of its box; of two equal boxes a third to an eighth is shared."""
SCALE = 0.05
"""Largest change of size, as a logarithm; this and the next two are of an object as thick as its box."""
TURN_DEGREES = 5.0
SHEAR = 0.05
BEND = 0.03
"""Standard deviation of the smooth local displacement, in thicknesses of the object."""
LIGHT = (0.85, 1.18)
SATURATION = (0.85, 1.2)
SHADING = 0.55
"""Largest change of light from the object's middle to its edge, in one direction."""
MOTTLE = 0.1
"""Standard deviation of blotches on the object, as a share of its light."""
GRAIN = 3.0
"""Standard deviation of noise per pixel, in levels of 255."""
COPY_GRAIN = 1.0
INPAINTED_SIDE = 96
"""The ground behind the object is filled in at this size: it is a blur anyway."""

F32 = NDArray[np.float32]


@dataclass(frozen=True, eq=False)
class Source:
    """The source object in its square."""

    colour: F32  # (S, S, 3), 0..255
    alpha: F32  # (S, S), [0, 1]
    ground: F32  # (S, S, 3): the square without the object
    centre: tuple[float, float]  # x, y of its box's middle, px
    side: float  # the longer one of its box, px
    thick: float  # four times the area by the length of the outline, px: a disc's and a square's is its side


class OfflineVariationModel:
    """Fits `model_ports.VariationModel`; it sees the picture and the mask, and ignores the words."""

    model = MODEL_NAME
    revision = REVISION
    best_batch = 16

    def vary(self, requests: Sequence[VaryRequest]) -> list[Varied]:
        """Return one picture per request, in order and of the request's size; seed, picture and mask decide it."""
        return [Varied(request, _varied(request.picture, request.mask, request.seed)) for request in requests]


class OfflineVariations:
    """Opens the offline variation model; a plain object, because there is nothing to set."""

    @contextmanager
    def open(self) -> Iterator[OfflineVariationModel]:
        """Return the model for the length of one `with` block."""
        yield OfflineVariationModel()

    def fingerprint(self) -> str:
        """Return model and revision in one line."""
        return f"{MODEL_NAME}@{REVISION}"

    def fault(self) -> str:
        """Return nothing: it can always be opened."""
        return ""


def _varied(picture: Rgb, mask: Mask, seed: int) -> Rgb:
    """Return the square with its object varied, or one of the two errors.

    Raises:
        ValueError: the mask is empty, or is not the picture's.
    """
    if mask.shape != picture.shape[:2] or not mask.any():
        raise ValueError(f"an object in the picture is needed; got {mask.sum()} px in {mask.shape} of {picture.shape}")
    rng = np.random.default_rng(seed)
    fate = rng.random()
    if fate < COPIES:
        return _levels(_grained(picture.astype(np.float32), COPY_GRAIN, rng))
    source = _taken_apart(picture, mask)
    near = rng.uniform(-SHIFT, SHIFT, 2) * source.thick
    shift_px = _astray(rng) * source.side if fate < COPIES + ASTRAY else near
    places = _displaced(source, shift_px, rng)
    colour, alpha = (cv2.remap(one, *places, cv2.INTER_LINEAR) for one in (source.colour, source.alpha))
    cover = np.asarray(alpha, dtype=np.float32)[..., None]
    shown = np.asarray(colour, dtype=np.float32) * cover + source.ground * (1 - cover)
    return _levels(_grained(_relit(shown, cover, source, rng), GRAIN, rng))


def _taken_apart(picture: Rgb, mask: Mask) -> Source:
    columns, rows = np.flatnonzero(mask.any(axis=0)), np.flatnonzero(mask.any(axis=1))
    centre = (float(columns[0] + columns[-1]) / 2, float(rows[0] + rows[-1]) / 2)
    side = float(max(columns[-1] - columns[0], rows[-1] - rows[0]) + 1)
    soft = cv2.GaussianBlur(mask.astype(np.float32), (0, 0), 0.8)
    return Source(
        colour=_spread(picture, mask),
        alpha=np.asarray(np.clip(soft * 2 - 1, 0, 1), dtype=np.float32),  # within the mask: its rim is half ground
        ground=_ground(picture, mask),
        centre=centre,
        side=side,
        thick=min(side, _thickness(mask)),
    )


def _thickness(mask: Mask) -> float:
    outlines, _ = cv2.findContours(mask.astype(np.uint8), cv2.RETR_CCOMP, cv2.CHAIN_APPROX_NONE)
    return 4 * float(mask.sum()) / max(4.0, sum(cv2.arcLength(one, True) for one in outlines))


def _spread(picture: Rgb, mask: Mask) -> F32:
    """Return the object's colours with those at its rim carried outwards, so that no ground shows at a moved edge."""
    inside = mask.astype(np.float32)[..., None]
    weighted = cv2.GaussianBlur(picture.astype(np.float32) * inside, (0, 0), 3.0)
    weight = cv2.GaussianBlur(inside, (0, 0), 3.0)[..., None]
    around = weighted / np.maximum(weight, 1e-3)
    return np.where(mask[..., None], picture, around).astype(np.float32)


def _ground(picture: Rgb, mask: Mask) -> F32:
    """Return the square with the object painted over from around it."""
    side = picture.shape[0]
    small = min(side, INPAINTED_SIDE)
    hole = cv2.dilate(mask.astype(np.uint8), np.ones((5, 5), dtype=np.uint8))
    touched = cv2.resize(hole.astype(np.float32), (small, small), interpolation=cv2.INTER_AREA) > 0
    coarse = cv2.resize(picture, (small, small), interpolation=cv2.INTER_AREA)
    filled = cv2.inpaint(coarse, touched.astype(np.uint8), 3, cv2.INPAINT_TELEA)
    behind = cv2.resize(filled, (side, side), interpolation=cv2.INTER_CUBIC).astype(np.float32)
    share = cv2.GaussianBlur(hole.astype(np.float32), (0, 0), max(1.0, side / 100))[..., None]
    return np.asarray(picture * (1 - share) + behind * share, dtype=np.float32)


def _astray(rng: np.random.Generator) -> NDArray[np.float64]:
    """Return a shift, in sides of the object, that no overlap survives well."""
    angle, length = rng.uniform(0, 2 * np.pi), rng.uniform(*FAR_SHIFT)
    return np.array([np.cos(angle), np.sin(angle)]) * length


def _displaced(source: Source, shift_px: NDArray[np.float64], rng: np.random.Generator) -> tuple[F32, F32]:
    """Return, for each pixel of the new picture, x and y of the source that it shows."""
    give = source.thick / source.side
    scale, turn, shear = give * rng.uniform(-1, 1, 3) * (SCALE, TURN_DEGREES, SHEAR)
    matrix = cv2.getRotationMatrix2D(source.centre, float(turn), float(np.exp(-scale)))
    matrix[0] += shear * (matrix[1] - (0, 0, source.centre[1]))
    height, width = source.alpha.shape
    y, x = np.mgrid[:height, :width].astype(np.float32)
    x, y = x - np.float32(shift_px[0]), y - np.float32(shift_px[1])
    bend = BEND * source.thick * _smooth((height, width), source.side / 4, rng, channels=2)
    along = matrix[0, 0] * x + matrix[0, 1] * y + matrix[0, 2] + bend[..., 0]
    down = matrix[1, 0] * x + matrix[1, 1] * y + matrix[1, 2] + bend[..., 1]
    return along.astype(np.float32), down.astype(np.float32)


def _relit(colour: F32, cover: F32, source: Source, rng: np.random.Generator) -> F32:
    """Return the square under another light, more or less saturated, the object mottled; the hues stay."""
    height, width = source.alpha.shape
    y, x = np.mgrid[:height, :width].astype(np.float32)
    angle = rng.uniform(0, 2 * np.pi)
    toward = (x - source.centre[0]) * np.cos(angle) + (y - source.centre[1]) * np.sin(angle)
    shading = 1 + rng.uniform(0, SHADING) * np.clip(toward / (source.side / 2), -1, 1)
    mottle = 1 + MOTTLE * _smooth((height, width), source.side / 12, rng, channels=1)[..., 0] * cover[..., 0]
    light = np.exp(rng.uniform(*np.log(LIGHT))) * shading * mottle
    grey = colour.mean(axis=2, keepdims=True)
    vivid = grey + (colour - grey) * rng.uniform(*SATURATION)
    return np.asarray(vivid * light[..., None], dtype=np.float32)


def _smooth(size: tuple[int, int], scale_px: float, rng: np.random.Generator, channels: int) -> F32:
    """Return noise of mean 0 and deviation 1, (H, W, channels), whose blotches are about `scale_px` wide."""
    cells = [round(side / max(1.0, scale_px)) + 3 for side in size]
    coarse = rng.standard_normal((*cells, channels)).astype(np.float32)
    noise = cv2.resize(coarse, size[::-1], interpolation=cv2.INTER_CUBIC).reshape(*size, channels)
    return np.asarray((noise - noise.mean()) / noise.std(), dtype=np.float32)


def _grained(colour: F32, deviation: float, rng: np.random.Generator) -> F32:
    grain = rng.standard_normal(colour.shape[:2]).astype(np.float32)[..., None]
    return np.asarray(colour + grain * np.float32(deviation), dtype=np.float32)


def _levels(colour: F32) -> Rgb:
    return np.rint(np.clip(colour, 0, 255)).astype(np.uint8)
