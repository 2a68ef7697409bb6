"""What is in a set, counted: sizes, places and numbers of its objects, by category and by where they come from.

Regions to ignore are no objects.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from genval_assets.export.numbering import NumberedAnnotation, NumberedImage, NumberedSet, Origin
from genval_assets.export.prepared import Prepared
from genval_assets.export.words import Split

ORIGINS: tuple[Origin, ...] = ("real", "pasted", "drawn")
"""In the order in which they are stacked."""
SIZE_BINS = 20
"""Of sqrt(object area / picture area) in [0, 1]."""
SMALL_PX, LARGE_PX = 32**2, 96**2
"""Areas between which COCO calls an object medium."""
GRID = 32
"""Cells of a heat map along each side of the picture."""
MOST_OBJECTS = 24
"""Pictures with more objects are counted together."""

Counts = NDArray[np.int64]


@dataclass(frozen=True)
class ObjectStatistics:
    """Of some objects: those of a set, or of one of its categories."""

    sizes: Counts  # (3, SIZE_BINS): origin, relative size
    areas: Counts  # (3, 3): origin, small | medium | large as COCO has it
    places: Counts  # (GRID, GRID): boxes that reach into a cell, row by row from the top left

    @property
    def objects(self) -> int:
        """All of them."""
        return int(self.areas.sum())


@dataclass(frozen=True)
class SplitStatistics:
    """One split."""

    split: Split
    pictures: int
    objects: int


@dataclass(frozen=True)
class Statistics:
    """Of a whole set."""

    overall: ObjectStatistics
    of_category: dict[str, ObjectStatistics]  # by key; only those with an object
    per_picture: Counts  # (3, MOST_OBJECTS + 2): pictures that are real | composed | drawn, by their objects
    splits: tuple[SplitStatistics, ...]


def statistics(prepared: Prepared) -> Statistics:
    """Return the statistics of a set; boxes of the user's file are cut off at the picture's edge."""
    objects = [a for a in prepared.numbered.annotations if not a.iscrowd]
    keys = [category.category for category in prepared.numbered.categories.values()]
    place = {key: i for i, key in enumerate(keys)}
    of = np.array([place[a.category] for a in objects], dtype=np.int64)
    origins = np.array([ORIGINS.index(a.origin) for a in objects], dtype=np.int64)
    area = np.array([a.area for a in objects], dtype=np.float64)
    size = np.array([(a.image.width, a.image.height) for a in objects], dtype=np.float64).reshape(-1, 2)
    relative = np.sqrt(area / size.prod(axis=1))
    sizes = np.zeros((len(keys), len(ORIGINS), SIZE_BINS), dtype=np.int64)
    np.add.at(sizes, (of, origins, np.clip((relative * SIZE_BINS).astype(np.int64), 0, SIZE_BINS - 1)), 1)
    areas = np.zeros((len(keys), len(ORIGINS), 3), dtype=np.int64)
    np.add.at(areas, (of, origins, (area >= SMALL_PX).astype(np.int64) + (area > LARGE_PX)), 1)
    places = _places(of, len(keys), np.array([a.box for a in objects], dtype=np.float64).reshape(-1, 4), size)
    return Statistics(
        overall=ObjectStatistics(sizes.sum(axis=0), areas.sum(axis=0), places.sum(axis=0)),
        of_category={
            key: ObjectStatistics(sizes[i], areas[i], places[i]) for i, key in enumerate(keys) if areas[i].any()
        },
        per_picture=_per_picture(prepared.numbered, objects),
        splits=_splits(prepared, objects),
    )


def _places(of: Counts, categories: int, boxes: NDArray[np.float64], size: NDArray[np.float64]) -> Counts:
    """Return (categories, GRID, GRID): how many boxes reach into each cell of the picture.

    Each box marks the corners of the cells it reaches into; sums along both axes fill them.

    Args:
        of: (N,) the category of each box.
        categories: how many there are.
        boxes: (N, 4) x, y, width, height in px.
        size: (N, 2) width, height of the box's picture in px.
    """
    first = np.clip(np.floor(boxes[:, :2] * GRID / size), 0, GRID - 1).astype(np.int64)
    end = np.clip(np.ceil((boxes[:, :2] + boxes[:, 2:]) * GRID / size), first + 1, GRID).astype(np.int64)
    marks = np.zeros((categories, GRID + 1, GRID + 1), dtype=np.int64)
    for x, y, sign in ((first, first, 1), (end, first, -1), (first, end, -1), (end, end, 1)):
        np.add.at(marks, (of, y[:, 1], x[:, 0]), sign)
    return np.asarray(marks.cumsum(axis=1).cumsum(axis=2)[:, :GRID, :GRID])


def _per_picture(numbered: NumberedSet, objects: Sequence[NumberedAnnotation]) -> Counts:
    found = {image.image_id: 0 for image in numbered.images}
    for annotation in objects:
        found[annotation.image.image_id] += 1
    counts = np.zeros((3, MOST_OBJECTS + 2), dtype=np.int64)
    for image in numbered.images:
        counts[_kind(image), min(found[image.image_id], MOST_OBJECTS + 1)] += 1
    return counts


def _kind(image: NumberedImage) -> int:
    """Return the place of a picture's kind beside that of its objects in ORIGINS."""
    if image.scene is None:
        return ORIGINS.index("real")
    return ORIGINS.index("pasted" if image.drawn is None else "drawn")


def _splits(prepared: Prepared, objects: Sequence[NumberedAnnotation]) -> tuple[SplitStatistics, ...]:
    pictures = [image.split for image in prepared.numbered.images]
    of_objects = [annotation.image.split for annotation in objects]
    return tuple(SplitStatistics(one, pictures.count(one), of_objects.count(one)) for one in prepared.splits)
