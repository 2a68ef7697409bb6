"""Parts: the immutable Parquet files that make up a table, `data/tables/<table>/<run>-<sequence>.parquet`.

A part is written once and never changed. Its place in the table's order is (sequence, run): of two rows with one id,
the earlier is the one that counts. `merge` replaces a stretch of parts by one that holds the same rows; a merged part
lists its members, so that a reader who meets both loses and doubles nothing.

Here are files and frames. Rows as dataclasses are `tables.py`'s, the published tables `warehouse.py`'s.
"""

import hashlib
import os
import re
from collections.abc import Callable, Collection, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, fields
from datetime import datetime
from io import BytesIO
from pathlib import Path
from typing import Any, Literal, get_args, get_type_hints

import polars as pl

from genval_assets.rows import Row
from resources.files import locked_folder, put_in_place, room_for, temporary

TABLES = Path("data") / "tables"
SCHEMA_VERSION = 1
"""Raised when a column changes its meaning. Columns that are only added leave it as it is: they read as null."""
MERGED = "merged-"
"""What the run of a part that `merge` made begins with."""
PART_NAME = re.compile(r"(?P<run>[A-Za-z0-9_][A-Za-z0-9_.-]{0,99})-(?P<sequence>\d{8})\.parquet")
ORDER = ("category", "round", "index")
ROWS_TOGETHER = 8192
"""Rows whose least and greatest category a part notes: a reader of few categories skips the others (our choice)."""
TIMES = ("created_at",)
"""Columns that hold times."""


class UnreadablePart(ValueError):
    """A part cannot be read, or not by this version: the message names the file and what to do with it."""


@dataclass(frozen=True, order=True)
class Part:
    """One file of a table; sorts in the table's order."""

    sequence: int
    run: str
    table: str

    @property
    def name(self) -> str:
        """The file's name."""
        return f"{self.run}-{self.sequence:08d}.parquet"

    def path(self, home: Path) -> Path:
        """Return where the file lies."""
        return home / TABLES / self.table / self.name


def parts_of(home: Path, table: str) -> list[Part]:
    """Return a table's parts in their order; files with other names are none of ours and are left alone."""
    folder = home / TABLES / table
    if not folder.is_dir():
        return []
    named = (PART_NAME.fullmatch(entry.name) for entry in os.scandir(folder))
    return sorted(Part(int(n["sequence"]), n["run"], table) for n in named if n)


def schema_of(kind: type[Any]) -> dict[str, pl.DataType]:
    """Return the Parquet columns of a dataclass's values, in its order; times are UTC."""
    hints = get_type_hints(kind)
    return {f.name: _polars_type(hints[f.name]) for f in fields(kind)}


def is_nullable(annotation: object) -> bool:
    """Return whether a field may be None."""
    return type(None) in get_args(annotation)


def _polars_type(annotation: object) -> pl.DataType:
    if is_nullable(annotation):
        (annotation,) = (a for a in get_args(annotation) if a is not type(None))
    types: dict[object, pl.DataType] = {
        str: pl.String(),
        int: pl.Int64(),
        float: pl.Float64(),
        bool: pl.Boolean(),
        datetime: pl.Datetime("us", "UTC"),
        list[str]: pl.List(pl.String()),
    }
    return types[annotation]


def write_part(home: Path, table: str, run: str, frame: pl.DataFrame, check: Callable[[Path], None]) -> Part:
    """Store a frame as the table's next part and return it; another process's part is never overwritten.

    Args:
        home: folder of the project.
        table: name of the table.
        run: the run that appends; names the file.
        frame: the rows, with the table's columns.
        check: called with the finished file before it is given its name; what it raises ends the append.

    Raises:
        ValueError: the run's name cannot be part of a file name.
        HomeDiskFull: there is no room; the table is as it was.
    """
    if not PART_NAME.fullmatch(Part(1, run, table).name) or run.startswith(MERGED):
        raise ValueError(f"run {run!r} cannot name a file: expected up to 100 letters, digits, '_', '.' or '-'")
    folder = home / TABLES / table
    with room_for(folder), temporary(folder) as temp:
        _write(temp, frame, replaced=[])
        check(temp)
        taken = parts_of(home, table)
        sequence = taken[-1].sequence + 1 if taken else 1
        while True:
            part = Part(sequence, run, table)
            with suppress(FileExistsError):  # two processes append for one run
                put_in_place(temp, part.path(home), overwrite=False)
                return part
            sequence += 1


def read_parts(
    home: Path,
    kind: type[Row],
    parts: Sequence[Part],
    categories: Collection[str] | None = None,
    columns: Sequence[str] | None = None,
) -> pl.DataFrame:
    """Return the parts' rows, each id once, the earlier part's; a column that a part lacks is null there.

    Args:
        home: folder of the project.
        kind: the table.
        parts: in any order.
        categories: only rows that the partitions of these made.
        columns: only these; None for all. The id is needed among them, or rows are not told apart.

    Raises:
        UnreadablePart: a part is damaged, or was written by a newer genval.
    """
    schema = schema_of(kind)
    wanted = list(columns or schema)
    if not parts:
        return pl.DataFrame(schema={name: schema[name] for name in wanted})
    paths = [part.path(home) for part in sorted(parts)]
    rows = _scan(kind, paths)
    if categories is not None:
        rows = rows.filter(pl.col(kind.partition_column).is_in(list(categories)))
    found = _collected(rows.select(wanted), kind, paths)
    return each_once(found, kind.id_column) if kind.id_column in wanted else found


def each_once(frame: pl.DataFrame, column: str, keep: Literal["first", "last"] = "first") -> pl.DataFrame:
    """Return the rows with each value of a text column once, in their order.

    Hashes tell which rows may be repeated, and only those are compared: on a million ids ten times as fast as `unique`.
    """
    maybe_repeated = frame[column].hash().is_duplicated()
    if not maybe_repeated.any():
        return frame
    numbered = frame.select(column).with_row_index("row")
    kept = numbered.filter(maybe_repeated).unique(column, keep=keep)["row"]
    return frame.filter(~maybe_repeated | numbered["row"].is_in(kept.implode()))


def holders(home: Path, kind: type[Row], parts: Sequence[Part]) -> dict[str, set[str]]:
    """Return for each category which of the parts, by name, hold rows of it; rows without a category do not count."""
    if not parts:
        return {}
    paths = [part.path(home) for part in parts]
    pairs = _scan(kind, paths, "path").select("category", "path").drop_nulls("category").unique()
    found: dict[str, set[str]] = {}
    for category, path in _collected(pairs, kind, paths).iter_rows():
        found.setdefault(category, set()).add(Path(path).name)
    return found


def in_order(frame: pl.DataFrame) -> pl.DataFrame:
    """Return the rows sorted by (category, round, index), as far as the table has those; ties stay as they were."""
    return frame.sort([column for column in ORDER if column in frame.columns], maintain_order=True)


@contextmanager
def listed(home: Path, table: str) -> Iterator[list[Part]]:
    """Give a table's parts in their order; while the block lasts, none of them goes away."""
    folder = home / TABLES / table
    if not folder.is_dir():
        yield []
        return
    with locked_folder(folder, shared=True):
        yield parts_of(home, table)


def replaced_by(home: Path, part: Part) -> list[str]:
    """Return the names of the parts whose rows a merged part holds; none for a part that a run wrote."""
    if not part.run.startswith(MERGED):
        return []
    return pl.read_parquet_metadata(part.path(home)).get("genval_replaced", "").split()


def merge(home: Path, kind: type[Row], parts: Sequence[Part]) -> Part:
    """Write one part that holds the rows of neighbouring parts, in the last one's place; `drop_replaced` removes them.

    The last one's place, since sequences only grow: no later part may take the name of one that was replaced. The name
    follows from the parts, so that a merge that was killed half-way is found done, or done again.
    """
    replaced = [part.name for part in sorted(parts)]
    run = MERGED + hashlib.sha256(" ".join(replaced).encode()).hexdigest()[:12]
    merged = Part(max(parts).sequence, run, kind.table)
    with room_for(merged.path(home)), temporary(home / TABLES / kind.table) as temp:
        _write(temp, in_order(read_parts(home, kind, parts)), replaced)
        put_in_place(temp, merged.path(home))
    return merged


def replaced_parts(home: Path, table: str) -> list[Part]:
    """Return the parts that are still there although a merged part holds their rows."""
    parts = parts_of(home, table)
    replaced = {name for part in parts for name in replaced_by(home, part)}
    return [part for part in parts if part.name in replaced]


def drop_replaced(home: Path, table: str) -> int:
    """Remove the parts whose rows a merged part holds and return how many; none while somebody reads the table."""
    gone = replaced_parts(home, table)
    if not gone:
        return 0
    try:
        with locked_folder(home / TABLES / table, wait=False):
            for part in gone:
                part.path(home).unlink(missing_ok=True)
    except BlockingIOError:  # the next compaction finds them again
        return 0
    return len(gone)


def parquet(frame: pl.DataFrame, about: dict[str, str]) -> bytes:
    """Return the frame as a Parquet file with these notes.

    In memory first: polars would report a full disk as a fault of the data.
    """
    file = BytesIO()
    frame.write_parquet(file, metadata=about, row_group_size=ROWS_TOGETHER)
    return file.getvalue()


def _write(temp: Path, frame: pl.DataFrame, replaced: Sequence[str]) -> None:
    about = {"genval_schema": str(SCHEMA_VERSION), "genval_replaced": " ".join(replaced)}
    content = parquet(frame, about)
    with room_for(temp, len(content)):
        temp.write_bytes(content)


def _scan(kind: type[Row], paths: list[Path], path_column: str | None = None) -> pl.LazyFrame:
    return pl.scan_parquet(
        paths,
        glob=False,  # a file name may hold [ and *
        schema=schema_of(kind),
        missing_columns="insert",
        extra_columns="ignore",
        include_file_paths=path_column,
    )


def _collected(rows: pl.LazyFrame, kind: type[Row], paths: list[Path]) -> pl.DataFrame:
    """Return the rows of a scan over `paths`, which are in the table's order.

    Raises:
        UnreadablePart: it names the part.
    """
    try:
        _refuse_newer(paths[-1])  # the newest tells: whoever writes a newer schema appends after the older parts
        return rows.collect()
    except (pl.exceptions.PolarsError, OSError) as err:
        raise _culprit(kind, paths, err) from err


def _refuse_newer(path: Path) -> None:
    version = pl.read_parquet_metadata(path).get("genval_schema", "0")
    if int(version) > SCHEMA_VERSION:
        raise UnreadablePart(
            f"{path} has schema version {version}, this genval reads up to {SCHEMA_VERSION}: "
            "use the genval that wrote this home, or a newer one"
        )


def _culprit(kind: type[Row], paths: list[Path], err: Exception) -> Exception:
    """Return the error that names the part which cannot be read; the one that was met where each can be."""
    for path in paths:
        try:
            _scan(kind, [path]).collect()
        except (pl.exceptions.PolarsError, OSError) as cause:
            remedy = "restore it from a backup, or move it away: the rows it held are then made again"
            return UnreadablePart(f"{path} cannot be read as a part of {kind.table}: {cause}; {remedy}")
    return err
