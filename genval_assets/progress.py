"""How a run tells how far it is: a bar with counts and time left on a terminal, plain lines elsewhere."""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

LINE_EVERY_SECONDS = 10.0
"""A log that a person scrolls through should not hold a line per item (our choice)."""


class LineProgress:
    """Writes a line at the start of a stage, every ten seconds, and at its end."""

    def __init__(self, write: Callable[[str], None], clock: Callable[[], float] = time.monotonic) -> None:
        self._write = write
        self._clock = clock

    @contextmanager
    def stage(self, name: str, total: int) -> Iterator[Callable[[int], None]]:
        """Hand out `advance(n)` for a stage of `total` items."""
        start = last = self._clock()
        done = 0

        def advance(n: int) -> None:
            nonlocal done, last
            done += n
            now = self._clock()
            if now - last >= LINE_EVERY_SECONDS and 0 < done < total:
                last = now
                left = (now - start) / done * (total - done)
                self._write(f"{name}: {done}/{total}, about {left:.0f} s left")

        yield advance
        if total:
            self._write(f"{name}: {done}/{total} in {self._clock() - start:.1f} s")


class BarProgress:
    """Draws a bar per stage with counts and time left on stderr, where that is a terminal."""

    @contextmanager
    def stage(self, name: str, total: int) -> Iterator[Callable[[int], None]]:
        """Hand out `advance(n)` for a stage of `total` items."""
        from rich.console import Console
        from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

        columns = TextColumn(f"{name:<22}"), BarColumn(bar_width=30), MofNCompleteColumn(), TimeRemainingColumn()
        with Progress(*columns, console=Console(stderr=True)) as bar:  # stdout is for results
            task = bar.add_task(name, total=total)
            yield lambda n: bar.update(task, advance=n)
