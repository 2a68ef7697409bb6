"""Masks as COCO's compressed run-length code, without laying a mask out on its canvas.

Encoding finds the vertical transitions of the mask in row-major order and sorts only those: no transpose, and no
full canvas for a small object. Counts are the bytes pycocotools writes.
"""

import json

import cv2
import numpy as np
from numpy.typing import NDArray
from pycocotools import mask as coco_mask

from genval_assets.annotated.segmentation import decode_mask
from genval_assets.types import Mask


def encode(mask: Mask, size: tuple[int, int], left: int = 0, top: int = 0) -> str:
    """Return the COCO compressed counts of a mask that lies at (left, top) of a canvas of `size` (height, width).

    An empty mask is one run of background.

    Raises:
        ValueError: the mask reaches beyond the canvas.
    """
    height, width = size
    if min(left, top) < 0 or left + mask.shape[1] > width or top + mask.shape[0] > height:
        raise ValueError(f"a {mask.shape} mask at left {left}, top {top} does not fit a canvas of {size}")
    changes = _changes(mask, height, left, top)
    if len(changes) and changes[-1] == height * width:  # the last run reaches the corner: nothing changes after it
        changes = changes[:-1]
    runs = np.diff(changes, prepend=0, append=height * width)
    coded: dict[str, bytes] = coco_mask.frPyObjects({"counts": runs, "size": [height, width]}, height, width)
    return coded["counts"].decode("ascii")


def _changes(mask: Mask, height: int, left: int, top: int) -> NDArray[np.int64]:
    """Return where the canvas, read column by column, changes between background and object, in order."""
    rows, columns = mask.shape
    flips = np.empty((rows + 1, columns), dtype=bool)
    flips[0], flips[-1] = mask[0], mask[-1]
    np.not_equal(mask[1:], mask[:-1], out=flips[1:-1])
    row, column = np.divmod(np.flatnonzero(flips), columns)
    changes = np.sort((column + left) * height + (row + top))
    if rows == height:  # a column's end meets the next one's start: two flips at one place are none
        changes, times = np.unique(changes, return_counts=True)
        changes = changes[times == 1]
    return changes


def decode(counts: str, size: tuple[int, int]) -> Mask:
    """Return the mask of COCO compressed counts; `size` is (height, width).

    It does not go through `pycocotools.mask.decode`, which reads past the end of short counts and, with numpy 2.4,
    warns of a deprecation at every call.

    Raises:
        RefusedItem: the counts are damaged, do not fill the size, or hold no pixel.
    """
    return decode_mask(json.dumps({"size": size, "counts": counts}).encode(), *size, item="stored mask")


def tight_box(mask: Mask) -> tuple[int, int, int, int]:
    """Return (left, top, width, height) of the mask's true pixels; (0, 0, 0, 0) for an empty mask."""
    left, top, width, height = cv2.boundingRect(mask.view(np.uint8))
    return left, top, width, height


def area_px(mask: Mask) -> int:
    """Return the number of true pixels."""
    return int(np.count_nonzero(mask))
