"""Reads COCO and LVIS documents as pycocotools does; the size of a picture comes from its file."""

import contextlib
import io
from pathlib import Path
from typing import Any

from PIL import Image
from pycocotools.coco import COCO

from genval_assets.export.formats.document import document_path
from genval_assets.export.prepared import ORDER
from genval_assets.export.read_set import ReadObject, ReadPicture, ReadSet, UnreadableExport
from genval_assets.export.settings import Document


def read_document(folder: Path, document: Document) -> ReadSet:
    """Return a set as its COCO or LVIS files have it.

    Raises:
        UnreadableExport: there is no such file, or a picture cannot be opened.
    """
    categories: dict[int, str] = {}
    pictures: dict[str, ReadPicture] = {}
    found = [split for split in ORDER if (folder / document_path(document, split)).exists()]
    if not found:
        raise UnreadableExport(f"{folder} has no {document_path(document, 'train')}")
    for split in found:
        with contextlib.redirect_stdout(io.StringIO()):  # it prints how long it took
            read = COCO(str(folder / document_path(document, split)))
        categories |= {number: one["name"] for number, one in read.cats.items()}
        for image in read.imgs.values():
            annotations = sorted(read.imgToAnns[image["id"]], key=lambda one: one["id"])
            width, height = size_of(folder / image["file_name"])
            objects = tuple(_object(read, one) for one in annotations)
            pictures[Path(image["file_name"]).stem] = ReadPicture(split, width, height, objects)
    return ReadSet(categories, pictures)


def size_of(path: Path) -> tuple[int, int]:
    """Return width and height of a picture file, px, from its head.

    Raises:
        UnreadableExport: it is no picture, or not there.
    """
    try:
        with Image.open(path) as picture:
            return picture.size
    except OSError as err:
        raise UnreadableExport(f"{path}: {err}") from err


def _object(read: COCO, annotation: dict[str, Any]) -> ReadObject:
    way_back = annotation["genval"]
    x, y, width, height = annotation["bbox"]
    return ReadObject(
        origin=way_back.get("annotation_id") or f"source-{way_back['source_annotation_id']}",
        category_id=annotation["category_id"],
        box=(x, y, width, height),
        mask=read.annToRLE(annotation)["counts"].decode(),
        iscrowd=bool(annotation.get("iscrowd", 0)),
    )
