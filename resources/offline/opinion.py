"""What the offline vision model believes to see in a picture: which things, how many, how whole. Simulated.

It sees pixels only. Not here: what the system prompt asks about them (`vision.py`).
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import cv2
import numpy as np

from genval_assets.types import Mask, Rgb
from resources.offline.descriptor import Thumbnail, thumbnail
from resources.offline.recognition import Recognition, recognise
from resources.offline.seen import Sight, parts_of, sight
from resources.offline.studio import KINDS
from resources.offline.surface import GREYS, main_colour, pattern, surface

WHOLE = 0.8
"""Fit from which an object is taken to be one whole thing of its kind. Of the golden hand's good draws the worst comes
to .83, of two overlapping things the best to .77."""
HALF = 0.6
"""Fit of both halves of a picture from which they are taken for two things."""
NAMED = 0.7
"""Fit from which a thing that is not seen whole is called by its kind."""
SMEARED = 0.003
"""Share of smears in what is seen from which they are remains; clear glass alone comes to .002."""
DUST, BIG = 0.01, 0.15
"""Shares of the largest connected part's area: what is smaller is dust; what is larger may be an object of its own."""
TOUCHING = 0.008
"""Share of one edge of the frame that is not ground from which something reaches beyond it."""
RIM_PX = 13
"""Width of what is taken away with a smear: its rim is soft."""
MOST_THINGS = 4
NAMELESS = "something"


@dataclass(frozen=True)
class Opinion:
    """What one picture is believed to show; at least one thing."""

    kinds: tuple[str, ...]  # the likeliest of each thing, the largest thing first
    things: tuple[str, ...]  # what each is called
    fits: dict[str, float]  # kind -> how well the thing that looks most like it fits, in [0, 1]
    whole: bool  # one thing is seen, and all of it
    overlapping: bool  # the things are not apart
    touch: float  # largest share of one edge of the frame that is not ground
    smeared: bool
    colour: str  # empty where it is not told
    pattern: str


def opinion(picture: Rgb) -> Opinion | None:
    """Return what is seen in a picture of something on a plain ground; None when nothing is."""
    view = sight(picture)
    smeared = view.smeared > SMEARED
    solid = parts_of(_without_smears(view) if smeared else view.mask, DUST)
    if not solid:
        return None
    everything = thumbnail(picture, np.logical_or.reduce(solid))
    found = recognise(everything)
    if found.fit >= WHOLE:
        return _stated(view, [found], everything, smeared=smeared, overlapping=False)
    parts = [part for part in solid if part.sum() >= BIG * solid[0].sum()][:MOST_THINGS]
    apart = len(parts) > 1
    explained = smeared or max(view.sides) > TOUCHING  # why it does not look whole
    pieces = parts if apart or explained else _halves(picture, parts[0])
    several = [recognise(thumbnail(picture, piece)) for piece in pieces]
    if apart or min(piece.fit for piece in several) >= HALF:
        return _stated(view, several, None, smeared=smeared, overlapping=not apart and len(several) > 1)
    return _stated(view, [found], None, smeared=smeared, overlapping=False)


def _stated(
    view: Sight, found: Sequence[Recognition], thumb: Thumbnail | None, *, smeared: bool, overlapping: bool
) -> Opinion:
    """Return the opinion; `thumb` is the object, where it is one and whole."""
    painted = surface(thumb, found[0].paint) if thumb else None
    colour = main_colour(painted) if painted else ""
    see_through = KINDS[found[0].kind].material == "glass" and colour in GREYS
    return Opinion(
        kinds=tuple(one.kind for one in found),
        things=tuple(_called(found)),
        fits={kind: max(one.fits[kind] for one in found) for kind in found[0].fits},
        whole=thumb is not None,
        overlapping=overlapping,
        touch=max(view.sides),
        smeared=smeared,
        colour="" if see_through else colour,
        pattern=pattern(painted) if painted else "",
    )


def _called(found: Sequence[Recognition]) -> Iterator[str]:
    """Yield a name for each thing; one that is hardly seen is taken for another of what is seen best."""
    best = max(found, key=lambda one: one.fit)
    for one in found:
        yield next((sure.kind for sure in (one, best) if sure.fit >= NAMED), NAMELESS)


def _without_smears(view: Sight) -> Mask:
    """Return what is left without the smears; everything where nothing would be."""
    kernel = np.ones((RIM_PX, RIM_PX), dtype=np.uint8)
    left: Mask = view.mask & (cv2.dilate(view.smears.astype(np.uint8), kernel) == 0)
    return left if left.any() else view.mask


def _halves(picture: Rgb, mask: Mask) -> list[Mask]:
    """Return the mask cut in two where it is thinnest about its middle: across or upright, as both halves fit best."""
    cuts = [_cut(mask, axis) for axis in (0, 1)]
    return max(cuts, key=lambda halves: min(recognise(thumbnail(picture, half)).fit for half in halves))


def _cut(mask: Mask, axis: int) -> list[Mask]:
    profile = mask.sum(axis=axis)
    on = np.flatnonzero(profile)
    first, extent = int(on[0]), len(on)
    low, high = first + int(0.3 * extent), first + int(0.7 * extent) + 1
    at = low + int(profile[low:high].argmin())
    before = np.arange(len(profile)) < at
    side = before if axis == 0 else before[:, None]
    return [half for half in (mask & side, mask & ~side) if half.any()]
