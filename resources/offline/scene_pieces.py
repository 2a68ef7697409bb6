"""Pieces of a scene that stand out from its ground, each compared with the kinds: joined and cut until they fit.

Pixels only. Not here: what they are called and how they look (`scene_sight.py`).
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import cv2
import numpy as np

from genval_assets.types import Mask, Rgb
from resources.offline.descriptor import Thumbnail, thumbnail
from resources.offline.opinion import BIG, WHOLE
from resources.offline.recognition import Recognition, recognise
from resources.offline.scene_ground import Ground, small_lab
from resources.offline.seen import boxed, parts_of

LEAST = 0.0006
"""Share of the picture's area from which a piece is looked at."""
FOCUSED = 14.0
"""Change of colour per px along a piece's outline, median: of 329 things of the layout model the least is 15, of hills,
clouds and boards the most 11."""
DETAIL = 120
"""Longer side at which a piece is cut out, px."""
DOUBT = 0.9
"""Factor on the ground's reach when a piece is cut out."""
FAINT = 0.45
"""The same, at a second look at what fits no kind."""
LEAST_PX = 30
"""Of what is cut out, or it is too little to be compared."""
MARGIN = 0.1
"""Of that look, in longer sides of the piece."""
GAP = 8
"""Px between pieces of the small picture that may belong together."""
LOSS = 0.02
"""Of fit that a piece may lose by being joined with another."""
PARTLY = 0.72
"""Fit of both parts of a piece from which they are two things."""
GAIN = 0.05
"""Of fit that one part of a piece must gain by being cut off."""
ANGLES = (0, 45, 90, 135)
MIDDLE = (0.2, 0.8)
"""Share of its extent within which a piece is cut."""
_SQUARE = np.ones((3, 3), dtype=np.uint8)


@dataclass(frozen=True, eq=False)
class Piece:
    """Something that stands out from the ground."""

    mask: Mask  # (h, w) of the ground's size
    thumb: Thumbnail
    found: Recognition

    @property
    def fit(self) -> float:
        """How well it fits its likeliest kind, in [0, 1]."""
        return self.found.fit

    @property
    def area(self) -> int:
        """Px of the small picture."""
        return int(self.mask.sum())


@dataclass(frozen=True, eq=False)
class Scene:
    """A picture and its ground."""

    picture: Rgb
    ground: Ground

    def piece(self, mask: Mask, *, faint: bool = False) -> Piece | None:
        """Return what a mask of the ground's size shows, cut out at more detail; None where too little is left.

        With `faint`, what fits no kind is looked at once more, more closely: clear glass, and white on white, have
        holes at first.
        """
        if not mask.any():
            return None
        crop, own = self._cut_out(mask, DOUBT)
        if own.sum() < LEAST_PX:
            return None
        piece = _compared(mask, crop, own)
        if not faint or piece.fit >= WHOLE:
            return piece
        crop, own = self._cut_out(_with_margin(mask), FAINT)
        closer = _compared(mask, crop, parts_of(_filled(own), 1.0)[0]) if own.any() else piece
        return closer if closer.fit > piece.fit + LOSS else piece

    def _cut_out(self, mask: Mask, least: float) -> tuple[Rgb, Mask]:
        """Return a crop of the picture and, in it, what differs from the ground by `least` times its reach."""
        grown = cv2.dilate(mask.astype(np.uint8), _SQUARE)
        box = boxed(grown > 0)
        scales = [full / small for full, small in zip(self.picture.shape[:2], mask.shape, strict=True)]
        ys, xs = (slice(int(s.start * k), int(np.ceil(s.stop * k))) for s, k in zip(box, scales, strict=True))
        crop = np.ascontiguousarray(self.picture[ys, xs])
        shrink = min(1.0, DETAIL / max(crop.shape[:2]))
        size = (max(3, round(crop.shape[1] * shrink)), max(3, round(crop.shape[0] * shrink)))
        rgb = cv2.resize(crop, size, interpolation=cv2.INTER_AREA).astype(np.uint8, copy=False)
        lab, reach, near = (
            cv2.resize(np.ascontiguousarray(image[box]), size, interpolation=cv2.INTER_LINEAR)
            for image in (self.ground.lab, self.ground.reach, grown)
        )
        off = np.sqrt(((small_lab(rgb, max(size)) - lab) ** 2).sum(axis=2))
        return rgb, (off > least * reach) & (near > 0)


def standing_out(ground: Ground) -> list[Mask]:
    """Return the connected parts that are not ground and have sharp outlines."""
    joined = cv2.morphologyEx(ground.things.astype(np.uint8), cv2.MORPH_CLOSE, _SQUARE)
    _, labels, stats, _ = cv2.connectedComponentsWithStats(joined, connectivity=8)
    large = [i for i in range(1, len(stats)) if stats[i, cv2.CC_STAT_AREA] >= LEAST * joined.size]
    masks = [labels == i for i in large]
    sharp = cv2.dilate(ground.sharp, _SQUARE)
    outlines = [_outline(mask) for mask in masks]  # none where the mask is the whole picture
    return [mask for mask, rim in zip(masks, outlines, strict=True) if rim.any() and np.median(sharp[rim]) >= FOCUSED]


def joined_up(scene: Scene, pieces: Sequence[Piece]) -> list[Piece]:
    """Return the pieces, those near one another joined where the whole fits no worse than its larger part."""
    left = sorted(pieces, key=lambda piece: -piece.area)
    done: list[Piece] = []
    while left:
        piece = left.pop(0)
        partner = 0
        while partner < len(left):
            whole = _joined(scene, piece, left[partner])
            if whole is None:
                partner += 1
            else:
                del left[partner]
                piece, partner = whole, 0
        done.append(piece)
    return done


def cut_up(scene: Scene, piece: Piece, depth: int = 2) -> list[Piece]:
    """Return a piece that fits no kind cut in up to 2^depth parts, as they fit best; the piece where none fits."""
    if piece.fit >= WHOLE or not depth:
        return [piece]
    halves = [(one, other) for a, b in _cuts(piece.mask) if (one := scene.piece(a)) and (other := scene.piece(b))]
    if not halves:
        return [piece]
    best = max(halves, key=lambda pair: max(p.fit for p in pair) + 0.5 * min(p.fit for p in pair))
    low, high = sorted(part.fit for part in best)
    if high >= max(WHOLE, piece.fit + GAIN) or low >= max(PARTLY, piece.fit):
        return [part for half in best for part in cut_up(scene, half, depth - 1)]
    return [piece]


def _joined(scene: Scene, large: Piece, small: Piece) -> Piece | None:
    if small.fit >= WHOLE and large.fit >= WHOLE and small.area >= BIG * large.area:
        return None
    reach = np.ones((2 * GAP + 1, 2 * GAP + 1), dtype=np.uint8)
    if not (cv2.dilate(large.mask.astype(np.uint8), reach)[small.mask] > 0).any():
        return None
    whole = scene.piece(large.mask | small.mask, faint=True)
    if whole is None or whole.fit < large.fit - LOSS:
        return None
    return whole if whole.fit >= small.fit or small.area < BIG * large.area else None


def _cuts(mask: Mask) -> Iterator[tuple[Mask, Mask]]:
    """Yield the mask cut in two at its thinnest, at several angles."""
    ys, xs = np.nonzero(mask)
    for angle in np.radians(ANGLES):
        along = np.rint(xs * np.cos(angle) + ys * np.sin(angle)).astype(np.intp)
        along -= along.min()
        profile = np.bincount(along)
        low, high = (int(share * len(profile)) for share in MIDDLE)
        if high - low < 3:
            continue
        before = along < low + int(profile[low:high].argmin())
        one = np.zeros_like(mask)
        one[ys[before], xs[before]] = True
        yield one, mask & ~one


def _compared(mask: Mask, crop: Rgb, own: Mask) -> Piece:
    thumb = thumbnail(crop, own)
    return Piece(mask, thumb, recognise(thumb))


def _with_margin(mask: Mask) -> Mask:
    """Return the mask's box with a margin."""
    ys, xs = boxed(mask)
    margin = round(MARGIN * max(ys.stop - ys.start, xs.stop - xs.start))
    grown = np.zeros_like(mask)
    grown[max(0, ys.start - margin) : ys.stop + margin, max(0, xs.start - margin) : xs.stop + margin] = True
    return grown


def _outline(mask: Mask) -> Mask:
    rim: Mask = (cv2.dilate(mask.astype(np.uint8), _SQUARE) > 0) & ~(cv2.erode(mask.astype(np.uint8), _SQUARE) > 0)
    return rim


def _filled(mask: Mask) -> Mask:
    """Return the mask without holes."""
    closed = cv2.morphologyEx(mask.astype(np.uint8), cv2.MORPH_CLOSE, _SQUARE)
    outlines, _ = cv2.findContours(closed, cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_NONE)
    filled: Mask = cv2.drawContours(np.zeros_like(closed), outlines, -1, 1, cv2.FILLED) > 0
    return filled
