"""What a person's label changes: a verdict of stage `person` where the one in force says something else.

A candidate that the gate refused has no cleaned cut-out, so there is nothing that a scene could paste: it stays
refused, whatever a person says.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

from genval_assets import keys
from genval_assets.golden.record import Stamp
from genval_assets.instances.in_force import PERSON
from genval_assets.rows import GoldenLabel, Verdict

PERSON_VERSION = "1"
"""`judge_version` of a person's verdicts; raise it when the page asks something else."""
NO_REASON_GIVEN = "person"
"""Reason code where somebody rejected and gave none."""


@dataclass(frozen=True)
class Overruling:
    """What a set of labels changes."""

    verdicts: tuple[Verdict, ...] = ()  # to append
    without_cutout: tuple[str, ...] = ()  # instances that a person would keep, but that have no cut-out


def overrule(
    labels: Iterable[GoldenLabel], current: Mapping[str, Verdict], machine: Mapping[str, Verdict], stamp: Stamp
) -> Overruling:
    """Return the verdicts by which labels are put in force.

    Args:
        labels: in force, one per instance; one without a verdict changes nothing.
        current: instance id -> verdict in force.
        machine: instance id -> the machine's verdict in force; it knows the cut-out.
        stamp: of the run.
    """
    verdicts, without = [], []
    for label in labels:
        before, base = current.get(label.instance_id), machine.get(label.instance_id)
        if before is None or base is None or before.outcome == ("accepted" if label.keep else "rejected"):
            continue
        if label.keep and not _has_cutout(base):
            without.append(label.instance_id)
        else:
            verdicts.append(_verdict(label, before, base, stamp))
    return Overruling(tuple(verdicts), tuple(without))


def _has_cutout(verdict: Verdict) -> bool:
    return verdict.cutout is not None and verdict.mask_threshold is not None and bool(verdict.area_px)


def _verdict(label: GoldenLabel, before: Verdict, base: Verdict, stamp: Stamp) -> Verdict:
    """Return the person's verdict; mask and measurements are those of the machine's."""
    reasons = [] if label.keep else list(label.reasons) or [NO_REASON_GIVEN]
    return replace(
        base,
        verdict_id=keys.recipe(
            "verdicts", instance_id=label.instance_id, judge=PERSON, label=label.golden_label_id, over=before.verdict_id
        ),
        run_id=stamp.run_id,
        created_at=stamp.now,
        outcome="accepted" if label.keep else "rejected",
        stage=PERSON,
        reasons=reasons,
        explanation=_explanation(label, before),
        record=base.record if label.keep else None,
        judge=PERSON,
        judge_version=PERSON_VERSION,
    )


def _explanation(label: GoldenLabel, before: Verdict) -> str:
    why = f" ({', '.join(before.reasons)})" if before.reasons else ""
    said = f"a person {'keeps' if label.keep else 'rejects'} what {before.judge} had as {before.outcome}{why}"
    return f"{said}: {label.note}" if label.note else said
