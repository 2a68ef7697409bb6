"""A closer look at the things in a picture, for sentences about them: what is told is nearly always right. Simulated.

Pixels only. Not here: how surfaces are told (`close_surface.py`), what is said of things (`describing.py`,
`checking.py`).
"""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from genval_assets.types import Rgb
from resources.offline.close_surface import CloseSurface, sure_colour, sure_pattern
from resources.offline.descriptor import Thumbnail, thumbnail
from resources.offline.opinion import DUST, WHOLE
from resources.offline.recognition import Recognition, recognise
from resources.offline.scene_sight import NAMED, in_all
from resources.offline.seen import boxed, parts_of, sight
from resources.offline.studio import KINDS
from resources.offline.surface import GREYS, surface

LEAST_SIDE = 48
"""Px of a thing's longer side from which its pattern is told: what is smaller is blurred."""
SURE = 0.85
"""Fit from which a thing of a scene is surely one whole thing: two that overlap come to .8 now and then."""
MOST_OF_EDGE = 0.5
"""Share of the frame's edge that one thing on a plain ground covers at most, on the mean of its sides."""
MOST_KEPT = 4096
"""Views of pictures."""


@dataclass(frozen=True)
class Looked:
    """One thing, looked at closely."""

    kind: str  # the likeliest
    fit: float  # how well it fits the kind, in [0, 1]
    shares: Mapping[str, float]  # colour name -> share of the painted pixels; empty where too few are seen
    colour: str  # empty where it is not told
    pattern: str  # plain, striped, dotted, checkered; empty where it is not told
    may_be: frozenset[str] = frozenset(KINDS)  # kinds that it fits so well that it could be called so

    @property
    def named(self) -> bool:
        """Whether it can be called by its kind."""
        return self.fit >= NAMED

    @property
    def clear(self) -> bool:
        """Whether all of it is seen, so that its surface may be judged."""
        return self.fit >= WHOLE

    @property
    def see_through(self) -> bool:
        """Whether its kind is made of glass."""
        return KINDS[self.kind].material == "glass"


@dataclass(frozen=True)
class View:
    """What a picture shows."""

    things: tuple[Looked, ...]  # the largest first
    alone: bool  # it is one whole thing on a plain ground

    def shows_all(self, kind: str) -> bool:
        """Return whether no thing in doubt may be of a kind: what is not among the things is not in the picture."""
        return bool(self.things) and all(
            thing.fit >= SURE or self.alone or kind not in thing.may_be for thing in self.things
        )


_KEPT: dict[tuple[bytes, tuple[int, ...]], View] = {}


def looked_at(picture: Rgb) -> View:
    """Return what an (H, W, 3) picture shows; it is kept, because the same picture is asked about again and again."""
    pixels = np.ascontiguousarray(picture)
    shown = (hashlib.sha256(pixels.tobytes()).digest(), pixels.shape)  # not the pixels: pictures are large
    view = _KEPT.get(shown)
    if view is None:
        view = _KEPT[shown] = _on_plain_ground(pixels) or _in_scene(pixels)
        if len(_KEPT) > MOST_KEPT:
            _KEPT.pop(next(iter(_KEPT)))
    return view


def _on_plain_ground(picture: Rgb) -> View | None:
    """Return the one whole thing that a picture shows; None where it is something else."""
    view = sight(picture)
    solid = parts_of(view.mask, DUST)
    if not solid or float(np.mean(view.sides)) > MOST_OF_EDGE:
        return None
    mask = np.logical_or.reduce(solid)
    thumb = thumbnail(picture, mask)
    found = recognise(thumb)
    if found.fit < WHOLE:
        return None
    return View((_looked(thumb, found, max(side.stop - side.start for side in boxed(mask))),), alone=True)


def _in_scene(picture: Rgb) -> View:
    scene, pieces = in_all(picture)
    grown = max(picture.shape[:2]) / max(scene.ground.things.shape)
    return View(
        tuple(
            _looked(piece.thumb, piece.found, grown * max(s.stop - s.start for s in boxed(piece.mask)))
            for piece in sorted(pieces, key=lambda piece: -piece.area)
        ),
        alone=False,
    )


def _looked(thumb: Thumbnail, found: Recognition, side: float) -> Looked:
    """Return what is told of a thing; `side` is its longer one, px."""
    painted = surface(thumb, found.paint)
    seen = CloseSurface(thumb, painted, found.kind)
    told = sure_pattern(seen) if side >= LEAST_SIDE else ""
    colour = sure_colour(seen, told)
    see_through = KINDS[found.kind].material == "glass" and colour in GREYS
    may_be = frozenset(kind for kind, fit in found.fits.items() if fit >= NAMED)
    return Looked(found.kind, found.fit, painted.shares, "" if see_through else colour, told, may_be)
