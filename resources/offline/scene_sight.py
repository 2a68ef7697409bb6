"""Which things the offline vision model sees in a scene or in a box of it: kind, colour, pattern, place. Simulated.

Pixels only. Not here: what is said of them (`captioning.py`, `detector.py`).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

import cv2
import numpy as np

from genval_assets.types import Mask, Rgb, Xywh
from resources.offline.opinion import BIG, NAMELESS, WHOLE
from resources.offline.scene_ground import Ground, ground_of
from resources.offline.scene_pieces import Piece, Scene, cut_up, joined_up, standing_out
from resources.offline.seen import boxed
from resources.offline.studio import KINDS
from resources.offline.surface import GREYS, main_colour, pattern, surface

NAMED = 0.74
"""Fit from which a thing is called by its kind: of 331 right things of the layout model in their boxes 94 % come to it
with the right kind, of 10 of which a part is cut off none."""
EDGE = 0.03
"""What of a box's longer side a thing may reach beyond it."""
FILLS = 0.8
"""Share of a crop's width or height that its thing takes at least."""


@dataclass(frozen=True)
class SeenThing:
    """One thing that is seen."""

    kind: str  # the likeliest
    fit: float  # how well it fits the kind, in [0, 1]
    colour: str  # empty where it is not told
    pattern: str  # plain, striped, dotted, checkered; empty where it is not told
    box: Xywh  # px

    @property
    def called(self) -> str:
        """What it is called: its kind, or `something` where it cannot be recognised."""
        return self.kind if self.fit >= NAMED else NAMELESS


def things(picture: Rgb, box: Xywh | None = None) -> list[SeenThing]:
    """Return what stands in a box of an (H, W, 3) picture, or in all of it, the largest first.

    Args:
        picture: a scene, or a crop of one about a single thing.
        box: px; what stands beside it and only reaches into it is left out where something else is seen.
    """
    if box is None:
        return _told(*in_all(picture))
    scene = _scene(picture)
    return _told(scene, _in_box(scene, box))


def _scene(picture: Rgb) -> Scene:
    """Return a picture with its ground, which is kept for a while: of one picture, every box is asked about."""
    return Scene(picture, _ground(picture.tobytes(), picture.shape[0], picture.shape[1]))


@lru_cache(maxsize=4)
def _ground(pixels: bytes, height: int, width: int) -> Ground:
    return ground_of(np.frombuffer(pixels, dtype=np.uint8).reshape(height, width, 3))


def _resolved(scene: Scene, masks: Sequence[Mask]) -> list[Piece]:
    """Return the pieces at the masks, joined and cut until they fit."""
    pieces = [piece for mask in masks if (piece := scene.piece(mask, faint=True))]
    return [part for piece in joined_up(scene, pieces) for part in cut_up(scene, piece)]


def _in_box(scene: Scene, box: Xywh) -> list[Piece]:
    """Return the pieces that stand in a box; those that the box cuts only where nothing else is seen."""
    inside = _drawn(scene, box)
    parts = standing_out(scene.ground)
    whole = [part for part in parts if (part & inside).sum() >= (1 - BIG) * part.sum()]
    cut = [part & inside for part in parts if 0 < (part & inside).sum() < (1 - BIG) * part.sum()]
    least = BIG * max((int(part.sum()) for part in (*whole, *cut)), default=0)
    pieces = _resolved(scene, [*whole, *(part for part in cut if part.sum() >= least)])
    beyond = np.logical_or.reduce([part & ~inside for part in parts]) if parts else np.zeros_like(inside)
    return _own(pieces, beyond)


def _own(pieces: Sequence[Piece], beyond: Mask) -> list[Piece]:
    """Return the pieces without crumbs, and without those that go on `beyond` the box and are no whole thing."""
    grown = cv2.dilate(beyond.astype(np.uint8), np.ones((3, 3), dtype=np.uint8)) > 0
    largest = max((piece.area for piece in pieces), default=0)
    large = [piece for piece in pieces if piece.area >= BIG * largest]
    free = [piece for piece in large if piece.fit >= WHOLE or not (piece.mask & grown).any()]
    return free or large


def in_all(picture: Rgb) -> tuple[Scene, list[Piece]]:
    """Return the pieces of a picture that are things, and what they are pieces of.

    That is a scene, or a crop about the one thing that reaches from end to end, as it fits better.
    """
    scene = _scene(picture)
    pieces = _resolved(scene, standing_out(scene.ground))
    near = Scene(picture, ground_of(picture, near=True))
    single = _filling(near)
    if single and single.fit * sum(piece.area for piece in pieces) >= sum(piece.fit * piece.area for piece in pieces):
        return near, [single]
    return scene, pieces


def _filling(scene: Scene) -> Piece | None:
    """Return all that is no ground as one piece, if it reaches from end to end."""
    parts = standing_out(scene.ground)
    if not parts:
        return None
    whole: Mask = np.logical_or.reduce(parts)
    spans = [(side.stop - side.start) / length for side, length in zip(boxed(whole), whole.shape, strict=True)]
    return scene.piece(whole, faint=True) if max(spans) >= FILLS else None


def _told(scene: Scene, pieces: Sequence[Piece]) -> list[SeenThing]:
    """Return the pieces as things, the largest first."""
    return [_thing(scene, piece) for piece in sorted(pieces, key=lambda piece: -piece.area)]


def _thing(scene: Scene, piece: Piece) -> SeenThing:
    painted = surface(piece.thumb, piece.found.paint)
    colour = main_colour(painted)
    see_through = KINDS[piece.found.kind].material == "glass" and colour in GREYS
    down, right = (scene.picture.shape[axis] / piece.mask.shape[axis] for axis in (0, 1))
    ys, xs = boxed(piece.mask)
    box = (xs.start * right, ys.start * down, (xs.stop - xs.start) * right, (ys.stop - ys.start) * down)
    return SeenThing(piece.found.kind, piece.fit, "" if see_through else colour, pattern(painted), box)


def _drawn(scene: Scene, box: Xywh) -> Mask:
    """Return a box with a narrow margin as a mask of the ground's size."""
    mask = np.zeros(scene.ground.things.shape, dtype=np.bool_)
    down, right = (mask.shape[axis] / scene.picture.shape[axis] for axis in (0, 1))
    x, y, w, h = box
    margin = EDGE * max(w, h)
    rows = slice(max(0, round((y - margin) * down)), max(0, round((y + h + margin) * down)))
    columns = slice(max(0, round((x - margin) * right)), max(0, round((x + w + margin) * right)))
    mask[rows, columns] = True
    return mask
