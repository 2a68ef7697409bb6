"""Reads the pool of cut-outs back: masks from the alpha of its files by Pillow and pycocotools, its table by DuckDB."""

import hashlib
import json
import re
from collections import Counter
from collections.abc import Mapping, Sequence
from contextlib import closing
from io import BytesIO
from pathlib import Path, PurePosixPath
from typing import Any

import duckdb
import numpy as np
from PIL import Image
from pycocotools import mask as rle
from pydantic import BaseModel, ConfigDict, ValidationError

from genval_assets.export.formats.pool import CATEGORIES, LINES, TABLE
from genval_assets.export.read_set import ReadObject, ReadPicture, ReadSet, UnreadableExport


class _Mask(BaseModel):
    model_config = ConfigDict(strict=True, extra="forbid")

    size: tuple[int, int]
    counts: str


class _Line(BaseModel):
    model_config = ConfigDict(strict=True)

    instance_id: str
    file: str
    category: str
    category_id: int
    class_index: int
    name: str
    mask_threshold: int
    width: int
    height: int
    area_px: int
    mask: _Mask
    box: tuple[int, int, int, int]


class _Category(BaseModel):
    model_config = ConfigDict(strict=True)

    class_index: int
    category_id: int
    category: str
    name: str
    cutouts: int


class _Categories(BaseModel):
    model_config = ConfigDict(strict=True)

    categories: tuple[_Category, ...]


def read_pool(folder: Path) -> ReadSet:
    """Return the pool as its files have it: each cut-out is a picture with one object.

    Raises:
        UnreadableExport: an index is damaged, the two do not agree, or a cut-out is missing, not announced, or not as
            they say.
    """
    try:
        content = (folder / LINES).read_bytes().splitlines()
        lines = [_Line.model_validate_json(line) for line in content]
        categories = _Categories.model_validate_json((folder / CATEGORIES).read_bytes()).categories
    except (OSError, ValidationError) as err:
        raise UnreadableExport(f"{folder}: {err}") from err
    _refuse_other_rows(folder, [json.loads(line) for line in content])
    _refuse_other_files(folder, lines)
    _refuse_other_categories(folder, lines, categories)
    return ReadSet(
        categories={one.category_id: one.name for one in categories},
        pictures={line.instance_id: _picture(folder, line) for line in lines},
    )


def _refuse_other_rows(folder: Path, lines: Sequence[Mapping[str, Any]]) -> None:
    try:
        with closing(duckdb.connect()) as connection:
            found = connection.execute("from read_parquet(?)", [_literal(folder / TABLE)])
            columns = [name for name, *_ in found.description or ()]
            rows = [dict(zip(columns, row, strict=True)) for row in found.fetchall()]
    except duckdb.Error as err:
        raise UnreadableExport(f"{folder / TABLE}: {err}") from err
    if len(rows) != len(lines):
        raise UnreadableExport(f"{folder}: {LINES} has {len(lines)} instances, {TABLE} {len(rows)}")
    for line, row in zip(lines, rows, strict=True):
        if line != row:
            raise UnreadableExport(f"{folder}: {LINES} and {TABLE} differ about instance {line['instance_id']}")


def _refuse_other_files(folder: Path, lines: Sequence[_Line]) -> None:
    for line in lines:
        if PurePosixPath(line.file).with_suffix("") != PurePosixPath("pool", line.category, line.instance_id):
            raise UnreadableExport(f"{folder}: {line.file} is no place for {line.instance_id} of {line.category}")
    announced = sorted(line.file for line in lines)
    there = sorted(p.relative_to(folder).as_posix() for p in (folder / "pool").rglob("*") if not p.is_dir())
    if announced != there:
        strange = sorted((Counter(announced) - Counter(there)) + (Counter(there) - Counter(announced)))
        raise UnreadableExport(f"{folder}: {LINES} and the files below pool differ, first in {strange[0]}")


def _refuse_other_categories(folder: Path, lines: Sequence[_Line], categories: Sequence[_Category]) -> None:
    if [one.class_index for one in categories] != list(range(len(categories))):
        raise UnreadableExport(f"{folder / CATEGORIES}: expected class indices from 0 without gaps")
    named = Counter((line.class_index, line.category_id, line.category, line.name) for line in lines)
    listed = {(one.class_index, one.category_id, one.category, one.name): one.cutouts for one in categories}
    if dict(named) != {category: cutouts for category, cutouts in listed.items() if cutouts}:
        raise UnreadableExport(f"{folder}: {LINES} and {CATEGORIES} differ about categories or their cut-outs")


def _picture(folder: Path, line: _Line) -> ReadPicture:
    """Return a cut-out with the mask that its alpha has above its threshold."""
    path = folder / line.file
    try:
        shown = path.read_bytes()
        with Image.open(BytesIO(shown)) as opened:
            alpha = np.asarray(opened.convert("RGBA").getchannel("A"))
    except OSError as err:
        raise UnreadableExport(f"{path}: {err}") from err
    height, width = alpha.shape
    encoded = rle.encode(np.asfortranarray(alpha > line.mask_threshold, dtype=np.uint8))
    left, top, box_width, box_height = (int(side) for side in rle.toBbox(encoded))
    box = (left, top, box_width, box_height)
    seen = (width, height, int(rle.area(encoded)), box, (height, width))
    told = (line.width, line.height, line.area_px, line.box, line.mask.size)
    if seen != told or encoded["counts"].decode() != line.mask.counts:
        raise UnreadableExport(f"{path}: its alpha and {LINES} differ about size, box, area or mask")
    one = ReadObject(line.instance_id, line.category_id, box, line.mask.counts, area=line.area_px)
    return ReadPicture("train", width, height, (one,), hashlib.sha256(shown).hexdigest())


def _literal(path: Path) -> str:
    """Return the pattern that names this one file for DuckDB: folders may hold `[`, `*` and `?`."""
    return re.sub(r"[\[*?]", r"[\g<0>]", str(path))
