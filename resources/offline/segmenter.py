"""The offline segmenter: what differs in colour from the ground beside its box, cut out along edges. Simulated.

It sees pixels only, and no more than the box: the nearest colours of the ground in the same rows say what is surely
ground, also within handles and between rungs; GrabCut (Rother et al. 2004) decides the rest.
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from genval_assets.types import Mask, Rgb, Segment, Xywh

MODEL_NAME = "genval-offline-scissors"
REVISION = "1"
SIDE = 160
"""Longer side of what is looked at, px: box and surroundings are made smaller for speed (our choice)."""
MARGIN = 0.2
"""Width of the surroundings, as a share of the box's longer side (our choice)."""
PER_ROW = 16
"""Pixels of ground from each row that a pixel of that row, and of the two next to it, is compared with."""
USUAL = 95
"""So many percent of the ground's own pixels lie within distance 1 of the rest of it (our choice)."""
ROUNDS = 2
"""Of GrabCut. With one, 5 % of 140 objects of the studio have an IoU under .88 with their truth; with two under .91."""
F32 = NDArray[np.float32]


@dataclass(frozen=True, eq=False)
class View:
    """A box and its surroundings, made small."""

    rgb: Rgb
    inside: Mask  # the box
    ground: Mask  # surely none of it: what lies in no box
    at: tuple[slice, slice]  # rows and columns of the picture that it shows


class OfflineSegmenter:
    """Fits `model_ports.Segmenter`."""

    model = MODEL_NAME
    revision = REVISION
    best_batch = 16

    def masks(self, pictures: Sequence[Rgb], boxes: Sequence[Sequence[Xywh]]) -> list[list[Segment]]:
        """Return one segment per box of each picture, in order; every part within the box is kept.

        The score is the overlap (IoU) of the mask with what colour alone tells apart from the ground: our measure of
        contrast. A box without a pixel in the picture has an empty mask.
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
    view = _view(picture, box, among)
    if view is None:
        return Segment(mask, 0.0)
    apart = _apart(view)
    small = _cut_out(view, apart)
    height, width = mask[view.at].shape
    mask[view.at] = cv2.resize(small.astype(np.float32), (width, height), interpolation=cv2.INTER_LINEAR) > 0.5
    differing = view.inside & (apart > 1)
    union = np.count_nonzero(differing | small)
    return Segment(mask, float(np.count_nonzero(differing & small) / union) if union else 0.0)


def _view(picture: Rgb, box: Xywh, among: Sequence[Xywh]) -> View | None:
    """Return the box with its surroundings; None where no pixel of the picture lies in it."""
    height, width = picture.shape[:2]
    if not _drawn([box], height, width).any():
        return None
    x, y, w, h = box
    margin = max(8.0, MARGIN * max(w, h))
    at = (_span(y - margin, y + h + margin, height), _span(x - margin, x + w + margin, width))
    crop = np.ascontiguousarray(picture[at])
    shrink = min(1.0, SIDE / max(crop.shape[:2]))
    size = (max(1, round(crop.shape[1] * shrink)), max(1, round(crop.shape[0] * shrink)))
    rgb = cv2.resize(crop, size, interpolation=cv2.INTER_AREA).astype(np.uint8, copy=False)
    moved = [
        ((bx - at[1].start) * shrink, (by - at[0].start) * shrink, bw * shrink, bh * shrink)
        for bx, by, bw, bh in (box, *among)
    ]
    inside = _drawn(moved[:1], *rgb.shape[:2])
    ground = ~_drawn(moved, *rgb.shape[:2])
    return View(rgb, inside, ground, at)


def _apart(view: View) -> F32:
    """Return (h, w) distances of each pixel's colour to the nearest colour of the ground in its rows, in CIELAB.

    In units of the ground's own spread: 1 is what `USUAL` percent of the ground stay below, each pixel compared with
    others than itself. In rows without ground everything is infinitely far.
    """
    lab = cv2.cvtColor(view.rgb.astype(np.float32) / np.float32(255), cv2.COLOR_RGB2LAB)
    height, width = lab.shape[:2]
    ground = view.ground if view.ground.any() else view.inside & ~_shrunk(view.inside)
    columns = _sampled_columns(ground)
    rows = np.arange(height)
    nearest = np.full((height, width), np.inf, dtype=np.float32)
    for step in (-1, 0, 1):
        beside = np.clip(rows + step, 0, height - 1)
        known = ground[beside].any(axis=1)
        distances = _square_distances(lab[known], lab[beside[:, None], columns[beside]][known])
        own = np.flatnonzero(known)
        if step == 0:
            distances[np.arange(len(own))[:, None], columns[own], np.arange(PER_ROW)] = np.inf
        nearest[own] = np.minimum(nearest[own], distances.min(axis=2))
    spread = nearest[ground & np.isfinite(nearest)]
    usual = float(np.percentile(spread, USUAL)) if len(spread) else 0.0
    apart: F32 = np.sqrt(nearest / np.float32(max(usual, 1e-6)))
    return apart


def _sampled_columns(ground: Mask) -> NDArray[np.intp]:
    """Return (h, PER_ROW) columns of ground in each row, evenly over those it has; any columns where it has none."""
    first = np.argsort(~ground, axis=1, kind="stable")  # the ground's columns come first, in order
    counts = np.maximum(ground.sum(axis=1), 1)
    places = np.arange(PER_ROW)[None] * counts[:, None] // PER_ROW
    return np.take_along_axis(first, places, axis=1)


def _square_distances(lab: F32, others: F32) -> F32:
    """Return (h, w, K): (h, w, 3) colours against (h, K, 3) of the same row."""
    squares = (lab**2).sum(axis=2)[:, :, None] + (others**2).sum(axis=2)[:, None]
    distances: F32 = np.maximum(squares - 2 * np.matmul(lab, others.transpose(0, 2, 1)), 0)
    return distances


def _cut_out(view: View, apart: F32) -> Mask:
    """Return what GrabCut takes for the object; as ground are known what lies outside the box and what is hardly apart.

    The generator of cv2 that seeds the colours' clusters is set: the same pixels give the same mask.
    """
    marks = np.full(apart.shape, cv2.GC_BGD, dtype=np.uint8)
    marks[view.inside & (apart > 0.5)] = cv2.GC_PR_BGD
    marks[view.inside & (apart > 1)] = cv2.GC_PR_FGD
    if (marks == cv2.GC_PR_FGD).any() and (marks == cv2.GC_BGD).any():
        cv2.setRNGSeed(1)
        ground, thing = np.zeros((1, 65)), np.zeros((1, 65))  # their colours, as GrabCut learns them
        cv2.grabCut(view.rgb, marks, (0, 0, 0, 0), ground, thing, ROUNDS, cv2.GC_INIT_WITH_MASK)
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
