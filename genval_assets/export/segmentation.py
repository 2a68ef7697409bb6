"""The masks of an exported set in the form that the settings ask for."""

import msgspec
import numpy as np

from genval_assets.compose.rle import decode
from genval_assets.export.numbering import NumberedAnnotation, NumberedSet
from genval_assets.export.polygons import PolygonLoss, mask_polygons, polygon_iou, polygon_loss
from genval_assets.rows import Annotation
from genval_assets.types import Mask


class Rle(msgspec.Struct, frozen=True):
    """COCO's compressed run lengths."""

    size: tuple[int, int]  # height, width
    counts: str


class Runs(msgspec.Struct, frozen=True):
    """COCO's uncompressed run lengths, column by column, background first: how crowds stand beside polygons."""

    size: tuple[int, int]
    counts: list[int]


Segmentation = Rle | Runs | msgspec.Raw
"""`Raw` is JSON already: polygons, or what the user's file has. A list of floats would take ten times the memory."""


class Segmentations(msgspec.Struct, frozen=True):
    """The segmentation of every annotation by exported id, and what polygons lost (None for run lengths)."""

    by_id: dict[int, Segmentation]
    loss: PolygonLoss | None


def segmentations(numbered: NumberedSet, masks: str) -> Segmentations:
    """Return the set's masks as `rle` or `polygons`; real annotations keep the JSON of the user's file.

    With polygons, regions to ignore stay run lengths, as COCO has them.
    """
    if masks == "rle":
        return Segmentations({a.annotation_id: _run_lengths(a) for a in numbered.annotations}, loss=None)
    by_id: dict[int, Segmentation] = {}
    ious: dict[int, float] = {}
    for annotation in numbered.annotations:
        height, width = annotation.image.height, annotation.image.width
        if annotation.row is None:
            by_id[annotation.annotation_id] = _run_lengths(annotation)
        elif annotation.iscrowd:
            by_id[annotation.annotation_id] = _runs(annotation.row, height, width)
        else:
            rings = mask_polygons(*visible_crop(annotation.row, height, width))
            by_id[annotation.annotation_id] = msgspec.Raw(msgspec.json.encode([r.ravel().tolist() for r in rings]))
            ious[annotation.annotation_id] = polygon_iou(rings, annotation.row.segmentation, height, width)
    return Segmentations(by_id, polygon_loss(ious))


def visible_crop(row: Annotation, height: int, width: int) -> tuple[Mask, int, int]:
    """Return the visible mask within its box, and the box's left and top in px."""
    left, top = int(row.x), int(row.y)
    crop = decode(row.segmentation, (height, width))[top : top + int(row.h), left : left + int(row.w)]
    return crop, left, top


def _run_lengths(annotation: NumberedAnnotation) -> Segmentation:
    if annotation.source is not None:
        return msgspec.Raw(annotation.source.segmentation)
    assert annotation.row is not None
    return Rle((annotation.image.height, annotation.image.width), annotation.row.segmentation)


def _runs(row: Annotation, height: int, width: int) -> Runs:
    pixels = decode(row.segmentation, (height, width)).ravel(order="F")
    edges = np.flatnonzero(np.diff(pixels, prepend=False))
    return Runs((height, width), np.diff(edges, prepend=0, append=pixels.size).tolist())
