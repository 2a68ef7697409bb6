"""The masks of an exported set in the form that a document asks for."""

from collections.abc import Mapping
from dataclasses import dataclass

import msgspec
import numpy as np

from genval_assets.annotated.segmentation import decode_mask
from genval_assets.compose.rle import decode, encode
from genval_assets.export.numbering import NumberedAnnotation
from genval_assets.export.polygons import mask_polygons, polygon_iou
from genval_assets.export.words import Masks
from genval_assets.export.written import MaskLoss, mask_loss
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


@dataclass(frozen=True)
class Segmentations:
    """The segmentation of every annotation by exported id, and what polygons lost (None for run lengths)."""

    by_id: dict[int, Segmentation]
    loss: MaskLoss | None


def exact_counts(annotation: NumberedAnnotation) -> str:
    """Return the exact visible mask as COCO compressed counts; a real polygon is what COCO's rasteriser makes of it."""
    if annotation.row is not None:
        return annotation.row.segmentation
    mask = _real_mask(annotation)
    return encode(mask, mask.shape)


def segmentations(annotations: tuple[NumberedAnnotation, ...], masks: Masks, exact: Mapping[int, str]) -> Segmentations:
    """Return the masks as `rle` or `polygons`; real annotations keep the JSON of the user's file.

    With polygons, regions to ignore stay run lengths, as COCO has them, and run lengths of the user's file become
    polygons; what these lose is measured against `exact`, the compressed counts of each mask by exported id.
    """
    if masks == "rle":
        return Segmentations({a.annotation_id: _run_lengths(a) for a in annotations}, loss=None)
    by_id: dict[int, Segmentation] = {}
    ious: dict[int, float] = {}
    for annotation in annotations:
        number, height, width = annotation.annotation_id, annotation.image.height, annotation.image.width
        source = annotation.source
        if source is not None and (source.iscrowd or source.segmentation.lstrip().startswith(b"[")):
            by_id[number] = msgspec.Raw(source.segmentation)
        elif annotation.row is not None and annotation.iscrowd:
            by_id[number] = _runs(annotation.row, height, width)
        else:
            rings = mask_polygons(*visible_crop_of(annotation))
            by_id[number] = msgspec.Raw(msgspec.json.encode([ring.ravel().tolist() for ring in rings]))
            ious[number] = polygon_iou(rings, exact[number], height, width)
    return Segmentations(by_id, mask_loss(ious, "pycocotools"))


def visible_crop(row: Annotation, height: int, width: int) -> tuple[Mask, int, int]:
    """Return the visible mask within its box, and the box's left and top in px."""
    left, top = int(row.x), int(row.y)
    crop = decode(row.segmentation, (height, width))[top : top + int(row.h), left : left + int(row.w)]
    return crop, left, top


def visible_crop_of(annotation: NumberedAnnotation) -> tuple[Mask, int, int]:
    """Return the visible mask of any object as a crop, and the crop's left and top in px."""
    if annotation.row is not None:
        return visible_crop(annotation.row, annotation.image.height, annotation.image.width)
    mask = _real_mask(annotation)  # boxes of the user's file may lie off their masks
    rows, columns = np.flatnonzero(mask.any(axis=1)), np.flatnonzero(mask.any(axis=0))
    top, left = int(rows[0]), int(columns[0])
    return mask[top : int(rows[-1]) + 1, left : int(columns[-1]) + 1], left, top


def _real_mask(annotation: NumberedAnnotation) -> Mask:
    source, image = annotation.source, annotation.image
    assert source is not None
    return decode_mask(source.segmentation, image.height, image.width, f"annotation {source.annotation_id}")


def _run_lengths(annotation: NumberedAnnotation) -> Segmentation:
    if annotation.source is not None:
        return msgspec.Raw(annotation.source.segmentation)
    assert annotation.row is not None
    return Rle((annotation.image.height, annotation.image.width), annotation.row.segmentation)


def _runs(row: Annotation, height: int, width: int) -> Runs:
    pixels = decode(row.segmentation, (height, width)).ravel(order="F")
    edges = np.flatnonzero(np.diff(pixels, prepend=False))
    return Runs((height, width), np.diff(edges, prepend=0, append=pixels.size).tolist())
