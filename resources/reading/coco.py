"""Reads COCO and LVIS documents as pycocotools does; the size of a picture comes from its file.

pycocotools overwrites repeated ids, and does not come back from run lengths that end before their picture: what it
would take for something else is refused here, by name.
"""

import json
from collections import Counter
from collections.abc import Iterable, Iterator
from contextlib import redirect_stdout
from io import StringIO
from itertools import islice
from pathlib import Path
from typing import Any, Literal, Never

import msgspec
from pycocotools import mask as rle
from pycocotools.coco import COCO

from genval_assets.annotated.segmentation import run_lengths
from genval_assets.compose.rle import decode, encode
from genval_assets.export.formats.classes import CLASSES
from genval_assets.export.formats.document import document_path
from genval_assets.export.prepared import ORDER
from genval_assets.export.read_set import ReadObject, ReadPicture, ReadSet, UnreadableExport, source_origin
from genval_assets.export.words import Document
from genval_assets.types import RefusedItem, Xywh
from resources.reading.classes import read_classes
from resources.reading.pictures import size_and_digest_of

PICTURES = "images"
NAMED = 5
"""Faults of a file that an error names."""


class _Image(msgspec.Struct):
    id: int
    file_name: str
    width: int
    height: int
    coco_url: str = ""  # these three: LVIS
    neg_category_ids: set[int] | None = None
    not_exhaustive_category_ids: set[int] | None = None


class _Category(msgspec.Struct):
    id: int
    name: str
    image_count: int = -1  # these two: LVIS
    instance_count: int = -1


class _Rle(msgspec.Struct):
    size: tuple[int, int]  # height, width
    counts: str | list[int]


class _WayBack(msgspec.Struct):
    annotation_id: str | None = None
    source_annotation_id: int | None = None
    validation: bool = False


class _Annotation(msgspec.Struct):
    id: int
    image_id: int
    category_id: int
    bbox: Xywh
    area: float
    segmentation: list[list[float]] | _Rle
    genval: _WayBack
    iscrowd: Literal[0, 1] | None = None  # COCO


class _File(msgspec.Struct):
    images: list[_Image]
    annotations: list[_Annotation]
    categories: list[_Category]


def read_document(folder: Path, document: Document) -> ReadSet:
    """Return a set as its COCO or LVIS files have it.

    Raises:
        UnreadableExport: there is no such file, it breaks a rule of its format, or a picture cannot be opened, has
            another size than the file says, or is named by none.
    """
    found = [split for split in ORDER if (folder / document_path(document, split)).exists()]
    if not found:
        raise UnreadableExport(f"{folder} has no {document_path(document, 'train')}")
    categories: dict[int, str] = {}
    pictures: dict[str, ReadPicture] = {}
    named: list[str] = []
    for split in found:
        path = folder / document_path(document, split)
        content, file = _load(path)
        _refuse(path, _broken_rules(file))
        _refuse(path, _broken_lvis_rules(file) if document == "lvis" else _broken_coco_rules(file))
        categories |= {one.id: one.name for one in file.categories}
        named += [image.file_name for image in file.images]
        objects = _objects(path, file, content)
        for image in file.images:
            size, digest = size_and_digest_of(folder / image.file_name)
            _refuse_other_size(path, image, *size)
            pictures[Path(image.file_name).stem] = ReadPicture(split, *size, objects[image.id], digest)
    _refuse_other_pictures(folder, named)
    if document == "lvis":
        _refuse_other_classes(folder / CLASSES, categories)
    return ReadSet(categories, pictures)


def _load(path: Path) -> tuple[dict[str, Any], _File]:
    """Return a file as it is, and with the form of what is read of it proven."""
    try:
        content = json.loads(path.read_bytes(), parse_constant=_no_number)
        return content, msgspec.convert(content, _File)
    except (ValueError, msgspec.ValidationError) as err:
        raise UnreadableExport(f"{path}: {err}") from err


def _no_number(name: str) -> Never:
    raise ValueError(f"{name} is no number")


def _refuse(path: Path, faults: Iterator[str]) -> None:
    named = list(islice(faults, NAMED))
    if named:
        raise UnreadableExport(f"{path}: " + "; ".join(named))


def _broken_rules(file: _File) -> Iterator[str]:
    """Yield what no reader of COCO's or LVIS's form accepts, or what it would pass over in silence."""
    for what, found in (("image", file.images), ("annotation", file.annotations), ("category", file.categories)):
        for number in _repeated(one.id for one in found):
            yield f"{what} {number} occurs twice"
    images, categories = {one.id for one in file.images}, {one.id for one in file.categories}
    for one in file.annotations:
        if one.id < 1:
            yield f"annotation {one.id}: ids begin at 1, evaluation takes 0 for no match"
        if one.image_id not in images:
            yield f"annotation {one.id} is of image {one.image_id}, which is not listed"
        if one.category_id not in categories:
            yield f"annotation {one.id} is of category {one.category_id}, which is not listed"
        if one.genval.annotation_id is None and one.genval.source_annotation_id is None:
            yield f"annotation {one.id} does not say where it comes from"


def _broken_coco_rules(file: _File) -> Iterator[str]:
    return (f"annotation {one.id} has no iscrowd" for one in file.annotations if one.iscrowd is None)


def _broken_lvis_rules(file: _File) -> Iterator[str]:
    """Yield what lvis-api or Detectron2's loader trips over, and lists and counts that contradict the annotations."""
    shown: dict[int, set[int]] = {image.id: set() for image in file.images}
    for one in file.annotations:
        shown[one.image_id].add(one.category_id)
        if one.iscrowd is not None:
            yield f"annotation {one.id} has iscrowd, which LVIS does not know"
    categories = {one.id for one in file.categories}
    for image in file.images:
        if image.coco_url.split("/")[-2:] != image.file_name.split("/"):
            yield f"image {image.id}: the last two parts of coco_url {image.coco_url!r} are not {image.file_name!r}"
        if image.neg_category_ids is None or image.not_exhaustive_category_ids is None:
            yield f"image {image.id} lacks neg_category_ids or not_exhaustive_category_ids"
            continue
        if image.neg_category_ids & (shown[image.id] | image.not_exhaustive_category_ids):
            yield f"image {image.id}: a category is verified absent and present"
        if not image.neg_category_ids | image.not_exhaustive_category_ids <= categories:
            yield f"image {image.id} lists a category that the file has not"
    instances = Counter(one.category_id for one in file.annotations)
    images = Counter(number for seen in shown.values() for number in seen)
    for category in file.categories:
        found = images[category.id], instances[category.id]
        if (category.image_count, category.instance_count) != found:
            yield f"category {category.id} counts other than its {found[0]} images and {found[1]} instances"


def _repeated(ids: Iterable[int]) -> list[int]:
    return sorted(number for number, times in Counter(ids).items() if times > 1)


def _objects(path: Path, file: _File, content: dict[str, Any]) -> dict[int, tuple[ReadObject, ...]]:
    """Return the objects of each image by id, as pycocotools finds and rasterises them."""
    read = COCO()
    read.dataset = content
    with redirect_stdout(StringIO()):  # it prints what it does
        read.createIndex()
    sizes = {image.id: (image.height, image.width) for image in file.images}
    objects: dict[int, list[ReadObject]] = {number: [] for number in read.imgs}
    for one in sorted(file.annotations, key=lambda one: one.id):
        try:
            _refuse_unsafe(one.segmentation, *sizes[one.image_id])
            objects[one.image_id].append(_object(one, read.annToRLE(read.anns[one.id])))
        except RefusedItem as refused:
            raise UnreadableExport(f"{path}: annotation {one.id}: {refused.detail}") from refused
    return {number: tuple(found) for number, found in objects.items()}


def _origin(one: _WayBack) -> str:
    if one.annotation_id is not None:
        return one.annotation_id
    assert one.source_annotation_id is not None  # refused above
    return source_origin(one.source_annotation_id, validation=one.validation)


def _object(one: _Annotation, mask: dict[str, Any]) -> ReadObject:
    counts: str = rle.merge([mask])["counts"].decode()  # of one mask: its counts, read and written by pycocotools
    if one.genval.annotation_id is None and isinstance(one.segmentation, _Rle):
        counts = encode(decode(counts, one.segmentation.size), one.segmentation.size)  # yours may hold empty runs
    return ReadObject(
        origin=_origin(one.genval),
        category_id=one.category_id,
        box=one.bbox,
        mask=counts,
        iscrowd=bool(one.iscrowd),
        area=one.area,
        number=one.id,
    )


def _refuse_unsafe(segmentation: list[list[float]] | _Rle, height: int, width: int) -> None:
    """Refuse what pycocotools would not survive, or would take for something else (4 numbers are a box)."""
    if isinstance(segmentation, _Rle):
        counts = segmentation.counts
        runs = run_lengths(counts).tolist() if isinstance(counts, str) else counts
        if segmentation.size != (height, width) or sum(runs) != height * width or min(runs) < 0:
            seen = f"run lengths of {sum(runs)} px, size {segmentation.size}"
            raise RefusedItem("", "rle_length", f"{seen}, on a picture of {(height, width)} (height, width)")
        return
    reach = 2 * max(height, width)
    if not segmentation or any(len(part) < 6 or len(part) % 2 for part in segmentation):
        raise RefusedItem("", "polygon_corners", "a polygon has parts, each of x, y of at least 3 corners")
    if any(abs(number) > reach for part in segmentation for number in part):
        raise RefusedItem("", "polygon_far", f"a corner lies more than {reach} px away")


def _refuse_other_size(path: Path, image: _Image, width: int, height: int) -> None:
    if (width, height) != (image.width, image.height):
        said = f"said to have {image.width} x {image.height} px and has {width} x {height}"
        raise UnreadableExport(f"{path}: {image.file_name} is {said}")


def _refuse_other_pictures(folder: Path, named: list[str]) -> None:
    twice = [name for name, times in Counter(named).items() if times > 1]
    if twice:
        raise UnreadableExport(f"{folder}: {twice[0]} occurs twice in the set")
    there = {f"{PICTURES}/{path.name}" for path in (folder / PICTURES).glob("*") if not path.name.startswith(".")}
    if there - set(named):
        raise UnreadableExport(f"{folder}: no annotation file names {min(there - set(named))}")


def _refuse_other_classes(path: Path, categories: dict[int, str]) -> None:
    listed = [(one.category_id, one.name) for one in read_classes(path)]
    if listed != sorted(categories.items()):
        raise UnreadableExport(f"{path} does not list the categories of the annotation files by their ids")
