"""`genval sql`: a query on the published tables, read-only and locked down."""

import csv
import json
import sys
from pathlib import Path

import duckdb

from genval_assets.commands.session import say, stop
from resources.published import Answer, NothingPublished, query

MOST_SHOWN = 200
"""Rows drawn as a table on a terminal; a pipe, a file and --json get all of them."""


def ask(home: Path, text: str, *, as_json: bool) -> None:
    """Print the answer: a table on a terminal, CSV elsewhere, or JSON; the time of publication goes to stderr."""
    try:
        answer = query(home / "data" / "genval.duckdb", text)
    except NothingPublished as err:
        stop(str(err), 1)
    except (duckdb.Error, ValueError) as err:
        stop(str(err))
    if as_json:
        rows = [dict(zip(answer.columns, row, strict=True)) for row in answer.rows]
        json.dump({"as_of": answer.as_of.isoformat(), "rows": rows}, sys.stdout, default=str)
        print()
    elif sys.stdout.isatty():
        _draw(answer)
    else:
        writer = csv.writer(sys.stdout, lineterminator="\n")
        writer.writerow(answer.columns)
        writer.writerows(answer.rows)
    say(f"{len(answer.rows)} rows, as of {answer.as_of:%Y-%m-%d %H:%M:%S} UTC")


def _draw(answer: Answer) -> None:
    from rich.console import Console
    from rich.table import Column, Table
    from rich.text import Text

    table = Table(*(Column(Text(column)) for column in answer.columns))
    for row in answer.rows[:MOST_SHOWN]:
        table.add_row(*(Text("" if value is None else str(value)) for value in row))
    Console().print(table)
    if len(answer.rows) > MOST_SHOWN:
        say(f"the first {MOST_SHOWN}; send the output to a file for all of them, as CSV")
