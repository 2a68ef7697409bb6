"""The rows of `genval_assets/rows.py` and the tables of `resources/sql` are the same columns, told twice."""

from dataclasses import fields, is_dataclass
from datetime import datetime
from typing import get_args, get_type_hints

import duckdb
import pytest

from genval_assets.all_rows import ROWS
from genval_assets.rows import Row
from genval_assets.types import CategoryStat, InvalidRate, JudgeAgreement, NegativeValidity
from resources.schema import ROLLUPS, SQL, STATEMENTS, VIEWS, create_tables
from resources.superseded import Superseded

STORED = {
    str: {"VARCHAR"},
    int: {"INTEGER", "BIGINT"},
    float: {"DOUBLE"},
    bool: {"BOOLEAN"},
    datetime: {"TIMESTAMP"},
    list[str]: {"VARCHAR[]"},
}
PUBLISHED = [*ROWS, CategoryStat, InvalidRate, JudgeAgreement, NegativeValidity, Superseded]


def table_of(kind) -> str:
    rollups = dict(zip(PUBLISHED[len(ROWS) :], ROLLUPS, strict=True))
    return rollups.get(kind) or kind.table


@pytest.fixture(scope="module")
def database():
    connection = duckdb.connect()
    create_tables(connection)
    yield connection
    connection.close()


@pytest.mark.parametrize("kind", PUBLISHED, ids=table_of)
def test_a_table_has_the_columns_of_its_dataclass_with_their_types_and_nullability(database, kind):
    found = database.execute(
        "select column_name, data_type, is_nullable from duckdb_columns() where table_name = ?", [table_of(kind)]
    ).fetchall()
    hints = get_type_hints(kind)
    assert {name for name, _, _ in found} == {f.name for f in fields(kind)}
    for name, stored, nullable in found:
        plain = [a for a in get_args(hints[name]) if a is not type(None)] if nullable else [hints[name]]
        assert len(plain) == 1, name
        assert stored in STORED[plain[0]], name
        assert nullable == (type(None) in get_args(hints[name])), name


def test_every_table_column_and_view_says_what_it_holds(database):
    tables = database.execute("select table_name, comment from duckdb_tables() where not internal").fetchall()
    views = database.execute("select view_name, comment from duckdb_views() where not internal").fetchall()
    columns = database.execute(
        "select table_name || '.' || column_name, comment from duckdb_columns() where table_name = any(?)",
        [[name for name, _ in tables]],
    ).fetchall()
    assert {name for name, _ in views} == set(VIEWS)
    assert {name for name, _ in tables} == {kind.table for kind in ROWS} | {*ROLLUPS, "genval_meta", "genval_parts"}
    assert [name for name, comment in (*tables, *views, *columns) if not comment] == []


def test_every_statement_is_used_and_every_table_has_one():
    assert {path.stem for path in SQL.glob("*.sql")} == set(STATEMENTS)


def test_every_row_type_is_listed_once_with_its_own_table_and_id():
    kinds = [k for k in Row.__subclasses__() if is_dataclass(k)]
    assert set(kinds) == set(ROWS)
    assert len({kind.table for kind in ROWS}) == len(ROWS)
    for kind in ROWS:
        assert get_type_hints(kind)[kind.id_column] is str
