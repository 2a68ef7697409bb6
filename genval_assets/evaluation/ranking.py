"""Captions among their hard negatives, ranked by how near an embedder puts them to the picture (FG-OVD's protocol)."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import accumulate

import numpy as np
from numpy.typing import NDArray

from genval_assets.evaluation.clustered import clustered_share
from genval_assets.evaluation.estimates import Estimate

ALL = "all"
"""Every negative of a caption, whatever its level."""
ORDER = ("hard", "medium", "easy", "trivial", ALL)


@dataclass(frozen=True)
class Choice:
    """A caption and its accepted negatives."""

    positive_id: str
    caption: str
    negatives: Mapping[str, tuple[str, ...]]  # level -> sentences; hard, medium, easy, trivial

    @property
    def texts(self) -> tuple[str, ...]:
        """The caption, then the negatives by level, from hard to trivial."""
        return self.caption, *(one for level in ORDER for one in self.negatives.get(level, ()))


@dataclass(frozen=True)
class Ranked:
    """Where a caption stands among its negatives of one level."""

    positive_id: str
    level: str  # hard | medium | easy | trivial | all
    n_negatives: int
    rank: int  # from 1


@dataclass(frozen=True)
class LevelAccuracy:
    """How many captions come before all of their negatives of one level."""

    level: str
    captions: int
    negatives: int
    accuracy: Estimate
    mean_rank: float


def rank(caption: float, negatives: NDArray[np.float64]) -> int:
    """Return the rank of a caption, from 1, by its similarity and those of (N,) negatives.

    A negative that is as near counts as nearer, as in FG-OVD's released code. NaN counts as nearer, too.
    """
    return 1 + int(np.count_nonzero(~(negatives < caption)))


def ranked(
    choices: Sequence[Choice], pictures: NDArray[np.float32], texts: NDArray[np.float32]
) -> list[tuple[Ranked, ...]]:
    """Return for each caption its rank among its negatives of each level that there is, and among all of them.

    A vector of zeros says nothing, so nothing is won by it: whether it is the picture's, the caption's or a negative's,
    the comparison counts against the caption.

    Args:
        choices: N captions with their negatives.
        pictures: (N, D) vectors of what they are captions of.
        texts: (T, D) vectors of the `texts` of all choices, one after the other.

    Raises:
        ValueError: there is not one vector for each picture and text.
    """
    lengths = [len(choice.texts) for choice in choices]
    if len(pictures) != len(choices) or len(texts) != sum(lengths):
        expected = f"{len(choices)} vectors of pictures and {sum(lengths)} of texts"
        raise ValueError(f"expected {expected}, got {len(pictures)} and {len(texts)}")
    ends = accumulate(lengths)
    return [
        _of_choice(choice, _similarities(picture, texts[end - len(choice.texts) : end]))
        for choice, picture, end in zip(choices, pictures, ends, strict=True)
    ]


def accuracies(ranks: Sequence[Ranked]) -> list[LevelAccuracy]:
    """Return the share of captions with rank 1 per level that there is, from hard to all, clustered by caption.

    A caption without negatives of a level is in no share of it.
    """
    rows = []
    for level in ORDER:
        own = [one for one in ranks if one.level == level]
        if own:
            first = clustered_share((one.positive_id, one.rank == 1) for one in own)
            negatives, mean = sum(one.n_negatives for one in own), sum(one.rank for one in own) / len(own)
            rows.append(LevelAccuracy(level, len(own), negatives, first, mean))
    return rows


def _similarities(picture: NDArray[np.float32], texts: NDArray[np.float32]) -> NDArray[np.float64]:
    """Return (T,) cosines of a picture's (D,) unit vector with (T, D) ones; NaN for texts of zeros.

    Not by a matrix product: that sums the last rows in another order, and equal vectors would come to unequal cosines.
    """
    cosines = np.sum(texts.astype(np.float64) * picture.astype(np.float64), axis=1)
    return np.where(texts.any(axis=1), cosines, np.nan)


def _of_choice(choice: Choice, similarities: NDArray[np.float64]) -> tuple[Ranked, ...]:
    caption, rest = float(similarities[0]), similarities[1:]
    rows, begin = [], 0
    for level in ORDER:
        n = len(rest) if level == ALL else len(choice.negatives.get(level, ()))
        own = rest if level == ALL else rest[begin : begin + n]
        begin += n
        if n:
            rows.append(Ranked(choice.positive_id, level, n, rank(caption, own)))
    return tuple(rows)
