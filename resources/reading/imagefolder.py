"""Reads the imagefolder format back."""

from pathlib import Path

from genval_assets.export.read_set import ReadSet


def read_imagefolder(folder: Path) -> ReadSet:
    """Return a set as its files have it."""
    raise NotImplementedError(folder)
