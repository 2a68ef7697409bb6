"""Hugging Face's ImageFolder."""

from genval_assets.export.content import PictureBytes
from genval_assets.export.prepared import Prepared
from genval_assets.export.written import Written


def write(prepared: Prepared, picture: PictureBytes) -> Written:
    """Return the set in this format."""
    raise NotImplementedError
