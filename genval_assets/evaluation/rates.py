"""The three rates of invalid instances, by category. They have three denominators and are never mixed."""

from collections.abc import Mapping, Sequence
from itertools import groupby

from genval_assets.rows import Verdict
from genval_assets.types import InvalidRate


def invalid_rates(verdicts: Sequence[Verdict], truth: Mapping[str, bool], kind: str) -> list[InvalidRate]:
    """Return one row per category that has verdicts, by category.

    `rejected` is what validation refused of what it judged; errors are neither. `generation_invalid` and
    `residual_invalid` need an independent truth: they count the generated, respectively accepted, instances whose
    truth is known, and are None (unknown) where no truth is.

    Args:
        verdicts: one per instance.
        truth: instance id -> whether it is good, by something other than validation.
        kind: what that truth is: simulated | golden.
    """
    ordered = sorted(verdicts, key=lambda v: v.category)
    groups = groupby(ordered, key=lambda v: v.category)
    return [_of_category(category, list(members), truth, kind) for category, members in groups]


def _of_category(category: str, verdicts: Sequence[Verdict], truth: Mapping[str, bool], kind: str) -> InvalidRate:
    accepted = [v.instance_id for v in verdicts if v.outcome == "accepted"]
    refused = [v.instance_id for v in verdicts if v.outcome == "rejected"]
    known = any(v.instance_id in truth for v in verdicts)
    return InvalidRate(
        category=category,
        generated=len(verdicts),
        judged=len(accepted) + len(refused),
        rejected=len(refused) / (len(accepted) + len(refused)) if accepted or refused else None,
        generation_invalid=_bad_share([v.instance_id for v in verdicts], truth),
        residual_invalid=_bad_share(accepted, truth),
        truth=kind if known else "unknown",
    )


def _bad_share(instances: Sequence[str], truth: Mapping[str, bool]) -> float | None:
    """Return the share of bad ones among the instances whose truth is known; None when it is known of none."""
    judged = [truth[i] for i in instances if i in truth]
    return judged.count(False) / len(judged) if judged else None
