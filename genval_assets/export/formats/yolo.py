"""The set as YOLO labels (Ultralytics): one line per object, a polygon or a box, and the way back beside them."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from pathlib import PurePosixPath

import msgspec
import numpy as np

from genval_assets.export.content import PictureBytes
from genval_assets.export.formats.classes import CLASSES, CLASSES_DESCRIBED, class_table
from genval_assets.export.formats.document import AnnotationOrigin, annotation_origin
from genval_assets.export.formats.yolo_labels import (
    ROUNDING,
    box_line,
    data_yaml,
    label_file,
    normalised,
    polygon_line,
)
from genval_assets.export.numbering import NumberedAnnotation, NumberedImage
from genval_assets.export.polygons import STAIRCASE, filled_iou, joined, mask_polygons, polygon_iou
from genval_assets.export.prepared import Prepared
from genval_assets.export.read_set import ReadSet, expected_set, origin_id, picture_key
from genval_assets.export.segmentation import visible_crop_of
from genval_assets.export.written import Holds, Links, MaskLoss, Written, mask_loss
from genval_assets.types import Xywh

CONTOUR_BOX_PX = 0.5
"""Polygons run 1/4 px inside the outermost pixels' edges: what a trainer takes for the box is so much smaller."""
FILLED = "cv2.fillPoly, whole pixels, as Ultralytics fills at full size"
ABSENT_CROWDS = "regions to ignore: YOLO has none, and objects there count as background for the trainer"
ABSENT_BOUNDS = "boxes of your file: a trainer takes the bounds of the polygon, up to {:.2f} px off"
ABSENT_EDGES = "boxes of your file that reach beyond their picture: they are cut at its edge, by up to {:.2f} px"
ABSENT_PICTURES = "labels of pictures whose names Ultralytics passes over: rename these to end in .jpg or .png"
ABSENT_TWINS = "labels that repeat another of their picture: Ultralytics drops all but one"

OPENED = (".avif", ".bmp", ".dng", ".heic", ".heif", ".jp2", ".jpeg", ".jpg", ".mpo", ".png", ".tif", ".tiff", ".webp")
"""Endings of pictures that Ultralytics (8.4) looks for; what a picture is, it sees in its bytes."""


class LabelOrigin(msgspec.Struct, frozen=True, omit_defaults=True):
    """The way back from one line of a label file."""

    labels: str  # path of the label file
    line: int  # from 0
    id: int
    origin: str  # id of genval's `annotations` row, or `source-<id in the user's file>`
    category: int  # class index
    category_id: int
    genval: AnnotationOrigin
    mask_iou: float | None = None  # of the polygon with the exact mask, by pycocotools' rasteriser
    filled_iou: float | None = None  # as cv2.fillPoly fills it in whole pixels


@dataclass(frozen=True, slots=True)
class Label:
    """One line, and what it holds of its object."""

    annotation: NumberedAnnotation
    text: str
    box: Xywh  # px, as a trainer takes it from the line
    mask_iou: float | None = None
    filled_iou: float | None = None

    @property
    def off_px(self) -> float:
        """By how much the box is another than the annotation's."""
        return float(np.abs(np.subtract(self.box, self.annotation.box)).max())


def write(prepared: Prepared, _picture: PictureBytes) -> Written:
    """Return the set as label files with a table of classes, the way back of each line, and its pictures."""
    segment = prepared.settings.yolo_task == "segment"
    label = _polygon_label if segment else _box_label
    labels = {
        image.image_id: [label(prepared, a) for a in prepared.of_image[image.image_id] if not a.iscrowd]
        for image in prepared.numbered.images
    }
    holds = Holds(
        crowds=False,
        masks="polygons" if segment else "none",
        box_px=_rounding_px(prepared) + (CONTOUR_BOX_PX if segment else 0),
        own_boxes=not segment,
    )
    written = [one for found in labels.values() for one in found]
    moved = [one for one in written if one.off_px > holds.box_px]
    farthest = max((one.off_px for one in moved), default=0)
    absent = (
        (ABSENT_CROWDS, sum(annotation.iscrowd for annotation in prepared.numbered.annotations)),
        ((ABSENT_BOUNDS if segment else ABSENT_EDGES).format(farthest), len(moved)),
        (ABSENT_PICTURES, sum(not one.annotation.image.file.endswith(OPENED) for one in written)),
        (ABSENT_TWINS, sum(len(found) - len({one.text for one in found}) for found in labels.values())),
    )
    return Written(
        files=tuple(_files(prepared, labels)),
        links=_links(prepared),
        holds=holds,
        described=_described(segment=segment),
        losses=_losses(written) if segment else (),
        absent=tuple((what, n) for what, n in absent if n),
        expected=partial(_expected, prepared, holds, {origin_id(one.annotation): one.box for one in moved}),
    )


Labels = Mapping[int, list[Label]]
"""By exported image id, each in the order of its file."""


def _polygon_label(prepared: Prepared, annotation: NumberedAnnotation) -> Label:
    width, height = annotation.image.width, annotation.image.height
    mask, left, top = visible_crop_of(annotation)
    corners = normalised(joined(mask_polygons(mask, left, top, STAIRCASE)), width, height)
    ring = corners * (width, height)  # as it will be read
    return Label(
        annotation,
        polygon_line(prepared.classes[annotation.category_id], corners),
        (*ring.min(axis=0).tolist(), *np.ptp(ring, axis=0).tolist()),
        polygon_iou([ring], prepared.masks[annotation.annotation_id], height, width),
        filled_iou(ring, mask, left, top),
    )


def _box_label(prepared: Prepared, annotation: NumberedAnnotation) -> Label:
    width, height = annotation.image.width, annotation.image.height
    x, y, w, h = annotation.box
    left, top = max(x, 0.0), max(y, 0.0)  # boxes of the user's file may overhang the picture
    box = (left, top, min(x + w, width) - left, min(y + h, height) - top)
    return Label(annotation, box_line(prepared.classes[annotation.category_id], box, width, height), box)


def _expected(prepared: Prepared, holds: Holds, boxes: Mapping[str, Xywh]) -> ReadSet:
    """Return what a reader must find: of the given objects, by origin, the box that their label has."""
    whole = expected_set(prepared, holds)
    pictures = {
        key: replace(shown, objects=tuple(replace(one, box=boxes.get(one.origin, one.box)) for one in shown.objects))
        for key, shown in whole.pictures.items()
    }
    return replace(whole, pictures=pictures)


def _files(prepared: Prepared, labels: Labels) -> Iterator[tuple[str, bytes]]:
    names = (category.name for category in prepared.numbered.categories.values())
    yield "data.yaml", data_yaml(names, prepared.splits)
    yield CLASSES, class_table(prepared)
    yield "labels.jsonl", msgspec.json.Encoder().encode_lines(list(_origins(prepared, labels)))
    for image in prepared.numbered.images:
        yield _label_file(image), "".join(f"{one.text}\n" for one in labels[image.image_id]).encode()


def _label_file(image: NumberedImage) -> str:
    return label_file(image.split, picture_key(image))


def _origins(prepared: Prepared, labels: Labels) -> Iterator[LabelOrigin]:
    for image in prepared.numbered.images:
        for line, one in enumerate(labels[image.image_id]):
            yield LabelOrigin(
                labels=_label_file(image),
                line=line,
                id=one.annotation.annotation_id,
                origin=origin_id(one.annotation),
                category=prepared.classes[one.annotation.category_id],
                category_id=one.annotation.category_id,
                genval=annotation_origin(one.annotation),
                mask_iou=one.mask_iou,
                filled_iou=one.filled_iou,
            )


def _links(prepared: Prepared) -> Links:
    return tuple(
        (f"images/{image.split}/{PurePosixPath(image.file).name}", prepared.picture_source(image))
        for image in prepared.numbered.images
    )


def _rounding_px(prepared: Prepared) -> float:
    return ROUNDING * max((max(image.width, image.height) for image in prepared.numbered.images), default=0)


def _losses(found: Sequence[Label]) -> tuple[MaskLoss, ...]:
    exact = {one.annotation.annotation_id: one.mask_iou for one in found if one.mask_iou is not None}
    filled = {one.annotation.annotation_id: one.filled_iou for one in found if one.filled_iou is not None}
    return mask_loss(exact, "pycocotools"), mask_loss(filled, FILLED)


def _described(*, segment: bool) -> tuple[tuple[str, str], ...]:
    corners = "x and y of each corner (1/4 px inside the pixels' edges; holes and parts are joined by seams)"
    form = corners if segment else "x and y of the centre, width, height"
    return (
        ("data.yaml", "what Ultralytics trains from: folders of pictures, names of classes"),
        ("images/", "the pictures, by split"),
        ("labels/", f"one file per picture, one line per object: class index, then {form}, in shares of the sides"),
        CLASSES_DESCRIBED,
        ("labels.jsonl", "one line per label: its object's id and origin, and what its polygon lost of the mask"),
    )
