"""Where objects are put: positions by rejection, so that nothing, real objects included, is hidden too much."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from genval_assets.compose.rle import area_px, tight_box
from genval_assets.types import Mask

Position = tuple[int, int]
"""Left and top in the canvas, px."""
Overlap = tuple[tuple[slice, slice], tuple[slice, slice]]


@dataclass(eq=False)
class _Standing:
    """An object that has its place, and what is seen of it so far."""

    mask: Mask
    left: int
    top: int
    z: int
    seen: Mask
    whole_px: int
    seen_px: int


def place(
    masks: Sequence[Mask],
    depths: Sequence[int],
    real: Sequence[Mask],
    size: tuple[int, int],
    *,
    min_visible: float,
    tries: int,
    rng: np.random.Generator,
) -> list[Position | None]:
    """Return a position per mask, uniform over those that leave it and all before it `min_visible`; None: none found.

    The first mask is the scene's reason to be: only real objects can be in its way, and where none of its tries
    spares them all it takes the one that hides least.

    Args:
        masks: each within its crop, not empty, no larger than the canvas; placed in this order.
        depths: z of each, all different; 0 is the back.
        real: masks over the whole canvas that should stay visible; they lie behind everything.
        size: (height, width) of the canvas.
        min_visible: least share of an object that must be seen, in [0, 1].
        tries: positions drawn for each mask.
        rng: source of the positions.
    """
    standing = [_stand_real(mask) for mask in real]
    positions: list[Position | None] = []
    for mask, z in zip(masks, depths, strict=True):
        best, best_share = None, -1.0
        for _ in range(tries):
            position = _draw_position(mask, size, rng)
            share = _least_share(mask, position, z, standing)
            if share > best_share:
                best, best_share = position, share
            if share >= min_visible:
                break
        if best is not None and (best_share >= min_visible or not positions):
            _settle(mask, best, z, standing)
            positions.append(best)
        else:
            positions.append(None)
    return positions


def _stand_real(mask: Mask) -> _Standing:
    """Return the object in its box; an empty mask gets an empty box, which is in nobody's way."""
    left, top, width, height = tight_box(mask)
    return _stand(mask[top : top + height, left : left + width], left, top, -1)


def _stand(mask: Mask, left: int, top: int, z: int) -> _Standing:
    whole = area_px(mask)
    return _Standing(mask, left, top, z, mask.copy(), whole, whole)


def _draw_position(mask: Mask, size: tuple[int, int], rng: np.random.Generator) -> Position:
    left = int(rng.integers(0, size[1] - mask.shape[1] + 1))
    return left, int(rng.integers(0, size[0] - mask.shape[0] + 1))


def _least_share(mask: Mask, position: Position, z: int, standing: Sequence[_Standing]) -> float:
    """Return the smallest visible share, of the newcomer and of all it would hide, if it came to `position`."""
    seen, least = mask, 1.0
    for other in standing:
        overlap = _overlap(mask, position, other)
        if overlap is None:
            continue
        own, theirs = overlap
        if other.z > z:
            seen = seen.copy() if seen is mask else seen
            seen[own] &= ~other.mask[theirs]
        else:
            least = min(least, (other.seen_px - area_px(other.seen[theirs] & mask[own])) / other.whole_px)
    return least if seen is mask else min(least, area_px(seen) / area_px(mask))


def _settle(mask: Mask, position: Position, z: int, standing: list[_Standing]) -> None:
    """Add the newcomer, and take from those behind it what it hides."""
    newcomer = _stand(mask, *position, z)
    for other in standing:
        overlap = _overlap(mask, position, other)
        if overlap is None:
            continue
        own, theirs = overlap
        if other.z > z:
            newcomer.seen[own] &= ~other.mask[theirs]
        else:
            other.seen[theirs] &= ~mask[own]
            other.seen_px = area_px(other.seen)
    newcomer.seen_px = area_px(newcomer.seen)
    standing.append(newcomer)


def _overlap(mask: Mask, position: Position, other: _Standing) -> Overlap | None:
    """Return the windows of the two objects' common rectangle, each in its own crop; None if their boxes are apart."""
    left, top = position
    right, bottom = left + mask.shape[1], top + mask.shape[0]
    columns = max(left, other.left), min(right, other.left + other.mask.shape[1])
    rows = max(top, other.top), min(bottom, other.top + other.mask.shape[0])
    if columns[0] >= columns[1] or rows[0] >= rows[1]:
        return None
    return _window(rows, columns, left, top), _window(rows, columns, other.left, other.top)


def _window(rows: tuple[int, int], columns: tuple[int, int], left: int, top: int) -> tuple[slice, slice]:
    """Return canvas rows and columns as slices of a crop that lies at (left, top)."""
    return slice(rows[0] - top, rows[1] - top), slice(columns[0] - left, columns[1] - left)
