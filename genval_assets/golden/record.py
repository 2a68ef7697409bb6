"""From labels to rows: golden labels, and what the machine had said of the same candidates.

A label is a row of its own. Somebody who changes their mind adds another row, and the one stored last is in force.
Its id holds its number among the person's labels on that candidate, so a label that is said again while it is in
force is the same row, and one that is said again after another was in force is a new one.
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from genval_assets import keys
from genval_assets.golden.labels import Label
from genval_assets.instances.gate import GATE_VERSION
from genval_assets.rows import GoldenJudgement, GoldenLabel, Instance, Verdict

LABELLER = "person"


@dataclass(frozen=True)
class Stamp:
    """Which run appends, and when it began."""

    run_id: str
    now: datetime


def labels_in_force(labels: Iterable[GoldenLabel], labeller: str) -> dict[str, GoldenLabel]:
    """Return instance id -> the label that counts, the last of those given by that labeller.

    The labels on one instance come in the order in which they were stored, as `ports.Tables.read` gives them.
    """
    return {row.instance_id: row for row in labels if row.labeller == labeller}


def label_rows(
    labels: Sequence[Label],
    stored: Sequence[GoldenLabel],
    instances: Mapping[str, Instance],
    names: Mapping[str, str],
    stamp: Stamp,
) -> list[GoldenLabel]:
    """Return the rows of those labels that say something else than what is in force.

    Args:
        labels: one per instance.
        stored: all golden labels there are.
        instances: those that are labelled, by id.
        names: category key -> name.
        stamp: of the run.
    """
    current = labels_in_force(stored, LABELLER)
    numbers = Counter(row.instance_id for row in stored if row.labeller == LABELLER)
    return [
        _row(label, instances[label.instance_id], names, numbers[label.instance_id] + 1, stamp)
        for label in labels
        if label.instance_id not in current or said(current[label.instance_id]) != label
    ]


def said(row: GoldenLabel) -> Label:
    """Return what a stored label says."""
    return Label(row.instance_id, row.keep, tuple(row.reasons), row.note)


def _row(label: Label, instance: Instance, names: Mapping[str, str], number: int, stamp: Stamp) -> GoldenLabel:
    return GoldenLabel(
        golden_label_id=keys.recipe("golden_labels", instance_id=label.instance_id, labeller=LABELLER, number=number),
        run_id=stamp.run_id,
        created_at=stamp.now,
        instance_id=label.instance_id,
        category=instance.category,
        name=names[instance.category],
        image=instance.image,
        frame_width=instance.frame_width,
        frame_height=instance.frame_height,
        frame_x=instance.frame_x,
        frame_y=instance.frame_y,
        keep=label.keep,
        reasons=list(label.reasons),
        labeller=LABELLER,
        note=label.note,
    )


def judgement_rows(labels: Iterable[GoldenLabel], verdicts: Sequence[Verdict], stamp: Stamp) -> list[GoldenJudgement]:
    """Return what gate and vision model said of each labelled candidate; one without a verdict has no judgement.

    What the gate refuses is a judgement of the vision model's version, too, where that version judged what the gate
    let pass in the same run: validation is both. Where the gate decides alone, it is a judgement of the gate.

    Args:
        labels: in force.
        verdicts: the machine's, in force, of the labels' categories at least; whatever a person said since.
        stamp: of the run.
    """
    behind = {(v.run_id, v.source): v.judge_version for v in verdicts if v.stage == "vlm"}
    by_instance = {verdict.instance_id: verdict for verdict in verdicts}
    rows = []
    for label in labels:
        verdict = by_instance.get(label.instance_id)
        if verdict is not None:
            version = verdict.judge_version
            if verdict.stage == "gate" and verdict.outcome == "rejected":
                version = behind.get((verdict.run_id, verdict.source), version)
            rows.append(_judgement(label, verdict, version, stamp))
    return rows


def judgement_id(golden_label_id: str, version: str, judge: str) -> str:
    """Return the id of what a model, with one version of the agent behind this version of the gate, says of a label.

    `judge` is the gate where it refused.
    """
    return keys.recipe(
        "golden_judgements", golden_label_id=golden_label_id, version=version, judge=judge, gate=GATE_VERSION
    )


def _judgement(label: GoldenLabel, verdict: Verdict, version: str, stamp: Stamp) -> GoldenJudgement:
    return GoldenJudgement(
        golden_judgement_id=judgement_id(label.golden_label_id, version, verdict.judge),
        run_id=stamp.run_id,
        created_at=stamp.now,
        golden_label_id=label.golden_label_id,
        instance_id=label.instance_id,
        category=label.category,
        stage=verdict.stage,
        outcome=verdict.outcome,
        reasons=list(verdict.reasons),
        judge=verdict.judge,
        judge_version=version,
    )
