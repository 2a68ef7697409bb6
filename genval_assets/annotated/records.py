"""The records of COCO and LVIS v1 files, and what is wrong with them.

Not here: segmentations (`segmentation.py`), and how a long file is read (`blocks.py`).
"""

import posixpath
from collections.abc import Iterable
from typing import Annotated

import msgspec

from genval_assets.annotated.segmentation import MAX_PIXELS
from genval_assets.types import Concept, RefusedItem

Id = Annotated[int, msgspec.Meta(ge=-(2**63), le=2**63 - 1)]


class ImageRecord(msgspec.Struct, frozen=True, gc=False):
    """An element of `images`; LVIS v1 has no `file_name`."""

    id: Id
    width: int
    height: int
    file_name: str | None = None
    coco_url: str | None = None
    neg_category_ids: tuple[Id, ...] | None = None
    not_exhaustive_category_ids: tuple[Id, ...] | None = None


class CategoryRecord(msgspec.Struct, frozen=True, gc=False):
    """An element of `categories`. LVIS's own counts are not read: they may be those of another split."""

    id: Id
    name: str
    supercategory: str | None = None
    synset: str | None = None
    definition: str | None = msgspec.field(default=None, name="def")
    synonyms: tuple[str, ...] | None = None
    frequency: str | None = None


class AnnotationRecord(msgspec.Struct, frozen=True, gc=False):
    """An element of `annotations`, without its segmentation; LVIS has no `iscrowd`."""

    id: Id
    image_id: Id
    category_id: Id
    bbox: tuple[float, float, float, float]
    area: float
    iscrowd: Id | bool = 0


class SegmentationRecord(msgspec.Struct, frozen=True, gc=False):
    """The segmentation of an annotation, as text."""

    segmentation: msgspec.Raw = msgspec.Raw(b"")


def usable_images(records: Iterable[ImageRecord]) -> tuple[list[ImageRecord], list[RefusedItem]]:
    """Return the images that can be used, in order, and the others.

    Refusals are `repeated_id` (the first stays), `image_size` and `image_path`.
    """
    usable: dict[int, ImageRecord] = {}
    refused = []
    for record in records:
        try:
            _guard_image(record, usable)
        except RefusedItem as refusal:
            refused.append(refusal)
        else:
            usable[record.id] = record
    return list(usable.values()), refused


def _guard_image(record: ImageRecord, earlier: dict[int, ImageRecord]) -> None:
    item = f"image {record.id}"
    if record.id in earlier:
        raise RefusedItem(item, "repeated_id", "an earlier image has this id; the first is used")
    if min(record.width, record.height) < 1 or record.width * record.height > MAX_PIXELS:
        seen = f"{record.width} x {record.height} px"
        raise RefusedItem(item, "image_size", f"{seen}; between 1 and {MAX_PIXELS} px would be accepted")
    candidate_paths(record)


def usable_categories(records: Iterable[CategoryRecord]) -> tuple[list[CategoryRecord], list[RefusedItem]]:
    """Return the categories in order, and as `repeated_id` those whose id an earlier one has."""
    usable: dict[int, CategoryRecord] = {}
    refused = []
    for record in records:
        if usable.setdefault(record.id, record) is not record:
            detail = f"{usable[record.id].name[:80]!r} has this id; the first is used"
            refused.append(RefusedItem(f"category {record.id}", "repeated_id", detail, record.name))
    return list(usable.values()), refused


def candidate_paths(record: ImageRecord) -> tuple[str, ...]:
    """Return where below the image folder the file may be, best first, normalised.

    `file_name` is one place. A `coco_url` gives two: its last two parts (`train2017/000000000009.jpg`), then the
    last alone.

    Raises:
        RefusedItem: `image_path`: there is neither, or the path leaves the folder.
    """
    item = f"image {record.id}"
    if record.file_name is not None:
        return (path_below(record.file_name, item),)
    parts = [part for part in (record.coco_url or "").partition("?")[0].split("/") if part]
    if not parts:
        raise RefusedItem(item, "image_path", "neither `file_name` nor `coco_url` names a file")
    return tuple(dict.fromkeys(path_below("/".join(tail), item) for tail in (parts[-2:], parts[-1:])))


def path_below(name: str, item: str) -> str:
    """Return a relative path, normalised by its text alone: links within a folder are its owner's and lead anywhere.

    Raises:
        RefusedItem: `image_path`: it is empty or absolute, or leaves the folder.
    """
    path = posixpath.normpath(name)
    if not name or "\0" in name or path.startswith("/") or path.split("/")[0] in (".", ".."):
        detail = f"{name[:200]!r} is no file below the folder; a relative path that stays in it would be accepted"
        raise RefusedItem(item, "image_path", detail, name)
    return path


def concept(record: CategoryRecord, image_count: int, instance_count: int) -> Concept:
    """Return a category with the counts of this file; its frequency stays as the file gives it."""
    return Concept(
        name=record.name,
        source_id=record.id,
        supercategory=record.supercategory,
        synset=record.synset,
        definition=record.definition,
        synonyms=record.synonyms or (),
        frequency=record.frequency,
        image_count=image_count,
        instance_count=instance_count,
    )
