"""Places without things: rooms, table tops, meadows, beaches and pavements, as photograph-like RGB pictures.

The world puts its objects onto them; the painter hands them out bare. Nothing countable stands in any of them.
"""

from collections.abc import Callable, Mapping

import cv2
import numpy as np
from numpy.typing import NDArray

from genval_assets.types import Rgb

F32 = NDArray[np.float32]
Tone = tuple[float, float, float]

WALLS: tuple[Tone, ...] = (
    (0.86, 0.82, 0.74),
    (0.72, 0.78, 0.8),
    (0.8, 0.74, 0.7),
    (0.66, 0.72, 0.62),
    (0.9, 0.88, 0.86),
)
WOODS: tuple[Tone, ...] = ((0.58, 0.42, 0.28), (0.72, 0.58, 0.42), (0.42, 0.29, 0.2), (0.66, 0.5, 0.34))
STONES: tuple[Tone, ...] = ((0.56, 0.55, 0.53), (0.64, 0.6, 0.55), (0.47, 0.48, 0.5))


def paint_place(place: str, rng: np.random.Generator, width: int, height: int) -> tuple[Rgb, int]:
    """Return a picture of the place and the row at which its ground begins (things stand below it).

    Raises:
        KeyError: no such place.
    """
    canvas, horizon = PLACES[place](rng, width, height)
    light = np.linspace(rng.uniform(-0.16, 0.0), rng.uniform(0.0, 0.16), width, dtype=np.float32)
    if rng.random() < 0.5:
        light = light[::-1]
    x, y = np.linspace(-1, 1, width, dtype=np.float32), np.linspace(-1, 1, height, dtype=np.float32)[:, None]
    vignette = 1 - rng.uniform(0.08, 0.22) * (x**2 + y**2) / 2
    grain = rng.standard_normal((height, width, 1), dtype=np.float32) * np.float32(0.012)
    lit = canvas * ((1 + light) * vignette)[..., None].astype(np.float32) + grain
    return np.clip(lit * 255 + 0.5, 0, 255).astype(np.uint8), horizon


def _clouds(rng: np.random.Generator, width: int, height: int, cell: tuple[int, int], rough: float = 0.5) -> F32:
    """Return smooth noise about 0 with features of `cell` (x, y) px, finer octaves `rough` times as strong each."""
    total, strength = np.zeros((height, width), dtype=np.float32), 1.0
    for octave in range(3):
        step = [max(1, c >> octave) for c in cell]
        coarse = rng.standard_normal((height // step[1] + 3, width // step[0] + 3), dtype=np.float32)
        total += cv2.resize(coarse, (width, height), interpolation=cv2.INTER_CUBIC) * np.float32(strength)
        strength *= rough
    return total


def _flat(tone: Tone, rng: np.random.Generator, width: int, height: int, amount: float, cell: tuple[int, int]) -> F32:
    """Return a surface of one tone with blotches."""
    jitter = np.array(tone, dtype=np.float32) * np.float32(rng.uniform(0.85, 1.12))
    blotches = 1 + _clouds(rng, width, height, cell) * np.float32(amount)
    surface: F32 = jitter * blotches[..., None]
    return surface


def _pick(tones: tuple[Tone, ...], rng: np.random.Generator) -> Tone:
    return tones[int(rng.integers(len(tones)))]


def _planks(rng: np.random.Generator, width: int, height: int, *, converge: bool) -> F32:
    """Return a wooden surface; its boards run to the back when `converge`, else across."""
    surface = _flat(_pick(WOODS, rng), rng, width, height, 0.05, (120, 6) if not converge else (8, 90))
    x, y = np.linspace(-1, 1, width, dtype=np.float32), np.linspace(0.25, 1, height, dtype=np.float32)[:, None]
    across = x / y * rng.uniform(2.5, 4) if converge else np.log(y * 4) * rng.uniform(2.5, 4) + 0 * x
    board = np.floor(across)
    surface *= (1 + 0.1 * np.sin(board * 12.9) - 0.45 * np.exp(-((across - board) * 26)))[..., None].astype(np.float32)
    return surface


def _blurred(surface: F32, sigma: float) -> F32:
    return cv2.GaussianBlur(surface, (0, 0), sigma).astype(np.float32, copy=False)


def _stack(back: F32, ground: F32, soft: float) -> F32:
    """Return the back above the ground, the edge between them as soft as a lens leaves it."""
    canvas: F32 = np.concatenate([back, ground])
    edge, reach = len(back), min(int(4 * soft) + 2, len(back) // 2, len(ground) // 2)
    canvas[edge - reach : edge + reach] = _blurred(canvas[edge - 2 * reach : edge + 2 * reach], soft)[reach:-reach]
    return canvas


def _room(rng: np.random.Generator, width: int, height: int) -> tuple[F32, int]:
    horizon = int(height * rng.uniform(0.42, 0.6))
    wall = _flat(_pick(WALLS, rng), rng, width, horizon, 0.02, (160, 160))
    wall *= np.linspace(1.06, 0.9, horizon, dtype=np.float32)[:, None, None]
    if rng.random() < 0.4:  # wallpaper
        wall *= (1 + 0.035 * np.sign(np.sin(np.arange(width) / rng.uniform(8, 20))))[None, :, None].astype(np.float32)
    skirting = max(4, height // 40)
    wall[-skirting:] = wall[-skirting:] * 0.4 + np.float32(0.5)
    floor = _planks(rng, width, height - horizon, converge=rng.random() < 0.6)
    return _stack(wall, floor, 1.0), horizon


def _table(rng: np.random.Generator, width: int, height: int) -> tuple[F32, int]:
    horizon = int(height * rng.uniform(0.25, 0.4))
    wall = _blurred(_flat(_pick(WALLS, rng), rng, width, horizon, 0.16, (140, 110)) * np.float32(0.8), 8)
    top = _planks(rng, width, height - horizon, converge=False)
    if rng.random() < 0.4:  # a table cloth
        top = _flat(_pick(WALLS, rng), rng, width, height - horizon, 0.02, (90, 60))
        threads = 1 + 0.025 * np.sin(np.arange(width) * 1.9) * np.sin(np.arange(height - horizon) * 1.7)[:, None]
        top *= threads[..., None].astype(np.float32)
    return _stack(wall, top, 2.5), horizon


def _sky(rng: np.random.Generator, width: int, height: int) -> F32:
    fade = np.linspace(0, 1, height, dtype=np.float32)[:, None, None]
    high, low = np.array([0.36, 0.56, 0.86], np.float32), np.array([0.78, 0.86, 0.93], np.float32)
    sky = high * (1 - fade) + low * fade
    clouds = np.clip(_clouds(rng, width, height, (150, 60)) * 0.45 + rng.uniform(-0.3, 0.2), 0, 0.85)[..., None]
    cover: F32 = sky * (1 - clouds) + np.float32(0.95) * clouds
    return cover


def _meadow(rng: np.random.Generator, width: int, height: int) -> tuple[F32, int]:
    horizon = int(height * rng.uniform(0.35, 0.55))
    grass = _flat((0.33, 0.47, 0.2), rng, width, height - horizon, 0.12, (5, 12))
    grass *= np.linspace(0.8, 1.05, height - horizon, dtype=np.float32)[:, None, None]
    back = _sky(rng, width, horizon)
    ridge = (horizon - height * 0.08 * (1 + 0.5 * _clouds(rng, width, 1, (140, 1))[0])).astype(int)
    hills = np.arange(horizon)[:, None] > ridge
    back[hills] = back[hills] * 0.3 + np.array([0.2, 0.28, 0.19], np.float32)
    return _stack(_blurred(back, 2), grass, 1.5), horizon


def _beach(rng: np.random.Generator, width: int, height: int) -> tuple[F32, int]:
    sea_top, horizon = int(height * rng.uniform(0.3, 0.4)), int(height * rng.uniform(0.46, 0.56))
    sea = _flat((0.2, 0.45, 0.58), rng, width, horizon - sea_top, 0.08, (70, 4))
    back = _stack(_sky(rng, width, sea_top), sea, 0.8)
    sand = _flat((0.82, 0.73, 0.56), rng, width, height - horizon, 0.04, (10, 6))
    return _stack(back, sand, 2.0), horizon


def _pavement(rng: np.random.Generator, width: int, height: int) -> tuple[F32, int]:
    horizon = int(height * rng.uniform(0.4, 0.55))
    tone = (0.6, 0.4, 0.32) if rng.random() < 0.5 else _pick(STONES, rng)
    bricks = _flat(tone, rng, width, horizon, 0.06, (30, 14))
    row = np.arange(horizon)[:, None] // 16
    joint = (np.arange(horizon)[:, None] % 16 < 2) | ((np.arange(width)[None] + (row % 2) * 20) % 40 < 2)
    bricks[joint] *= np.float32(0.8)
    asphalt = _flat(_pick(STONES, rng), rng, width, height - horizon, 0.06, (4, 3))
    return _stack(_blurred(bricks, 1.0), asphalt, 1.0), horizon


PLACES: Mapping[str, Callable[[np.random.Generator, int, int], tuple[F32, int]]] = {
    "room": _room, "table": _table, "meadow": _meadow, "beach": _beach, "pavement": _pavement,
}  # fmt: skip
"""All places by name."""
