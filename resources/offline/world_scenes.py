"""Scenes of the demo's 'real' world: things standing in a place, hiding one another, throwing shadows."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from genval_assets.types import Mask, Rgb, Rgba
from resources.offline.scenery import PLACES, paint_place
from resources.offline.studio import WORLD, Look, draw, sample_look

WIDTH, HEIGHT = 640, 480
FLYING = frozenset({"kite", "hot-air balloon", "butterfly", "rocket"})
TRIES = 12
LEAST_VISIBLE = 0.45
"""Share of a thing that must stay visible, or it is left out of the scene; our choice."""

IMAGES_OF: Mapping[str, int] = {
    "mug": 42, "chair": 38, "umbrella": 34, "backpack": 31, "banana": 30, "bicycle": 28, "duck": 26, "lamp": 24,
    "traffic cone": 16, "guitar": 14, "scissors": 13, "fish": 12, "mushroom": 11, "sailboat": 10, "cactus": 10,
    "hammer": 9, "wristwatch": 8, "teapot": 7, "wine glass": 6,
    "kite": 3, "padlock": 3, "ladder": 3, "butterfly": 3, "pineapple": 2, "key": 2, "hot-air balloon": 2,
    "watering can": 1, "rocket": 1,
}  # fmt: skip
"""On how many of 75 images each kind is seen: the long tail."""


@dataclass(frozen=True, eq=False)
class Thing:
    """One thing in a scene; its picture's left top corner lies at (x, y) and may lie outside the canvas."""

    look: Look
    size: int  # of the square frame it is drawn in
    x: int
    y: int
    flying: bool = False
    crowd: bool = False  # belongs to the scene's crowd region

    def picture(self) -> Rgba:
        """Return the thing, drawn."""
        return draw(self.look, self.size, margin=0.02)

    def silhouette(self, picture: Rgba) -> Mask:
        """Return which pixels of the canvas it would cover if nothing stood before it. Glass counts as solid."""
        level = 50 if self.look.material == "glass" else 127
        mask = np.zeros((HEIGHT, WIDTH), dtype=bool)
        canvas, piece = _overlap(self)
        mask[canvas] = picture[piece][..., 3] > level
        return mask


@dataclass(frozen=True, eq=False)
class Scene:
    """A photograph of the world with its things, back to front, and the mask of what is visible of each."""

    picture: Rgb
    things: tuple[Thing, ...]
    visible: tuple[Mask, ...]


def kinds_per_image(rng: np.random.Generator, images: int) -> list[list[str]]:
    """Return which kinds stand on each of `images` images: every kind at least once, the tail as in `IMAGES_OF`."""
    contents: list[list[str]] = [[] for _ in range(images)]
    for kind, count in IMAGES_OF.items():
        wanted = max(1, round(count * images / 75))
        load = np.array([len(c) for c in contents]) + rng.random(images) * 3
        for i in np.argsort(load)[:wanted]:
            repeats = 1 + int(count > 5 and rng.random() < 0.18)
            contents[i] += [kind] * repeats
    return contents


def render_scene(kinds: Sequence[str], rng: np.random.Generator, crowd: str | None = None) -> Scene:
    """Return a scene with the kinds, as many of them as find room, and a heap of `crowd` if one is named."""
    place = list(PLACES)[int(rng.integers(len(PLACES)))]
    canvas, horizon = paint_place(place, rng, WIDTH, HEIGHT)
    things = [_placed(kind, rng, horizon, outdoors=place in {"meadow", "beach"}) for kind in kinds]
    if crowd:
        things += _heap(crowd, rng, horizon)
    things.sort(key=lambda t: (not t.flying, t.y + t.size))
    kept, pictures, visible = _with_room(things, rng)
    picture = canvas.astype(np.float32)
    for thing, drawn in zip(kept, pictures, strict=True):
        if not thing.flying:
            _cast_shadow(picture, thing, drawn)
        _paint(picture, thing, drawn)
    return Scene(np.clip(picture + 0.5, 0, 255).astype(np.uint8), tuple(kept), tuple(visible))


def _placed(kind: str, rng: np.random.Generator, horizon: int, *, outdoors: bool) -> Thing:
    """Return the kind at some spot: in the air if it flies, else the larger the nearer."""
    look = sample_look(kind, rng, WORLD)
    flying = outdoors and kind in FLYING
    if flying:
        size = int(rng.uniform(60, 150))
        return Thing(look, size, int(rng.uniform(0, WIDTH - size)), int(rng.uniform(-8, horizon * 0.5)), flying)
    depth = rng.uniform(0, 1)
    size = int((70 + 120 * depth) * rng.uniform(0.8, 1.25))
    foot = horizon + 20 + (HEIGHT - horizon - 24) * depth
    return Thing(look, size, int(rng.uniform(-0.12, 1.12) * (WIDTH - size)), int(foot - size * 0.98))


def _heap(kind: str, rng: np.random.Generator, horizon: int) -> list[Thing]:
    """Return some sixteen small things lying close together on the ground."""
    centre, foot = rng.uniform(120, WIDTH - 120), rng.uniform(horizon + 60, HEIGHT - 40)
    spots = rng.normal(0, 1, (16, 2)) * (44, 13)
    return [
        Thing(sample_look(kind, rng, WORLD), 40, int(centre + dx - 20), int(foot + dy - 40), crowd=True)
        for dx, dy in spots
    ]


def _with_room(things: Sequence[Thing], rng: np.random.Generator) -> tuple[list[Thing], list[Rgba], list[Mask]]:
    """Return the things, moved sideways until enough of each is visible; what finds no room is left out.

    They are set front to back, so that a thing in front never has to give way.
    """
    taken = np.zeros((HEIGHT, WIDTH), dtype=bool)
    kept: list[tuple[Thing, Rgba, Mask]] = []
    for thing in reversed(things):
        picture = thing.picture()
        spot = thing
        for _ in range(TRIES):
            whole = spot.silhouette(picture)
            visible = whole & ~taken
            full = int((picture[..., 3] > 50).sum())
            if spot.crowd or visible.sum() >= max(60, LEAST_VISIBLE * full):
                kept.append((spot, picture, visible))
                taken |= whole
                break
            x = int(rng.uniform(0, WIDTH - spot.size))
            spot = Thing(spot.look, spot.size, x, spot.y, spot.flying)
    kept.reverse()
    return [k[0] for k in kept], [k[1] for k in kept], [k[2] for k in kept]


Slices = tuple[slice, slice]


def _overlap(thing: Thing) -> tuple[Slices, Slices]:
    """Return the rows and columns that the thing's frame takes on the canvas, and those of the frame itself."""
    left, top = max(0, thing.x), max(0, thing.y)
    right, bottom = max(left, min(WIDTH, thing.x + thing.size)), max(top, min(HEIGHT, thing.y + thing.size))
    piece = (slice(top - thing.y, bottom - thing.y), slice(left - thing.x, right - thing.x))
    return (slice(top, bottom), slice(left, right)), piece


def _paint(canvas: NDArray[np.float32], thing: Thing, picture: Rgba) -> None:
    """Lay the picture over the canvas (Porter and Duff 1984, operator `over`)."""
    where, piece = _overlap(thing)
    drawn = picture[piece].astype(np.float32)
    alpha = drawn[..., 3:] / np.float32(255)
    canvas[where] += (drawn[..., :3] - canvas[where]) * alpha


def _cast_shadow(canvas: NDArray[np.float32], thing: Thing, picture: Rgba) -> None:
    """Darken the ground to the right of the thing's foot, opposite the world's light, and just under it."""
    rows = np.flatnonzero((picture[..., 3] > 50).any(axis=1))
    foot = int(rows[-1])
    # the silhouette laid down: a height h above the foot falls .45 h to the right and .16 h up
    lay = np.array([[1, -0.45, 0.45 * foot], [0, 0.16, foot - 0.16 * foot]], dtype=np.float64)
    wide = (thing.size * 3 // 2, thing.size + 8)
    shadow = cv2.warpAffine(picture[..., 3], lay, wide, flags=cv2.INTER_LINEAR)
    shadow = cv2.blur(cv2.blur(shadow, (9, 5)), (7, 3)).astype(np.float32) / np.float32(255)
    left, top = max(0, thing.x), max(0, thing.y)
    right, bottom = min(WIDTH, thing.x + wide[0]), min(HEIGHT, thing.y + wide[1])
    if right > left and bottom > top:
        piece = shadow[top - thing.y : bottom - thing.y, left - thing.x : right - thing.x, None]
        canvas[top:bottom, left:right] *= 1 - np.float32(0.5) * piece
