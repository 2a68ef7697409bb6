"""COCO and LVIS v1 files as they lie on disk: proven to be JSON as a whole, then read section by section.

Not here: what an annotation means (`genval_assets/annotated/`), and the photographs (`annotations.py`).
"""

import mmap
import re
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, TypeVar

import msgspec
import numpy as np

from genval_assets.annotated.blocks import read_blocks
from genval_assets.annotated.index import malformed_items
from genval_assets.annotated.records import CategoryRecord, ImageRecord, usable_categories, usable_images
from genval_assets.types import RefusedItem

R = TypeVar("R", bound=msgspec.Struct)

LONE_SURROGATE = re.compile(rb"\\u[dD][89abAB][0-9a-fA-F]{2}(?!\\u[dD][c-fC-F])")


class UnreadableAnnotations(ValueError):
    """The file as a whole cannot be used, so that there is nothing to quarantine item by item."""

    def __init__(self, file: Path, fault: str, byte: int | None = None) -> None:
        where = "" if byte is None else f" at byte {byte}"
        super().__init__(
            f"{file}{where}: {fault}. A JSON object with the arrays `images`, `annotations` and `categories` (COCO "
            "instances or LVIS v1) would be accepted"
        )
        self.file = file
        self.fault = fault
        self.byte = byte


class _Document(msgspec.Struct, frozen=True, gc=False):
    images: msgspec.Raw
    annotations: msgspec.Raw
    categories: msgspec.Raw


@dataclass(frozen=True)
class Sections:
    """The three arrays of a file as text, in the file's own mapped pages: they are gone when the last view is."""

    images: memoryview
    annotations: memoryview
    categories: memoryview
    annotations_at: int  # byte of the file

    def read_images(self) -> tuple[list[ImageRecord], list[RefusedItem]]:
        """Return the usable images in order, and what is wrong with the others."""
        records, malformed = _records(self.images, ImageRecord, "images")
        usable, refused = usable_images(records)
        return usable, malformed + refused

    def read_categories(self) -> tuple[list[CategoryRecord], list[RefusedItem]]:
        """Return the usable categories in order, and what is wrong with the others."""
        records, malformed = _records(self.categories, CategoryRecord, "categories")
        usable, refused = usable_categories(records)
        return usable, malformed + refused


def open_annotations(path: Path) -> BinaryIO:
    """Return the file, open for reading.

    Raises:
        UnreadableAnnotations: it cannot be opened.
    """
    try:
        return path.open("rb")
    except OSError as err:
        raise UnreadableAnnotations(path, err.strerror or str(err)) from err


def read_sections(path: Path, file: BinaryIO) -> Sections:
    """Return the file's arrays, the whole file having been read once and found to be JSON.

    Raises:
        UnreadableAnnotations: it is empty, truncated, no JSON (NaN and lone surrogates are none), or lacks an array.
    """
    try:
        mapped = mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)
    except ValueError as err:
        raise UnreadableAnnotations(path, "the file is empty", 0) from err
    try:
        document = msgspec.json.decode(mapped, type=_Document)
    except msgspec.ValidationError as err:
        raise UnreadableAnnotations(path, str(err)) from err
    except (msgspec.DecodeError, RecursionError) as err:
        raise _malformed(path, mapped, str(err)) from err
    for name in document.__struct_fields__:
        opening = bytes(memoryview(getattr(document, name))[:1])
        if opening != b"[":
            raise UnreadableAnnotations(path, f"`{name}` is no array")
    return Sections(
        memoryview(document.images),
        memoryview(document.annotations),
        memoryview(document.categories),
        _address(document.annotations) - _address(mapped),
    )


def _malformed(path: Path, mapped: mmap.mmap, message: str) -> UnreadableAnnotations:
    """Return the fault with its byte; a lone surrogate and a missing end are one message to the decoder."""
    place = re.search(r" \(byte (\d+)\)", message)
    if place:
        return UnreadableAnnotations(path, message.replace(place[0], ""), int(place[1]))
    if "truncated" not in message:
        return UnreadableAnnotations(path, message)
    lone = LONE_SURROGATE.search(mapped)
    if lone:
        return UnreadableAnnotations(path, f"{lone[0].decode()} is half a surrogate pair", lone.start())
    return UnreadableAnnotations(path, "the file ends before its JSON does", len(mapped))


def _address(buffer: msgspec.Raw | mmap.mmap) -> int:
    return np.frombuffer(memoryview(buffer), dtype=np.uint8).ctypes.data


def _records(text: memoryview, kind: type[R], section: str) -> tuple[list[R], list[RefusedItem]]:
    records: list[R] = []
    malformed: list[RefusedItem] = []
    count = 0
    for block in read_blocks(text, kind):
        records += block.records
        malformed += malformed_items(section, count, block.malformed)
        count += block.count
    return records, malformed
