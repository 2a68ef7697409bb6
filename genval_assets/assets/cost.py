"""Wiring of the `usage` table: what a stage of a run took in seconds, of which loading its model."""

import resource
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TypeVar

from genval_assets import keys
from genval_assets.batches import Batch
from genval_assets.rows import Usage

T = TypeVar("T")


@dataclass
class Meter:
    """Runs while a stage works."""

    model: str
    started: float = field(default_factory=time.monotonic)
    load_seconds: float = 0.0

    def opened(self, model: str) -> None:
        """Say that the model is ready: the time until now was loading."""
        self.model = model
        self.load_seconds = time.monotonic() - self.started


@contextmanager
def metered(batch: Batch, stage: str, *, model: str, items: int) -> Iterator[Meter]:
    """Append a `usage` row for the block, also when it ends in an error."""
    meter = Meter(model)
    try:
        yield meter
    finally:
        batch.tables.append([_usage(batch, stage, items, meter)])


def _usage(batch: Batch, stage: str, items: int, meter: Meter) -> Usage:
    return Usage(
        usage_id=keys.recipe("usage", run_id=batch.run_id, at=str(batch.now), stage=stage, model=meter.model),
        run_id=batch.run_id,
        created_at=batch.now,
        stage=stage,
        category=None,
        model=meter.model,
        items=items,
        seconds=time.monotonic() - meter.started,
        load_seconds=meter.load_seconds,
        peak_memory_mb=_peak_memory_mb(),
        tokens_in=0,
        tokens_out=0,
        attempt=1,
    )


def _peak_memory_mb() -> float:
    """Return the process's largest resident size so far; Linux counts it in KiB, macOS in bytes."""
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak / (2**20 if sys.platform == "darwin" else 2**10)


def chunks(items: Sequence[T], size: int) -> Iterator[Sequence[T]]:
    """Yield consecutive slices of at most `size` items."""
    for start in range(0, len(items), size):
        yield items[start : start + size]
