"""The offline segmenter: what differs in colour from the ground beside its box, cut out along edges. Simulated.

It sees pixels only, and no more than the box: the nearest colours of the ground in the same rows say what is surely
ground, also within handles and between rungs; what stands in other boxes is painted over with ground; GrabCut (Rother
et al. 2004) decides the rest.
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

import cv2
import numpy as np

from genval_assets.types import Mask, Rgb, Segment, Xywh
from resources.offline.ground_colours import F32, distance_from_ground, lab_of, with_ground_instead
from resources.offline.neighbours import divided

MODEL_NAME = "genval-offline-scissors"
REVISION = "2"
SIDE = 168
"""Longer side of what is looked at, px: box and surroundings are made smaller for speed (our choice)."""
MARGIN = 0.2
"""Width of the surroundings, as a share of the box's longer side (our choice)."""
FAR = 1.5
"""So far to both sides ground is sought, too, in longer sides of the box (our choice): hills go on behind a thing."""
CLEAR = 0.1
"""A pixel is clearly apart from the ground at this share of the distance that the most distinct fifth has."""
STRICT = 3
"""Power of the score: four fifths of an overlap come to a half (our choice). Under .5 are 20 to 25 % of the objects of
random layouts; without them 5 % have an IoU under .89 with their truth, with them under .81."""
ROUNDS = 2
"""Of GrabCut. With one, 5 % of 140 objects of the studio have an IoU under .88 with their truth; with two under .91."""


@dataclass(frozen=True, eq=False)
class View:
    """A box and its surroundings, made small."""

    rgb: Rgb
    inside: Mask  # the box
    others: tuple[Mask, ...]  # the other boxes
    ground: Mask  # surely none of it: what lies in no box
    strip: Rgb  # the same rows, farther to both sides
    ground_of_strip: Mask
    at: tuple[slice, slice]  # rows and columns of the picture that it shows


class OfflineSegmenter:
    """Fits `model_ports.Segmenter`."""

    model = MODEL_NAME
    revision = REVISION
    best_batch = 16

    def masks(self, pictures: Sequence[Rgb], boxes: Sequence[Sequence[Xywh]]) -> list[list[Segment]]:
        """Return one segment per box of each picture, in order; every part within the box is kept.

        Boxes of one picture are known to one another: what two of them share goes to the thing whose colours it has.
        The score rises with the overlap (IoU) of the mask with what is clearly apart from the ground by colour
        alone, our measure of contrast, and falls with the share of pixels of which colours hardly tell whose they
        are. A box without a pixel in the picture has an empty mask.
        """
        return [
            [_segment(picture, box, among) for box in among] for picture, among in zip(pictures, boxes, strict=True)
        ]


class OfflineSegmenters:
    """Opens the offline segmenter; a plain object, because there is nothing to set."""

    @contextmanager
    def open(self) -> Iterator[OfflineSegmenter]:
        """Return the model for the length of one `with` block."""
        yield OfflineSegmenter()

    def fault(self) -> str:
        """Return nothing: it is part of this package."""
        return ""


def _segment(picture: Rgb, box: Xywh, among: Sequence[Xywh]) -> Segment:
    mask = np.zeros(picture.shape[:2], dtype=np.bool_)
    view = _view(picture, box, [other for other in among if other != box])
    if view is None:
        return Segment(mask, 0.0)
    lab = lab_of(view.rgb)
    apart = distance_from_ground(lab, _ground(view), lab_of(view.strip), view.ground_of_strip)
    division = divided(lab, apart > 1, view.inside, view.others)
    own = view.inside & ~division.theirs
    clearly = own & (apart > _clear(apart[view.inside]))
    small = _cut_out(with_ground_instead(view.rgb, ~view.ground & ~own, view.ground), own & (apart > 0.5), clearly)
    height, width = mask[view.at].shape
    mask[view.at] = cv2.resize(small.astype(np.float32), (width, height), interpolation=cv2.INTER_LINEAR) > 0.5
    return Segment(mask, _certainty(small, clearly, division.contested))


def _certainty(mask: Mask, clearly: Mask, contested: Mask) -> float:
    """Return how sure a mask is, in [0, 1]; 0 where there is none."""
    union = int(np.count_nonzero(clearly | mask))
    if not union:
        return 0.0
    unsure = int(np.count_nonzero(contested)) / max(1, int(np.count_nonzero(mask)))
    overlap = int(np.count_nonzero(clearly & mask)) / union
    return float((overlap * max(0.0, 1 - unsure)) ** STRICT)


def _view(picture: Rgb, box: Xywh, others: Sequence[Xywh]) -> View | None:
    """Return the box with its surroundings; None where no pixel of the picture lies in it."""
    height, width = picture.shape[:2]
    if not _drawn([box], height, width).any():
        return None
    x, y, w, h = box
    longer = max(w, h)
    margin = max(8.0, MARGIN * longer)
    rows = _span(y - margin, y + h + margin, height)
    at = (rows, _span(x - margin, x + w + margin, width))
    shrink = min(1.0, SIDE / max(part.stop - part.start for part in at))
    rgb = _shown(picture, at, shrink)
    inside, *beside = (_drawn([_moved(one, at, shrink)], *rgb.shape[:2]) for one in (box, *others))
    far = (rows, _span(x - FAR * longer, x + w + FAR * longer, width))
    strip = _shown(picture, far, shrink)
    in_strip = _drawn([_moved(one, far, shrink) for one in (box, *others)], *strip.shape[:2])
    return View(rgb, inside, tuple(beside), ~np.logical_or.reduce([inside, *beside]), strip, ~in_strip, at)


def _shown(picture: Rgb, at: tuple[slice, slice], shrink: float) -> Rgb:
    """Return a part of the picture, made smaller."""
    part = np.ascontiguousarray(picture[at])
    size = (max(1, round(part.shape[1] * shrink)), max(1, round(part.shape[0] * shrink)))
    return cv2.resize(part, size, interpolation=cv2.INTER_AREA).astype(np.uint8, copy=False)


def _moved(box: Xywh, at: tuple[slice, slice], shrink: float) -> Xywh:
    """Return the box as it lies in that part."""
    x, y, w, h = box
    return (x - at[1].start) * shrink, (y - at[0].start) * shrink, w * shrink, h * shrink


def _ground(view: View) -> Mask:
    """Return what the box is compared with: what lies in no box, else what lies beside this one, else its rim."""
    if view.ground.any():
        return view.ground
    beside: Mask = ~view.inside
    return beside if beside.any() else view.inside & ~_shrunk(view.inside)


def _clear(apart: F32) -> float:
    """Return the distance from the ground at which a pixel is clearly no ground, given those of its box."""
    distinct = apart[(apart > 1) & np.isfinite(apart)]
    return max(1.0, CLEAR * float(np.percentile(distinct, 80))) if len(distinct) else 1.0


def _cut_out(rgb: Rgb, maybe: Mask, likely: Mask) -> Mask:
    """Return what GrabCut takes for the object; what is not even maybe is known as ground.

    The generator of cv2 that seeds the colours' clusters is set: the same pixels give the same mask.
    """
    marks = np.full(maybe.shape, cv2.GC_BGD, dtype=np.uint8)
    marks[maybe] = cv2.GC_PR_BGD
    marks[likely] = cv2.GC_PR_FGD
    if likely.any() and not maybe.all():
        cv2.setRNGSeed(1)
        ground, thing = np.zeros((1, 65)), np.zeros((1, 65))  # their colours, as GrabCut learns them
        cv2.grabCut(rgb, marks, (0, 0, 0, 0), ground, thing, ROUNDS, cv2.GC_INIT_WITH_MASK)
    cut: Mask = marks == cv2.GC_PR_FGD
    return cut


def _shrunk(mask: Mask) -> Mask:
    """Return the mask without its rim; beyond the picture lies nothing of it."""
    inner: Mask = cv2.erode(mask.astype(np.uint8), np.ones((3, 3), np.uint8), borderValue=0).astype(np.bool_)
    return inner


def _span(start: float, stop: float, length: int) -> slice:
    """Return the pixels that an extent touches, within the picture."""
    return slice(int(np.clip(np.floor(start), 0, length)), int(np.clip(np.ceil(stop), 0, length)))


def _drawn(boxes: Sequence[Xywh], height: int, width: int) -> Mask:
    mask = np.zeros((height, width), dtype=np.bool_)
    for x, y, w, h in boxes:
        mask[_span(y, y + h, height), _span(x, x + w, width)] = True
    return mask
