"""How fast the published tables answer and are published: wall time, medians of one interleaved run.

    python bench/warehouse.py              # 1,000,000 instances and their verdicts, 1,200 categories
    python bench/warehouse.py --rows 50000

Each round asks the published file, asks the Parquet parts the same with DuckDB, appends a wave of 1,000 instances with
their verdicts, publishes it, and counts what the planner needs. The rows are in parts of 25,000, as after compaction.
"""

import argparse
import os
import platform
import statistics
import tempfile
import time
from collections import defaultdict
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import duckdb
import polars as pl

from genval_assets.rows import Category, Instance, Row, Verdict
from genval_assets.types import CategoryStat
from resources.parts import TABLES, in_order, schema_of, write_part
from resources.tables import ParquetTables
from resources.warehouse import WAREHOUSE, DuckWarehouse

CATEGORIES = 1200
PER_PART = 25_000
NEW = 1000
WAVE = 24
"""Categories that one wave adds to."""
ROUNDS = 9
NOW = datetime(2026, 11, 1, tzinfo=UTC)
STATS_SQL = """
    select category, count(*), count(*) filter (outcome = 'accepted'), count(distinct reference_id)
    from {verdicts} group by category
"""


def category(number: int) -> str:
    return f"category_{number:04d}"


def rows_of(first: int, count: int, categories: int) -> dict[type[Row], pl.DataFrame]:
    """Return `count` instances from number `first` on, and a verdict on each: three of four are accepted.

    They are scattered over so many categories.
    """
    number = pl.int_range(first, first + count, eager=True).alias("n")
    hashed = number.hash(seed=1)
    is_accepted = (pl.col("n") % 4 != 0).alias("is_accepted")
    frame = pl.DataFrame({"n": number, "hash": hashed}).with_columns(
        is_accepted,
        category="category_" + (pl.col("hash") % categories * 49 % CATEGORIES).cast(pl.String).str.zfill(4),
        digest=pl.col("hash").cast(pl.String).str.zfill(20),
    )
    made = {
        "run_id": pl.lit("bench"),
        "created_at": pl.lit(NOW),
        "instance_id": pl.col("digest"),
        "verdict_id": "v" + pl.col("digest"),
        "category": pl.col("category"),
        "source": pl.lit("cutout"),
        "round": (pl.col("n") // 100_000).cast(pl.Int64),
        "index": pl.col("n"),
        "reference_id": "r" + (pl.col("hash") % 100_000).cast(pl.String),
        "prompt_id": pl.lit(None, pl.String),
        "seed": (pl.col("hash") % 2**31).cast(pl.Int64),
        "image": "data/images/" + pl.col("digest") + ".webp",
        "cutout": pl.when("is_accepted").then("data/images/" + pl.col("digest") + ".webp"),
        "outcome": pl.when("is_accepted").then(pl.lit("accepted")).otherwise(pl.lit("rejected")),
        "reasons": pl.when("is_accepted").then(pl.lit([], pl.List(pl.String))).otherwise(pl.lit(["flat"])),
        "stage": pl.lit("gate"),
        "measurements": '{"area_px": ' + (pl.col("hash") % 1000).cast(pl.String) + "}",
    }
    return {kind: in_order(frame.select(**filled(kind, made))) for kind in (Instance, Verdict)}


def filled(kind: type[Row], made: dict[str, pl.Expr]) -> dict[str, pl.Expr]:
    """Return an expression for every column of a table: a plain value where `made` has none."""
    plain = {pl.String(): "x", pl.Int64(): 64, pl.Boolean(): True, pl.Float64(): 0.5, pl.List(pl.String()): []}
    schema = schema_of(kind)
    return {name: made[name] if name in made else pl.lit(plain[dtype], dtype) for name, dtype in schema.items()}


def append(home: Path, first: int, count: int, categories: int = CATEGORIES) -> None:
    for kind, frame in rows_of(first, count, categories).items():
        write_part(home, kind.table, "bench", frame, check=lambda _: None)


def stats() -> list[CategoryStat]:
    """Return a plausible row per category."""
    return [
        CategoryStat(
            category=category(n), name=category(n), rare=True, real=5, target=100, generated=900, valid=600,
            rejected=300, errors=0, effective=95, distinct_sources=50, scenes=600, deficit=0, valid_rate=0.66,
            valid_rate_low=0.6, valid_rate_high=0.7, state="done", why="the target is reached",
        )
        for n in range(CATEGORIES)
    ]  # fmt: skip


def seconds(work: Callable[[], object]) -> float:
    start = time.perf_counter()
    work()
    return time.perf_counter() - start


def measured(home: Path, rows: int) -> dict[str, list[float]]:
    """Return the seconds of every question and publication, by name, in the order of the rounds."""
    tables, warehouse, times = ParquetTables(home=str(home)), DuckWarehouse(home=str(home)), defaultdict(list)
    for number in range(ROUNDS):
        for name, taken in asked(home, category(137 * number % CATEGORIES)).items():
            times[name].append(taken)
        append(home, rows + number * NEW, NEW, WAVE)
        times[f"tallies, {NEW:,} new rows in {WAVE} categories"].append(seconds(tables.tallies))
        times["publish 1,000 new rows"].append(seconds(lambda: warehouse.publish(stats(), [])))
        times["tallies, nothing new"].append(seconds(tables.tallies))
    return times


def asked(home: Path, one: str) -> dict[str, float]:
    """Return the seconds of each question, about all categories or one, asked on a connection of its own."""
    parts = f"read_parquet('{home / TABLES / 'verdicts'}/*.parquet')"
    questions = {
        "category_stats": "from category_stats",
        "the same counted from table `verdicts`": STATS_SQL.format(verdicts="verdicts"),
        "the same counted from the parts": STATS_SQL.format(verdicts=parts),
        "one category's verdicts": f"from verdicts where category = '{one}'",
        "the same from the parts": f"from {parts} where category = '{one}'",
    }
    with duckdb.connect(str(home / WAREHOUSE), read_only=True) as shell:
        return {name: seconds(lambda sql=sql: shell.execute(sql).fetchall()) for name, sql in questions.items()}


GOALS = {
    "category_stats": 10,
    "one category's verdicts": 10,
    "publish 1,000 new rows": 1000,
    "tallies, nothing new": 100,
}


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    arguments.add_argument("--rows", type=int, default=1_000_000, help="instances, with a verdict each")
    rows = arguments.parse_args().rows
    with tempfile.TemporaryDirectory() as name:
        home = Path(name)
        ParquetTables(home=name).append([_category(n) for n in range(CATEGORIES)])
        for first in range(0, rows, PER_PART):
            append(home, first, min(PER_PART, rows - first))
        first_time = seconds(lambda: DuckWarehouse(home=name).publish(stats(), []))
        times = measured(home, rows)
        size = (home / WAREHOUSE).stat().st_size
    print(
        f"{rows:,} instances and as many verdicts, {CATEGORIES:,} categories; {size / 1e6:.0f} MB published; ", end=""
    )
    print(f"wall time, median of {ROUNDS} interleaved rounds; {os.cpu_count()} cores, {platform.machine()}\n")
    print("| work | ms | goal |\n|---|---:|---:|")
    print(f"| publish everything, once | {first_time * 1000:,.0f} | |")
    for work, taken in times.items():
        goal = f"< {GOALS[work]:,}" if work in GOALS else ""
        print(f"| {work} | {statistics.median(taken) * 1000:,.1f} | {goal} |")


def _category(number: int) -> Category:
    return Category(
        run_id="bench", created_at=NOW, category_row_id=f"c{number}", category=category(number),
        name=category(number), generation=1, position=number, state="active", source_id=number, supercategory=None,
        synset=None, definition=None, synonyms=[], frequency="r", image_count=3, instance_count=5, rare=True,
        rare_reason="bench", target=100,
    )  # fmt: skip


if __name__ == "__main__":
    main()
