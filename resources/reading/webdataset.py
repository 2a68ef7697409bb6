"""Reads WebDataset shards back: the tar files block by block, their JSON by pydantic, their pictures by Pillow."""

import re
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Literal

from pydantic import BaseModel, ConfigDict, ValidationError

from genval_assets.export.formats.webdataset import INDEX
from genval_assets.export.read_set import ReadObject, ReadPicture, ReadSet, UnreadableExport
from genval_assets.export.words import Split
from genval_assets.types import Xywh
from resources.reading.classes import Class, read_classes
from resources.reading.pictures import size_and_digest
from resources.reading.ustar import members

MEMBER = re.compile(r"(?P<key>[A-Za-z0-9_-]+)\.(?P<kind>[a-z]+)")


class _Series(BaseModel):
    model_config = ConfigDict(strict=True, extra="forbid")

    split: Split
    shards: str
    n_shards: int
    pictures: int


class _Index(BaseModel):
    model_config = ConfigDict(strict=True, extra="forbid")

    name: str
    classes: str
    splits: tuple[_Series, ...]


class _Mask(BaseModel):
    model_config = ConfigDict(strict=True, extra="forbid")

    size: tuple[int, int]
    counts: str


class _Object(BaseModel):
    model_config = ConfigDict(strict=True)

    id: int
    origin: str
    category: int
    category_id: int
    bbox: Xywh
    area: float
    iscrowd: Literal[0, 1]
    segmentation: _Mask


class _Picture(BaseModel):
    model_config = ConfigDict(strict=True)

    width: int
    height: int
    objects: tuple[_Object, ...]


def read_webdataset(folder: Path) -> ReadSet:
    """Return a set as its shards have it.

    Raises:
        UnreadableExport: the index, a shard, a member or a picture is damaged, missing, or more than was announced.
    """
    try:
        index = _Index.model_validate_json((folder / INDEX).read_bytes())
    except (OSError, ValidationError) as err:
        raise UnreadableExport(f"{folder / INDEX}: {err}") from err
    classes = read_classes(folder / index.classes)
    _refuse_other_shards(folder, index)
    pictures: dict[str, ReadPicture] = {}
    for series in index.splits:
        found = dict(_of_series(folder, series, classes))
        if twice := found.keys() & pictures.keys():
            raise UnreadableExport(f"{folder}: picture {min(twice)} is in two splits")
        pictures |= found
    return ReadSet({one.category_id: one.name for one in classes}, pictures)


def _paths(series: _Series) -> list[str]:
    return [f"{series.split}-{number:06d}.tar" for number in range(series.n_shards)]


def _refuse_other_shards(folder: Path, index: _Index) -> None:
    announced = sorted(path for series in index.splits for path in _paths(series))
    there = sorted(path.name for path in folder.glob("*.tar"))
    if announced != there:
        raise UnreadableExport(f"{folder / INDEX} names the shards {announced}; there are {there}")
    for series in index.splits:
        if series.shards != f"{series.split}-{{000000..{series.n_shards - 1:06d}}}.tar":
            raise UnreadableExport(f"{folder / INDEX}: {series.shards!r} names others than {series.n_shards} shards")


def _of_series(folder: Path, series: _Series, classes: Sequence[Class]) -> Iterator[tuple[str, ReadPicture]]:
    """Yield key and picture of all shards of a split."""
    keys: set[str] = set()
    for shard in _paths(series):
        for key, picture in _of_shard(folder / shard, series.split, classes):
            if key in keys:
                raise UnreadableExport(f"{folder / shard}: picture {key} is in two shards")
            keys.add(key)
            yield key, picture
    if len(keys) != series.pictures:
        raise UnreadableExport(f"{folder}: {series.split} has {len(keys)} pictures; {series.pictures} announced")


def _of_shard(shard: Path, split: Split, classes: Sequence[Class]) -> Iterator[tuple[str, ReadPicture]]:
    """Yield key and picture of a shard: its members are a picture, its JSON, the next picture and so on."""
    pending = members(shard)
    for name, shown in pending:
        beside, record = next(pending, ("nothing", b""))
        member = MEMBER.fullmatch(name)
        if member is None or beside != f"{member['key']}.json":
            raise UnreadableExport(f"{shard}: expected a picture and its JSON; got {name} and {beside}")
        yield member["key"], _picture(shown, record, f"{shard}: {beside}", split, classes)


def _picture(shown: bytes, record: bytes, where: str, split: Split, classes: Sequence[Class]) -> ReadPicture:
    (width, height), digest = size_and_digest(shown, f"the picture beside {where}")
    try:
        read = _Picture.model_validate_json(record)
    except ValidationError as err:
        raise UnreadableExport(f"{where}: {err}") from err
    sizes = {(read.height, read.width), *(one.segmentation.size for one in read.objects)}
    if sizes != {(height, width)}:
        raise UnreadableExport(f"{where}: the picture has {height} x {width} px, and its record says {sorted(sizes)}")
    ids = {one.index: one.category_id for one in classes}
    if strange := [one.origin for one in read.objects if ids.get(one.category) != one.category_id]:
        raise UnreadableExport(f"{where}: class and category of {strange[0]} are not a row of the table of classes")
    objects = tuple(
        ReadObject(one.origin, one.category_id, one.bbox, one.segmentation.counts, bool(one.iscrowd), one.area, one.id)
        for one in read.objects
    )
    return ReadPicture(split, width, height, objects, digest)
