"""Pictures for a split out of groups that are too large for it, and what training loses by that."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from genval_assets.export.ties import Ties

NEVER = np.iinfo(np.int64).max
"""The price of a picture that cannot be taken."""


@dataclass(frozen=True)
class Wish:
    """How many pictures a split should get."""

    share: float  # of the pictures that stay in the set
    most: int  # pictures
    has: int  # already
    photographs: int  # of the user's that may be among those taken

    def of(self, kept: int) -> int:
        """Return how many pictures the split should have where `kept` stay in the set: one at least."""
        return min(self.most, max(1, round(self.share * kept)))


def cut(
    ties: Ties, training: NDArray[np.bool_], photographs: NDArray[np.bool_], held: int, wish: Wish
) -> tuple[list[int], NDArray[np.bool_]]:
    """Return the pictures taken for a split, and which of the others are still for training, (N,).

    Our choice: again and again the picture is taken that costs training least, itself included; what shares something
    with it leaves training, and is taken next where that costs nothing more. A picture that shares two things counts
    twice. Of equals the first is taken. Training never gets smaller than the split.

    Args:
        ties: what pictures share; their order is the order of preference.
        training: pictures that are for training so far, (N,).
        photographs: pictures that are the user's own, (N,).
        held: pictures that are held out so far, for this split or another.
        wish: what the split should get.
    """
    prices, taken = _Prices(ties, training), list[int]()
    photographs_left = wish.photographs
    while (has := wish.has + len(taken)) < wish.of(held + len(taken) + prices.left):
        picture = prices.cheapest()
        if picture is None:
            break
        one_too_many = photographs[picture] and photographs_left == 0
        if one_too_many or prices.left_after(picture) <= has:
            prices.refuse(picture)
        else:
            prices.take(picture)
            taken.append(picture)
            photographs_left -= int(photographs[picture])
    return taken, prices.training


class _Prices:
    """Knows what each picture would cost training: itself, and all in training that share something with it."""

    def __init__(self, ties: Ties, training: NDArray[np.bool_]) -> None:
        self.training = training.copy()
        self.left = int(training.sum())
        self._ties = ties
        owners = np.repeat(np.arange(training.size), ties.things.sizes)
        in_training = ties.things.items[training[owners]]
        count = np.bincount(in_training, minlength=ties.pictures.sizes.size)
        others = np.bincount(owners, weights=count[ties.things.items], minlength=training.size).astype(np.int64)
        # of what a picture in training shares it is one itself, each time: it counts once
        self._prices = np.where(training, others - ties.things.sizes + 1, NEVER)

    def cheapest(self) -> int | None:
        """Return the first of the pictures with the least price; None: nothing can be taken any more."""
        picture = int(self._prices.argmin()) if self._prices.size else 0
        return picture if self._prices.size and self._prices[picture] < NEVER else None

    def refuse(self, picture: int) -> None:
        """Never offer a picture again."""
        self._prices[picture] = NEVER

    def left_after(self, picture: int) -> int:
        """Return how many pictures training would have left."""
        return self.left - self._lost(picture).size

    def take(self, picture: int) -> None:
        """Take a picture out of training, with all that share something with it."""
        lost = self._lost(picture)
        self.training[lost] = False
        self.left -= lost.size
        open_ = lost[self._prices[lost] < NEVER]
        self._prices[open_] += self._ties.things.sizes[open_] - 1  # it is lost: taking it costs only others now
        things, times = np.unique(self._ties.things.of(lost), return_counts=True)
        members = self._ties.pictures.of(things)
        cheaper = np.repeat(times, self._ties.pictures.sizes[things])
        still = self._prices[members] < NEVER
        np.subtract.at(self._prices, members[still], cheaper[still])
        self.refuse(picture)

    def _lost(self, picture: int) -> NDArray[np.int64]:
        """Return what leaves training if a picture is taken: it and its kin, each once."""
        things = self._ties.things.of(np.array([picture]))
        kin = np.append(self._ties.pictures.of(things), picture)
        return np.unique(kin[self.training[kin]])
