"""Which categories stand out for the worse: what checks name."""

from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass

from genval_assets.rows import Annotation, Verdict


@dataclass(frozen=True)
class LowYield:
    """A category's share of accepted candidates, and the reason that refused most of the others."""

    category: str
    share: float
    judged: int
    reason: str


def least_yield(verdicts: Iterable[Verdict], limit: int) -> list[LowYield]:
    """Return the `limit` categories with the lowest accepted / judged, lowest first; errors count in neither."""
    outcomes: dict[str, Counter[str]] = defaultdict(Counter)
    reasons: dict[str, Counter[str]] = defaultdict(Counter)
    for verdict in verdicts:
        if verdict.outcome != "error":
            outcomes[verdict.category][verdict.outcome] += 1
            reasons[verdict.category].update(verdict.reasons)
    found = [
        LowYield(category, n["accepted"] / n.total(), n.total(), _commonest(reasons[category]))
        for category, n in outcomes.items()
    ]
    return sorted(found, key=lambda one: (one.share, one.category))[:limit]


def _commonest(reasons: Counter[str]) -> str:
    return min(reasons, key=lambda reason: (-reasons[reason], reason), default="none")


def empty_masks(annotations: Iterable[Annotation]) -> dict[str, int]:
    """Return, by category, how many annotations cover no pixel or more than their box."""
    wrong = (row for row in annotations if row.area_px < 1 or row.area_px > row.w * row.h)
    return dict(Counter(row.category for row in wrong))


def used_too_often(annotations: Iterable[Annotation], max_uses: int) -> dict[str, int]:
    """Return, by category, how many instances were pasted more than `max_uses` times."""
    uses = Counter((row.category, row.instance_id) for row in annotations if row.instance_id is not None)
    return dict(Counter(category for (category, _), n in uses.items() if n > max_uses))
