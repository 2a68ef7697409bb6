"""The user's annotated photographs: a COCO or LVIS v1 file and the folder of its images, read-only."""

import os
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from itertools import groupby
from pathlib import Path
from typing import BinaryIO

import dagster as dg
import msgspec
from pydantic import Field

from genval_assets.annotated.blocks import split
from genval_assets.annotated.columns import Rows
from genval_assets.annotated.index import Index, build_index
from genval_assets.annotated.records import (
    SegmentationRecord,
    candidate_paths,
    concept,
)
from genval_assets.annotated.segmentation import decode_mask
from genval_assets.types import Concept, Mask, RefusedItem, Rgb, SourceAnnotation, SourceImage
from resources.annotation_file import UnreadableAnnotations, open_annotations, read_sections
from resources.pictures import existing_path, read_picture, refuse_unlike_stored


class CocoPhotographs(dg.ConfigurableResource[None]):
    """Opens the annotation file of a project."""

    annotations: str = Field(default="", description="COCO or LVIS v1 file. '' for none.")
    images: str = Field(default="", description="Folder that the file's image names are relative to.")

    @contextmanager
    def open(self) -> Iterator["IndexedPhotographs | None"]:
        """Return the indexed file for the length of one `with` block; None where there is none.

        Raises:
            UnreadableAnnotations: the file as a whole cannot be used.
            NotADirectoryError: the image folder is none.
        """
        if not self.annotations:
            yield None
            return
        if not Path(self.images or "?").is_dir():
            raise NotADirectoryError(f"the image folder of {self.annotations!r} is {self.images!r}, which is no folder")
        with open_annotations(Path(self.annotations)) as file:
            yield IndexedPhotographs(Path(self.annotations), file, Path(self.images))


class IndexedPhotographs:
    """An annotation file of which all but the segmentations is in memory, as columns; those are read when asked for.

    The file is mapped only while it is indexed. Afterwards it is read at known places, so that a file that shrinks
    meanwhile is an error and not a dead process.
    """

    def __init__(self, path: Path, file: BinaryIO, folder: Path) -> None:
        self._stamp = _stamp(file)
        sections = read_sections(path, file)
        images, refused_images = sections.read_images()
        categories, refused_categories = sections.read_categories()
        self._path, self._file, self._folder = path, file, folder
        self._images = {image.id: (row, image) for row, image in enumerate(images)}
        self._categories = {category.id: (row, category) for row, category in enumerate(categories)}
        self._index: Index = build_index(sections.annotations, images, categories)
        self._annotations_at = sections.annotations_at
        self._refused = [*refused_images, *refused_categories, *self._index.refused]

    @property
    def refused(self) -> Sequence[RefusedItem]:
        """What of the file cannot be used, and why: images, categories, then annotations, in the file's order."""
        return self._refused

    def concepts(self) -> list[Concept]:
        """Return the file's categories in its order, counted over its usable annotations without crowds.

        LVIS's own counts are those of its train split, so they are not trusted for a file that may be a part of it.
        """
        groups = self._index.by_category
        return [
            concept(category, int(self._index.images_per_category[row]), len(groups.of(row)))
            for row, category in self._categories.values()
        ]

    def images(self) -> Iterable[SourceImage]:
        """Return the usable images, by id."""
        return (self.image(image_id) for image_id in sorted(self._images))

    def image(self, image_id: int) -> SourceImage:
        """Return one image's record.

        Raises:
            KeyError: it is none of the usable images.
        """
        _, record = self._images[image_id]
        return SourceImage(
            image_id=record.id,
            path=existing_path(self._folder, candidate_paths(record)),
            width=record.width,
            height=record.height,
            neg_category_ids=record.neg_category_ids,
            not_exhaustive_category_ids=record.not_exhaustive_category_ids,
            complete=image_id not in self._index.incomplete,
        )

    def has_file(self, image_id: int) -> bool:
        """Return whether there is a file for one of the usable images; its content is not looked at."""
        return (self._folder / self.image(image_id).path).is_file()

    def refuse_unlike_stored(self, image_id: int) -> None:
        """Refuse a photograph whose file does not show, as it is stored, what was annotated; only its head is read."""
        image = self.image(image_id)
        refuse_unlike_stored(self._folder / image.path, f"image {image_id}", (image.width, image.height))

    def missing_files(self) -> int:
        """Return for how many of the usable images there is no file."""
        return sum(not self.has_file(image_id) for image_id in self._images)

    def of_category(self, source_id: int) -> list[SourceAnnotation]:
        """Return the non-crowd annotations of a category, by id; none for a category that the file does not have."""
        if source_id not in self._categories:
            return []
        return self._annotations(self._index.by_category.of(self._categories[source_id][0]))

    def of_image(self, image_id: int) -> list[SourceAnnotation]:
        """Return all annotations of an image, crowds included, by id; none for an image that cannot be used."""
        if image_id not in self._images:
            return []
        return self._annotations(self._index.by_image.of(self._images[image_id][0]))

    def pixels(self, image_id: int) -> Rgb:
        """Return the photograph, in the size that its annotations were drawn on.

        Raises:
            RefusedItem: the file is missing, is no picture, or has another size than the annotations say.
        """
        image = self.image(image_id)
        return read_picture(self._folder / image.path, f"image {image_id}", annotated_size=(image.width, image.height))

    def mask(self, annotation: SourceAnnotation) -> Mask:
        """Return the annotation's mask on its image.

        Raises:
            RefusedItem: the segmentation is not one that can be decoded safely.
        """
        _, image = self._images[annotation.image_id]
        item = f"annotation {annotation.annotation_id}"
        return decode_mask(annotation.segmentation, image.height, image.width, item)

    def _annotations(self, rows: Rows) -> list[SourceAnnotation]:
        columns = self._index.columns
        texts = self._segmentations(rows)
        return [
            SourceAnnotation(
                annotation_id=int(columns.annotation_id[row]),
                image_id=int(columns.image_id[row]),
                category_id=int(columns.category_id[row]),
                box=tuple(columns.box[row].tolist()),
                area=float(columns.area[row]),
                iscrowd=bool(columns.iscrowd[row]),
                segmentation=texts[row],
            )
            for row in rows.tolist()
        ]

    def _segmentations(self, rows: Rows) -> dict[int, bytes]:
        """Return the segmentations of rows as text, each block of the file read once."""
        placed = sorted((*self._index.places.of(row), row) for row in rows.tolist())
        texts = {}
        for block, in_block in groupby(placed, key=lambda place: place[0]):
            elements = self._elements(block)
            for _, place, row in in_block:
                texts[row] = bytes(msgspec.json.decode(elements[place], type=SegmentationRecord).segmentation)
        return texts

    def _elements(self, block: int) -> list[msgspec.Raw]:
        if _stamp(self._file) != self._stamp:
            raise UnreadableAnnotations(self._path, "it was changed while it was in use")
        start, stop = int(self._index.places.start[block]), int(self._index.places.stop[block])
        return split(os.pread(self._file.fileno(), stop - start, self._annotations_at + start))


def _stamp(file: BinaryIO) -> tuple[int, int]:
    status = os.fstat(file.fileno())
    return status.st_size, status.st_mtime_ns
