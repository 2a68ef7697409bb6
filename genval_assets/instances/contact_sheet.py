"""Contact sheets: many cut-outs with their masks drawn, small enough for a run's log."""

from collections.abc import Sequence
from dataclasses import dataclass
from io import BytesIO

import cv2
import numpy as np
from PIL import Image, ImageDraw

from genval_assets.instances.ground import contrasting_ground, flattened
from genval_assets.types import Mask, Rgb, Rgba

CAPTION_PX = 14
GAP_PX = 2
PAPER = (250, 250, 250)
INK = (30, 30, 30)
OUTLINES = {True: (0, 190, 60), False: (225, 30, 40), None: (120, 120, 120)}
"""Accepted, rejected, not judged."""


@dataclass(frozen=True)
class Tile:
    """One cut-out of a sheet. Captions are codes, not names: the font draws anything but ASCII as boxes."""

    rgba: Rgba
    mask: Mask | None  # of the cut-out's shape; None draws no outline
    accepted: bool | None
    caption: str


def contact_sheet(tiles: Sequence[Tile], columns: int, tile_px: int) -> Rgb:
    """Return the tiles row by row, each on a ground of its own with its mask's outline and a caption below.

    Without tiles: a blank tile. Characters beyond ASCII become '?', captions are cut at the tile's width.
    """
    rows = max(1, -(-len(tiles) // columns))
    used = min(columns, max(1, len(tiles)))
    step_x, step_y = tile_px + GAP_PX, tile_px + CAPTION_PX + GAP_PX
    sheet = Image.new("RGB", (used * step_x, rows * step_y), PAPER)
    draw = ImageDraw.Draw(sheet)
    for position, tile in enumerate(tiles):
        x, y = position % columns * step_x, position // columns * step_y
        sheet.paste(Image.fromarray(_picture(tile, tile_px)), (x, y))
        draw.text((x + 1, y + tile_px + 1), _fitting(tile.caption, tile_px, draw), fill=INK)
    return np.asarray(sheet)


def _picture(tile: Tile, side: int) -> Rgb:
    """Return one square tile of `side` px; the cut-out is centred and never enlarged beyond twice its size."""
    ground = contrasting_ground(tile.rgba)
    square = np.full((side, side, 3), ground, dtype=np.uint8)
    height, width = tile.rgba.shape[:2]
    if not height or not width:
        return square
    scale = min(2.0, (side - 4) / max(height, width))
    size = (max(1, round(width * scale)), max(1, round(height * scale)))
    small = cv2.resize(flattened(tile.rgba, ground), size, interpolation=cv2.INTER_AREA)
    x, y = (side - size[0]) // 2, (side - size[1]) // 2
    square[y : y + size[1], x : x + size[0]] = small
    if tile.mask is not None:
        _draw_outline(square, tile.mask, size, (x, y), OUTLINES[tile.accepted])
    return square


def _draw_outline(square: Rgb, mask: Mask, size: tuple[int, int], at: tuple[int, int], colour: tuple[int, ...]) -> None:
    """Draw the mask's outline, holes included, into a tile in place."""
    small = cv2.resize(mask.astype(np.uint8) * 255, size, interpolation=cv2.INTER_AREA)
    outlines, _ = cv2.findContours((small > 127).astype(np.uint8), cv2.RETR_CCOMP, cv2.CHAIN_APPROX_NONE, offset=at)
    cv2.drawContours(square, outlines, -1, colour, 1)


def _fitting(caption: str, width_px: int, draw: ImageDraw.ImageDraw) -> str:
    """Return the longest beginning of the caption that fits, in ASCII and on one line."""
    line = "".join(c if " " <= c <= "~" else "?" for c in caption)
    while draw.textlength(line) > width_px:
        line = line[:-1]
    return line


def preview_jpeg(rgb: Rgb, limit_bytes: int = 30_000) -> bytes:
    """Return a JPEG of at most `limit_bytes`: first quality is stepped down, then the size.

    30 kB is what an inline picture may cost in the event log, where every one of them is kept.

    Raises:
        ValueError: not even 16 px of width fit the limit.
    """
    picture = Image.fromarray(rgb)
    while picture.width >= 16:
        for quality in (88, 75, 60, 45):
            encoded = BytesIO()
            picture.save(encoded, "JPEG", quality=quality)
            if encoded.tell() <= limit_bytes:
                return encoded.getvalue()
        picture = picture.resize((int(picture.width * 0.8), max(1, int(picture.height * 0.8))), Image.Resampling.BOX)
    raise ValueError(f"no preview of {rgb.shape[1]} x {rgb.shape[0]} px fits {limit_bytes} bytes; allow a few kB")
