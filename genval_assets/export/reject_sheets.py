"""Sheets of rejected candidates, one per reason, and the page that says which candidate each tile is.

A sheet is made when it is written, from at most `candidates.SHOWN` pictures, each read and made small in turn.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from io import BytesIO

import numpy as np
from PIL import Image

from genval_assets.export.candidates import Reject, RejectGroup
from genval_assets.export.content import PictureBytes
from genval_assets.export.pages import template
from genval_assets.export.prepared import Prepared
from genval_assets.export.written import FileContent
from genval_assets.golden.labels import REASONS as SEEN
from genval_assets.golden.overrule import NO_REASON_GIVEN
from genval_assets.instances.contact_sheet import Tile, contact_sheet
from genval_assets.instances.gate import REASONS as MEASURED
from genval_assets.types import Rgba

COLUMNS = 8
TILE_PX = 128
QUALITY = 85
GONE = "gone"
"""On the tile of a candidate whose picture is not there any more: `genval gc` takes those of old rejects."""
CODE = re.compile(r"[a-z][a-z0-9_]{0,39}")
"""A reason names its sheet's file."""
MEANINGS = {**SEEN, **MEASURED, NO_REASON_GIVEN: "a person rejected it and gave no reason"}
"""Reason code -> what it says."""


@dataclass(frozen=True)
class Placed:
    """One tile of a sheet, as the page names it."""

    place: str  # row and column from 1, as they stand below the tile
    reject: Reject
    name: str  # of the category


@dataclass(frozen=True)
class Sheet:
    """One reason on the page."""

    group: RejectGroup
    meaning: str  # empty where the code is of another version of genval
    file: str  # relative to the page
    tiles: tuple[Placed, ...]


def reject_sheets(prepared: Prepared, picture: PictureBytes) -> Iterator[tuple[str, FileContent]]:
    """Yield the page of rejects and its sheets as (path within the set, what makes it); none where there is no reject.

    Args:
        prepared: the set; its candidates are those of the whole project.
        picture: reads a picture file when a sheet is made; a missing one leaves a tile that says so.

    Raises:
        ValueError: a reason is no code, and could name no file.
    """
    groups = prepared.content.candidates.rejects
    if not groups:
        return
    for group in groups:
        yield f"gallery/rejects/{_file(group.reason)}", partial(_sheet, group, picture)
    yield "gallery/rejects.html", partial(_page, prepared, groups)


def _page(prepared: Prepared, groups: Sequence[RejectGroup]) -> bytes:
    names = {category.category: category.name for category in prepared.facts.categories}
    sheets = [
        Sheet(
            group=group,
            meaning=MEANINGS.get(group.reason, ""),
            file=f"rejects/{_file(group.reason)}",
            tiles=tuple(Placed(_place(i), one, names[one.category]) for i, one in enumerate(group.shown)),
        )
        for group in groups
    ]
    return template("gallery_rejects.html.j2").render(facts=prepared.facts, sheets=sheets).encode()


def _file(reason: str) -> str:
    if not CODE.fullmatch(reason):
        raise ValueError(f"a reason is a code of a-z, 0-9 and _, 40 characters at most; got {reason[:80]!r}")
    return f"{reason}.jpg"


def _place(i: int) -> str:
    return f"{i // COLUMNS + 1}.{i % COLUMNS + 1}"


def _sheet(group: RejectGroup, picture: PictureBytes) -> bytes:
    """Return the sheet of one reason as JPEG: each candidate on a plain ground that it stands out from."""
    tiles = [_tile(reject, _place(i), picture) for i, reject in enumerate(group.shown)]
    encoded = BytesIO()
    Image.fromarray(contact_sheet(tiles, COLUMNS, TILE_PX)).save(encoded, "JPEG", quality=QUALITY)
    return encoded.getvalue()


def _tile(reject: Reject, place: str, picture: PictureBytes) -> Tile:
    try:
        rgba = _small(picture(reject.image))
    except FileNotFoundError:
        return Tile(np.zeros((0, 0, 4), dtype=np.uint8), None, None, f"{place} {GONE}")
    return Tile(rgba, None, accepted=False, caption=place)


def _small(data: bytes) -> Rgba:
    with Image.open(BytesIO(data)) as picture:
        rgba = picture.convert("RGBA")
    rgba.thumbnail((TILE_PX, TILE_PX), Image.Resampling.BOX)  # Pillow weighs colours by alpha
    return np.asarray(rgba)
