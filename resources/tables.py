"""The record: rows of `genval_assets/rows.py` in immutable Parquet parts below the home.

What a part is and how parts make a table: `parts.py`. What the planner counts: `tallies.py`.
"""

import shutil
from collections.abc import Collection, Sequence
from functools import partial
from pathlib import Path

import dagster as dg
import polars as pl
from pydantic import Field

from genval_assets.ports import R
from genval_assets.rows import Row
from genval_assets.types import Tally
from resources.files import existing_folder
from resources.parts import ORDER, in_order, listed, read_parts, schema_of, write_part
from resources.schema import RefusedRow, refuse_bad_rows
from resources.tallies import tallies


class ParquetTables(dg.ConfigurableResource[None]):
    """Appends and reads the tables of one home."""

    home: str = Field(description="Folder of the project.")
    per_source: int = Field(
        default=3, ge=1, description="Accepted instances of one real source object that count as effective."
    )

    def append(self, rows: Sequence[Row]) -> None:
        """Store rows, all of one table and one run, as one new part: whole or not at all, synced before it returns.

        An empty sequence stores nothing. Rows already stored are not looked for: reading keeps each id once.

        Raises:
            ValueError: the rows are of several tables or runs.
            RefusedRow: a value is missing, of another type, or breaks a CHECK of the table.
            HomeDiskFull: there is no room; nothing was stored.
        """
        if not rows:
            return
        kind, run = type(rows[0]), rows[0].run_id
        if any(type(row) is not kind or row.run_id != run for row in rows):
            mixed = sorted({f"{row.table} of run {row.run_id!r}" for row in rows})
            raise ValueError(f"one append takes rows of one table and one run; got {', '.join(mixed)}")
        frame = in_order(_frame(kind, rows))
        write_part(Path(self.home), kind.table, run, frame, check=partial(refuse_bad_rows, kind))

    def read(self, kind: type[R], categories: Collection[str] | None = None) -> list[R]:
        """Return the stored rows of a table, each id once, sorted by (category, round, index) where it has those.

        Raises:
            UnreadablePart: a part is damaged, or was written by a newer genval.
        """
        with listed(Path(self.home), kind.table) as parts:
            frame = read_parts(Path(self.home), kind, parts, categories)
        return [kind(**row) for row in in_order(frame).iter_rows(named=True)]

    def ids(self, kind: type[Row], categories: Collection[str] | None = None) -> set[str]:
        """Return the ids of `read`, reading nothing else."""
        with listed(Path(self.home), kind.table) as parts:
            return set(read_parts(Path(self.home), kind, parts, categories, [kind.id_column])[kind.id_column])

    def values(
        self, kind: type[Row], columns: Sequence[str], categories: Collection[str] | None = None
    ) -> list[tuple[object, ...]]:
        """Return some columns of `read`, one tuple per row in the same order, reading nothing else."""
        schema = schema_of(kind)
        needed = {*columns, kind.id_column, *(name for name in ORDER if name in schema)}
        with listed(Path(self.home), kind.table) as parts:
            frame = read_parts(Path(self.home), kind, parts, categories, [name for name in schema if name in needed])
        return in_order(frame).select(columns).rows()

    def tallies(self) -> list[Tally]:
        """Return one tally per active category, rarest first: the rollup plus what was appended since."""
        return tallies(Path(self.home), self.per_source)

    def free_bytes(self) -> int:
        """Return the bytes left on the home's disk."""
        return shutil.disk_usage(existing_folder(Path(self.home))).free


def _frame(kind: type[Row], rows: Sequence[Row]) -> pl.DataFrame:
    """Return the rows as columns, each value of exactly the column's type: rows of dicts would cut 2.5 to 2."""
    columns = []
    for name, dtype in schema_of(kind).items():
        try:
            columns.append(pl.Series(name, [getattr(row, name) for row in rows], dtype, strict=True))
        except (TypeError, OverflowError, pl.exceptions.PolarsError) as err:
            raise RefusedRow(f"{kind.table}.{name} takes {dtype}: {err}") from err
    return pl.DataFrame(columns)
