"""`genval status`: where each category stands, from the rollup and what runs have stored since."""

import json
from collections.abc import Sequence
from dataclasses import asdict
from itertools import groupby
from pathlib import Path

from rich.markup import escape

from genval_assets.assets.planning import owed_extras
from genval_assets.commands.session import Session, console, say, session
from genval_assets.runs import in_flight, looked_for
from genval_assets.topup.extras import OwedExtra, in_words
from genval_assets.topup.sources import Sources
from genval_assets.topup.stats import category_stats
from genval_assets.types import CategoryStat, Tally
from resources.published import NothingPublished, query


def show(home: Path, *, as_json: bool) -> None:
    """Print the yield table, and when the tables were last published."""
    with session(home) as one:
        tallies, sources = one.tables.tallies(), _sources(one)
        stats, extras = _stats(one, tallies, sources), owed_extras(one.tables, tallies, sources)
    published = _as_of(home)
    if as_json:
        owed = {one.extra.items: sum(one.counts.values()) for one in extras if one.counts}
        print(json.dumps({"as_of": published, "owed": owed, "categories": [asdict(row) for row in stats]}))
        return
    print_stats(stats)
    print_extras(extras)
    say(f"published tables as of {published}" if published else "nothing is published yet; genval top-up does")


def _as_of(home: Path) -> str | None:
    try:
        answer = query(home / "data" / "genval.duckdb", "select 1")
    except NothingPublished:
        return None
    return f"{answer.as_of.isoformat(timespec='seconds')}Z"


def stats_of(one: Session) -> list[CategoryStat]:
    """Return where each category stands now."""
    return _stats(one, one.tables.tallies(), _sources(one))


def _stats(one: Session, tallies: Sequence[Tally], sources: Sources) -> list[CategoryStat]:
    return category_stats(tallies, one.project.settings.top_up, sources, in_flight(one.instance))


def _sources(one: Session) -> Sources:
    return one.project.sources(one.foregrounds, one.tables, looked_for=looked_for(one.instance))


def print_stats(stats: Sequence[CategoryStat]) -> None:
    """Print a line for each category of which anything was made, and how many stand where, with an example each."""
    from rich.box import SIMPLE_HEAD
    from rich.table import Table

    table = Table(box=SIMPLE_HEAD)
    table.add_column("category", no_wrap=True, max_width=24)
    for heading in ("real", "target", "made", "valid", "yield, 95 %", "effective", "scenes"):
        table.add_column(heading, justify="right", no_wrap=True)
    table.add_column("state", no_wrap=True)
    for row in stats:
        if row.generated:
            numbers = row.real, row.target, row.generated, row.valid, _yield(row), row.effective, row.scenes
            table.add_row(escape(row.name), *map(str, numbers), row.state)
    out = console()
    out.print(table)
    for state, members in groupby(sorted(stats, key=lambda row: row.state), key=lambda row: row.state):
        rows = list(members)
        example = max(rows, key=lambda row: row.deficit)
        out.print(f"[bold]{state}[/bold] {len(rows)}, such as {escape(example.name)}: {escape(example.why)}")


def print_extras(extras: Sequence[OwedExtra]) -> None:
    """Print a line of what is owed beside candidates, where anything is."""
    owed = in_words((one.extra, sum(one.counts.values())) for one in extras)
    if owed:
        categories = {category for one in extras for category in one.counts}
        console().print(f"[bold]owed[/bold] beside candidates: {owed}, of {len(categories)} categories")


def _yield(row: CategoryStat) -> str:
    if row.valid_rate is None or row.valid_rate_low is None or row.valid_rate_high is None:
        return "-"
    return f"{row.valid_rate:.0%} ({row.valid_rate_low:.0%}–{row.valid_rate_high:.0%})"
