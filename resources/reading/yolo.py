"""Reads the yolo format back."""

from pathlib import Path

from genval_assets.export.read_set import ReadSet


def read_yolo(folder: Path) -> ReadSet:
    """Return a set as its files have it."""
    raise NotImplementedError(folder)
