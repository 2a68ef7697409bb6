"""Pixels of a drawing: anti-aliased parts, lit, textured and laid over each other.

A part's surface is a bas-relief: turned parts take their normals from the lathe's profile, all others from the
distance to their edge (our choice; it makes any outline look solid). Everything happens in the part's box.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache

import cv2
import numpy as np
from numpy.typing import NDArray

from genval_assets.types import Rgba
from resources.offline.studio_shapes import Paint, Part

F32 = NDArray[np.float32]

SUBPIXEL = 4  # fractional bits of the coordinates handed to OpenCV
SUPERSAMPLE = 2


@dataclass(frozen=True)
class Light:
    """How a drawing is lit and seen; `azimuth` in degrees, 0 from the right, 90 from below, 270 from above."""

    azimuth: float
    height: float  # 0 grazing .. 1 frontal
    contrast: float
    gloss: float
    rim: float  # darkness of a part's edge
    grain: float  # standard deviation of the sensor noise, in [0, 1]
    seed: int

    def direction(self) -> F32:
        """Return the unit vector to the light: x right, y down, z to the viewer."""
        t, side = np.radians(self.azimuth), np.sqrt(max(0.0, 1.0 - self.height**2))
        return np.array([np.cos(t) * side, np.sin(t) * side, self.height], dtype=np.float32)


@dataclass(frozen=True, eq=False)
class Placement:
    """Object units to pixels: `linear` @ point * scale + offset; `linear` is orthogonal but for a squash."""

    linear: NDArray[np.float64]  # (2, 2)
    scale: float
    offset: NDArray[np.float64]  # (2,)

    def pixels(self, points: NDArray[np.float64]) -> NDArray[np.float64]:
        """Return (N, 2) points in pixels."""
        moved: NDArray[np.float64] = points @ self.linear.T * self.scale + self.offset
        return moved


def pose(angle: float, *, flip: bool, squash: float) -> NDArray[np.float64]:
    """Return the (2, 2) matrix that flips, squashes the height by `squash` and turns clockwise by `angle` degrees."""
    t = np.radians(angle)
    turn = np.array([[np.cos(t), -np.sin(t)], [np.sin(t), np.cos(t)]])
    matrix: NDArray[np.float64] = turn @ np.diag([-1.0 if flip else 1.0, squash])
    return matrix


def fitted(parts: Sequence[Part], linear: NDArray[np.float64], size: int, margin: float) -> Placement:
    """Return the placement that centres the drawing in a square frame, `margin` of it free on the longer side."""
    low, high = np.full(2, np.inf), np.full(2, -np.inf)
    for part in parts:
        for line in part.contours:
            points = line @ linear.T
            low = np.minimum(low, points.min(axis=0) - part.width / 2)
            high = np.maximum(high, points.max(axis=0) + part.width / 2)
    scale = size * (1 - 2 * margin) / float((high - low).max())
    return Placement(linear, scale, size / 2 - (low + high) / 2 * scale)


def raster(parts: Sequence[Part], placement: Placement, light: Light, shape: tuple[int, int]) -> Rgba:
    """Return the (H, W, 4) straight-alpha picture of the parts, the first one at the back."""
    rgb = np.zeros((*shape, 3), dtype=np.float32)
    alpha = np.zeros(shape, dtype=np.float32)
    for part in parts:
        _lay(part, placement, light, rgb, alpha)
    straight = rgb / np.maximum(alpha, 1e-4)[..., None]
    noise = np.random.default_rng(light.seed).standard_normal(shape, dtype=np.float32) * light.grain
    picture = np.zeros((*shape, 4), dtype=np.uint8)
    picture[..., :3] = np.clip((straight + noise[..., None]) * 255 + 0.5, 0, 255)
    picture[..., 3] = np.clip(alpha * 255 + 0.5, 0, 255)
    picture[picture[..., 3] == 0] = 0
    return picture


def _lay(part: Part, placement: Placement, light: Light, rgb: F32, alpha: F32) -> None:
    """Paint one part over what is there."""
    lines = [placement.pixels(line) for line in part.contours]
    shadow_px = max(2, round(0.035 * placement.scale))
    box = _box(lines, part.width * placement.scale / 2 + shadow_px + 2, alpha.shape)
    if box is None:
        return
    coverage = _coverage(part, lines, placement.scale, box)
    under, under_alpha = rgb[box], alpha[box]
    if part.lifted:
        shift = light.direction()[:2] * shadow_px * -0.7
        shadow = cv2.blur(np.roll(coverage, (round(float(shift[1])), round(float(shift[0]))), (0, 1)), (shadow_px,) * 2)
        under *= (1 - 0.42 * shadow)[..., None]
    colour, opacity = _surface(part, placement, light, box, coverage)
    share = (coverage * opacity)[..., None]
    under += (colour - under) * share  # both premultiplied
    under_alpha += (1 - under_alpha) * share[..., 0]


_OPAQUE = np.float32(1.0)


def _box(lines: Sequence[NDArray[np.float64]], pad: float, shape: tuple[int, ...]) -> tuple[slice, slice] | None:
    """Return the pixel box of the lines as (rows, columns); None when it lies outside the picture."""
    points = np.concatenate(lines)
    left, top = np.maximum(np.floor(points.min(axis=0) - pad), 0).astype(int)
    right, bottom = np.minimum(np.ceil(points.max(axis=0) + pad), (shape[1], shape[0])).astype(int)
    return None if right <= left or bottom <= top else (slice(top, bottom), slice(left, right))


def _coverage(part: Part, lines: Sequence[NDArray[np.float64]], scale: float, box: tuple[slice, slice]) -> F32:
    """Return how much of each pixel of the box the part covers, in [0, 1]."""
    height, width = box[0].stop - box[0].start, box[1].stop - box[1].start
    fine = np.zeros((height * SUPERSAMPLE, width * SUPERSAMPLE), dtype=np.uint8)
    origin = np.array([box[1].start, box[0].start])
    # OpenCV's pixel centres are whole numbers, ours lie at .5
    points = [np.round(((line - origin) * SUPERSAMPLE - 0.5) * 2**SUBPIXEL).astype(np.int32) for line in lines]
    if part.width:
        thick = max(1, round(part.width * scale * SUPERSAMPLE))
        cv2.polylines(fine, points, False, 255, thick, cv2.LINE_AA, SUBPIXEL)
    else:
        cv2.fillPoly(fine, points, 255, cv2.LINE_AA, SUBPIXEL)
    return cv2.resize(fine, (width, height), interpolation=cv2.INTER_AREA).astype(np.float32) / np.float32(255)


def _surface(
    part: Part, placement: Placement, light: Light, box: tuple[slice, slice], coverage: F32
) -> tuple[F32, F32 | np.float32]:
    """Return the lit colour (h, w, 3) and opacity of the part's surface within its box."""
    u, v = _object_coordinates(placement, box)
    colour = _texture(part.paint, u, v, light.seed)
    if part.bulge == 0.0 and part.lathe is None:
        return colour, _OPAQUE
    depth = cv2.distanceTransform((coverage > 0.5).astype(np.uint8), cv2.DIST_L2, 3).astype(np.float32, copy=False)
    nx, ny, nz = _turned_normals(part, placement, u, v) if part.lathe else _relief_normals(part, placement, depth)
    lx, ly, lz = light.direction()
    facing = nx * lx + ny * ly + nz * lz
    brightness = np.clip(1 + light.contrast * (facing - lz), 0.3, 1.4)
    half = np.array([lx, ly, lz + 1.0]) / np.linalg.norm([lx, ly, lz + 1.0])
    glint = np.clip(nx * half[0] + ny * half[1] + nz * half[2], 0, 1)
    sharp, strength, mirror = _FINISH[part.paint.material]
    if mirror:  # a bright sky above a dark ground, as polished metal shows them
        brightness = brightness + mirror * np.sin(5.0 * ny + 3.0 * nx + 0.6).astype(np.float32)
    brightness *= 1 - light.rim * np.exp(-depth / np.float32(max(1.0, 0.012 * placement.scale)))
    lit = colour * brightness[..., None]
    lit += (strength * light.gloss * glint**sharp)[..., None]
    lit = np.clip(lit, 0, 1).astype(np.float32)
    if part.paint.material not in _DENSITY:
        return lit, _OPAQUE
    opacity = _DENSITY[part.paint.material] + 0.75 * (1 - nz) ** 1.5 + 0.8 * glint**sharp
    return lit, np.clip(opacity, 0, 0.97).astype(np.float32)


_FINISH = {  # exponent and strength of the highlight, strength of the mirrored surroundings
    "plastic": (24, 0.50, 0.0), "ceramic": (44, 0.62, 0.0), "metal": (16, 0.50, 0.20), "wood": (10, 0.12, 0.0),
    "fabric": (4, 0.05, 0.0), "rubber": (6, 0.10, 0.0), "organic": (12, 0.22, 0.0), "glass": (60, 0.85, 0.0),
    "liquid": (60, 0.4, 0.0),
}  # fmt: skip

_DENSITY = {"glass": 0.26, "liquid": 0.8}  # least opacity of what one can see through


def _object_coordinates(placement: Placement, box: tuple[slice, slice]) -> tuple[F32, F32]:
    """Return the object coordinates (u, v) of the box's pixel centres."""
    inverse = np.linalg.inv(placement.linear) / placement.scale
    x = np.arange(box[1].start, box[1].stop) + 0.5 - placement.offset[0]
    y = np.arange(box[0].start, box[0].stop)[:, None] + 0.5 - placement.offset[1]
    u, v = (inverse[i, 0] * x + inverse[i, 1] * y for i in (0, 1))
    return u.astype(np.float32), v.astype(np.float32)


def _relief_normals(part: Part, placement: Placement, depth: F32) -> tuple[F32, F32, F32]:
    """Return normals of a surface that rises like a quarter circle of radius `bulge` from its edge."""
    radius = max(1.5, part.bulge * placement.scale)
    inward = np.minimum(depth / np.float32(radius), 1)
    relief = np.sqrt(np.maximum(1 - (1 - inward) ** 2, 0)) * np.float32(radius)
    kernel = max(1, round(radius * 0.35)) | 1
    relief = cv2.blur(cv2.blur(relief, (kernel, kernel)), (kernel, kernel))  # takes the creases off the ridge
    dx, dy = cv2.Sobel(relief, cv2.CV_32F, 1, 0, scale=0.125), cv2.Sobel(relief, cv2.CV_32F, 0, 1, scale=0.125)
    nz = 1 / np.sqrt(dx**2 + dy**2 + 1)
    return -dx * nz, -dy * nz, nz


def _turned_normals(part: Part, placement: Placement, u: F32, v: F32) -> tuple[F32, F32, F32]:
    """Return normals of a body of revolution."""
    assert part.lathe
    lathe = part.lathe
    ys, radii = np.array(lathe.ys), np.array(lathe.radii)
    # `ys` may step back a little where a profile closes; interpolation wants it rising
    rising = np.maximum.accumulate(ys + np.arange(len(ys)) * 1e-6)
    across = np.clip((u - lathe.x) / np.interp(v, rising, radii), -1, 1)
    slope = np.clip(np.interp(v, rising, np.gradient(radii, rising)), -2, 2)
    out = np.sqrt(1 - across**2)
    length = np.sqrt(1 + slope**2)
    n_u, n_v, nz = across / length, -slope / length, out / length
    nx = placement.linear[0, 0] * n_u + placement.linear[0, 1] * n_v
    ny = placement.linear[1, 0] * n_u + placement.linear[1, 1] * n_v
    return nx.astype(np.float32), ny.astype(np.float32), nz.astype(np.float32)


@cache
def _cloud() -> F32:
    """Return a (256, 256) tile of smooth noise about 0, standard deviation 1."""
    rng = np.random.default_rng(7)
    total = np.zeros((256, 256), dtype=np.float32)
    for step in (4, 8, 16, 32):
        coarse = np.tile(rng.standard_normal((256 // step, 256 // step), dtype=np.float32), (3, 3))
        total += cv2.resize(coarse, (768, 768), interpolation=cv2.INTER_CUBIC)[256:512, 256:512] * np.sqrt(step)
    tile: F32 = (total - total.mean()) / total.std()
    return tile


def _noise(u: F32, v: F32, frequency: float, seed: int) -> F32:
    """Return the cloud at object coordinates, `frequency` tiles to the unit."""
    column = ((u * (256 * frequency)).astype(np.int32) + (seed & 255) * 37) & 255
    row = ((v * (256 * frequency)).astype(np.int32) + (seed >> 8 & 255) * 61) & 255
    values: F32 = _cloud()[row, column]
    return values


def _texture(paint: Paint, u: F32, v: F32, seed: int) -> F32:
    """Return the unlit colours (h, w, 3): pattern first, then what the material does to it."""
    base = np.array(paint.rgb, dtype=np.float32)
    share = _PATTERN[paint.pattern](u, v)
    colour = base + share[..., None] * (np.array(paint.second, dtype=np.float32) - base)
    if paint.material == "wood":
        wobble = _noise(u * 0.3, v * 1.0, 0.8, seed)
        grain = np.sin(v * 46 + wobble * 2.2 + u * 4) * 0.08 + _noise(u * 0.15, v, 3.0, seed) * 0.05
    elif paint.material == "fabric":
        grain = np.sin(u * 120) * np.sin(v * 120) * 0.05 + _noise(u, v, 1.6, seed) * 0.04
    else:
        grain = _noise(u, v, 0.7, seed) * _MOTTLE.get(paint.material, 0.018)
    textured: F32 = (colour * (1 + grain)[..., None]).astype(np.float32)
    return textured


_MOTTLE = {"organic": 0.05, "rubber": 0.03, "metal": 0.03, "glass": 0.0, "liquid": 0.0}


def _plain(u: F32, v: F32) -> F32:
    return np.zeros(np.broadcast_shapes(u.shape, v.shape), dtype=np.float32)


def _striped(u: F32, v: F32) -> F32:
    share: F32 = np.clip(np.sin(v * 15 + u * 4) * 6 - 0.6, 0, 1)
    return share


def _dotted(u: F32, v: F32) -> F32:
    row = np.floor(v * 4.6)
    du, dv = (u * 4.6 + row * 0.5) % 1 - 0.5, v * 4.6 - row - 0.5
    share: F32 = np.clip((0.27 - np.sqrt(du**2 + dv**2)) * 18, 0, 1)
    return share


def _checkered(u: F32, v: F32) -> F32:
    share: F32 = np.clip(np.sin(u * 11) * np.sin(v * 11) * 14 + 0.5, 0, 1)
    return share


_PATTERN = {"plain": _plain, "striped": _striped, "dotted": _dotted, "checkered": _checkered}
