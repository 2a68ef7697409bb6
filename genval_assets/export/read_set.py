"""A set as a reader found it on disk, in one form for all formats; and as it should be found."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import PurePosixPath

from genval_assets.export.numbering import NumberedAnnotation, NumberedImage
from genval_assets.export.prepared import Prepared
from genval_assets.export.words import Split
from genval_assets.export.written import Holds
from genval_assets.types import Xywh


@dataclass(frozen=True, slots=True)
class ReadObject:
    """One annotated object."""

    origin: str  # id of genval's `annotations` row, or `source-<id in the user's file>` (`val-source-…`)
    category_id: int  # exported
    box: Xywh | None  # px; None where the format holds masks alone
    mask: str | None  # COCO compressed counts at the picture's size, as its trainer would rasterise it; None: no mask
    iscrowd: bool = False
    area: float | None = None  # px, as the file says; None where the format holds none
    number: int | None = None  # exported id, by which the table `exports` knows it; None where the format holds none


@dataclass(frozen=True, slots=True)
class ReadPicture:
    """One picture and its objects, by exported id."""

    split: Split
    width: int  # px, of the picture file itself
    height: int
    objects: tuple[ReadObject, ...]
    digest: str = ""  # of the picture's bytes, SHA-256; empty in what is expected where a source tells it


@dataclass(frozen=True)
class ReadSet:
    """A whole set. The key of a picture is the stem of its file: a scene's id, or `real-<id in the user's file>`.

    In a pool it is an instance's id, and the picture its cut-out.
    """

    categories: Mapping[int, str]  # exported id -> name
    pictures: Mapping[str, ReadPicture]


class UnreadableExport(ValueError):
    """An exported set breaks the rules of its format; the message names the file and what is wrong."""


def picture_key(image: NumberedImage) -> str:
    """Return the key of a picture: the same in every export and format."""
    return PurePosixPath(image.file).stem


def origin_id(annotation: NumberedAnnotation) -> str:
    """Return the id of an object that does not change from export to export."""
    if annotation.row is not None:
        return annotation.row.annotation_id
    assert annotation.source is not None
    return source_origin(annotation.source.annotation_id, validation=annotation.image.validation)


def source_origin(annotation_id: int, *, validation: bool) -> str:
    """Return the id of an object of the user's own, of the training or of the validation file."""
    return f"{'val-' if validation else ''}source-{annotation_id}"


def expected_set(prepared: Prepared, holds: Holds) -> ReadSet:
    """Return what a reader must find of a set in a format that holds so much of it."""
    return ReadSet(
        categories={number: category.name for number, category in prepared.numbered.categories.items()},
        pictures={
            picture_key(image): ReadPicture(
                split=image.split,
                width=image.width,
                height=image.height,
                objects=tuple(
                    _expected(annotation, prepared, holds)
                    for annotation in prepared.of_image[image.image_id]
                    if holds.crowds or not annotation.iscrowd
                ),
            )
            for image in prepared.numbered.images
        },
    )


def _expected(annotation: NumberedAnnotation, prepared: Prepared, holds: Holds) -> ReadObject:
    return ReadObject(
        origin=origin_id(annotation),
        category_id=annotation.category_id,
        box=annotation.box,
        mask=None if holds.masks == "none" else prepared.masks[annotation.annotation_id],
        iscrowd=annotation.iscrowd,
        area=annotation.area,
        number=annotation.annotation_id,
    )
