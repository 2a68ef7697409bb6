"""What the planner knows of each category: a rollup of the parts up to some point, and the parts appended since.

The rollup, `data/tallies.parquet`, is a cache of the parts it lists: without it everything is counted from the parts.
A category that occurs in a newer part is counted afresh, from every part that holds it, so that the answer is the
same with and without a rollup. What a short category should get is `genval_assets/topup`'s business.
"""

import hashlib
import json
from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import polars as pl

from genval_assets.rows import (
    Category,
    Failure,
    Instance,
    NotSelected,
    Quarantined,
    Reference,
    Row,
    Scene,
    TopUp,
    Verdict,
)
from genval_assets.types import RoundTally, Tally
from resources.counts import COLUMNS, COUNTS, Stored, counted
from resources.files import write_atomically
from resources.parts import Part, holders, listed, parquet, read_parts, replaced_by
from resources.spoilt import without_spoilt

ROLLUP = Path("data") / "tallies.parquet"
ROLLUP_VERSION = hashlib.sha256(repr(COUNTS).encode()).hexdigest()[:16]
"""A rollup with other columns is of another genval and is counted anew."""
COUNTED: tuple[type[Row], ...] = (Reference, Instance, Verdict, NotSelected, Scene, Quarantined, Failure, TopUp)
Parts = Mapping[type[Row], Sequence[Part]]


@dataclass(frozen=True)
class Rollup:
    """Counts of every category, complete for `covers`."""

    counts: pl.DataFrame = field(
        default_factory=lambda: pl.DataFrame(schema={**COUNTS, "parts": pl.List(pl.String())})
    )  # `parts`: those that hold the category
    covers: frozenset[str] = frozenset()  # '<table>/<file>'


def tallies(home: Path, per_source: int) -> list[Tally]:
    """Return one tally per active category, rarest first; of one real object at most `per_source` are effective."""
    counts = without_spoilt(home, current(home).counts.drop("parts"))
    of_category = {row["category"]: row for row in counts.iter_rows(named=True)}
    nothing: dict[str, Any] = {name: [] if dtype.is_nested() else 0 for name, dtype in counts.schema.items()}
    return [_tally(row, of_category.get(row["category"], nothing), per_source) for row in _active(home)]


def roll_up(home: Path) -> None:
    """Write the rollup of all parts there are, so that the next `tallies` reads only what comes after them."""
    rollup = current(home)
    about = {"genval_rollup": ROLLUP_VERSION, "genval_covers": json.dumps(sorted(rollup.covers))}
    write_atomically(home / ROLLUP, parquet(rollup.counts, about))


def current(home: Path) -> Rollup:
    """Return the counts of all parts that are there now."""
    with ExitStack() as stack:
        parts = {kind: stack.enter_context(listed(home, kind.table)) for kind in COUNTED}
        stored = _stored(home)
        new = {kind: [part for part in parts[kind] if not _is_covered(home, part, stored.covers)] for kind in COUNTED}
        if not any(new.values()):
            return stored
        held = _holders(home, new)
        touched = held["category"].unique().to_list()
        known = stored.counts.filter(pl.col("category").is_in(touched))["parts"].explode().drop_nulls()
        # a merged part that is covered through its members only is in no category's list: it may hold any of them
        unlisted = {_key(part) for kind in COUNTED for part in parts[kind] if _key(part) not in stored.covers}
        useful = {*known, *unlisted}
        counts = _counted(home, {kind: [p for p in parts[kind] if _key(p) in useful] for kind in COUNTED}, touched)
        return _renewed(stored, counts, held, {_key(part) for kind in COUNTED for part in parts[kind]})


def _stored(home: Path) -> Rollup:
    path = home / ROLLUP
    if not path.exists():
        return Rollup()
    about = pl.read_parquet_metadata(path)
    if about.get("genval_rollup") != ROLLUP_VERSION:
        return Rollup()
    return Rollup(pl.read_parquet(path, glob=False), frozenset(json.loads(about["genval_covers"])))


def _key(part: Part) -> str:
    return f"{part.table}/{part.name}"


def _is_covered(home: Path, part: Part, covers: frozenset[str]) -> bool:
    if _key(part) in covers:
        return True
    members = replaced_by(home, part)
    return bool(members) and all(f"{part.table}/{name}" in covers for name in members)


def _holders(home: Path, parts: Parts) -> pl.DataFrame:
    """Return which part holds which category: (part, category), each pair once."""
    pairs = [
        (f"{kind.table}/{name}", category)
        for kind, of_kind in parts.items()
        for category, names in holders(home, kind, of_kind).items()
        for name in names
    ]
    return pl.DataFrame(pairs, schema={"part": pl.String(), "category": pl.String()}, orient="row")


def _counted(home: Path, parts: Parts, categories: Sequence[str]) -> pl.DataFrame:
    frames = {kind.table: read_parts(home, kind, parts[kind], categories, COLUMNS[kind.table]) for kind in COUNTED}
    return counted(Stored(**frames))


def _renewed(stored: Rollup, counts: pl.DataFrame, held: pl.DataFrame, present: set[str]) -> Rollup:
    """Return the rollup with the counts of the touched categories replaced, and covering what is present."""
    is_touched = pl.col("category").is_in(counts["category"].to_list())
    before = stored.counts.filter(is_touched).select(pl.col("parts").alias("part"), "category").explode("part")
    lists = pl.concat([before, held]).drop_nulls().unique().group_by("category").agg(parts=pl.col("part").sort())
    renewed = counts.join(lists, on="category", how="left")
    return Rollup(pl.concat([stored.counts.filter(~is_touched), renewed]), frozenset(present))


def _active(home: Path) -> list[dict[str, Any]]:
    """Return the newest row of each category that is active, rarest first."""
    with listed(home, Category.table) as parts:
        rows = read_parts(home, Category, parts)
    newest = rows.sort("generation", maintain_order=True).unique("category", keep="last", maintain_order=True)
    return newest.filter(pl.col("state") == "active").sort("position", "category").to_dicts()


def _tally(category: Mapping[str, Any], counts: Mapping[str, Any], per_source: int) -> Tally:
    history = tuple(RoundTally(**of_round) for of_round in counts["rounds"])
    return Tally(
        category=category["category"],
        name=category["name"],
        position=category["position"],
        rare=category["rare"],
        target=category["target"],
        real=category["instance_count"],
        references=counts["references"],
        drawn=sum(r.drawn for r in history),
        accepted=sum(r.accepted for r in history),
        rejected=sum(r.rejected for r in history),
        errors=sum(r.errors for r in history),
        effective=counts["unsourced"] + sum(s["objects"] * min(s["accepted"], per_source) for s in counts["sourced"]),
        distinct_sources=sum(s["objects"] for s in counts["sourced"]),
        scenes=counts["scenes"],
        refused=counts["refused"],
        failures=counts["failures"],
        history=history,
        next_index={n["source"]: n["index"] for n in counts["next_index"]},
        not_selected=sum(one["instances"] for one in counts["left_out"] if one["target"] >= category["target"]),
    )
