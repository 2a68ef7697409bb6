"""Wiring of `warehouse`: what runs have stored becomes the published tables that people query."""

import dagster as dg

from genval_assets.assets.agreement import agreement
from genval_assets.assets.catalog import OWNERS
from genval_assets.assets.list_rows import listed_negatives
from genval_assets.evaluation.negative_truth import Stored, validity
from genval_assets.evaluation.rates import invalid_rates
from genval_assets.golden.record import LABELLER, labels_in_force
from genval_assets.model_ports import Foregrounds
from genval_assets.negative_rows import PositiveCaption
from genval_assets.ports import Locks, SealedTruth, Tables, Warehouse
from genval_assets.project import Project
from genval_assets.rows import GoldenLabel, Verdict
from genval_assets.runs import in_flight, lock_name, looked_for
from genval_assets.topup.stats import category_stats
from genval_assets.types import CategoryStat, NegativeValidity


@dg.asset(
    deps=["training_dataset"],
    group_name="warehouse",
    owners=OWNERS,
    tags={"system": "genval"},
    kinds={"duckdb"},
    automation_condition=dg.AutomationCondition.eager(),
)
def warehouse(
    context: dg.AssetExecutionContext,
    project: dg.ResourceParam[Project],
    tables: dg.ResourceParam[Tables],
    published: dg.ResourceParam[Warehouse],
    truth: dg.ResourceParam[SealedTruth],
    foregrounds: dg.ResourceParam[Foregrounds],
    locks: dg.ResourceParam[Locks],
) -> dg.MaterializeResult[None]:
    """`data/genval.duckdb`: tables, rollups and views, published whole; readers of the old file keep their answer."""
    run_id = context.run.run_id
    with locks.hold(lock_name(run_id)):
        busy = in_flight(context.instance, besides=run_id)
        sources = project.sources(foregrounds, tables, looked_for=looked_for(context.instance))
        stats = category_stats(tables.tallies(), project.settings.top_up, sources, busy)
        labels = labels_in_force(tables.read(GoldenLabel), LABELLER)
        golden = {instance: label.keep for instance, label in labels.items()}
        rates = invalid_rates(tables.read(Verdict), truth.read(), golden)
        done = published.publish(stats, rates, agreement(tables, project), _validity(tables, truth))
        merged = published.compact()
    return dg.MaterializeResult(
        metadata={
            "path": dg.MetadataValue.text(done.path),
            "as_of": done.as_of,
            "new_rows": sum(done.new_rows.values()),
            "total_rows": sum(done.total_rows.values()),
            "size_mb": done.size_bytes / 1e6,
            "parts_merged": merged,
            "states": dg.MetadataValue.json(_states(stats)),
        }
    )


def _states(stats: list[CategoryStat]) -> dict[str, int]:
    return {state: sum(s.state == state for s in stats) for state in sorted({s.state for s in stats})}


def _validity(tables: Tables, truth: SealedTruth) -> list[NegativeValidity]:
    """Return how many accepted negatives of cut-outs are really false of them; nothing where none has a caption."""
    captions = tables.values(PositiveCaption, ["positive_id", "subject_id", "kind", "outcome"])
    subjects = {str(i): str(subject) for i, subject, *about in captions if about == ["instance", "accepted"]}
    if not subjects:
        return []
    accepted = [
        Stored(str(positive), subjects[str(positive)], str(level), str(changes))
        for positive, level, changes in listed_negatives(tables, ("positive_id", "level", "changes"))
        if positive in subjects
    ]
    return validity(accepted, truth.looks())
