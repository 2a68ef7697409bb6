"""How one run serves any set of categories: which they are, what became of each, and when to stop.

A run names its categories in one of four ways: a partition, a contiguous range, a backfill (either of these), or an
anchored batch: `partition_key` is the first category and the run config lists all of them. Dagster knows no
scattered set; without the anchor such a run dies as soon as any partitioned upstream was ever materialized.

Not here: what the stages do (`assets/`), which categories should come next (`topup/`).
"""

import errno
import signal
import threading
import traceback
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from types import FrameType
from typing import Protocol, TypeVar

import dagster as dg
from pydantic import Field

from genval_assets import keys
from genval_assets.model_ports import Gauge
from genval_assets.ports import Progress, Tables
from genval_assets.rows import Category, Failure, Quarantined, Row
from genval_assets.types import RefusedItem

R = TypeVar("R", bound=Row)


class BatchConfig(dg.Config):
    """What a run of the per-category chain may be told. Nothing needs to be."""

    categories: list[str] = Field(
        default=[],
        description="Partition keys to serve in this one run; the run's own partition must be the first of them. "
        "Empty: the run's partition or range.",
    )
    candidates: int = Field(
        default=0,
        ge=0,
        description="Draw this many more candidates per category at the next free indices, whatever the target says. "
        "0: bring each category to its target.",
    )


class UnknownCategories(ValueError):
    """A run names categories that are not in the concept list, or whose anchor is not among them."""


def requested_keys(run_keys: Sequence[str], config: BatchConfig) -> list[str]:
    """Return the partition keys that the run serves: the configured batch, else the run's partition or range.

    Raises:
        UnknownCategories: the run's partition (its anchor) is not in the configured batch.
    """
    if not config.categories:
        return list(run_keys)
    if list(run_keys) != list(config.categories[:1]):
        raise UnknownCategories(
            f"this run's partition is {list(run_keys)} but its config lists {len(config.categories)} categories "
            f"beginning with {config.categories[0]!r}. Launch it for the partition {config.categories[0]!r}, "
            "or leave `categories` empty"
        )
    return list(dict.fromkeys(config.categories))


def named(run_keys: Sequence[str], known: Mapping[str, Category]) -> tuple[Category, ...]:
    """Return the categories of the keys, in order.

    Raises:
        UnknownCategories: it lists the keys that are not active categories.
    """
    missing = [key for key in run_keys if key not in known]
    if missing:
        raise UnknownCategories(
            f"not in the concept list: {missing[:20]}. Materialize `concept_list`, or choose among "
            f"{list(known)[:5]} … ({len(known)} categories)"
        )
    return tuple(known[key] for key in run_keys)


def by_category(rows: Iterable[R]) -> dict[str, list[R]]:
    """Return the rows of each category, in their order; empty lists for the others."""
    grouped: dict[str, list[R]] = defaultdict(list)
    for row in rows:
        grouped[vars(row)["category"]].append(row)
    return grouped


class OfCategory(Protocol):
    """An item of work that belongs to one category."""

    @property
    def category(self) -> Category:
        """The category."""


Item = TypeVar("Item", bound=OfCategory)
DISK_FULL = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)

Told = Mapping[str, dg.MetadataValue | int | float | str]


@dataclass
class Batch:
    """The categories of one run, or of one wave of it, what became of them, and where rows about trouble go."""

    run_id: str
    now: datetime  # when the batch began: it tells the waves of a run apart
    categories: tuple[Category, ...]
    tables: Tables
    log: Callable[[str], None]
    progress: Progress
    gauge: Gauge
    stopping: threading.Event = field(default_factory=threading.Event)
    failed: dict[str, str] = field(default_factory=dict)  # key -> stage and error
    told: dict[str, dict[str, Told]] = field(default_factory=dict)  # stage -> key -> what to show of it
    planned: bool = False  # the plans of this run are written
    _known_refusals: set[str] | None = None  # ids of stored quarantine rows, read when the first item is refused

    @property
    def alive(self) -> tuple[Category, ...]:
        """The categories that no stage has failed on."""
        return tuple(c for c in self.categories if c.category not in self.failed)

    @property
    def keys(self) -> list[str]:
        """The partition keys of the living categories."""
        return [c.category for c in self.alive]

    def tell(self, stage: str, category: Category, metadata: Told) -> None:
        """Note what people should see of a category that a stage has finished."""
        self.told.setdefault(stage, {})[category.category] = metadata

    def each(self, stage: str) -> Iterator[Category]:
        """Yield the living categories, advancing the progress; stop between two of them when asked to."""
        living = self.alive
        with self.progress.stage(stage, len(living)) as advance:
            for category in living:
                self.stop_here()
                yield category
                advance(1)

    def stop_here(self) -> None:
        """Leave the run, if somebody asked for it. Called between items, never within one.

        Raises:
            dagster.DagsterExecutionInterruptedError: Ctrl-C, or a termination from the UI.
        """
        if self.stopping.is_set():
            raise dg.DagsterExecutionInterruptedError("stopped after the current item; run again to resume")

    @contextmanager
    def attempt(self, stage: str, category: Category) -> Iterator[None]:
        """Turn an error within the block into a `failures` row and leave the category out of later stages.

        Raises:
            OSError: the disk is full; that ends the run.
        """
        try:
            yield
        except Exception as err:
            if _disk_is_full(err):
                raise  # no category's fault, and the next one would fail, too
            error = f"{type(err).__name__}: {err}"
            self.failed[category.category] = f"{stage}: {error}"
            self.log(f"{category.category}: failed in {stage}: {error}")
            self.tables.append([self._failure(stage, category.category, error)])

    def fail(self, stage: str, category: Category, error: Exception) -> None:
        """Store the row for a category that a stage could not finish, unless it has failed already."""
        if category.category not in self.failed:
            with self.attempt(stage, category):
                raise error

    def attempt_together(self, stage: str, items: Sequence[Item], work: Callable[[Sequence[Item]], None]) -> None:
        """Work on items of several categories at once; where that fails, on those of each category by themselves.

        So a model fills its batches across categories, and still only the category at fault fails. Items of
        categories that have failed already are left out.
        """
        groups: dict[str, list[Item]] = {}
        for item in items:
            if item.category.category not in self.failed:
                groups.setdefault(item.category.category, []).append(item)
        if len(groups) > 1:
            try:
                return work([item for group in groups.values() for item in group])
            except Exception as err:  # it comes again below, for the category whose fault it is
                if _disk_is_full(err):
                    raise
                self.log(f"{stage}: {type(err).__name__} in a batch of {len(groups)} categories; each goes by itself")
        for group in groups.values():
            with self.attempt(stage, group[0].category):
                work(group)
        return None

    def _failure(self, stage: str, category: str, error: str) -> Failure:
        return Failure(
            failure_id=keys.recipe("failures", run_id=self.run_id, at=str(self.now), stage=stage, category=category),
            run_id=self.run_id,
            created_at=self.now,
            stage=stage,
            category=category,
            error=error[:2000],
            trace=traceback.format_exc()[-4000:],
        )

    def quarantine(self, stage: str, category: str | None, refused: RefusedItem) -> None:
        """Store the row for an item that was refused; the same refusal is the same row."""
        if self._known_refusals is None:
            self._known_refusals = self.tables.ids(Quarantined)
        row = quarantined(stage, category, refused, self.run_id, self.now)
        if row.quarantine_id not in self._known_refusals:
            self._known_refusals.add(row.quarantine_id)
            self.tables.append([row])


def _disk_is_full(err: Exception) -> bool:
    return isinstance(err, OSError) and err.errno in DISK_FULL


def quarantined(stage: str, category: str | None, refused: RefusedItem, run_id: str, now: datetime) -> Quarantined:
    """Return the row for an item that was refused; the same refusal is the same row."""
    return Quarantined(
        quarantine_id=keys.recipe(
            "quarantine", stage=stage, category=category, item=refused.item, reason=refused.reason
        ),
        run_id=run_id,
        created_at=now,
        stage=stage,
        category=category,
        item=refused.item,
        reason=refused.reason,
        detail=refused.detail,
        raw=refused.raw,
    )


@contextmanager
def stop_on_interrupt(stopping: threading.Event) -> Iterator[None]:
    """Let the first SIGINT or SIGTERM only set `stopping`, so that the item at hand is finished; the second kills.

    Does nothing outside the main thread, where Python cannot set handlers.
    """
    if threading.current_thread() is not threading.main_thread():
        yield
        return

    def handle(_signal: int, _frame: FrameType | None) -> None:
        if stopping.is_set():
            raise KeyboardInterrupt
        stopping.set()

    before = {number: signal.signal(number, handle) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
