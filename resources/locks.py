"""Which processes work on this home, told by locks that die with their process.

`locks/<name>` is locked with flock by whoever holds the name; the file says when it was taken or released, so that a
name left behind by a killed process is told from one that was given back. Python opens files close-on-exec: programs
that a holder starts do not keep its locks. Whoever holds any name also shares the home, which `gc` needs for itself.
"""

import fcntl
import os
import re
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import dagster as dg
from pydantic import Field

from genval_assets.types import LockState
from resources.files import make_folder

LOCKS = Path("locks")
HOME = "home"
NAME = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.-]{0,199}")
PATIENCE = 0.5
"""Seconds to try for a name: somebody who asks for its state holds it for some microseconds."""


class RunLocks(dg.ConfigurableResource[None]):
    """The locks of one home; on a local file system, between processes of one machine."""

    home: str = Field(description="Folder of the project.")

    @contextmanager
    def hold(self, name: str) -> Iterator[None]:
        """Hold `locks/<name>` while the block lasts, and share the home: nothing is collected meanwhile.

        Raises:
            BlockingIOError: another process, or another block of this one, holds it; or gc is at work.
            ValueError: the name cannot be that of a file, or is the home's own.
        """
        if not NAME.fullmatch(name) or name == HOME:
            raise ValueError(f"a lock's name is up to 200 letters, digits, '_', '.' or '-', not {HOME!r}; got {name!r}")
        with (
            self._flocked(HOME, fcntl.LOCK_SH, "gc is at work on this home"),
            self._flocked(name, fcntl.LOCK_EX, "another process holds it") as descriptor,
        ):
            _note(descriptor, "held")
            try:
                yield
            finally:
                _note(descriptor, "released")

    @contextmanager
    def alone(self) -> Iterator[None]:
        """Have the home to oneself while the block lasts: nobody holds a name, nobody can take one.

        Raises:
            BlockingIOError: somebody is at work on the home.
        """
        with self._flocked(HOME, fcntl.LOCK_EX, "runs are at work on this home: wait for them, or stop them"):
            yield

    def state(self, name: str) -> LockState:
        """Return whether `locks/<name>` is held, and since when; what a killed process left says so."""
        try:
            descriptor = os.open(self._path(name), os.O_RDONLY)
        except FileNotFoundError:
            return LockState("absent", None)
        try:
            is_free = _try(lambda: fcntl.flock(descriptor, fcntl.LOCK_SH | fcntl.LOCK_NB))
            kind, _, since = os.read(descriptor, 100).decode().partition(" ")
        finally:
            os.close(descriptor)
        if not since:  # made a moment ago, and not locked yet
            return LockState("absent" if is_free else "held", None)
        return LockState(("killed" if kind == "held" else kind) if is_free else "held", float(since))

    def forget(self, older_than: float) -> int:
        """Remove the lock files that nobody holds and that were last touched before that time; return how many.

        For `gc`, within `alone`.
        """
        names = [path.name for path in (Path(self.home) / LOCKS).iterdir() if path.name != HOME]
        old = [n for n in names if self.state(n).kind != "held" and self._path(n).stat().st_mtime < older_than]
        for name in old:
            self._path(name).unlink()
        return len(old)

    def _path(self, name: str) -> Path:
        return Path(self.home) / LOCKS / name

    @contextmanager
    def _flocked(self, name: str, how: int, why_not: str) -> Iterator[int]:
        path = self._path(name)
        make_folder(path.parent)
        descriptor = os.open(path, os.O_RDWR | os.O_CREAT, 0o644)
        try:
            deadline = time.monotonic() + PATIENCE
            while not _try(lambda: fcntl.flock(descriptor, how | fcntl.LOCK_NB)):
                if time.monotonic() > deadline:
                    raise BlockingIOError(f"{path} is locked: {why_not}")
                time.sleep(0.01)
            yield descriptor
        finally:
            os.close(descriptor)


def _try(lock: Callable[[], None]) -> bool:
    try:
        lock()
    except BlockingIOError:
        return False
    return True


def _note(descriptor: int, kind: str) -> None:
    os.ftruncate(descriptor, 0)
    os.pwrite(descriptor, f"{kind} {time.time():.3f}".encode(), 0)
