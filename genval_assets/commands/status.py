"""`genval status`: where each category stands, from the rollup and what runs have stored since."""

import json
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path

from genval_assets.commands.session import Session, say, session
from genval_assets.runs import in_flight, looked_for
from genval_assets.topup.stats import category_stats
from genval_assets.types import CategoryStat
from resources.published import NothingPublished, query


def show(home: Path, *, as_json: bool) -> None:
    """Print the yield table, and when the tables were last published."""
    with session(home) as one:
        stats = stats_of(one)
    published = _as_of(home)
    if as_json:
        print(json.dumps({"as_of": published, "categories": [asdict(row) for row in stats]}))
        return
    print_stats(stats)
    say(f"published tables as of {published}" if published else "nothing is published yet; genval top-up does")


def _as_of(home: Path) -> str | None:
    try:
        answer = query(home / "data" / "genval.duckdb", "select 1")
    except NothingPublished:
        return None
    return f"{answer.as_of.isoformat(timespec='seconds')}Z"


def stats_of(one: Session) -> list[CategoryStat]:
    """Return where each category stands now."""
    sources = one.project.sources(one.foregrounds, looked_for=looked_for(one.instance))
    return category_stats(one.tables.tallies(), one.project.settings.top_up, sources, in_flight(one.instance))


def print_stats(stats: Sequence[CategoryStat]) -> None:
    """Print the categories that are rare, under target, or have anything generated."""
    from rich.console import Console
    from rich.markup import escape
    from rich.table import Table

    table = Table("category", "real", "target", "generated", "valid", "yield", "effective", "scenes", "state", "why")
    shown = [row for row in stats if row.rare or row.generated or row.deficit]
    for row in shown:
        table.add_row(
            escape(row.name),
            str(row.real),
            str(row.target),
            str(row.generated),
            str(row.valid),
            "-"
            if row.valid_rate is None
            else f"{row.valid_rate:.0%} ({row.valid_rate_low:.0%}-{row.valid_rate_high:.0%})",
            str(row.effective),
            str(row.scenes),
            row.state,
            escape(row.why),
        )
    out = Console()
    out.print(table)
    if len(shown) < len(stats):
        out.print(f"{len(stats) - len(shown)} more categories are frequent enough and have their target.")
