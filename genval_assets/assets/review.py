"""Wiring of `golden_labels`: what people say of candidates becomes rows, and, where asked for, overrules verdicts."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

import dagster as dg
from pydantic import Field

from genval_assets.assets.catalog import OWNERS
from genval_assets.golden.labels import Label, read_labels
from genval_assets.golden.overrule import Overruling, overrule
from genval_assets.golden.record import LABELLER, Stamp, judgement_rows, label_rows, labels_in_force
from genval_assets.instances.in_force import by_machine, in_force
from genval_assets.ports import Locks, Tables
from genval_assets.rows import Category, GoldenJudgement, GoldenLabel, Instance, Verdict
from genval_assets.runs import lock_name


class ReviewConfig(dg.Config):
    """What an import of labels may be told."""

    labels: str = Field(
        default="",
        description="The CSV that the review page saves, as text: instance_id,keep,reasons,note. Empty: the labels "
        "there are.",
    )
    overrule: bool = Field(
        default=False, description="Where a label and the verdict in force differ, let the label decide."
    )


@dataclass(frozen=True)
class Imported:
    """What an import of labels brought."""

    fresh: Sequence[GoldenLabel]  # labels that say something new
    changed: int  # of these, labels of candidates that had another one
    wanted: Sequence[GoldenLabel]  # in force, of all candidates that the import is about
    judgements: int  # stored
    overruling: Overruling


@dg.asset(
    deps=["validated_instances"],
    group_name="agents",
    owners=OWNERS,
    tags={"system": "gen-n-val"},
    kinds={"csv", "parquet"},
    description="People's labels of candidates, and what the validation agent had said of these; `genval review` makes "
    "the page to label on, and imports what it saves.",
)
def golden_labels(
    context: dg.AssetExecutionContext,
    config: ReviewConfig,
    tables: dg.ResourceParam[Tables],
    locks: dg.ResourceParam[Locks],
) -> dg.MaterializeResult[None]:
    """Store the labels of a CSV, whole or not at all; then the judgements they measure, and verdicts they overrule.

    Raises:
        BadLabels: a line of the CSV cannot be used; nothing was stored.
    """
    stamp = Stamp(context.run.run_id, datetime.now(UTC))
    with locks.hold(lock_name(stamp.run_id)):
        labels = read_labels(config.labels.encode(), known_instances(tables)) if config.labels else []
        imported = import_labels(tables, labels, stamp, overruling=config.overrule)
    overruled = imported.overruling
    return dg.MaterializeResult(
        metadata={
            "labels": len(imported.wanted),
            "new": len(imported.fresh) - imported.changed,
            "changed": imported.changed,
            "judgements": imported.judgements,
            "overruled": dg.MetadataValue.json([verdict.instance_id for verdict in overruled.verdicts]),
            "without_cutout": dg.MetadataValue.json(list(overruled.without_cutout)),
        }
    )


def known_instances(tables: Tables) -> set[str]:
    """Return the candidates that can be labelled."""
    return {str(instance) for (instance,) in tables.values(Instance, ("instance_id",))}


def import_labels(tables: Tables, labels: Sequence[Label], stamp: Stamp, *, overruling: bool) -> Imported:
    """Store labels with what follows from them; without any, what follows from the stored ones."""
    stored = tables.read(GoldenLabel)
    before = labels_in_force(stored, LABELLER)
    fresh = label_rows(labels, stored, _instances(tables, labels), _names(tables), stamp)
    current = before | {row.instance_id: row for row in fresh}
    wanted = [current[label.instance_id] for label in labels] or list(current.values())
    verdicts = tables.read(Verdict, {row.category for row in wanted})
    machine = by_machine(verdicts)
    known = tables.ids(GoldenJudgement)
    judgements = [row for row in judgement_rows(wanted, machine, stamp) if row.golden_judgement_id not in known]
    decided = Overruling()
    if overruling:
        decided = overrule(wanted, _by_instance(in_force(verdicts)), _by_instance(machine), stamp)
    tables.append(fresh)
    tables.append(judgements)
    tables.append(decided.verdicts)
    changed = sum(row.instance_id in before for row in fresh)
    return Imported(fresh, changed, wanted, len(judgements), decided)


def _instances(tables: Tables, labels: Sequence[Label]) -> Mapping[str, Instance]:
    wanted = {label.instance_id for label in labels}
    places = tables.values(Instance, ("instance_id", "category"))
    categories = {str(category) for instance, category in places if instance in wanted}
    return {row.instance_id: row for row in tables.read(Instance, categories) if row.instance_id in wanted}


def _names(tables: Tables) -> Mapping[str, str]:
    """Return key -> newest name of every category there ever was."""
    return {row.category: row.name for row in tables.read(Category)}


def _by_instance(verdicts: Sequence[Verdict]) -> Mapping[str, Verdict]:
    return {verdict.instance_id: verdict for verdict in verdicts}
