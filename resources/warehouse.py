"""Publishes the record as `data/genval.duckdb`: native tables, rollups and views that any DuckDB from 1.2 reads.

A publication copies the published file, takes in the parts that are new, and renames the copy into place; nobody
holds a lock while people query. The file is as the publisher left it when its time of change is the `as_of` in it;
otherwise (a shell wrote into it, a backup came back, the tables have new columns) it is built anew from the parts.
Reading it: `published.py`.
"""

import errno
import os
import shutil
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import asdict
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from typing import Any

import dagster as dg
import duckdb
import polars as pl
from pydantic import Field

from genval_assets.rows import ROWS, Row
from genval_assets.types import CategoryStat, InvalidRate, Published
from resources.files import (
    HomeDiskFull,
    locked_folder,
    make_folder,
    put_in_place,
    room_for,
    sweep_orphans,
    temporary_folder,
)
from resources.parts import (
    Part,
    drop_replaced,
    in_order,
    listed,
    merge,
    parquet,
    parts_of,
    read_parts,
    replaced_by,
    replaced_parts,
    schema_of,
)
from resources.schema import RefusedRow, create_tables, from_part, refuse_bad_rows, schema_hash
from resources.tallies import roll_up

WAREHOUSE = Path("data") / "genval.duckdb"
STORAGE_VERSION = "v1.2.0"
"""The oldest DuckDB that shall read the file; what 2.0 writes by default, 1.4 cannot read."""
AT_ONCE = 32 * 2**20
"""Bytes of parts that are taken in together: some 300,000 verdicts, which need about 1 GB of memory."""
SMALL = 8 * 2**20
MANY = 16
"""So many neighbouring parts under `SMALL` bytes are worth merging (our choice): reading a part costs 0.1 ms."""


class DuckWarehouse(dg.ConfigurableResource[None]):
    """Publishes one home."""

    home: str = Field(description="Folder of the project.")

    def publish(self, stats: Sequence[CategoryStat], rates: Sequence[InvalidRate]) -> Published:
        """Take in the parts not yet published, replace the rollups, rename the new file into place.

        A second publisher waits for the first. Whoever has the old file open keeps reading it.

        Raises:
            RefusedRow: a part holds a row that breaks a CHECK: somebody changed the part. Nothing is published.
            UnreadablePart: a part is damaged. Nothing is published.
            HomeDiskFull: there is no room. What was published stays.
        """
        home, final = Path(self.home), Path(self.home) / WAREHOUSE
        as_of = datetime.now(UTC)
        with self._publisher(), room_for(final), temporary_folder(final.parent) as folder:
            file = _start(final, folder)
            with _disk_full_named(final), closing(duckdb.connect(str(file))) as connection:
                new_rows = {kind.table: _take_in(connection, home, kind, folder) for kind in ROWS}
                _replace(connection, "category_stats", CategoryStat, stats, folder)
                _replace(connection, "invalid_rates", InvalidRate, rates, folder)
                _replace_meta(connection, as_of)
                total_rows = {kind.table: _count(connection, kind.table) for kind in ROWS}
                connection.execute("checkpoint")  # closing alone is silent on a full disk and leaves a short file
            _put_in_place(file, final, as_of)
            roll_up(home)
        size = final.stat().st_size
        return Published(str(final), as_of.isoformat(timespec="seconds"), new_rows, total_rows, size)

    def compact(self) -> int:
        """Merge small neighbouring parts; return how many files went away.

        A new part is there before the old ones go, and these stay while somebody reads; the next call finds them.
        Best called after `publish`: then the merged parts hold nothing that it has not taken in.
        """
        home = Path(self.home)
        with self._publisher():
            for kind in ROWS:
                waiting = replaced_parts(home, kind.table)
                parts = [part for part in parts_of(home, kind.table) if part not in waiting]
                for stretch in _stretches(home, parts):
                    merge(home, kind, stretch)
            return sum(drop_replaced(home, kind.table) for kind in ROWS)

    @contextmanager
    def _publisher(self) -> Iterator[None]:
        """Be the only publisher of the home, and remove what a killed one left."""
        data = Path(self.home) / "data"
        make_folder(data)
        with locked_folder(data):
            sweep_orphans(data)
            yield


def _start(final: Path, folder: Path) -> Path:
    """Return the file to work on: a copy of the published one where that is as it was published, else a new one."""
    file = folder / WAREHOUSE.name
    if final.exists():
        changed = final.stat().st_mtime_ns
        shutil.copyfile(final, file)
        if final.stat().st_mtime_ns == changed and _is_published(file, changed):
            return file
        file.unlink()
    with closing(duckdb.connect()) as connection:
        connection.execute(f"attach '{_quoted(file)}' as fresh (storage_version '{STORAGE_VERSION}')")
        connection.execute("use fresh")
        create_tables(connection)
    return file


def _is_published(file: Path, changed: int) -> bool:
    """Return whether a file holds these tables and was last changed, in ns since 1970, by its publication."""
    try:
        with closing(duckdb.connect(str(file), read_only=True)) as connection:
            found = connection.execute("select epoch_us(as_of), schema_hash from genval_meta").fetchall()
    except duckdb.Error:  # not a database, a torn one, or one without that table: the parts hold everything
        return False
    return found == [(changed // 1000, schema_hash())]


def _put_in_place(file: Path, final: Path, as_of: datetime) -> None:
    """Rename a finished file into place, read-only, its time of change set to `as_of`.

    A shell that had the old file open for writing leaves a log beside it, which no new file can be opened with; it
    goes before the rename, and once more after it.
    """
    stamp = round(as_of.timestamp() * 1_000_000) * 1000
    os.utime(file, ns=(stamp, stamp))
    log = final.with_name(f"{final.name}.wal")
    log.unlink(missing_ok=True)
    put_in_place(file, final, mode=0o444)
    log.unlink(missing_ok=True)


def _take_in(connection: duckdb.DuckDBPyConnection, home: Path, kind: type[Row], folder: Path) -> int:
    """Insert the rows of the parts that are new, each id once, and return how many they are."""
    known = "select part from genval_parts where table_name = ?"
    taken = {part for (part,) in connection.execute(known, [kind.table]).fetchall()}
    added = 0
    with listed(home, kind.table) as parts:
        new = [part for part in parts if part.name not in taken]
        merged = [part for part in new if (members := replaced_by(home, part)) and taken.issuperset(members)]
        for group in _groups(home, [part for part in new if part not in merged]):
            added += _insert(connection, home, kind, group, folder)
        names = pl.DataFrame({"table_name": kind.table, "part": [part.name for part in parts]})
        if taken != set(names["part"]):
            connection.execute("delete from genval_parts where table_name = ?", [kind.table])
            _insert_frame(connection, "genval_parts", names, folder)
    return added


def _insert(
    connection: duckdb.DuckDBPyConnection, home: Path, kind: type[Row], parts: Sequence[Part], folder: Path
) -> int:
    rows = folder / "rows.parquet"
    rows.write_bytes(parquet(in_order(read_parts(home, kind, parts)), {}))
    unknown = f"not exists (from {kind.table} as old where old.{kind.id_column} = part.{kind.id_column})"
    statement = f"insert into {kind.table} by name {from_part()} where {unknown}"
    try:
        return int(connection.execute(statement, [str(rows)]).fetchall()[0][0])
    except duckdb.ConstraintException:
        for part in parts:
            path = part.path(home)
            try:
                refuse_bad_rows(kind, path)
            except RefusedRow as err:
                remedy = "somebody changed this part: restore it, or move it away and its rows are made again"
                raise RefusedRow(f"{path}: {err}; {remedy}") from err
        raise


def _replace(
    connection: duckdb.DuckDBPyConnection, table: str, kind: type[Any], rows: Sequence[Any], folder: Path
) -> None:
    connection.execute(f"delete from {table}")  # noqa: S608 - our own name
    _insert_frame(connection, table, pl.DataFrame([asdict(row) for row in rows], schema=schema_of(kind)), folder)


def _insert_frame(connection: duckdb.DuckDBPyConnection, table: str, frame: pl.DataFrame, folder: Path) -> None:
    """Insert by way of a file: row by row is 440 times slower, and DuckDB reads frames only with pyarrow."""
    file = folder / "frame.parquet"
    file.write_bytes(parquet(frame, {}))
    connection.execute(f"insert into {table} by name from read_parquet(?)", [str(file)])


def _replace_meta(connection: duckdb.DuckDBPyConnection, as_of: datetime) -> None:
    connection.execute("delete from genval_meta")
    values = [as_of.replace(tzinfo=None), version("genval"), schema_hash()]
    connection.execute("insert into genval_meta values (?, ?, ?)", values)


def _count(connection: duckdb.DuckDBPyConnection, table: str) -> int:
    return int(connection.execute(f"select count(*) from {table}").fetchall()[0][0])  # noqa: S608 - our own name


def _groups(home: Path, parts: Sequence[Part]) -> Iterator[list[Part]]:
    """Yield the parts in order, some `AT_ONCE` bytes at a time."""
    group: list[Part] = []
    size = 0
    for part in parts:
        group.append(part)
        size += part.path(home).stat().st_size
        if size >= AT_ONCE:
            yield group
            group, size = [], 0
    if group:
        yield group


def _stretches(home: Path, parts: Sequence[Part]) -> Iterator[list[Part]]:
    """Yield the stretches of neighbouring small parts that are long enough to be merged."""
    is_small = [part.path(home).stat().st_size < SMALL for part in parts]
    start = 0
    for end in range(len(parts) + 1):
        if end == len(parts) or not is_small[end]:
            if end - start >= MANY:
                yield from (group for group in _groups(home, parts[start:end]) if len(group) > 1)
            start = end + 1


@contextmanager
def _disk_full_named(final: Path) -> Iterator[None]:
    try:
        yield
    except duckdb.Error as err:
        cause = err.__cause__ or err
        if "No space left" in str(err) or "File too large" in str(err):
            raise HomeDiskFull(final, None, OSError(errno.ENOSPC, str(cause))) from err
        raise


def _quoted(path: Path) -> str:
    return str(path).replace("'", "''")
