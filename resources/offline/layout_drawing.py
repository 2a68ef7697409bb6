"""One picture of the offline layout model: a place, the asked things at their boxes, and the errors put into it.

Not here: how things are fitted and laid (`sprites.py`), how often what goes wrong (`layout_errors.py`).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import cv2
import numpy as np
from numpy.typing import NDArray

from genval_assets.keys import seed_of
from genval_assets.types import LayoutRequest, Mask, Rgb, Xywh
from resources.offline.drawing import worded_look
from resources.offline.layout_errors import EXTRA, Fault, other_colour, sample_fault
from resources.offline.scenery import PLACES, paint_place
from resources.offline.spots import free_spot, spot_aside
from resources.offline.sprites import Sprite, fitted_sprite
from resources.offline.studio import KINDS, MODEL, Look
from resources.offline.wording import Wording, read_wording
from resources.offline.world_scenes import FLYING

PLACE_WORDS: Mapping[str, tuple[str, ...]] = {
    "table": ("table", "desk", "kitchen", "counter", "shelf"),
    "room": ("room", "floor", "indoors", "workshop", "house"),
    "meadow": ("meadow", "grass", "garden", "park", "field", "lawn"),
    "beach": ("beach", "sea", "sand", "shore", "coast"),
    "pavement": ("street", "road", "pavement", "city", "yard", "sidewalk"),
}
"""Words of a caption that choose the place; without one the seed does."""
DEPTH = (0.8, 1.6)
"""Blur of the place behind the things, standard deviation in px: the lens is focused on them."""
TWO_SHARE = 0.56
"""Of a box's longer side that each of two things takes."""
EXTRA_SIDES = (0.16, 0.26)
"""Sides of the box of a thing that nobody asked for, as shares of the picture."""


@dataclass(frozen=True, eq=False)
class ShownThing:
    """What stands for one asked thing."""

    look: Look | None  # None: nothing
    faults: tuple[Fault, ...]
    visible: Mask  # what is visible of it; nothing, if it is of another kind than asked


@dataclass(frozen=True)
class ExtraThing:
    """A thing that nobody asked for."""

    kind: str
    box: Xywh  # px


@dataclass(frozen=True, eq=False)
class LayoutDraft:
    """A picture and what it really shows."""

    rgb: Rgb
    things: tuple[ShownThing, ...]  # one per box
    extras: tuple[ExtraThing, ...]

    def faults(self) -> list[str]:
        """Return the codes of all that is wrong with the picture, each once, sorted."""
        return sorted({fault for thing in self.things for fault in thing.faults} | {"extra" for _ in self.extras})


@dataclass(frozen=True, eq=False)
class _Cast:
    """What was made of one asked thing."""

    look: Look | None
    faults: tuple[Fault, ...]
    sprites: tuple[Sprite, ...]


def draft_layout(request: LayoutRequest, seed: int, size: int) -> LayoutDraft:
    """Return a (size, size, 3) picture of the layout; its words, boxes and the seed decide it, the first box is behind.

    Raises:
        IndexError: a phrase names nothing that the studio can draw.
    """
    boxes = [_in_px(box, size) for box in request.boxes]
    identity: tuple[str | int, ...] = (
        request.caption,
        *request.phrases,
        *(f"{side:.6f}" for box in request.boxes for side in box),
        seed,
    )
    rng = np.random.default_rng(seed_of("layout", *identity))
    canvas, horizon = _backdrop(request.caption, rng, size)
    extras = _extras(boxes, rng, size)
    casts = [
        _cast(read_wording(phrase), boxes, i, np.random.default_rng(seed_of("thing", i, *identity)), size)
        for i, phrase in enumerate(request.phrases)
    ]
    layers = [*extras, *(sprite for cast in casts for sprite in cast.sprites)]
    for sprite in layers:
        if sprite.look.kind not in FLYING and sprite.y + sprite.rgba.shape[0] > horizon:
            sprite.shade(canvas)
        sprite.lay(canvas)
    return LayoutDraft(
        rgb=np.clip(canvas + 0.5, 0, 255).astype(np.uint8),
        things=_shown(casts, size),
        extras=tuple(ExtraThing(sprite.look.kind, sprite.box) for sprite in extras),
    )


def _backdrop(caption: str, rng: np.random.Generator, size: int) -> tuple[NDArray[np.float32], int]:
    """Return the place, in 0..255, and the row at which its ground begins."""
    words = caption.lower().replace(".", " ").replace(",", " ").split()
    named = [place for word in words for place, names in PLACE_WORDS.items() if word in names]
    drawn = list(PLACES)[int(rng.integers(len(PLACES)))]
    painted, horizon = paint_place(named[0] if named else drawn, rng, size, size)
    soft = cv2.GaussianBlur(painted.astype(np.float32), (0, 0), float(rng.uniform(*DEPTH)) * size / 512)
    return soft.astype(np.float32, copy=False), horizon


def _cast(wording: Wording, boxes: Sequence[Xywh], i: int, rng: np.random.Generator, size: int) -> _Cast:
    """Return what is drawn for box `i`, and what is wrong with it."""
    asked, box = wording.kinds[0], boxes[i]
    fault = sample_fault(rng, colour_asked=wording.colour is not None)
    if fault == "missing":
        return _Cast(None, ("missing",), ())
    look = worded_look(_another(asked, rng) if fault == "wrong_kind" else asked, wording, rng, MODEL)
    if fault == "wrong_colour" and wording.colour:
        look = replace(look, colour=other_colour(wording.colour, rng))
    faults: list[Fault] = [fault] if fault else []
    if wording.colour and look.colour != wording.colour and "wrong_colour" not in faults:
        faults.append("wrong_colour")  # some kinds keep their own colour whatever the words say
    if fault == "two":
        second = replace(worded_look(asked, wording, rng, MODEL), colour=look.colour)
        return _Cast(look, tuple(faults), _side_by_side((look, second), box, rng))
    aside = spot_aside(boxes, boxes[i], rng, size) if fault == "moved" else box
    if aside is None:
        return _Cast(None, ("missing",), ())
    sprite = _sprite(look, aside, rng)
    return _Cast(look, tuple(faults), (sprite.cut(rng) if fault == "cut" else sprite,))


def _sprite(look: Look, box: Xywh, rng: np.random.Generator) -> Sprite:
    return fitted_sprite(look, box, rng, standing=look.kind not in FLYING)


def _another(kind: str, rng: np.random.Generator) -> str:
    others = [other for other in KINDS if other != kind]
    return others[int(rng.integers(len(others)))]


def _side_by_side(looks: tuple[Look, Look], box: Xywh, rng: np.random.Generator) -> tuple[Sprite, ...]:
    """Return two things in one box, at the ends of its longer side."""
    x, y, w, h = box
    along, across = (w * TWO_SHARE, h) if w >= h else (w, h * TWO_SHARE)
    halves = ((x, y, along, across), (x + w - along, y + h - across, along, across))
    return tuple(_sprite(look, half, rng) for look, half in zip(looks, halves, strict=True))


def _extras(boxes: Sequence[Xywh], rng: np.random.Generator, size: int) -> list[Sprite]:
    """Return the things that nobody asked for: one now and then, where there is room outside all boxes."""
    comes = rng.random() < EXTRA
    side = rng.uniform(*EXTRA_SIDES) * size
    spot = free_spot(boxes, side, side, rng, size) if comes else None
    if spot is None:
        return []
    kind = list(KINDS)[int(rng.integers(len(KINDS)))]
    return [_sprite(worded_look(kind, read_wording(kind), rng, MODEL), spot, rng)]


def _shown(casts: Sequence[_Cast], size: int) -> tuple[ShownThing, ...]:
    """Return what is shown for each box: what lies before a thing hides it."""
    taken = np.zeros((size, size), dtype=np.bool_)
    shown = []
    for cast in reversed(casts):
        whole = np.zeros_like(taken)
        for sprite in cast.sprites:
            whole |= sprite.silhouette(size, size)
        of_the_kind = whole & ~taken if "wrong_kind" not in cast.faults else np.zeros_like(taken)
        shown.append(ShownThing(cast.look, cast.faults, of_the_kind))
        taken |= whole
    return tuple(reversed(shown))


def _in_px(box: Xywh, size: int) -> Xywh:
    x, y, w, h = (side * size for side in box)
    return x, y, w, h
