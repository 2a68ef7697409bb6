"""The one way genval writes a file: temporary name, sync, rename, sync the folder.

A killed writer leaves at most an orphan: a temporary file that nobody locks. A live writer holds a lock on its
temporary file, so `sweep_orphans` needs no list of processes and works across containers that share a home.
"""

import errno
import fcntl
import os
import secrets
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import BinaryIO

TEMP_PREFIX = ".genval-"
TEMP_SUFFIX = ".tmp"

Content = bytes | bytearray | memoryview | Callable[[BinaryIO], object]
"""What to write: the bytes, or a function that writes them to the file it is given."""


class HomeDiskFull(OSError):
    """There was no room for a file. What was there before is unchanged; the same command resumes once there is room."""

    def __init__(self, path: Path, wanted: int | None, cause: OSError) -> None:
        free = shutil.disk_usage(existing_folder(path)).free
        size = "a file" if wanted is None else f"{wanted:,} bytes"
        super().__init__(
            cause.errno,
            f"no room for {size} ({free:,} bytes are free; {os.strerror(cause.errno or 0)}). Nothing was lost: "
            "free some space (`genval gc` removes what no table names) and run the same command again",
            str(path),
        )


@contextmanager
def room_for(path: Path, wanted: int | None = None) -> Iterator[None]:
    """Name the file, and the `wanted` bytes where known, when the disk, a quota or a size limit stops a write.

    Raises:
        HomeDiskFull: instead of the plain OSError.
    """
    try:
        yield
    except OSError as err:
        if err.errno in (errno.ENOSPC, errno.EDQUOT, errno.EFBIG) and not isinstance(err, HomeDiskFull):
            raise HomeDiskFull(path, wanted, err) from err
        raise


def write_atomically(
    path: Path, content: Content, *, mode: int = 0o644, overwrite: bool = True, sync_folder: bool = True
) -> None:
    """Write a file so that `path` holds either what it held before or all of the content, synced.

    Args:
        path: its folder is made where it is missing.
        content: bytes, or a function that writes them.
        mode: permissions of the new file.
        overwrite: False refuses an existing file, also one that another process makes meanwhile.
        sync_folder: False where the caller syncs the folder itself, once for many files.

    Raises:
        HomeDiskFull: there is no room.
        FileExistsError: the file exists and `overwrite` is False.
    """
    wanted = None if callable(content) else len(content)
    with room_for(path, wanted), temporary(path.parent) as temp:
        with temp.open("wb") as file:
            if callable(content):
                content(file)
            else:
                file.write(content)
        put_in_place(temp, path, mode=mode, overwrite=overwrite, sync_folder=sync_folder)


@contextmanager
def temporary(folder: Path) -> Iterator[Path]:
    """Give an empty temporary file in `folder`, locked while the block lasts and gone after it unless renamed."""
    make_folder(folder)
    temp, descriptor = _locked_temporary(folder)
    try:
        yield temp
    finally:
        temp.unlink(missing_ok=True)
        os.close(descriptor)


@contextmanager
def temporary_folder(parent: Path) -> Iterator[Path]:
    """Give an empty temporary folder in `parent`, locked while the block lasts and gone after it."""
    make_folder(parent)
    temp, descriptor = _locked_temporary_folder(parent)
    try:
        yield temp
    finally:
        shutil.rmtree(temp)
        os.close(descriptor)


@contextmanager
def locked_folder(folder: Path, *, shared: bool = False, wait: bool = True) -> Iterator[None]:
    """Hold a folder's lock while the block lasts: alone, or together with others that share it.

    Raises:
        BlockingIOError: somebody else holds it, and `wait` is False.
    """
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        fcntl.flock(descriptor, (fcntl.LOCK_SH if shared else fcntl.LOCK_EX) | (0 if wait else fcntl.LOCK_NB))
        yield
    finally:
        os.close(descriptor)


def put_in_place(
    temp: Path, path: Path, *, mode: int = 0o644, overwrite: bool = True, sync_folder: bool = True
) -> None:
    """Sync a finished temporary file, rename it to `path`, and sync the folder."""
    temp.chmod(mode)
    sync(temp)
    if overwrite:
        temp.rename(path)
    else:
        path.hardlink_to(temp)  # unlike rename, this refuses an existing name
        temp.unlink()
    if sync_folder:
        sync(path.parent)


def sync(path: Path) -> None:
    """Flush a file or a folder to the disk."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def make_folder(folder: Path) -> None:
    """Make a folder and its missing parents, each synced into its parent."""
    if not folder.is_dir():
        make_folder(folder.parent)
        folder.mkdir(exist_ok=True)
        sync(folder.parent)


def existing_folder(path: Path) -> Path:
    """Return the nearest folder above `path`, or itself, that exists."""
    return next(p for p in (path, *path.absolute().parents) if p.is_dir())


def sweep_orphans(folder: Path, *, deep: bool = False, dry_run: bool = False) -> list[Path]:
    """Remove what writers that died left in `folder`, spare what a live one is writing, and return what went, sorted.

    Args:
        folder: where to look; it may be missing.
        deep: look in the folders below it, too.
        dry_run: only return what would go.
    """
    pattern = f"{TEMP_PREFIX}*{TEMP_SUFFIX}"
    swept = []
    for path in sorted(folder.rglob(pattern) if deep else folder.glob(pattern)):
        with suppress(FileNotFoundError), _claimed(path) as is_dead:
            if is_dead and not dry_run:
                shutil.rmtree(path) if path.is_dir() else path.unlink()
            swept += [path] if is_dead else []
    return swept


@contextmanager
def _claimed(path: Path) -> Iterator[bool]:
    """Hold a temporary file's lock where it is free, and tell whether it was: then its writer is dead."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        yield True
    except BlockingIOError:
        yield False
    finally:
        os.close(descriptor)


def _temporary_path(folder: Path) -> Path:
    return folder / f"{TEMP_PREFIX}{os.getpid()}-{secrets.token_hex(6)}{TEMP_SUFFIX}"


def _locked_temporary(folder: Path) -> tuple[Path, int]:
    while True:
        temp = _temporary_path(folder)
        descriptor = os.open(temp, os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o644)
        if _locked(descriptor):
            return temp, descriptor


def _locked_temporary_folder(parent: Path) -> tuple[Path, int]:
    while True:
        temp = _temporary_path(parent)
        temp.mkdir()
        with suppress(FileNotFoundError):  # a sweeper came between the making and the opening
            descriptor = os.open(temp, os.O_RDONLY)
            if _locked(descriptor):
                return temp, descriptor


def _locked(descriptor: int) -> bool:
    """Lock an open temporary; False, and closed, where a sweeper removed it between its making and its locking."""
    fcntl.flock(descriptor, fcntl.LOCK_EX)
    if os.fstat(descriptor).st_nlink:
        return True
    os.close(descriptor)
    return False
