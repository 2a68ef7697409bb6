"""The annotations of a file as columns, and what is wrong with each: a million rows, no object per row."""

from array import array
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import chain

import numpy as np
from numpy.typing import NDArray

from genval_assets.annotated.records import AnnotationRecord
from genval_assets.types import RefusedItem

Ids = NDArray[np.int64]
Rows = NDArray[np.int32]

FAULTS = (
    "",  # none
    "repeated_id",
    "image_unknown",
    "category_unknown",
    "crowd_flag",
    "box_size",
    "box_outside",
)
"""Reason codes; a row carries the index of the first that applies."""


@dataclass(frozen=True)
class Columns:
    """The annotations in the file's order."""

    annotation_id: Ids
    image_id: Ids
    category_id: Ids
    box: NDArray[np.float64]  # (N, 4), xywh in px
    area: NDArray[np.float64]
    iscrowd: Ids  # as the file says, so perhaps neither 0 nor 1


class ColumnBuilder:
    """Collects records into columns, a block at a time, at 64 bytes each."""

    def __init__(self) -> None:
        self._integers = tuple(array("q") for _ in range(4))
        self._boxes, self._areas = array("d"), array("d")

    def add(self, records: Sequence[AnnotationRecord]) -> None:
        """Append records."""
        ids, images, categories, crowds = self._integers
        ids.extend([record.id for record in records])
        images.extend([record.image_id for record in records])
        categories.extend([record.category_id for record in records])
        crowds.extend([record.iscrowd for record in records])
        self._boxes.extend(chain.from_iterable([record.bbox for record in records]))
        self._areas.extend([record.area for record in records])

    def columns(self) -> Columns:
        """Return what was collected; the columns share its memory."""
        ids, images, categories, crowds = (np.frombuffer(column, dtype=np.int64) for column in self._integers)
        boxes = np.frombuffer(self._boxes, dtype=np.float64).reshape(-1, 4)
        return Columns(ids, images, categories, boxes, np.frombuffer(self._areas, dtype=np.float64), crowds)


def rows_of(known: Iterable[int], wanted: Ids) -> Rows:
    """Return for each wanted id its position among the known ones, which are all different; -1 where it is none."""
    ids = np.fromiter(known, dtype=np.int64)
    if not len(ids):
        return np.full(len(wanted), -1, dtype=np.int32)
    order = np.argsort(ids)
    nearest = order[np.searchsorted(ids, wanted, sorter=order).clip(max=len(ids) - 1)]
    return np.where(ids[nearest] == wanted, nearest, -1).astype(np.int32)


def faults(columns: Columns, image_row: Rows, category_row: Rows, image_size: NDArray[np.int64]) -> NDArray[np.uint8]:
    """Return for each annotation the index in `FAULTS` of what is wrong with it.

    Real files hold boxes off their mask and boxes that overhang the image: what is cut is the mask, so only a box
    that shares nothing with its image, which belongs to another one, is refused.

    Args:
        columns: N annotations.
        image_row: (N,) row of each one's image in `image_size`; -1 where it has none.
        category_row: (N,) -1 where the category is unknown.
        image_size: (M, 2) width and height, px.
    """
    known = image_row >= 0
    size = np.vstack([image_size, [[0, 0]]])[image_row].astype(np.float64)  # row -1 is the added one
    corner, extent = columns.box[:, :2], columns.box[:, 2:]
    with np.errstate(over="ignore", invalid="ignore"):  # such boxes are refused by the condition before
        outside = ((corner >= size) | (corner + extent < 0)).any(axis=1)
    conditions = (
        _repeated(columns.annotation_id),
        ~known,
        category_row < 0,
        (columns.iscrowd != 0) & (columns.iscrowd != 1),
        ~np.isfinite(columns.box).all(axis=1) | (extent < 0).any(axis=1),
        outside,
    )
    return np.select(conditions, np.arange(1, len(FAULTS), dtype=np.uint8), default=np.uint8(0))


def _repeated(ids: Ids) -> NDArray[np.bool_]:
    order = np.argsort(ids, kind="stable")  # of equal ids the first in the file stays the first
    again = np.zeros(len(ids), dtype=bool)
    again[order[1:]] = ids[order[1:]] == ids[order[:-1]]
    return again


def refusal(columns: Columns, row: int, fault: int) -> RefusedItem:
    """Return an annotation's fault with the value seen and what would be accepted."""
    box, crowd = columns.box[row].tolist(), columns.iscrowd[row]
    details = {
        "repeated_id": "an earlier annotation has this id; the first is used",
        "image_unknown": f"image_id {columns.image_id[row]} is none of the usable images",
        "category_unknown": f"category_id {columns.category_id[row]} is none of the categories",
        "crowd_flag": f"iscrowd is {crowd}; 0 or 1 would be accepted",
        "box_size": f"bbox {box} has a side below 0 or beyond number; [left, top, width, height] would be accepted",
        "box_outside": f"bbox {box} shares no pixel with its image {columns.image_id[row]}",
    }
    return RefusedItem(f"annotation {columns.annotation_id[row]}", FAULTS[fault], details[FAULTS[fault]])
