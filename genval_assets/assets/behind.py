"""Wiring of a stage that draws and stores at once: one batch is encoded and written while the next is drawn."""

from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from typing import Generic, TypeVar

from genval_assets.batches import Batch, OfCategory

T = TypeVar("T", bound=OfCategory)


class Behind(Generic[T]):
    """Stores what it is handed on a thread of its own, one batch at a time.

    So at most two batches are in memory, and the device waits for no encoder. What could not be stored is tried
    again category by category, on the caller's thread, so that only the category at fault fails.
    """

    def __init__(self, batch: Batch, stage: str, thread: ThreadPoolExecutor) -> None:
        self._batch = batch
        self._stage = stage
        self._thread = thread
        self._pending: tuple[Sequence[T], Callable[[Sequence[T]], None], Future[None]] | None = None

    def store(self, items: Sequence[T], work: Callable[[Sequence[T]], None]) -> None:
        """Store items by `work`, which takes all of them or those of one category; waits for those before them."""
        self.settle()
        self._pending = items, work, self._thread.submit(work, items)

    def settle(self) -> None:
        """Wait until everything is stored."""
        if self._pending is None:
            return
        items, work, future = self._pending
        self._pending = None
        if future.exception() is not None:
            self._batch.attempt_together(self._stage, items, work)


@contextmanager
def one_behind(batch: Batch, stage: str) -> Iterator[Behind[T]]:
    """Return what stores one batch behind; at the end of the block everything is stored, also after an error."""
    with ThreadPoolExecutor(1, "store") as thread:
        behind: Behind[T] = Behind(batch, stage, thread)
        try:
            yield behind
        finally:
            behind.settle()
