"""`genval sql`: a query on the published tables, read-only and locked down."""

import json
import sys
from pathlib import Path

import duckdb

from genval_assets.commands.session import say, stop
from resources.published import NothingPublished, query


def ask(home: Path, text: str, *, as_json: bool) -> None:
    """Print the answer as a table, or as JSON; the time of publication goes to stderr."""
    try:
        answer = query(home / "data" / "genval.duckdb", text)
    except NothingPublished as err:
        stop(str(err), 1)
    except duckdb.Error as err:
        stop(str(err))
    if as_json:
        rows = [dict(zip(answer.columns, row, strict=True)) for row in answer.rows]
        json.dump({"as_of": answer.as_of.isoformat(), "rows": rows}, sys.stdout, default=str)
        print()
        return
    from rich.console import Console
    from rich.table import Column, Table
    from rich.text import Text

    table = Table(*(Column(Text(column)) for column in answer.columns))
    for row in answer.rows:
        table.add_row(*(Text("" if value is None else str(value)) for value in row))
    Console().print(table)
    say(f"{len(answer.rows)} rows, as of {answer.as_of:%Y-%m-%d %H:%M:%S} UTC")
