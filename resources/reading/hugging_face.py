"""Reads the hugging_face format back."""

from pathlib import Path

from genval_assets.export.read_set import ReadSet


def read_hugging_face(folder: Path) -> ReadSet:
    """Return a set as its files have it."""
    raise NotImplementedError(folder)
