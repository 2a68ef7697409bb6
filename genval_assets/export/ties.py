"""Which pictures share something: an atom of their provenance, or that they look alike."""

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from itertools import chain

import numpy as np
from numpy.typing import NDArray

from genval_assets.backgrounds.hashes import near_pairs
from genval_assets.export.grouping import grouped

MOST_PAIRS = 1 << 21
"""Pairs of hashes that are kept one by one; where more are near, those near through others count as alike, too."""


@dataclass(frozen=True)
class Lists:
    """Lists of numbers, one behind the other."""

    starts: NDArray[np.int64]  # (N + 1,)
    items: NDArray[np.int64]

    @property
    def sizes(self) -> NDArray[np.int64]:
        """The length of each list, (N,)."""
        return np.diff(self.starts)

    def of(self, chosen: NDArray[np.int64]) -> NDArray[np.int64]:
        """Return the items of the chosen lists, one list behind the other."""
        sizes = self.sizes[chosen]
        shift = np.repeat(self.starts[chosen] - (np.cumsum(sizes) - sizes), sizes)
        return self.items[shift + np.arange(shift.size)]


@dataclass(frozen=True)
class Ties:
    """Pictures and the things that at least two of them share, both as numbers from 0."""

    things: Lists  # of each picture
    pictures: Lists  # of each thing

    def groups(self) -> NDArray[np.int64]:
        """Return, per picture, the first of those that hang together with it, directly or through others, (N,)."""
        starts, sizes = self.pictures.starts[:-1], self.pictures.sizes
        pairs = np.stack([np.repeat(self.pictures.items[starts], sizes), self.pictures.items], axis=1)
        return grouped(self.things.sizes.size, [pairs])


def ties(atoms: Sequence[Collection[str]], hashes: NDArray[np.uint64], distance: int) -> Ties:
    """Return what pictures share.

    Args:
        atoms: what each picture comes from.
        hashes: perceptual hash of each, (N,).
        distance: two that differ in at most so many bits are alike.
    """
    numbers: dict[str, int] = {}
    named = [numbers.setdefault(atom, len(numbers)) for atom in chain.from_iterable(atoms)]
    owners = np.repeat(np.arange(len(atoms)), [len(some) for some in atoms])
    alike, looks = _alike(hashes, distance)
    owners, things = np.concatenate([owners, alike]), np.concatenate([np.array(named, np.int64), looks + len(numbers)])
    shared = np.bincount(things, minlength=1)[things] > 1
    owners, things = owners[shared], np.unique(things[shared], return_inverse=True)[1]
    return Ties(_lists(owners, things, len(atoms)), _lists(things, owners, int(things.max(initial=-1)) + 1))


def _alike(hashes: NDArray[np.uint64], distance: int) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Return pictures and, beside each, the number of something that it has in common with those that look like it."""
    looks, look_of = np.unique(hashes, return_inverse=True)
    members = _lists(look_of, np.arange(hashes.size), looks.size)
    pairs = _at_most(near_pairs(looks, distance))
    if pairs is None:
        return np.arange(hashes.size), grouped(looks.size, near_pairs(looks, distance))[look_of]
    # each look has a number of its own, for pictures that have the same; then each near pair of looks
    ends = np.concatenate([np.arange(looks.size), pairs.ravel()])
    number = np.concatenate([np.arange(looks.size), looks.size + np.repeat(np.arange(len(pairs)), 2)])
    return members.of(ends), np.repeat(number, members.sizes[ends])


def _at_most(pairs: Iterator[NDArray[np.int64]]) -> NDArray[np.int64] | None:
    """Return all pairs, (M, 2); None where they are more than can be kept."""
    kept, count = [np.zeros((0, 2), dtype=np.int64)], 0
    for some in pairs:
        count += len(some)
        if count > MOST_PAIRS:
            return None
        kept.append(some)
    return np.concatenate(kept)


def _lists(rows: NDArray[np.int64], items: NDArray[np.int64], count: int) -> Lists:
    """Return the items of each row, rows from 0 to `count`."""
    starts = np.concatenate([[0], np.cumsum(np.bincount(rows, minlength=count))])
    return Lists(starts.astype(np.int64), items[np.argsort(rows, kind="stable")])
