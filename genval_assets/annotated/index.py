"""An index of a file's annotations: which belong to an image or a category, and where their text stands."""

from array import array
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from genval_assets.annotated.blocks import Malformed, read_blocks
from genval_assets.annotated.columns import ColumnBuilder, Columns, Ids, Rows, faults, refusal, rows_of
from genval_assets.annotated.records import AnnotationRecord, CategoryRecord, ImageRecord
from genval_assets.types import RefusedItem


@dataclass(frozen=True)
class Groups:
    """Rows by group; within each, by annotation id."""

    rows: Rows
    starts: Ids  # (groups + 1,)

    def of(self, group: int) -> Rows:
        """Return the rows of one group."""
        return self.rows[self.starts[group] : self.starts[group + 1]]


@dataclass(frozen=True)
class Places:
    """Where the text of each row stands: in which block of the array, and as which of its elements."""

    element: Rows  # of each row, in the array
    first_element: Ids  # of each block
    start: Ids  # bytes of each block, in the array's text
    stop: Ids

    def of(self, row: int) -> tuple[int, int]:
        """Return a row's block, and its place among that block's elements."""
        element = self.element[row]
        block = int(np.searchsorted(self.first_element, element, side="right")) - 1
        return block, int(element - self.first_element[block])


@dataclass(frozen=True)
class Index:
    """Some 80 bytes for each annotation, whatever its segmentation holds."""

    columns: Columns
    places: Places
    by_image: Groups  # usable annotations, crowds included
    by_category: Groups  # usable annotations without crowds
    images_per_category: Ids  # that show it without being a crowd
    refused: list[RefusedItem]
    incomplete: frozenset[int]  # images of which an annotation was refused: they hold an object without label


def build_index(text: memoryview, images: Sequence[ImageRecord], categories: Sequence[CategoryRecord]) -> Index:
    """Return the index of an `annotations` array.

    Args:
        text: the array, well-formed.
        images: the usable images; groups of `by_image` are their positions.
        categories: the usable categories; groups of `by_category` are their positions.
    """
    columns, places, refused = _read(text)
    image_row = rows_of([image.id for image in images], columns.image_id)
    category_row = rows_of([category.id for category in categories], columns.category_id)
    size = np.array([(image.width, image.height) for image in images], dtype=np.int64).reshape(-1, 2)
    fault = faults(columns, image_row, category_row, size)
    refused += [refusal(columns, row, int(fault[row])) for row in np.flatnonzero(fault).tolist()]

    by_id = np.argsort(columns.annotation_id, kind="stable").astype(np.int32)
    usable = by_id[fault[by_id] == 0]
    single = usable[columns.iscrowd[usable] == 0]
    return Index(
        columns,
        places,
        _grouped(usable, image_row, len(images)),
        _grouped(single, category_row, len(categories)),
        _distinct_images(category_row[single], image_row[single], len(categories), len(images)),
        refused,
        frozenset(columns.image_id[(fault > 0) & (image_row >= 0)].tolist()),
    )


def _read(text: memoryview) -> tuple[Columns, Places, list[RefusedItem]]:
    builder, refused = ColumnBuilder(), []
    element, first_element, start, stop = array("i"), array("q"), array("q"), array("q")
    count = 0
    for block in read_blocks(text, AnnotationRecord):
        builder.add(block.records)
        element.extend([count + place for place in block.places])
        first_element.append(count)
        start.append(block.start)
        stop.append(block.stop)
        refused += malformed_items("annotations", count, block.malformed)
        count += block.count
    places = Places(np.frombuffer(element, dtype=np.int32), *(np.array(c) for c in (first_element, start, stop)))
    return builder.columns(), places, refused


def malformed_items(section: str, count: int, malformed: Sequence[Malformed]) -> list[RefusedItem]:
    """Return a block's malformed elements as refused items, `count` elements having come before the block."""
    return [
        RefusedItem(f"{section}[{count + bad.place}]", "record_malformed", bad.fault, bad.text) for bad in malformed
    ]


def _distinct_images(category_row: Rows, image_row: Rows, categories: int, images: int) -> Ids:
    """Return for each category in how many different images its annotations lie."""
    pairs = np.sort(category_row.astype(np.int64) * images + image_row)  # np.unique takes 15 times as long
    first = np.diff(pairs, prepend=-1) > 0
    return np.bincount(pairs[first] // max(1, images), minlength=categories)


def _grouped(rows: Rows, group_of: NDArray[np.int32], groups: int) -> Groups:
    of_rows = group_of[rows]
    order = np.argsort(of_rows, kind="stable")
    starts = np.searchsorted(of_rows[order], np.arange(groups + 1))
    return Groups(rows[order], starts)
