"""Reads the published tables: one question, locked down, whatever shells do to the file meanwhile.

Publishing them: `warehouse.py`.
"""

import os
import shutil
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import duckdb

from resources.files import temporary_folder

LOCKED_DOWN: dict[str, str | bool | int | float | list[str]] = {
    "enable_external_access": False,
    "lock_configuration": True,
}
"""With a read-only file: no COPY, ATTACH, INSTALL, SET, no reading of other files."""


class NothingPublished(FileNotFoundError):
    """There is no published file yet."""


@dataclass(frozen=True)
class Answer:
    """What a question brought, and which state of the home it is about."""

    columns: tuple[str, ...]
    rows: list[tuple[Any, ...]]
    as_of: datetime  # UTC, without a zone


def query(path: Path, sql: str) -> Answer:
    """Return the rows of one statement; the file cannot be changed, nor another be read.

    Raises:
        NothingPublished: there is no file.
        ValueError: there is no statement, or more than one.
        duckdb.Error: the SQL is wrong, or asks for what is locked; the message says which.
    """
    if not path.exists():
        raise NothingPublished(f"{path} is not there yet: `genval top-up` publishes it, or materialize `warehouse`")
    with _private(path) as file, closing(_opened(path, file)) as connection:
        ((as_of,),) = connection.execute("select as_of from genval_meta").fetchall()
        if len(statements := connection.extract_statements(sql)) != 1:
            raise ValueError(f"one statement is answered at a time; got {len(statements)}")
        result = connection.execute(sql)
        columns = tuple(name for name, *_ in result.description or ())
        return Answer(columns, result.fetchall() if columns else [], as_of)


@contextmanager
def _private(path: Path) -> Iterator[Path]:
    """Give the file under a name of our own, where no log of somebody's writing shell lies beside it."""
    with temporary_folder(path.parent) as folder:
        file = folder / path.name
        os.link(path, file)
        yield file


def _opened(path: Path, file: Path) -> duckdb.DuckDBPyConnection:
    try:
        return duckdb.connect(str(file), read_only=True, config=LOCKED_DOWN)
    except duckdb.IOException:  # a shell has it open for writing: read-only for all but root and its owner
        copy = file.with_name("copy.duckdb")
        shutil.copyfile(path, copy)
        return duckdb.connect(str(copy), read_only=True, config=LOCKED_DOWN)
