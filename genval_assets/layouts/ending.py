"""How the pictures of a layout end: kept, rejected with reasons, or an error that says nothing against them."""

from collections.abc import Sequence
from typing import Literal

from genval_assets.layouts.best_image import NOT_DRAWN, UNREAD
from genval_assets.layouts.outlines import Outline, reasons_against
from genval_assets.layouts.settings import ClisISettings

EXTRANEOUS, RETIRED, LOST_PICTURE = "extraneous", "retired", "lost_picture"
ERRORS = (NOT_DRAWN, UNREAD, RETIRED, LOST_PICTURE)
"""Reasons that say nothing against a picture: they count in no rate."""


def outcome(reasons: Sequence[str]) -> Literal["kept", "rejected", "error"]:
    """Return how a layout ended, from all that speaks against its best picture."""
    if not reasons:
        return "kept"
    return "error" if set(reasons) & set(ERRORS) else "rejected"


def seen_against(
    found: Sequence[Outline], extraneous: Sequence[str], category: str, settings: ClisISettings
) -> tuple[str, ...]:
    """Return what speaks against a picture once its masks and what stands outside its boxes are known.

    Args:
        found: an outline per node.
        extraneous: keys of categories that stand outside all boxes.
        category: that the scene was made for.
        settings: whether what nobody asked for drops a picture.
    """
    dropped = (EXTRANEOUS,) if extraneous and settings.extraneous == "drop" else ()
    return (*reasons_against(found, category), *dropped)
