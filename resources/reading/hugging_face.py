"""Reads Parquet shards with DuckDB, and the pictures within them with Pillow; genval writes them with polars."""

import glob
import json
import re
from collections.abc import Iterator, Sequence
from pathlib import Path, PurePosixPath
from typing import Literal

import duckdb
import msgspec

from genval_assets.export.formats.classes import CLASSES
from genval_assets.export.formats.features import SPLIT_NAMES
from genval_assets.export.read_set import ReadObject, ReadPicture, ReadSet, UnreadableExport
from genval_assets.export.words import Split
from genval_assets.types import Xywh
from resources.reading.classes import read_classes
from resources.reading.pictures import size_and_digest

SPLITS: dict[str, Split] = {name: split for split, name in SPLIT_NAMES.items()}
SHARD = re.compile(rf"(?P<split>{'|'.join(SPLITS)})-\d{{5}}-of-\d{{5}}\.parquet")
TOGETHER = 50
"""Pictures held in memory at once."""


class _Mask(msgspec.Struct):
    size: tuple[int, int]  # height, width
    counts: str


class _Objects(msgspec.Struct):
    """The objects of a picture: one list per field, all of one length."""

    id: list[int]
    origin: list[str]
    category: list[int]
    category_id: list[int]
    bbox: list[Xywh]
    area: list[float]
    iscrowd: list[Literal[0, 1]]
    segmentation: list[_Mask]


def read_hugging_face(folder: Path) -> ReadSet:
    """Return a set as its shards have it; names of categories are those of the shards, their ids of `classes.json`.

    Raises:
        UnreadableExport: there are no shards, one is damaged or contradicts itself, another one or `classes.json`, or a
            picture cannot be opened.
    """
    shards = sorted(Path(folder, "data").glob("*"))
    if not shards:
        raise UnreadableExport(f"{folder / 'data'} has no shards")
    categories = {one.category_id: one.name for one in read_classes(folder / CLASSES)}
    pictures: dict[str, ReadPicture] = {}
    with duckdb.connect() as connection:
        for shard in shards:
            try:
                if _class_names(connection, shard) != list(categories.values()):
                    raise UnreadableExport(f"{shard}: the names of its classes are not those of {CLASSES}")
                for key, picture in _pictures(connection, shard, list(categories)):
                    if key in pictures:
                        raise UnreadableExport(f"{shard}: picture {key} was there before")
                    pictures[key] = picture
            except duckdb.Error as err:
                raise UnreadableExport(f"{shard}: {err}") from err
    return ReadSet(categories, pictures)


def _class_names(connection: duckdb.DuckDBPyConnection, shard: Path) -> list[str]:
    """Return what the class indices of a shard mean, as it says itself."""
    query = "select value from parquet_kv_metadata(?) where key = 'huggingface'::blob"
    notes = connection.execute(query, [_escaped(shard)]).fetchall()
    if len(notes) != 1:
        raise UnreadableExport(f"{shard} has {len(notes)} notes on its columns; one was written")
    names: list[str] = json.loads(notes[0][0])["info"]["features"]["objects"]["category"]["feature"]["names"]
    return names


def _pictures(
    connection: duckdb.DuckDBPyConnection, shard: Path, ids: Sequence[int]
) -> Iterator[tuple[str, ReadPicture]]:
    name = SHARD.fullmatch(shard.name)
    if name is None:
        raise UnreadableExport(f"{shard} has not the name of a shard; expected {SHARD.pattern}")
    query = "select image.path, image.bytes, width, height, objects from read_parquet(?)"
    rows = connection.execute(query, [_escaped(shard)])
    while some := rows.fetchmany(TOGETHER):
        for path, content, width, height, objects in some:
            where = f"{path} in {shard}"
            size, digest = size_and_digest(content, where)
            if size != (width, height):
                raise UnreadableExport(f"{where} has {size} px; its row says {(width, height)}")
            found = read_objects(objects, size, ids, where)
            yield PurePosixPath(path).stem, ReadPicture(SPLITS[name["split"]], *size, found, digest)


def read_objects(objects: object, size: tuple[int, int], ids: Sequence[int], where: str) -> tuple[ReadObject, ...]:
    """Return the objects of a picture from the lists that a row holds.

    Args:
        objects: one list per field, all of one length.
        size: width and height of the picture, px.
        ids: category id by class index.
        where: names the picture in errors.

    Raises:
        UnreadableExport: the lists are of other types or lengths, class index and category id contradict each other, or
            a mask is not of the picture's size.
    """
    try:
        rows = list(zip(*msgspec.structs.astuple(msgspec.convert(objects, _Objects)), strict=True))
    except ValueError as err:
        raise UnreadableExport(f"{where}: {err}") from err
    for _, origin, index, number, _, _, _, mask in rows:
        if index not in range(len(ids)) or ids[index] != number:
            raise UnreadableExport(f"object {origin} of {where}: class {index} is not category {number}")
        if mask.size != size[::-1]:
            raise UnreadableExport(f"object {origin} of {where}: its mask is {mask.size}, the picture {size[::-1]}")
    return tuple(
        ReadObject(origin, number, box, mask.counts, bool(crowd), area, exported)
        for exported, origin, _, number, box, area, crowd, mask in rows
    )


def _escaped(path: Path) -> str:
    return glob.escape(str(path))  # DuckDB takes a path for a pattern
