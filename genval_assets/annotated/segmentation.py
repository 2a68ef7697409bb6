"""Masks from the segmentations of COCO and LVIS files, which are outside text.

pycocotools draws polygons, and only polygons, because its pixels are the ones that every COCO tool scores. It trusts
its input: a far corner kills the process, a short run list shows uninitialised memory, NaN passes for a number. So
everything is measured here first, and run lengths are expanded here altogether.
"""

from collections.abc import Sequence
from typing import Annotated

import cv2
import msgspec
import numpy as np
from numpy.typing import NDArray
from pycocotools import mask as coco_mask

from genval_assets.types import Mask, RefusedItem

MAX_PIXELS = 64_000_000
"""Largest image that is read: above a full-frame camera's 61 megapixels, 192 MB as RGB (our choice)."""
MAX_OUTLINE_PX = 2_000_000
"""Longest outline of one polygon part. pycocotools takes some 50 bytes for each px of it (our choice)."""

RunLength = Annotated[int, msgspec.Meta(ge=0, le=MAX_PIXELS)]


class Rle(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Run lengths, column by column, clear pixels first: a list, or COCO's string of 5-bit groups."""

    size: tuple[int, int]  # height, width
    counts: str | list[RunLength]


_decoder: msgspec.json.Decoder[list[list[float]] | Rle] = msgspec.json.Decoder(list[list[float]] | Rle)


def decode_mask(segmentation: bytes, height: int, width: int, item: str) -> Mask:
    """Return the mask (height, width) of a segmentation field.

    The parts of a polygon are united, as in pycocotools; what of a polygon lies outside the image is cut off.

    Args:
        segmentation: JSON text of the field: polygons `[[x, y, ...], ...]` in px, or an RLE with a list or a string.
        height: of the image, px.
        width: of the image, px.
        item: what the mask belongs to; names the refusal.

    Raises:
        RefusedItem: `image_size`, `segmentation_missing`, `segmentation_malformed`, `polygon_corners`, `polygon_far`,
            `polygon_long`, `rle_size`, `rle_counts`, `rle_length` or `mask_empty` (no pixel is set).
    """
    raw = segmentation[:2000].decode("utf-8", "replace")
    try:
        if min(height, width) < 1 or height * width > MAX_PIXELS:
            raise _refused("image_size", f"{width} x {height} px; between 1 and {MAX_PIXELS} px would be accepted")
        shape = _read(segmentation)
        mask = _from_rle(shape, height, width) if isinstance(shape, Rle) else _from_polygons(shape, height, width)
        if not mask.any():
            raise _refused("mask_empty", "no pixel centre of the image lies inside the segmentation")
    except RefusedItem as refusal:
        raise RefusedItem(item, refusal.reason, refusal.detail, raw) from refusal
    return mask


def _refused(reason: str, detail: str) -> RefusedItem:
    return RefusedItem("", reason, detail)


def _read(segmentation: bytes) -> Rle | list[list[float]]:
    wanted = "polygons [[x, y, ...], ...] or {size: [height, width], counts: string or list}"
    if not segmentation or segmentation in (b"[]", b"null"):
        raise _refused("segmentation_missing", f"there is none; {wanted} would be accepted")
    try:
        return _decoder.decode(segmentation)
    except (msgspec.DecodeError, UnicodeDecodeError) as err:
        raise _refused("segmentation_malformed", f"{err}; {wanted} would be accepted") from err


def _from_polygons(parts: list[list[float]], height: int, width: int) -> Mask:
    for part in parts:
        _guard_polygon(part, height, width)
    drawn = coco_mask.merge(coco_mask.frPyObjects(parts, height, width))
    return _filled(run_lengths(drawn["counts"].decode()), height, width)


def _guard_polygon(part: Sequence[float], height: int, width: int) -> None:
    """Refuse a polygon that pycocotools would not survive, or would take for something else (4 numbers are a box)."""
    if len(part) < 6 or len(part) % 2:
        raise _refused("polygon_corners", f"{len(part)} numbers in a part; x, y of at least 3 corners are needed")
    corners = np.array(part, dtype=np.float64).reshape(-1, 2)
    reach = np.array([width, height])
    if not (np.isfinite(corners) & (corners >= -reach) & (corners <= 2 * reach)).all():
        (left, top), (right, bottom) = corners.min(axis=0), corners.max(axis=0)
        seen = f"x {left:g} to {right:g}, y {top:g} to {bottom:g}"
        raise _refused("polygon_far", f"{seen}; at most the image's {width} x {height} px beyond its edges is accepted")
    sides = np.abs(np.roll(corners, -1, axis=0) - corners).max(axis=1)
    if sides.sum() > MAX_OUTLINE_PX:
        raise _refused("polygon_long", f"an outline of {sides.sum():.0f} px; at most {MAX_OUTLINE_PX} are accepted")


def _from_rle(rle: Rle, height: int, width: int) -> Mask:
    if rle.size != (height, width):
        raise _refused("rle_size", f"size {list(rle.size)} on an image of [{height}, {width}] (height, width)")
    counts = run_lengths(rle.counts) if isinstance(rle.counts, str) else np.array(rle.counts, dtype=np.int64)
    if ((counts < 0) | (counts > height * width)).any():
        raise _refused("rle_counts", f"a run of {counts.min()} or {counts.max()} px on {height * width} px")
    if counts.sum() != height * width:
        raise _refused("rle_length", f"the runs cover {counts.sum()} px; the image has {height * width}")
    return _filled(counts, height, width)


def _filled(counts: NDArray[np.int64], height: int, width: int) -> Mask:
    inside = np.arange(len(counts)) % 2 == 1
    columns = np.repeat(inside, counts).reshape(width, height)
    # ten times as fast as numpy's copy of a transposed array, which takes longer than all else of a mask
    return np.asarray(cv2.transpose(columns.view(np.uint8))).view(np.bool_)


def run_lengths(counts: str) -> NDArray[np.int64]:
    """Return the run lengths that COCO's string stands for, clear pixels first.

    The format is that of pycocotools' `rleFrString`: signed little-endian numbers in groups of 5 bits, bit 5 set
    where another group follows, offset 48; from the fourth number on, each is the difference from the last but one.

    Raises:
        RefusedItem: `rle_counts`: no such string.
    """
    groups = np.frombuffer(counts.encode("utf-8"), dtype=np.uint8).astype(np.int64) - 48
    if ((groups < 0) | (groups > 63)).any():
        raise _refused("rle_counts", "the string holds characters outside '0' to 'o'")
    ends = np.flatnonzero(groups < 32)
    if not len(ends) or ends[-1] != len(groups) - 1:
        raise _refused("rle_counts", "the string ends within a number")
    starts = np.concatenate([[0], ends[:-1] + 1])
    lengths = ends - starts + 1
    if lengths.max() > 7:
        raise _refused("rle_counts", "a number of more than 35 bits")
    place = np.arange(len(groups)) - np.repeat(starts, lengths)
    numbers = np.add.reduceat((groups & 31) << (5 * place), starts)
    numbers -= np.where(groups[ends] & 16, np.int64(1) << (5 * lengths), 0)
    numbers[1::2] = np.cumsum(numbers[1::2])
    numbers[2::2] = np.cumsum(numbers[2::2])
    return numbers
