"""Folders that an export may replace, and what becomes of what they held."""

import shutil
from pathlib import Path

from genval_assets.export.manifest import MANIFEST, listed


class TargetTaken(ValueError):
    """An export would replace something that it must not."""


def refuse_taken(target: Path, home: Path, *, overwrite: bool) -> None:
    """Refuse a target that holds something, unless it may be replaced; nothing is changed.

    Raises:
        TargetTaken: it holds something and `overwrite` is false; it is a file; it holds the project's home or lies in
            it, or it holds the folder that the command was called from.
    """
    if target.is_relative_to(home) or home.is_relative_to(target):
        raise TargetTaken(f"{target} and the project's home {home} lie within each other; choose another folder")
    if target.exists() and not target.is_dir():
        raise TargetTaken(f"{target} is a file; choose another folder")
    if not target.is_dir() or not any(target.iterdir()):
        return
    if not overwrite:
        raise TargetTaken(f"{target} is not empty; --overwrite replaces an export there, and moves anything else aside")
    if Path.cwd().is_relative_to(target) or Path.home().is_relative_to(target):
        raise TargetTaken(f"{target} holds the folder that you work in; choose another one")


def clear(target: Path) -> None:
    """Make room for an export: remove an earlier one, and move anything else aside, whole."""
    if not target.exists():
        return
    if _is_as_exported(target):
        shutil.rmtree(target)
    else:
        target.rename(_free(target))


def _is_as_exported(folder: Path) -> bool:
    """Return whether a folder is empty or holds exactly the files that its manifest lists."""
    found = {path.relative_to(folder).as_posix() for path in folder.rglob("*") if not path.is_dir()}
    manifest = folder / MANIFEST
    if not found:
        return True
    return manifest.is_file() and found == {MANIFEST, *listed(manifest.read_bytes())}


def _free(target: Path) -> Path:
    number = 1
    while (aside := target.with_name(f"{target.name}.before-{number}")).exists():
        number += 1
    return aside
