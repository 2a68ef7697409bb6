"""Counts of each category over frames of rows: how many references, candidates, verdicts, scenes, per round and in all.

Frames in, one frame out. Which parts are read for it, and what is kept between two counts: `tallies.py`.
"""

from dataclasses import dataclass

import polars as pl

from genval_assets.compose.unplaced import UNPLACED
from genval_assets.instances.in_force import PERSON
from genval_assets.topup.extras import EXTRA_STAGES
from resources.parts import each_once

ROUND_COUNTS = ("planned", "drawn", "accepted", "rejected", "errors")
ROUND = {"round": pl.Int64(), "fingerprint": pl.String(), **dict.fromkeys(ROUND_COUNTS, pl.Int64())}
SOURCED = {"accepted": pl.Int64(), "objects": pl.Int64()}
LEFT_OUT = {"target": pl.Int64(), "instances": pl.Int64()}
COUNTS = {
    "category": pl.String(),
    "references": pl.Int64(),
    "scenes": pl.Int64(),  # accepted instances that have one of their own, whatever else it shows
    "refused": pl.Int64(),  # accepted instances that no scene could hold
    "left_out": pl.List(pl.Struct(LEFT_OUT)),  # accepted instances not selected and never composed, by highest target
    "withdrawn": pl.List(pl.String()),  # instances that were accepted once and are not any more: few, by id
    "failures": pl.Int64(),  # since the last round that finished
    "unsourced": pl.Int64(),  # accepted instances that were made of no real object: each is effective
    "sourced": pl.List(pl.Struct(SOURCED)),  # how many real objects have so many accepted instances, by that number
    "rounds": pl.List(pl.Struct(ROUND)),  # by round
    "next_index": pl.List(pl.Struct({"source": pl.String(), "index": pl.Int64()})),
}


@dataclass(frozen=True)
class Stored:
    """The rows to be counted, each id once, with at least the columns that `COLUMNS` names."""

    reference_instances: pl.DataFrame
    instances: pl.DataFrame
    verdicts: pl.DataFrame
    not_selected: pl.DataFrame
    scenes: pl.DataFrame
    quarantine: pl.DataFrame
    failures: pl.DataFrame
    top_ups: pl.DataFrame


COLUMNS = {
    "reference_instances": ("reference_id", "category"),
    "instances": ("instance_id", "category", "round"),
    "verdicts": ("verdict_id", "instance_id", "category", "reference_id", "round", "outcome", "stage", "created_at"),
    "not_selected": ("not_selected_id", "category", "instance_id", "target"),
    "scenes": ("scene_id", "category", "instance_id"),
    "quarantine": ("quarantine_id", "category", "stage", "item"),
    "failures": ("failure_id", "category", "stage", "created_at"),
    "top_ups": ("top_up_id", "category", "round", "source", "first_index", "count", "fingerprint"),
}


def counted(stored: Stored) -> pl.DataFrame:
    """Return one row of `COUNTS` per category that occurs, sorted by category.

    Of several verdicts on one instance the latest stored is in force (`genval_assets/instances/in_force.py`).
    """
    verdicts = in_force(stored.verdicts)
    rounds = _rounds(stored.instances, verdicts, stored.top_ups)
    accepted = verdicts.filter(pl.col("outcome") == "accepted")
    unplaced = stored.quarantine.filter(pl.col("stage") == "composite_scenes", pl.col("category").is_not_null())
    unplaced = unplaced.with_columns(instance_id=pl.col("item").str.strip_prefix(UNPLACED))
    pieces = [
        stored.reference_instances.group_by("category").agg(references=pl.len()),
        objects(stored.scenes, accepted).rename({"objects": "scenes"}),
        objects(unplaced, accepted).rename({"objects": "refused"}),
        _left_out(stored.not_selected, accepted, stored.scenes, unplaced),
        _withdrawn(stored.verdicts, accepted),
        _failures(stored.failures, stored.verdicts, rounds).group_by("category").agg(failures=pl.len()),
        accepted.group_by("category").agg(unsourced=pl.col("reference_id").is_null().sum()),
        _sourced(accepted),
        rounds.group_by("category", maintain_order=True).agg(rounds=pl.struct(*ROUND)),
        _next_index(stored.top_ups),
    ]
    categories = pl.concat([piece.select("category") for piece in pieces] + [stored.failures.select("category")])
    counts = categories.unique().sort("category")
    for piece in pieces:
        counts = counts.join(piece, on="category", how="left")
    numbers = [name for name, dtype in COUNTS.items() if dtype == pl.Int64()]
    lists = [name for name, dtype in COUNTS.items() if dtype.is_nested()]
    counts = counts.with_columns(pl.col(numbers).fill_null(0), *(pl.col(name).fill_null([]) for name in lists))
    return counts.select(pl.col(name).cast(dtype) for name, dtype in COUNTS.items())


def in_force(verdicts: pl.DataFrame) -> pl.DataFrame:
    """Return one verdict per instance, the one stored last; the rows come in the order in which they were stored."""
    return each_once(verdicts, "instance_id", keep="last")


def objects(rows: pl.DataFrame, accepted: pl.DataFrame) -> pl.DataFrame:
    """Return how many instances the rows are about that are accepted now: (category, objects)."""
    rows = rows.join(accepted, on="instance_id", how="semi")
    return rows.group_by("category").agg(objects=pl.col("instance_id").n_unique())


def _left_out(
    not_selected: pl.DataFrame, accepted: pl.DataFrame, scenes: pl.DataFrame, unplaced: pl.DataFrame
) -> pl.DataFrame:
    """Return how many instances were left out at which highest target; one that ever had a scene is in use."""
    idle = not_selected.join(accepted, on="instance_id", how="semi")
    for other in (scenes, unplaced):
        idle = idle.join(other, on="instance_id", how="anti")
    highest = idle.group_by("category", "instance_id").agg(pl.col("target").max())
    sizes = highest.group_by("category", "target").agg(instances=pl.len()).sort("target")
    return sizes.group_by("category", maintain_order=True).agg(left_out=pl.struct(*LEFT_OUT))


def _withdrawn(verdicts: pl.DataFrame, accepted: pl.DataFrame) -> pl.DataFrame:
    once = verdicts.filter(pl.col("outcome") == "accepted").select("category", "instance_id").unique()
    gone = once.join(accepted, on="instance_id", how="anti").sort("instance_id")
    return gone.group_by("category", maintain_order=True).agg(withdrawn="instance_id")


def _rounds(instances: pl.DataFrame, verdicts: pl.DataFrame, top_ups: pl.DataFrame) -> pl.DataFrame:
    """Return one row per (category, round), sorted: the columns of `ROUND`."""
    by_round = ["category", "round"]
    outcomes = {"accepted": "accepted", "rejected": "rejected", "errors": "error"}
    pieces = [
        top_ups.group_by(by_round).agg(
            planned=pl.col("count").sum(), fingerprint=pl.col("fingerprint").unique().sort().str.join("+")
        ),
        instances.group_by(by_round).agg(drawn=pl.len()),
        verdicts.group_by(by_round).agg(
            **{name: (pl.col("outcome") == outcome).sum() for name, outcome in outcomes.items()}
        ),
    ]
    rounds = pl.concat([piece.select(by_round) for piece in pieces]).unique().sort(by_round)
    for piece in pieces:
        rounds = rounds.join(piece, on=by_round, how="left")
    return rounds.with_columns(pl.col("fingerprint").fill_null(""), pl.col(ROUND_COUNTS).fill_null(0).cast(pl.Int64))


def _failures(failures: pl.DataFrame, verdicts: pl.DataFrame, rounds: pl.DataFrame) -> pl.DataFrame:
    """Return the failures after the last round of their category in which every planned candidate was judged.

    Failures have no round, so here alone the clock decides: a failure counts when it is later than that round's
    last verdict; what a person said of it later does not matter. That a caption or a scene graph failed stops no
    instances.
    """
    failures = failures.filter(~pl.col("stage").is_in(EXTRA_STAGES))
    verdicts = verdicts.filter(pl.col("stage") != PERSON)
    judged = pl.col("accepted") + pl.col("rejected") + pl.col("errors")
    finished = rounds.filter((pl.col("planned") > 0) & (judged >= pl.col("planned")))
    last = finished.group_by("category").agg(pl.col("round").max())
    ended = verdicts.join(last, on=["category", "round"]).group_by("category").agg(ended=pl.col("created_at").max())
    since = failures.join(ended, on="category", how="left")
    return since.filter(pl.col("ended").is_null() | (pl.col("created_at") > pl.col("ended")))


def _sourced(accepted: pl.DataFrame) -> pl.DataFrame:
    sourced = accepted.filter(pl.col("reference_id").is_not_null())
    sizes = sourced.group_by("category", "reference_id").agg(accepted=pl.len())
    objects = sizes.group_by("category", "accepted").agg(objects=pl.len()).sort("accepted")
    return objects.group_by("category", maintain_order=True).agg(sourced=pl.struct(*SOURCED))


def _next_index(top_ups: pl.DataFrame) -> pl.DataFrame:
    ends = top_ups.group_by("category", "source").agg(index=(pl.col("first_index") + pl.col("count")).max())
    return ends.sort("source").group_by("category", maintain_order=True).agg(next_index=pl.struct("source", "index"))
