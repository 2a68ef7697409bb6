"""Reads YOLO labels back, by rules stricter than a trainer's: nothing is skipped, mended or cut to size."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import yaml  # type: ignore[import-untyped]  # comes with Dagster
from numpy.typing import NDArray
from pycocotools import mask as rle
from pydantic import BaseModel, ConfigDict, JsonValue, ValidationError

from genval_assets.export.formats.classes import CLASSES
from genval_assets.export.prepared import ORDER
from genval_assets.export.read_set import ReadObject, ReadPicture, ReadSet, UnreadableExport
from genval_assets.export.words import Split
from genval_assets.types import Xywh
from resources.reading.classes import read_classes
from resources.reading.pictures import size_and_digest_of

SHARE = re.compile(r"0(\.[0-9]+)?|1(\.0+)?")
"""A number in [0, 1], written out."""
ROUNDING = 1e-6
"""Share of a side by which a box may lie outside its picture: centre and size are rounded each on its own."""


class _Origin(BaseModel):
    """One line of `labels.jsonl`."""

    model_config = ConfigDict(strict=True, extra="forbid", frozen=True)

    labels: str
    line: int
    id: int
    origin: str
    category: int
    category_id: int
    genval: dict[str, JsonValue]
    mask_iou: float | None = None
    filled_iou: float | None = None


Origins = dict[tuple[str, int], _Origin]
"""By label file and line from 0."""


@dataclass(frozen=True, slots=True)
class _Line:
    """One line of a label file, in shares of the picture's sides."""

    where: str  # file and line from 1, for messages
    place: tuple[str, int]  # label file and line from 0
    category: int
    corners: NDArray[np.float64]  # (N, 2); of a box its two
    is_box: bool


def read_yolo(folder: Path) -> ReadSet:
    """Return a set as its label files have it. Masks are drawn by pycocotools, boxes of polygons are their bounds.

    Raises:
        UnreadableExport: a file is missing, too many, or breaks a rule; the message names the file and the line.
    """
    splits, names = _data_yaml(folder / "data.yaml")
    ids = _category_ids(folder / CLASSES, names)
    pictures = {split: _pictures(folder, split) for split in splits}
    _same("folders of labels", _names(folder / "labels"), {split for split, found in pictures.items() if found}, folder)
    _same("folders of pictures", _names(folder / "images"), _names(folder / "labels"), folder)
    keys = [key for found in pictures.values() for key in found]
    if len(keys) != len(set(keys)):
        raise UnreadableExport(f"{folder / 'images'}: a picture is in two splits")
    lines = {
        (split, key): list(_lines(folder, _label_file(split, key), len(names)))
        for split, found in pictures.items()
        for key in found
    }
    _refuse_two_forms([line for found in lines.values() for line in found])
    origins = _origins(folder / "labels.jsonl")
    read = {}
    for (split, key), found in lines.items():
        size, digest = size_and_digest_of(pictures[split][key])
        read[key] = ReadPicture(split, *size, tuple(_object(line, ids, origins, *size) for line in found), digest)
    if origins:
        raise UnreadableExport(f"{folder / 'labels.jsonl'}: there is no line {min(origins)}")
    return ReadSet({ids[index]: name for index, name in enumerate(names)}, read)


def _data_yaml(path: Path) -> tuple[tuple[Split, ...], list[str]]:
    """Return the splits, and the names of the classes by index."""
    try:
        data = yaml.safe_load(_text(path))
    except yaml.YAMLError as err:
        raise UnreadableExport(f"{path}: {err}") from err
    if not isinstance(data, dict) or not {"train", "names"} <= data.keys() <= {*ORDER, "names"}:
        raise UnreadableExport(f"{path}: expected train, names, and val or test, and no other key; got {data!r:.200}")
    splits = tuple(split for split in ORDER if split in data)
    for split in splits:
        if data[split] != f"images/{split}":
            raise UnreadableExport(f"{path}: {split} is {data[split]!r:.100}; expected 'images/{split}'")
    names = data["names"]
    if not isinstance(names, dict) or list(names) != list(range(len(names))):
        raise UnreadableExport(f"{path}: names must be 0 to n - 1 in order, got {names!r:.200}")
    if not all(isinstance(name, str) for name in names.values()):
        raise UnreadableExport(f"{path}: names must be text, got {names!r:.200}")
    return splits, list(names.values())


def _category_ids(path: Path, names: Sequence[str]) -> list[int]:
    """Return the exported category id of each class."""
    classes = read_classes(path)
    if [one.name for one in classes] != names:
        raise UnreadableExport(f"{path}: its names are not those of data.yaml")
    return [one.category_id for one in classes]


def _pictures(folder: Path, split: Split) -> dict[str, Path]:
    """Return the pictures of a split by key, each of which has its label file."""
    found = {path.stem: path for path in _files(folder / "images" / split)}
    if len(found) != len(_names(folder / "images" / split)):
        raise UnreadableExport(f"{folder / 'images' / split}: two pictures would have one label file")
    _same(f"label files of {split}", _names(folder / "labels" / split), {f"{key}.txt" for key in found}, folder)
    return found


def _origins(path: Path) -> Origins:
    found: Origins = {}
    for number, text in enumerate(_rows(path), start=1):
        try:
            one = _Origin.model_validate_json(text)
        except ValidationError as err:
            raise UnreadableExport(f"{path}, line {number}: {err}") from err
        if (one.labels, one.line) in found:
            raise UnreadableExport(f"{path}, line {number}: line {one.line} of {one.labels} is there twice")
        found[one.labels, one.line] = one
    return found


def _label_file(split: Split, key: str) -> str:
    return f"labels/{split}/{key}.txt"


def _lines(folder: Path, labels: str, classes: int) -> Iterator[_Line]:
    for number, text in enumerate(_rows(folder / labels)):
        where = f"{folder / labels}, line {number + 1}"
        index, *numbers = text.split(" ")
        if not re.fullmatch(r"0|[1-9][0-9]{0,8}", index) or int(index) >= classes:
            raise UnreadableExport(f"{where}: the class is {index!r:.50}; there are {classes}, from 0")
        outside = [field for field in numbers if not SHARE.fullmatch(field)]
        if outside:
            raise UnreadableExport(f"{where}: {outside[0]!r:.50} is no number from 0 to 1")
        if len(numbers) < 4 or len(numbers) % 2:
            raise UnreadableExport(f"{where}: {len(numbers)} numbers; a box has 4, a polygon x and y of 3 corners")
        values = np.array(numbers, dtype=np.float64).reshape(-1, 2)
        is_box = len(values) == 2
        corners = np.array([values[0] - values[1] / 2, values[0] + values[1] / 2]) if is_box else values
        if corners.min() < -ROUNDING or corners.max() > 1 + ROUNDING:
            raise UnreadableExport(f"{where}: the box reaches beyond its picture")
        yield _Line(where, (labels, number), int(index), corners, is_box)


def _refuse_two_forms(lines: Sequence[_Line]) -> None:
    """A trainer takes 4 numbers for a box, more for a polygon, and refuses a file with both; so is a set with both."""
    for line in lines:
        if line.is_box != lines[0].is_box:
            raise UnreadableExport(f"{line.where}: boxes and polygons are in one set")


def _object(line: _Line, ids: Sequence[int], origins: Origins, width: int, height: int) -> ReadObject:
    """Return a line's object, its origin taken out of those that are left."""
    if line.place not in origins:
        raise UnreadableExport(f"{line.where}: labels.jsonl does not say what it is")
    origin = origins.pop(line.place)
    if (origin.category, origin.category_id) != (line.category, ids[line.category]):
        raise UnreadableExport(f"{line.where}: labels.jsonl has another class")
    corners = line.corners * (width, height)
    return ReadObject(
        origin=origin.origin,
        category_id=origin.category_id,
        box=_bounds(corners),
        mask=None if line.is_box else _drawn(corners, width, height),
        number=origin.id,
    )


def _bounds(corners: NDArray[np.float64]) -> Xywh:
    (left, top), (right, bottom) = corners.min(axis=0).tolist(), corners.max(axis=0).tolist()
    return left, top, right - left, bottom - top


def _drawn(corners: NDArray[np.float64], width: int, height: int) -> str:
    """Return the mask of a polygon, px, as COCO compressed counts."""
    (drawn,) = rle.frPyObjects([corners.ravel().tolist()], height, width)
    return str(drawn["counts"].decode())


def _rows(path: Path) -> list[str]:
    """Return the lines of a file; the last one ends too."""
    *rows, rest = _text(path).split("\n")
    if rest:
        raise UnreadableExport(f"{path}, line {len(rows) + 1}: it does not end")
    return rows


def _text(path: Path) -> str:
    try:
        return path.read_bytes().decode()
    except (OSError, UnicodeDecodeError) as err:
        raise UnreadableExport(f"{path}: {err}") from err


def _files(folder: Path) -> list[Path]:
    return sorted(folder.iterdir()) if folder.is_dir() else []


def _names(folder: Path) -> set[str]:
    return {path.name for path in _files(folder)}


def _same(what: str, found: set[str], wanted: set[str], folder: Path) -> None:
    if found != wanted:
        raise UnreadableExport(f"{folder}: {what} are too many or missing: {sorted(found ^ wanted)!r:.200}")
