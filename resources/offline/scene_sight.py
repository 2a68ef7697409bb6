"""Which things the offline vision model sees in a scene, or in a box of one: kind, colour, pattern and place. Simulated.

Pixels only. Not here: what is said of them (`captioning.py`, `detector.py`).
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from genval_assets.types import Mask, Rgb, Xywh
from resources.offline.opinion import BIG, NAMELESS, WHOLE
from resources.offline.scene_ground import ground_of
from resources.offline.scene_pieces import Piece, Scene, cut_up, joined_up, standing_out
from resources.offline.seen import boxed
from resources.offline.studio import KINDS
from resources.offline.surface import GREYS, main_colour, pattern, surface

NAMED = 0.76
"""Fit from which a thing is called by its kind."""
WITHIN = 0.5
"""Share of a part that must lie in a box to stand in it."""
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
    scene = Scene(picture, ground_of(picture))
    if box is not None:
        return _told(scene, _in_box(scene, box))
    close = _close(picture)
    return close or _told(scene, _resolved(scene, standing_out(scene.ground)))


def _resolved(scene: Scene, masks: Sequence[Mask]) -> list[Piece]:
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
    import cv2
    grown = cv2.dilate(beyond.astype(np.uint8), np.ones((3, 3), np.uint8)) > 0
    largest = max((piece.area for piece in pieces), default=0)
    big = [piece for piece in pieces if piece.area >= BIG * largest]
    free = [piece for piece in big if not (piece.mask & grown).any() or piece.fit >= WHOLE]
    return free or big


def _close(picture: Rgb) -> list[SeenThing]:
    """Return the one thing that a crop shows; nothing where the picture is no crop of one thing."""
    scene = Scene(picture, ground_of(picture, near=True))
    parts = [mask for mask in standing_out(scene.ground)]
    if not parts:
        return []
    whole = np.logical_or.reduce(parts)
    ys, xs = boxed(whole)
    if max((ys.stop - ys.start) / whole.shape[0], (xs.stop - xs.start) / whole.shape[1]) < FILLS:
        return []
    piece = scene.piece(whole)
    return _told(scene, [piece]) if piece and piece.fit >= WHOLE else []


def _told(scene: Scene, pieces: Sequence[Piece]) -> list[SeenThing]:
    return [_thing(scene, piece) for piece in sorted(pieces, key=lambda piece: -piece.area)]


def _thing(scene: Scene, piece: Piece) -> SeenThing:
    painted = surface(piece.thumb, piece.found.paint)
    colour = main_colour(painted)
    see_through = KINDS[piece.found.kind].material == "glass" and colour in GREYS
    down, right = (full / small for full, small in zip(scene.picture.shape[:2], piece.mask.shape, strict=True))
    ys, xs = boxed(piece.mask)
    box = (xs.start * right, ys.start * down, (xs.stop - xs.start) * right, (ys.stop - ys.start) * down)
    return SeenThing(piece.found.kind, piece.fit, "" if see_through else colour, pattern(painted), box)


def _drawn(scene: Scene, box: Xywh) -> Mask:
    """Return a box with a narrow margin as a mask of the ground's size."""
    mask = np.zeros(scene.ground.things.shape, dtype=np.bool_)
    down, right = (small / full for small, full in zip(mask.shape, scene.picture.shape[:2], strict=True))
    x, y, w, h = box
    margin = EDGE * max(w, h)
    rows = slice(max(0, round((y - margin) * down)), max(0, round((y + h + margin) * down)))
    columns = slice(max(0, round((x - margin) * right)), max(0, round((x + w + margin) * right)))
    mask[rows, columns] = True
    return mask
