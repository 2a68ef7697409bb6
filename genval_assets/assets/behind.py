"""Wiring of a stage that draws and stores at once: one batch is encoded and written while the next is drawn."""

from collections.abc import Callable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from types import TracebackType
from typing import Generic, TypeVar

from genval_assets.batches import Batch, OfCategory

T = TypeVar("T", bound=OfCategory)


class Behind(Generic[T]):
    """Stores what it is handed on a thread of its own, one batch at a time, for the length of one `with` block.

    So at most two batches are in memory, and the device waits for no encoder. What could not be stored is tried
    again category by category, on the caller's thread, so that only the category at fault fails. When the block ends
    everything is stored, also after an error.
    """

    def __init__(self, batch: Batch, stage: str) -> None:
        self._batch = batch
        self._stage = stage
        self._thread = ThreadPoolExecutor(1, "store")
        self._pending: tuple[Sequence[T], Callable[[Sequence[T]], None], Future[None]] | None = None

    def __enter__(self) -> "Behind[T]":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        with self._thread:
            self._settle()

    def store(self, items: Sequence[T], work: Callable[[Sequence[T]], None]) -> None:
        """Store items by `work`, which takes all of them or those of one category; waits for those before them."""
        self._settle()
        self._pending = items, work, self._thread.submit(work, items)

    def _settle(self) -> None:
        if self._pending is None:
            return
        items, work, future = self._pending
        self._pending = None
        if future.exception() is not None:
            self._batch.attempt_together(self._stage, items, work)
