"""Wiring of the `usage` table: what a stage of a run took in seconds, of which loading its model."""

import resource
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from typing import TypeVar

from genval_assets import keys
from genval_assets.assets.recorded import RecordedChat
from genval_assets.batches import Batch
from genval_assets.model_ports import Gauge
from genval_assets.ports import Tables
from genval_assets.rows import Usage
from genval_assets.topup.seconds import StageCost

T = TypeVar("T")


@dataclass
class Meter:
    """Runs while a stage works."""

    model: str
    items: int
    started: float = field(default_factory=time.monotonic)
    load_seconds: float = 0.0
    tokens_in: int = 0
    tokens_out: int = 0

    def opened(self, model: str) -> None:
        """Say that the model is ready: the time until now was loading."""
        self.model = model
        self.load_seconds = time.monotonic() - self.started

    @contextmanager
    def asking(self, chat: RecordedChat) -> Iterator[RecordedChat]:
        """Take the open chat model for this stage's model: its tokens are the stage's."""
        self.opened(f"{chat.model}@{chat.revision}")
        try:
            yield chat
        finally:
            self.tokens_in, self.tokens_out = chat.tokens_in, chat.tokens_out


@contextmanager
def metered(batch: Batch, stage: str, *, model: str, items: int = 0) -> Iterator[Meter]:
    """Append a `usage` row for the block, also when it ends in an error.

    `items` is for blocks that work all of them or none; others count them on the meter as they go.
    """
    with metered_run(batch.tables, stage, batch.run_id, batch.now, batch.gauge, model=model, items=items) as meter:
        yield meter


@contextmanager
def metered_run(
    tables: Tables, stage: str, run_id: str, now: datetime, gauge: Gauge, *, model: str = "", items: int = 0
) -> Iterator[Meter]:
    """Append a `usage` row for the block of an asset without partitions, also when it ends in an error."""
    meter = Meter(model, items)
    gauge.reset()
    try:
        yield meter
    finally:
        tables.append([_usage(stage, run_id, now, meter, gauge.peak_mb())])


def _usage(stage: str, run_id: str, now: datetime, meter: Meter, device_peak_mb: float | None) -> Usage:
    seconds = time.monotonic() - meter.started
    return Usage(  # a stage may open one model twice: what it took tells the two apart
        usage_id=keys.recipe("usage", run_id=run_id, at=str(now), stage=stage, model=meter.model, seconds=seconds),
        run_id=run_id,
        created_at=now,
        stage=stage,
        category=None,
        model=meter.model,
        items=meter.items,
        seconds=seconds,
        load_seconds=meter.load_seconds,
        peak_memory_mb=_peak_memory_mb(),
        tokens_in=meter.tokens_in,
        tokens_out=meter.tokens_out,
        attempt=1,
        device_peak_mb=device_peak_mb,
    )


def _peak_memory_mb() -> float:
    """Return the process's largest resident size so far; Linux counts it in KiB, macOS in bytes."""
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak / (2**20 if sys.platform == "darwin" else 2**10)


STAGE_COST = ("run_id", "created_at", "stage", "items", "seconds", "load_seconds")


def stage_costs(tables: Tables) -> list[StageCost]:
    """Return what stages have cost, without the rows of single categories and calls, which are parts of theirs."""
    rows = tables.values(Usage, ("category", "answer_id", *STAGE_COST))
    whole = (values for category, answer_id, *values in rows if category is None and answer_id is None)
    return [StageCost(*values) for values in whole]  # type: ignore[arg-type]  # in the order of STAGE_COST


def chunks(items: Sequence[T], size: int) -> Iterator[Sequence[T]]:
    """Yield consecutive slices of at most `size` items."""
    for start in range(0, len(items), size):
        yield items[start : start + size]
