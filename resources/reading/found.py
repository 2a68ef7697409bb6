"""What an exported folder holds, for those who were not told: its format, its set, and how exactly it was verified."""

import hashlib
from dataclasses import dataclass, replace
from pathlib import Path

import msgspec

from genval_assets.export.formats.features import SPLIT_NAMES
from genval_assets.export.read_set import ReadPicture, ReadSet, UnreadableExport
from genval_assets.export.settings import Format
from genval_assets.export.verification import VERIFICATION, Verified
from resources.reading.registry import READERS

PLACES = ("images", *SPLIT_NAMES.values())
"""Folders that pictures lie in, or in folders below."""


@dataclass(frozen=True)
class FoundExport:
    """A set that was read back, and what was verified of it when it was written."""

    format: Format
    read: ReadSet
    verified: Verified


def found_format(folder: Path) -> Format:
    """Return the format of an exported folder; a project's own set holds coco and lvis, of which coco says more.

    Raises:
        UnreadableExport: the folder is no export.
    """
    return _verified(folder)[0]


def read_export(folder: Path) -> FoundExport:
    """Return the set of an exported folder, each picture with the hash of its bytes.

    Raises:
        UnreadableExport: the folder is no export, or it breaks a rule of its format.
    """
    found, verified = _verified(folder)
    read = READERS[found](folder)
    return FoundExport(found, replace(read, pictures=_hashed(folder, read)), verified)


def _verified(folder: Path) -> tuple[Format, Verified]:
    path = folder / VERIFICATION
    try:
        by_format = msgspec.json.decode(path.read_bytes(), type=dict[Format, Verified])
    except FileNotFoundError as err:
        raise UnreadableExport(f"{folder} is no export of genval's: it has no {VERIFICATION}") from err
    except (OSError, msgspec.DecodeError) as err:
        raise UnreadableExport(f"{path}: {err}") from err
    if not by_format:
        raise UnreadableExport(f"{path} names no format")
    if not by_format:
        raise UnreadableExport(f"{path} names no format")
    chosen = min(by_format)  # of coco and lvis: coco
    return chosen, by_format[chosen]


def _hashed(folder: Path, read: ReadSet) -> dict[str, ReadPicture]:
    """Return the pictures with the hashes of those that are files: readers hash only what they take out of shards."""
    files = {path.stem: path for place in PLACES for path in (folder / place).rglob("*") if path.is_file()}
    return {
        key: shown if shown.digest or key not in files else replace(shown, digest=_digest(files[key]))
        for key, shown in read.pictures.items()
    }


def _digest(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
