"""Room in a picture outside all boxes, for what the offline layout model puts where nobody asked for it."""

from collections.abc import Sequence

import numpy as np

from genval_assets.types import Xywh

SHARES = (1.0, 0.75, 0.55, 0.4)
"""Sizes at which a spot is sought for what stands outside its box, as shares of the box."""
TRIES = 30
FROM_FRAME = 4
"""Least distance from the picture's frame, px."""


def spot_aside(boxes: Sequence[Xywh], box: Xywh, rng: np.random.Generator, size: int) -> Xywh | None:
    """Return a box of the proportions of `box` outside all boxes, as large as there is room; None where there is none.

    Boxes in px of a picture of `size` by `size`.
    """
    for share in SHARES:
        spot = free_spot(boxes, box[2] * share, box[3] * share, rng, size)
        if spot:
            return spot
    return None


def free_spot(boxes: Sequence[Xywh], w: float, h: float, rng: np.random.Generator, size: int) -> Xywh | None:
    """Return a box of that size in the picture that touches none of the boxes; None if none of some tries is free."""
    room = (size - w - FROM_FRAME, size - h - FROM_FRAME)
    if min(room) <= FROM_FRAME:
        return None
    for _ in range(TRIES):
        x, y = float(rng.uniform(FROM_FRAME, room[0])), float(rng.uniform(FROM_FRAME, room[1]))
        if not any(x < bx + bw and bx < x + w and y < by + bh and by < y + h for bx, by, bw, bh in boxes):
            return x, y, w, h
    return None
