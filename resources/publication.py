"""One publication of the record: a DuckDB file in a temporary folder, from its start to its place.

Who may publish, when, and what else is done on the way: `warehouse.py`.
"""

import os
import shutil
from collections.abc import Iterator, Sequence
from contextlib import closing
from dataclasses import asdict, dataclass
from datetime import datetime
from importlib.metadata import version
from pathlib import Path
from typing import Any

import duckdb
import polars as pl

from genval_assets.all_rows import ROWS
from genval_assets.rows import Row
from resources.files import put_in_place
from resources.parts import ORDER, Part, in_order, listed, parquet, read_parts, replaced_by, schema_of
from resources.schema import RefusedRow, create_tables, from_part, refuse_bad_rows, schema_hash

STORAGE_VERSION = "v1.2.0"
"""The oldest DuckDB that shall read the file; what 2.0 writes by default, 1.4 cannot read."""
AT_ONCE = 32 * 2**20
"""Bytes of parts that are read together: some 300,000 verdicts, which need about 1 GB of memory."""
UNSORTED = 200_000
"""So many rows may lie behind the sorted ones, or as many as those are, before all are sorted again (our choice)."""


class LostRows(RuntimeError):
    """DuckDB said that it had inserted rows which are not there; what was published stays."""


@dataclass(frozen=True)
class Publication:
    """The file that is being made, open.

    No transaction is put around its statements: with one, and two threads, DuckDB 2.0.0 forgot a million rows that
    several inserts had put into one table. Nothing needs it either, since only a finished file gets its name.
    """

    connection: duckdb.DuckDBPyConnection
    home: Path
    folder: Path  # for what is needed on the way
    is_new: bool  # built from nothing: its rows shall lie sorted

    def take_in(self, kind: type[Row]) -> int:
        """Insert the rows of the parts that are new, each id once, and return how many they are.

        Raises:
            RefusedRow: a part holds a row that breaks a CHECK; the message names both.
            LostRows: the table does not hold what was inserted.
        """
        before = self.count(kind)
        taken = self.taken(kind)
        with listed(self.home, kind.table) as parts:
            new = [part for part in parts if part.name not in taken and not self._holds(part, taken)]
            try:
                added = self._insert_sorted(kind, new) if self.is_new else self._insert(kind, new, kind.table)
            except duckdb.ConstraintException:
                self._name_bad_row(kind, new)
                raise
        if self.count(kind) != before + added:
            raise LostRows(f"{kind.table}: {before:,} rows and {added:,} new ones became {self.count(kind):,}")
        names = [part.name for part in parts]
        if taken != set(names):
            self.connection.execute("delete from genval_parts where table_name = ?", [kind.table])
            self._insert_frame("genval_parts", pl.DataFrame({"table_name": kind.table, "part": names}))
        return added

    def taken(self, kind: type[Row]) -> set[str]:
        """Return the names of the parts whose rows a table has."""
        known = "select part from genval_parts where table_name = ?"
        return {part for (part,) in self.connection.execute(known, [kind.table]).fetchall()}

    def replace(self, table: str, kind: type[Any], rows: Sequence[Any]) -> None:
        """Put these rows, dataclasses of that kind, in the place of all the table has."""
        self.connection.execute(f"delete from {table}")  # noqa: S608 - our own name
        self._insert_frame(table, pl.DataFrame([asdict(row) for row in rows], schema=schema_of(kind)))

    def finish(self, as_of: datetime, total_rows: int) -> None:
        """Note what the file shows, and write all of it: closing alone is silent on a full disk."""
        sorted_rows = "select coalesce(max(sorted_rows), 0) from genval_meta"
        ((before,),) = self.connection.execute(sorted_rows).fetchall()
        values = [as_of.replace(tzinfo=None), version("genval"), schema_hash(), total_rows if self.is_new else before]
        self.connection.execute("delete from genval_meta")
        self.connection.execute("insert into genval_meta values (?, ?, ?, ?)", values)
        self.connection.execute("checkpoint")

    def count(self, kind: type[Row]) -> int:
        """Return how many rows a table has."""
        return int(self.connection.execute(f"select count(*) from {kind.table}").fetchall()[0][0])  # noqa: S608

    def _holds(self, part: Part, taken: set[str]) -> bool:
        """Return whether a part is merged of parts that were taken in."""
        members = replaced_by(self.home, part)
        return bool(members) and taken.issuperset(members)

    def _insert(self, kind: type[Row], parts: Sequence[Part], table: str) -> int:
        unknown = f"not exists (from {table} as old where old.{kind.id_column} = part.{kind.id_column})"
        statement = f"insert into {table} by name {from_part()} where {unknown}"
        file, added = self.folder / "rows.parquet", 0
        for group in groups(self.home, parts):
            file.write_bytes(parquet(in_order(read_parts(self.home, kind, group)), {}))
            added += int(self.connection.execute(statement, [str(file)]).fetchall()[0][0])
        return added

    def _insert_sorted(self, kind: type[Row], parts: Sequence[Part]) -> int:
        """Insert all parts of a new file by way of a staging table, so that a category's rows lie together."""
        order = ", ".join(column for column in ORDER if column in schema_of(kind)) or kind.id_column
        self.connection.execute(f"create or replace temp table staging as from {kind.table} limit 0")
        added = self._insert(kind, parts, "staging")
        self.connection.execute(f"insert into {kind.table} by name from staging order by {order}")
        self.connection.execute("drop table staging")
        return added

    def _insert_frame(self, table: str, frame: pl.DataFrame) -> None:
        """Insert by way of a file: row by row is 440 times slower, and DuckDB reads frames only with pyarrow."""
        file = self.folder / "frame.parquet"
        file.write_bytes(parquet(frame, {}))
        self.connection.execute(f"insert into {table} by name from read_parquet(?)", [str(file)])

    def _name_bad_row(self, kind: type[Row], parts: Sequence[Part]) -> None:
        for part in parts:
            path = part.path(self.home)
            try:
                refuse_bad_rows(kind, path)
            except RefusedRow as err:
                remedy = "somebody changed this part: restore it, or move it away and its rows are made again"
                raise RefusedRow(f"{path}: {err}; {remedy}") from err


def start(final: Path, folder: Path) -> tuple[Path, bool]:
    """Return the file to work on and whether it is new: a copy of the published one where that is as it was published.

    Where a shell wrote into it, where it came back from a backup, where it has other tables, or where most of its
    rows lie unsorted, a new one is begun; the parts hold everything.
    """
    file = folder / final.name
    if final.exists():
        changed = final.stat().st_mtime_ns
        shutil.copyfile(final, file)
        if final.stat().st_mtime_ns == changed and _can_go_on(file, changed):
            return file, False
        file.unlink()
    with closing(duckdb.connect()) as connection:
        quoted = str(file).replace("'", "''")
        connection.execute(f"attach '{quoted}' as fresh (storage_version '{STORAGE_VERSION}')")
        connection.execute("use fresh")
        create_tables(connection)
    return file, True


def _can_go_on(file: Path, changed: int) -> bool:
    """Return whether a file was last changed, in ns since 1970, by its publication, and is worth adding to."""
    rows = "select sum(estimated_size) from duckdb_tables() where not internal and table_name = any(?)"
    try:
        with closing(duckdb.connect(str(file), read_only=True)) as connection:
            meta = "select epoch_us(as_of), schema_hash, sorted_rows from genval_meta"
            ((as_of, schema, sorted_rows),) = connection.execute(meta).fetchall()
            ((total,),) = connection.execute(rows, [[kind.table for kind in ROWS]]).fetchall()
    except (duckdb.Error, ValueError):  # not a database, a torn one, or one without that row
        return False
    is_as_published = (as_of, schema) == (changed // 1000, schema_hash())
    return is_as_published and int(total) - sorted_rows <= max(UNSORTED, sorted_rows)


def put_published(file: Path, final: Path, as_of: datetime) -> None:
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


def groups(home: Path, parts: Sequence[Part]) -> Iterator[list[Part]]:
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
