"""The exported sets below the home, each complete and immutable, or not there."""

import fcntl
import hashlib
import os
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path, PurePosixPath

import dagster as dg
from pydantic import Field

from genval_assets.export.build import ExportedSet, Landed
from genval_assets.export.manifest import MANIFEST, manifest
from genval_assets.export.verification import VERIFICATION
from resources.files import make_folder, room_for, sweep_orphans, sync, temporary_folder
from resources.reading.registry import READERS
from resources.targets import cleared, refuse_taken

FOLDER = PurePosixPath("data/datasets")
SET = "set"
"""Name of a set within the temporary folder that it is written in."""


class UnsafePath(ValueError):
    """A path that would leave its set, or name something that is already in it."""


class DatasetFolders(dg.ConfigurableResource[None]):
    """Writes sets to `data/datasets/<name>@<version>` and points the link `data/datasets/<name>` at the newest.

    The version is the hash of the manifest, so a set that did not change is not replaced. Renaming a folder over
    another is not atomic anywhere, replacing a link is, on Linux and macOS: whoever opens `<name>` finds the old set
    or the new one, also after a kill. The version before the current one stays, for those who still read it; older
    ones go.
    """

    home: str = Field(description="Absolute path of the home.")
    sources: list[str] = Field(
        default_factory=list, description="Absolute paths that the project reads: no export replaces what holds one."
    )

    def write(self, exported: ExportedSet) -> str:
        """Write a set, verified and with its manifest, and return the folder of this version, relative to the home.

        Two writers of one set wait for each other.

        Raises:
            ExportDiffers: another reader did not find what was written.
            UnsafePath: a path is absolute, leaves the set or occurs twice, or the name is not one of a folder.
            FileNotFoundError: a linked file is not there.
            FileExistsError: `data/datasets/<name>` is a folder that genval did not make.
            HomeDiskFull: there is no room; what stood there before stands unchanged.
        """
        final = self._folder(exported.name)
        lock = final.with_name(f".{final.name}.lock")
        lock.touch()
        with _locked(lock), room_for(final):
            sweep_orphans(final.parent)
            with temporary_folder(final.parent) as temporary:
                version = _written(temporary / SET, exported, Path(self.home), _link)
                folder = final.with_name(f"{final.name}@{version}")
                if not folder.exists():
                    (temporary / SET).rename(folder)
            previous = final.readlink().name if final.is_symlink() else ""
            if folder.name != previous:
                _point(final, folder)
                _sweep(final, keep={folder.name, previous})
        return folder.relative_to(self.home).as_posix()

    def write_to(self, exported: ExportedSet, folder: str, *, overwrite: bool) -> Landed:
        """Write a set to a folder anywhere, pictures copied: trainers mend pictures in place, and may do so here.

        What the folder held is replaced as a whole if it is an export as genval wrote it; anything else is moved aside
        to `<folder>.before-1` (or the next number that is free). Of two writers at once the later one finds the other's
        set there.

        Raises:
            TargetTaken: the folder holds something and `overwrite` is false, or is one that must not be moved.
            ExportDiffers: another reader did not find what was written; nothing is replaced.
            FileNotFoundError: a picture is not there.
            HomeDiskFull: there is no room.
        """
        final = Path(folder).resolve()
        home = Path(self.home).resolve()
        refuse_taken(final, home, self.sources, overwrite=overwrite)
        with suppress(PermissionError):  # another user's, in a folder that many write to
            sweep_orphans(final.parent)
        with room_for(final), temporary_folder(final.parent) as temporary:
            version = _written(temporary / SET, exported, home, shutil.copyfile)
            os.sync()  # all pictures at once: one by one takes two thirds of an export's time
            # once more: somebody may have written there meanwhile
            refuse_taken(final, home, self.sources, overwrite=overwrite)
            aside = cleared(final, temporary)
            (temporary / SET).rename(final)
            sync(final.parent)
        return Landed(version, str(aside or ""))

    def picture(self, path: str) -> bytes:
        """Return a picture file's bytes; the path is relative to the home, or absolute."""
        return Path(self.home, path).read_bytes()

    def _folder(self, name: str) -> Path:
        """Return where the link `name` belongs, its parent made; links on the way would lead into another set."""
        parts = _parts(name)
        if any("@" in part or part.startswith(".") for part in parts):
            raise UnsafePath(f"a set's name holds no '@' and no part begins with '.'; got {name!r}")
        parent = Path(self.home, FOLDER)
        make_folder(parent)
        for part in parts[:-1]:
            parent /= part
            if parent.is_symlink():
                raise UnsafePath(f"the set {name!r} would lie within the set {parent.name!r}; choose another name")
            make_folder(parent)
        final = parent / parts[-1]
        if final.exists() and not final.is_symlink():
            raise FileExistsError(f"{final} is not a set that genval wrote: move it away, or name the set otherwise")
        return final


def _written(partial: Path, exported: ExportedSet, home: Path, place: Callable[[Path, Path], object]) -> str:
    """Write everything below `partial`, synced, read it back, and return the version.

    The version is 12 hex digits of the manifest's hash.
    """
    digests: dict[str, str] = {}
    for path, content in exported.files:
        made = content if isinstance(content, bytes) else content()
        _write(_fresh(partial, path, digests), made)
        digests[path] = hashlib.sha256(made).hexdigest()
    for path, source in exported.links:
        target = _fresh(partial, path, digests)
        place(home / source, target)
        with target.open("rb") as file:
            digests[path] = hashlib.file_digest(file, "sha256").hexdigest()
    verification = exported.verify(lambda name: READERS[name](partial))
    _write(_fresh(partial, VERIFICATION, digests), verification)
    digests[VERIFICATION] = hashlib.sha256(verification).hexdigest()
    content = manifest(digests)
    _write(_fresh(partial, MANIFEST, digests), content)
    for folder in [partial, *(p for p in partial.rglob("*") if p.is_dir())]:
        sync(folder)
    return hashlib.sha256(content).hexdigest()[:12]


def _fresh(root: Path, path: str, taken: dict[str, str]) -> Path:
    """Return where `path` belongs below `root`, its folder made."""
    parts = _parts(path)
    if path in taken:
        raise UnsafePath(f"{path!r} occurs twice in the set")
    target = root.joinpath(*parts)
    target.parent.mkdir(parents=True, exist_ok=True)
    return target


def _parts(path: str) -> tuple[str, ...]:
    """Return the parts of a relative path that stays where it begins, written in its one plain form."""
    parts = tuple(path.split("/"))
    if any(part in ("", ".", "..") or "\0" in part for part in parts):
        raise UnsafePath(f"expected a relative path without empty, '.' or '..' parts; got {path[:200]!r}")
    return parts


def _write(path: Path, content: bytes) -> None:
    with path.open("xb") as file:
        file.write(content)
    sync(path)


def _link(source: Path, target: Path) -> None:
    """Link a picture into the set; a copy where the file system cannot, or refuses (another disk, another owner)."""
    real = source.resolve(strict=True)  # a hard link to a symbolic one would be a symbolic link
    try:
        target.hardlink_to(real)
    except OSError:
        shutil.copyfile(real, target)
        sync(target)


def _point(link: Path, folder: Path) -> None:
    """Point the set's link at `folder`: at no moment does it point nowhere."""
    fresh = link.with_name(f".{link.name}.link")
    fresh.unlink(missing_ok=True)  # a killed writer's
    fresh.symlink_to(folder.name)
    sync(folder.parent)
    fresh.replace(link)
    sync(folder.parent)


def _sweep(link: Path, keep: set[str]) -> None:
    """Remove the set's other versions, each moved away first: a version is whole or not there."""
    with temporary_folder(link.parent) as trash:
        for version in sorted(link.parent.iterdir()):
            if version.name.startswith(f"{link.name}@") and version.name not in keep:
                version.rename(trash / version.name)


@contextmanager
def _locked(path: Path) -> Iterator[None]:
    """Wait for, then hold, a lock on a file; it dies with its process."""
    handle = os.open(path, os.O_RDONLY)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield
    finally:
        os.close(handle)
