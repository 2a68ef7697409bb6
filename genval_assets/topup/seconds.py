"""How long a candidate takes through all stages, and how long the models take to load, from recorded usage."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from statistics import median

from genval_assets.topup.extras import EXTRA_STAGES, EXTRAS, Extra

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
    seconds_per_extra: Mapping[Extra, float] = field(default_factory=dict)  # of an item; those that were measured


def pace(costs: Iterable[StageCost]) -> Pace:
    """Return the pace of the latest runs that drew candidates, and of those that worked what is owed beside them.

    Seconds per item are pooled over the runs, so that small ones weigh little; loading is the median of the runs.
    """
    costs = list(costs)
    drawing = _latest((row for row in costs if row.stage not in EXTRA_STAGES), CANDIDATE_STAGE)
    of_extras = {extra: _seconds_of(extra, costs) for extra in EXTRAS}
    return Pace(
        seconds_per_candidate=_per_item(drawing, CANDIDATE_STAGE),
        load_seconds=median(sum(row.load_seconds for row in rows) for rows in drawing) if drawing else 0.0,
        seconds_per_extra={extra: seconds for extra, seconds in of_extras.items() if seconds is not None},
    )


def _seconds_of(extra: Extra, costs: Iterable[StageCost]) -> float | None:
    return _per_item(_latest((row for row in costs if row.stage in extra.stages), extra.counted), extra.counted)


def _latest(costs: Iterable[StageCost], stage: str) -> list[list[StageCost]]:
    """Return the rows of the latest runs in which a stage had items."""
    runs: dict[str, list[StageCost]] = defaultdict(list)
    for row in costs:
        runs[row.run_id].append(row)
    counting = [rows for rows in runs.values() if _items(rows, stage)]
    return sorted(counting, key=lambda rows: max(row.created_at for row in rows))[-RECENT_RUNS:]


def _per_item(runs: Sequence[Sequence[StageCost]], stage: str) -> float | None:
    if not runs:
        return None
    working = sum(row.seconds - row.load_seconds for rows in runs for row in rows)
    return max(0.0, working) / sum(_items(rows, stage) for rows in runs)


def _items(rows: Iterable[StageCost], stage: str) -> int:
    return sum(row.items for row in rows if row.stage == stage)
