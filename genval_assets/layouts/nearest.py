"""The most alike of many real pairs, found without looking at all of them. Exact.

Size and direction are one number each: the nearest lies beside the query in sorted order. Distance is two numbers,
overlap and distance of centres, and one pair for all terms is four: those examples lie in blocks of neighbours, and
no block is opened whose bounds allow less than what was found already.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from genval_assets.layouts.pair_terms import (
    ANGLE,
    DISTANCE,
    IOU,
    RATIO,
    Floats,
    alike,
    distance_alike,
    terms,
    total,
)

Likeness = Callable[[Floats, Floats], Floats]
"""Measures of pairs and of examples, (4, …), that broadcast -> likeness."""

BLOCK = 256
"""Examples of a block, at most: smaller blocks have more bounds to look at (measured, bench/clis.py)."""
CELLS = 1 << 16
"""Comparisons made at once: 512 KB a column."""
LEAST_LOG = 1e-3
"""Smaller numbers count as this where blocks are cut; it decides on speed alone."""


@dataclass(frozen=True, eq=False)
class Blocks:
    """Examples in blocks of neighbours, with the bounds of each block."""

    examples: Floats  # (4, blocks, size)
    lows: Floats  # (4, blocks); NaN where no example of the block has a direction
    highs: Floats
    still: NDArray[np.bool_]  # (blocks,), whether an example of the block has no direction

    def best(self, pairs: Floats, likeness: Likeness) -> Floats:
        """Return the measures of the most alike example of each pair: (4, Q) of (4, Q).

        `likeness` must fall with the quotient or angle between any of the numbers.
        """
        step = max(1, CELLS // self.lows.shape[1])
        parts = [self._best(pairs[:, i : i + step], likeness) for i in range(0, pairs.shape[1], step)]
        return np.concatenate(parts, axis=1)

    def _best(self, pairs: Floats, likeness: Likeness) -> Floats:
        ceilings = likeness(pairs[:, :, None], self._corner(pairs))
        found, best = self._within(pairs, ceilings.argmax(axis=1), likeness)
        rows, blocks = np.nonzero(ceilings > best[:, None])
        step = max(1, CELLS // self.examples.shape[2])
        for i in range(0, len(rows), step):
            some = rows[i : i + step]
            others, reached = self._within(pairs[:, some], blocks[i : i + step], likeness)
            order = np.argsort(reached, kind="stable")  # the best of a row comes last, and is what stays
            better = order[reached[order] > best[some[order]]]
            best[some[better]], found[:, some[better]] = reached[better], others[:, better]
        return found

    def _within(self, pairs: Floats, blocks: NDArray[np.intp], likeness: Likeness) -> tuple[Floats, Floats]:
        """Return the most alike example of one block per pair, and its likeness."""
        examples = self.examples[:, blocks]
        reached = likeness(pairs[:, :, None], examples)
        rows, at = np.arange(len(blocks)), reached.argmax(axis=1)
        return examples[:, rows, at], reached[rows, at]

    def _corner(self, pairs: Floats) -> Floats:
        """Return the most alike measures that each block's bounds allow for each pair, (4, Q, blocks)."""
        corner = np.clip(pairs[:, :, None], self.lows[:, None, :], self.highs[:, None, :])
        angle, low, high = pairs[ANGLE, :, None], self.lows[ANGLE], self.highs[ANGLE]
        end = np.where(np.cos(angle - low) >= np.cos(angle - high), low, high)
        turned = np.where((angle >= low) & (angle <= high), angle, end)
        corner[ANGLE] = np.where(np.isnan(angle), np.where(self.still, np.nan, 0.0), turned)
        return corner


def blocks_of(examples: Floats) -> Blocks:
    """Return examples, (4, N) with N > 0, cut in halves where they differ most until at most `BLOCK` are together."""
    count = examples.shape[1]
    depth = max(0, int(np.ceil(np.log2(count / BLOCK))))
    size = -(-count // 2**depth)
    order = np.resize(np.arange(count), (1, size * 2**depth))  # the first ones twice, which changes no maximum
    cuts = np.stack(
        (
            np.log(examples[RATIO]),
            np.log(np.maximum(examples[IOU], LEAST_LOG)),
            np.log(np.maximum(examples[DISTANCE], LEAST_LOG)),
            np.nan_to_num(examples[ANGLE]),
        )
    )
    for _ in range(depth):
        values = cuts[:, order]
        widest = np.ptp(values, axis=2).argmax(axis=0)
        values = values[widest, np.arange(len(order))]
        half = order.shape[1] // 2
        order = np.take_along_axis(order, np.argpartition(values, half, axis=1), axis=1).reshape(-1, half)
    blocks = examples[:, order]
    lows, highs = np.fmin.reduce(blocks, axis=2), np.fmax.reduce(blocks, axis=2)
    return Blocks(blocks, lows, highs, np.isnan(blocks[ANGLE]).any(axis=1))


@dataclass(frozen=True, eq=False)
class Ordered:
    """Examples of one group, each measure in the order in which it is searched. `separate` needs no more."""

    ratios: Floats  # ascending, as are the others
    apart: Floats  # distances of examples that do not overlap
    overlapping: Floats  # distances of those that do
    blocks: Blocks | None  # those that do; None: there are none
    angles: Floats
    still: bool  # whether an example has no direction

    def terms(self, pairs: Floats, iou_weight: float) -> Floats:
        """Return the best likeness of size, of distance and of direction, each on its own: (3, Q) of (4, Q)."""
        return np.stack(
            (
                _most_alike(self.ratios, pairs[RATIO]),
                self._distance(pairs, iou_weight),
                self._direction(pairs),
            )
        )

    def _distance(self, pairs: Floats, iou_weight: float) -> Floats:
        """Examples without overlap differ in their distance alone, and so do all for a pair without overlap."""
        overlaps = pairs[IOU] > 0.0
        best = np.zeros(pairs.shape[1])
        if len(self.apart):
            near = (1.0 - iou_weight) * _most_alike(self.apart, pairs[DISTANCE])
            best = np.where(overlaps, near, iou_weight + near)
        if self.blocks is None:
            return best
        near = (1.0 - iou_weight) * _most_alike(self.overlapping, pairs[DISTANCE])
        best = np.maximum(best, near)
        asked = pairs[:, overlaps]
        if asked.size:
            found = self.blocks.best(asked, lambda a, b: distance_alike(a, b, iou_weight))
            best[overlaps] = np.maximum(best[overlaps], distance_alike(asked, found, iou_weight))
        return best

    def _direction(self, pairs: Floats) -> Floats:
        turns = np.isnan(pairs[ANGLE])
        if not len(self.angles):
            return np.where(turns, float(self.still), 0.0)
        after = np.searchsorted(self.angles, pairs[ANGLE]) % len(self.angles)  # the circle closes
        examples = np.stack((self.angles[after - 1], self.angles[after]))
        likeness = (np.cos(pairs[ANGLE] - examples).max(axis=0) + 1.0) / 2.0
        return np.where(turns, float(self.still), likeness)


def ordered(examples: Floats) -> Ordered:
    """Return examples, (4, N) with N > 0, prepared for `separate`."""
    overlaps = examples[IOU] > 0.0
    turned = ~np.isnan(examples[ANGLE])
    return Ordered(
        ratios=np.sort(examples[RATIO]),
        apart=np.sort(examples[DISTANCE, ~overlaps]),
        overlapping=np.sort(examples[DISTANCE, overlaps]),
        blocks=blocks_of(examples[:, overlaps]) if overlaps.any() else None,
        angles=np.sort(examples[ANGLE, turned]),
        still=not turned.all(),
    )


def joint_terms(blocks: Blocks, pairs: Floats, iou_weight: float) -> Floats:
    """Return the three terms of the one example that is most alike in all: (3, Q) of (4, Q)."""
    found = blocks.best(pairs, lambda a, b: total(*terms(a, b, iou_weight)))
    return terms(pairs, found, iou_weight)


def _most_alike(ascending: Floats, asked: Floats) -> Floats:
    """Return the best likeness of each number asked for with any of those listed; there is at least one."""
    after = np.searchsorted(ascending, asked).clip(max=len(ascending) - 1)
    return np.maximum(alike(asked, ascending[after]), alike(asked, ascending[np.maximum(after - 1, 0)]))
