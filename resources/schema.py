"""The tables as DuckDB publishes them, from `resources/sql/<table>.sql`: columns, CHECKs, units, comments, views.

The columns' one home is `genval_assets/rows.py`, `layout_rows.py` and `negative_rows.py`; a test holds the two against
each other.
"""

import hashlib
from functools import cache
from pathlib import Path
from threading import Lock

import duckdb

from genval_assets.all_rows import ROWS
from genval_assets.rows import Row
from resources.parts import TIMES

SQL = Path(__file__).parent / "sql"
ROLLUPS = ("category_stats", "invalid_rates", "judge_agreement", "negative_validity", "superseded_verdicts")
VIEWS = (
    "verdicts_in_force",
    "reject_reasons",
    "unused_instances",
    "prompt_lineage",
    "image_records",
    "instance_lineage",
    "cost_by_stage",
    "clis_by_category",
    "acceptance_by_band",
    "cost_per_scene",
    "layout_lineage",
    "negative_acceptance",
    "negative_reasons",
    "short_lists",
    "accuracy_by_level",
    "cost_per_negative",
)
STATEMENTS = (*(kind.table for kind in ROWS), *ROLLUPS, *VIEWS, "genval_meta")
_trying = Lock()


class RefusedRow(ValueError):
    """A row is not one that its table may hold; the message names the table, the row and the rule it breaks."""


def statement(name: str) -> str:
    """Return the text of `sql/<name>.sql`."""
    return (SQL / f"{name}.sql").read_text(encoding="utf-8")


def schema_hash() -> str:
    """Return 16 hex digits of the hash of all statements: what tells one generation of tables from another."""
    return hashlib.sha256("\0".join(statement(name) for name in STATEMENTS).encode()).hexdigest()[:16]


def create_tables(connection: duckdb.DuckDBPyConnection) -> None:
    """Make all tables, rollups and views, empty, in one transaction: each would be a sync of the disk."""
    connection.begin()
    for name in STATEMENTS:
        connection.execute(statement(name))
    connection.commit()


def from_part() -> str:
    """Return the query that reads a part, whose path is its one parameter, as the table's columns, named `part`.

    Parts keep times as UTC instants, tables as plain UTC timestamps: those need no time-zone data to be read.
    """
    times = ", ".join(f"make_timestamp(epoch_us({name})) as {name}" for name in TIMES)
    return f"select * replace ({times}) from read_parquet(?) as part"  # noqa: S608 - our own names


def refuse_bad_rows(kind: type[Row], part: Path) -> None:
    """Refuse a Parquet file that holds a row which the published table would refuse.

    Raises:
        RefusedRow: it names the first such row and what it breaks.
    """
    insert = f"insert into {kind.table} by name {from_part()}"
    with _trying:
        trial = _trial_tables()
        trial.begin()
        try:
            trial.execute(insert, [str(part)])
        except duckdb.ConstraintException as err:
            trial.rollback()
            raise RefusedRow(_first_bad_row(trial, kind, part, insert)) from err
        else:
            trial.rollback()


@cache
def _trial_tables() -> duckdb.DuckDBPyConnection:
    connection = duckdb.connect(config={"threads": 1})
    create_tables(connection)
    return connection


def _first_bad_row(trial: duckdb.DuckDBPyConnection, kind: type[Row], part: Path, insert: str) -> str:
    ids = f"select {kind.id_column} from read_parquet(?)"  # noqa: S608 - our own names
    for (row_id,) in trial.execute(ids, [str(part)]).fetchall():
        trial.begin()
        try:
            trial.execute(f"{insert} where {kind.id_column} is not distinct from ?", [str(part), row_id])
        except duckdb.ConstraintException as err:
            return f"{kind.table}: row {kind.id_column} = {row_id!r}: {err}"
        finally:
            trial.rollback()
    raise AssertionError(f"{part}: refused as a whole, but no row of it is")
