"""How long a candidate takes through all stages, and how long the models take to load, from recorded usage."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from statistics import median

CANDIDATE_STAGE = "raw_instances"
"""The stage whose items are the candidates."""
RECENT_RUNS = 5
"""Older runs may have had other models and settings (our choice)."""


@dataclass(frozen=True)
class StageCost:
    """What one stage of a run took, over all its categories: what the planner reads of a row of `usage`."""

    run_id: str
    created_at: datetime
    stage: str
    items: int
    seconds: float
    load_seconds: float


@dataclass(frozen=True)
class Pace:
    """What the next wave may be expected to cost."""

    seconds_per_candidate: float | None = None  # through all stages, loading not included; None: never measured
    load_seconds: float = 0.0  # per wave, all stages together


def pace(costs: Iterable[StageCost]) -> Pace:
    """Return the pace of the latest runs that drew candidates.

    Seconds per candidate are pooled over the runs, so that small ones weigh little; loading is the median of the
    runs.
    """
    runs: dict[str, list[StageCost]] = defaultdict(list)
    for row in costs:
        runs[row.run_id].append(row)
    drawing = [rows for rows in runs.values() if _candidates(rows)]
    latest = sorted(drawing, key=lambda rows: max(row.created_at for row in rows))[-RECENT_RUNS:]
    if not latest:
        return Pace()
    working = sum(row.seconds - row.load_seconds for rows in latest for row in rows)
    return Pace(
        seconds_per_candidate=max(0.0, working) / sum(_candidates(rows) for rows in latest),
        load_seconds=median(sum(row.load_seconds for row in rows) for rows in latest),
    )


def _candidates(rows: Iterable[StageCost]) -> int:
    return sum(row.items for row in rows if row.stage == CANDIDATE_STAGE)
