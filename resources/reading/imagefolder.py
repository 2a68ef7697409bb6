"""Reads an ImageFolder as `datasets` does: the lines of each split, and the pictures that they name."""

from pathlib import Path

import msgspec

from genval_assets.export.formats.classes import CLASSES
from genval_assets.export.formats.features import SPLIT_NAMES
from genval_assets.export.formats.imagefolder import METADATA
from genval_assets.export.read_set import ReadPicture, ReadSet, UnreadableExport
from resources.reading.classes import read_classes
from resources.reading.hugging_face import read_objects
from resources.reading.pictures import size_and_digest_of


class _Line(msgspec.Struct):
    file_name: str
    width: int
    height: int
    objects: msgspec.Raw


def read_imagefolder(folder: Path) -> ReadSet:
    """Return a set as its folders have it.

    Raises:
        UnreadableExport: there is no split, a line is damaged or contradicts `classes.json` or its picture, or a split
            holds other pictures than its lines name.
    """
    categories = {one.category_id: one.name for one in read_classes(folder / CLASSES)}
    pictures: dict[str, ReadPicture] = {}
    splits = [split for split, name in SPLIT_NAMES.items() if (folder / name).exists()]
    if not splits:
        raise UnreadableExport(f"{folder} has none of the folders {', '.join(SPLIT_NAMES.values())}")
    for split in splits:
        place = folder / SPLIT_NAMES[split]
        lines = _lines(place / METADATA)
        named = sorted([METADATA, *(line.file_name for line in lines)])
        there = sorted(path.name for path in place.iterdir())
        if named != there:
            odd = sorted({*named} ^ {*there}) or named
            raise UnreadableExport(f"{place} does not hold the pictures that its lines name, once each: {odd[0]}")
        for line in lines:
            path = place / line.file_name
            size, digest = size_and_digest_of(path)
            if size != (line.width, line.height):
                raise UnreadableExport(f"{path} has {size} px; its line says {(line.width, line.height)}")
            objects = read_objects(msgspec.json.decode(line.objects), size, list(categories), str(path))
            pictures[path.stem] = ReadPicture(split, *size, objects, digest)
    return ReadSet(categories, pictures)


def _lines(path: Path) -> list[_Line]:
    try:
        return msgspec.json.Decoder(_Line).decode_lines(path.read_bytes())
    except (OSError, ValueError) as err:
        raise UnreadableExport(f"{path}: {err}") from err
