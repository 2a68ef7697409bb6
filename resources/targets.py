"""Folders that an export may replace, and what becomes of what they held."""

import hashlib
from collections.abc import Iterable
from pathlib import Path

from genval_assets.export.manifest import MANIFEST, listed

CACHES = (".cache", ".DS_Store")
"""How files end that trainers (Ultralytics: labels/train.cache) and desktops leave in a set; stale in a new one."""


class TargetTaken(ValueError):
    """An export would replace something that it must not."""


def refuse_taken(target: Path, home: Path, sources: Iterable[str] = (), *, overwrite: bool) -> None:
    """Refuse a target that holds something, unless it may be replaced; nothing is changed.

    Args:
        target: resolved.
        home: the project's, resolved.
        sources: the user's files and folders that the project reads.
        overwrite: whether it may be replaced.

    Raises:
        TargetTaken: it holds something and `overwrite` is false; it is a file or a mount point; it holds the project's
            home or lies in it, or it holds one of the sources or the folder that the command was called from.
    """
    if target.is_relative_to(home) or home.is_relative_to(target):
        raise TargetTaken(f"{target} and the project's home {home} lie within each other; choose another folder")
    if target.exists() and not target.is_dir():
        raise TargetTaken(f"{target} is a file; choose another folder")
    if target.is_mount():
        raise TargetTaken(f"{target} is a mount point, which cannot be replaced as a whole; choose a folder in it")
    if not target.is_dir() or not any(target.iterdir()):
        return
    if not overwrite:
        raise TargetTaken(f"{target} is not empty; --overwrite replaces an export there, and moves anything else aside")
    held = next((one for one in sources if Path(one).resolve().is_relative_to(target)), None)
    if held is not None:
        raise TargetTaken(f"{target} holds {held}, which the project reads; choose another folder")
    if Path.cwd().is_relative_to(target) or Path.home().is_relative_to(target):
        raise TargetTaken(f"{target} holds the folder that you work in; choose another one")


def cleared(target: Path, trash: Path) -> Path | None:
    """Make room for an export: move an earlier one into `trash`; anything else aside, and return where it is, whole."""
    if not target.exists():
        return None
    if _is_as_exported(target):
        target.rename(trash / "replaced")
        return None
    return target.rename(_free(target))


def _is_as_exported(folder: Path) -> bool:
    """Return whether a folder is empty, or holds exactly what its manifest lists, beside what trainers cache."""
    found = {
        path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_symlink() or not path.is_dir()
    }
    if not found:
        return True
    if MANIFEST not in found:
        return False
    try:
        digests = listed((folder / MANIFEST).read_bytes())
    except ValueError:  # somebody else's file
        return False
    others = (name for name in found - digests.keys() if name != MANIFEST)
    if not digests.keys() <= found or any(not name.endswith(CACHES) for name in others):
        return False
    return all(_digest(folder / name) == digest for name, digest in digests.items())


def _digest(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _free(target: Path) -> Path:
    number = 1
    while (aside := target.with_name(f"{target.name}.before-{number}")).exists():
        number += 1
    return aside
