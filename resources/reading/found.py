"""What an exported folder holds, for those who were not told: its format, its set, and how exactly it was verified."""

from dataclasses import dataclass
from pathlib import Path

import msgspec

from genval_assets.export.read_set import ReadSet, UnreadableExport
from genval_assets.export.verification import VERIFICATION, Verified
from genval_assets.export.words import Format
from resources.reading.registry import READERS


@dataclass(frozen=True)
class FoundExport:
    """A set that was read back, and what was verified of it when it was written."""

    format: Format
    read: ReadSet
    verified: Verified


def read_export(folder: Path) -> FoundExport:
    """Return the set of an exported folder; a project's own holds coco and lvis, of which coco says more.

    Raises:
        UnreadableExport: the folder is no export, or it breaks a rule of its format.
    """
    found, verified = _verified(folder)
    return FoundExport(found, READERS[found](folder), verified)


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
    chosen = min(by_format)  # of coco and lvis: coco
    return chosen, by_format[chosen]
