"""The three rates of invalid instances, by category. They have three denominators and are never mixed."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence

from genval_assets.instances.in_force import by_machine, in_force
from genval_assets.rows import Verdict
from genval_assets.types import InvalidRate


def invalid_rates(
    verdicts: Iterable[Verdict], simulated: Mapping[str, bool], golden: Mapping[str, bool]
) -> list[InvalidRate]:
    """Return one row per category that has verdicts, by category.

    `rejected` is what validation refused of what it judged; errors are neither. `generation_invalid` and
    `residual_invalid` need an independent truth: they count the generated, respectively accepted, instances whose
    truth is known, and are None (unknown) where no truth is. A row has one truth: the simulated one where the category
    has any, else people's labels.

    Against labels the machine's verdicts are held, whatever was overruled since: once the labels have put everything
    right that they know of, what is left of the labelled ones would always be perfect.

    Args:
        verdicts: all that are stored, those on one instance in the order in which they were stored.
        simulated: instance id -> whether it is good, as the offline world knows.
        golden: instance id -> whether a person would keep it.
    """
    by_category: dict[str, list[Verdict]] = defaultdict(list)
    for verdict in verdicts:
        by_category[verdict.category].append(verdict)
    return [_of_category(category, rows, simulated, golden) for category, rows in sorted(by_category.items())]


def _of_category(
    category: str, stored: Sequence[Verdict], simulated: Mapping[str, bool], golden: Mapping[str, bool]
) -> InvalidRate:
    if any(v.instance_id in simulated for v in stored):
        return _rate(category, in_force(stored), simulated, "simulated")
    if any(v.instance_id in golden for v in stored):
        return _rate(category, by_machine(stored), golden, "golden")
    return _rate(category, in_force(stored), {}, "unknown")


def _rate(category: str, verdicts: Sequence[Verdict], truth: Mapping[str, bool], kind: str) -> InvalidRate:
    accepted = [v.instance_id for v in verdicts if v.outcome == "accepted"]
    refused = [v.instance_id for v in verdicts if v.outcome == "rejected"]
    return InvalidRate(
        category=category,
        generated=len(verdicts),
        judged=len(accepted) + len(refused),
        rejected=len(refused) / (len(accepted) + len(refused)) if accepted or refused else None,
        generation_invalid=_bad_share([v.instance_id for v in verdicts], truth),
        residual_invalid=_bad_share(accepted, truth),
        truth=kind,
    )


def _bad_share(instances: Sequence[str], truth: Mapping[str, bool]) -> float | None:
    """Return the share of bad ones among the instances whose truth is known; None when it is known of none."""
    judged = [truth[i] for i in instances if i in truth]
    return judged.count(False) / len(judged) if judged else None
