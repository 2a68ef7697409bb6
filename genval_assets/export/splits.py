"""Splits that share nothing: pictures that come from the same photograph, instance, background or prompt stay together.

Pictures that look alike stay together as well, whatever they come from: scenes that differ in little else than a
small object on one background are near-duplicates even where `by` does not name backgrounds.

Our choices, in order:
1. Pictures that hang together, directly or through others, are a group. Whole groups go to val, then to test, as far
   as they fit into the split's share of all pictures.
2. Photographs of the user's come first: figures on synthetic pictures say nothing about photographs. No more than
   half of them are held out.
3. The order of groups is that of hashes of their names, for test from the other end: it depends on no other group.
   Where every group is one picture, another such picture moves at most one of the others into val or out of it, and
   the same of test; larger groups move only where the room that is left at their turn changes.
4. A split that has less than half of its share then gets single pictures out of groups that are too large
   (`cutting.py`), val before test. What shares something with two splits is in none. Shares are then of the pictures
   that stay when it is cut.
5. Training is never emptied: rather a split stays without pictures.

Not here: what a picture comes from (`provenance.py`), and whether the result holds (`leaks.py`).
"""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from genval_assets.backgrounds.hashes import words
from genval_assets.export.content import IncompleteSet, SetContent, real_key
from genval_assets.export.cutting import Wish, cut
from genval_assets.export.provenance import Provenance
from genval_assets.export.settings import SplitSettings
from genval_assets.export.ties import Ties, ties
from genval_assets.export.words import Split
from genval_assets.rows import Scene
from genval_assets.types import SourceImage


@dataclass(frozen=True)
class Splits:
    """Which picture is in which split. Pictures are named by key: a scene's id, or `real-<id in the user's file>`."""

    by_key: Mapping[str, Split] = field(default_factory=dict)  # empty: everything is for training
    straddling: frozenset[str] = frozenset()  # left out: they share something with pictures of two splits
    held_out: frozenset[str] = frozenset()  # what validation and test pictures come from, as `provenance.py` names it
    phash_distance: int = 0  # within which photographs have one name there
    groups: int = 0  # of pictures that hang together
    largest: int = 0  # pictures of the largest group

    def of(self, key: str) -> Split:
        """Return the split of a picture that was not left out."""
        return self.by_key.get(key, "train")


@dataclass(frozen=True)
class Picture:
    """A picture by key, and what it comes from."""

    key: str
    is_photograph: bool  # of the user's
    atoms: frozenset[str]
    phash: str

    @property
    def rank(self) -> bytes:
        """Where it stands in the order: by its key alone."""
        return hashlib.sha256(self.key.encode()).digest()


def shares(settings: SplitSettings) -> dict[Split, float]:
    """Return the share of each split that is to be held out."""
    wished: dict[Split, float] = {"val": settings.val, "test": settings.test}
    return {one: share for one, share in wished.items() if share}


def split_pictures(
    content: SetContent, real: Sequence[SourceImage], scenes: Sequence[Scene], settings: SplitSettings
) -> Splits:
    """Return the splits of a set's pictures.

    Raises:
        IncompleteSet: a picture has no perceptual hash, or comes from a row that the content lacks.
    """
    if not settings.wanted:
        return Splits()
    origins = Provenance(content, settings.by, settings.phash_distance)
    found = [(real_key(image.image_id), True, origins.of_photograph(image)) for image in real]
    found += [(scene.scene_id, False, origins.of_scene(scene)) for scene in scenes]
    lacking = min((key for key, _, _ in found if key not in content.hashes), default=None)
    if lacking is not None:
        raise IncompleteSet(f"picture {lacking} has no perceptual hash, which splits need")
    pictures = [Picture(*one, phash=content.hashes[one[0]]) for one in found]
    return split(pictures, settings)


def split(pictures: Sequence[Picture], settings: SplitSettings) -> Splits:
    """Return the splits of pictures, in any order."""
    ordered = sorted(pictures, key=lambda picture: (not picture.is_photograph, picture.rank))
    plan = _Plan(ordered, settings)
    for one in plan.pictures:
        plan.take_groups(one)
    for one in plan.pictures:
        plan.take_single(one)
    found = plan.by_number()
    return Splits(
        by_key={ordered[i].key: found[i] for i in sorted(found, key=lambda i: ordered[i].key)},
        straddling=frozenset(picture.key for i, picture in enumerate(ordered) if i not in found),
        held_out=frozenset().union(*(ordered[i].atoms for i, one in found.items() if one != "train")),
        phash_distance=settings.phash_distance,
        groups=len(plan.groups),
        largest=max((len(group.members) for group in plan.groups), default=0),
    )


@dataclass(frozen=True)
class _Group:
    """Pictures that hang together, by number."""

    members: NDArray[np.int64]
    photographs: int
    rank: bytes  # of the member with the smallest key


class _Plan:
    """Divides pictures, by number in their order, until each split has what it can have."""

    def __init__(self, ordered: Sequence[Picture], settings: SplitSettings) -> None:
        self._shares = shares(settings)
        self.pictures: dict[Split, list[int]] = {one: [] for one in self._shares}
        self._ties = ties(
            [picture.atoms for picture in ordered], words(picture.phash for picture in ordered), settings.phash_distance
        )
        self._photographs = np.array([picture.is_photograph for picture in ordered], dtype=bool)
        self._training = np.ones(len(ordered), dtype=bool)
        self.groups = _groups(self._ties, ordered)

    def take_groups(self, one: Split) -> None:
        """Take whole groups as far as they fit, those with photographs first."""
        inward = sorted(self.groups, key=lambda group: group.rank, reverse=one == "test")
        for group in sorted(inward, key=lambda group: group.photographs == 0):
            size = len(group.members)
            fits = len(self.pictures[one]) + size <= self._most(one) and size < self._training.sum()
            if fits and self._training[group.members[0]] and group.photographs <= self._photographs_left(one):
                self._take(one, group.members)

    def take_single(self, one: Split) -> None:
        """Take pictures out of groups that are too large, where whole groups came to less than half of the share."""
        has = len(self.pictures[one])
        if 2 * has >= self._most(one):
            return
        wish = Wish(self._shares[one], self._most(one), has, self._photographs_left(one))
        held = sum(map(len, self.pictures.values()))
        taken, self._training = cut(self._ties, self._training, self._photographs, held, wish)
        self._take(one, np.array(taken, dtype=np.int64))

    def by_number(self) -> dict[int, Split]:
        """Return the split of each picture that is in one."""
        found: dict[int, Split] = dict.fromkeys(map(int, np.flatnonzero(self._training)), "train")
        for one, numbers in self.pictures.items():
            found |= dict.fromkeys(numbers, one)
        return found

    def _take(self, one: Split, members: NDArray[np.int64]) -> None:
        self.pictures[one] += map(int, members)
        self._training[members] = False

    def _most(self, one: Split) -> int:
        """Return how many pictures a split should have: its share of all, and one at least."""
        return max(1, round(self._shares[one] * self._training.size))

    def _photographs_left(self, one: Split) -> int:
        """Return how many photographs a split may still take: both together half of them, each by its share."""
        weight = self._shares[one] / sum(self._shares.values())
        return int(self._photographs.sum() * weight / 2) - int(self._photographs[self.pictures[one]].sum())


def _groups(shared: Ties, ordered: Sequence[Picture]) -> list[_Group]:
    members: dict[int, list[int]] = {}
    for number, first in enumerate(shared.groups()):
        members.setdefault(int(first), []).append(number)
    return [
        _Group(
            members=np.array(numbers, dtype=np.int64),
            photographs=sum(ordered[i].is_photograph for i in numbers),
            rank=min((ordered[i] for i in numbers), key=lambda picture: picture.key).rank,
        )
        for numbers in members.values()
    ]
