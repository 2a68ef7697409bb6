"""Which valid pictures of a category are used once there are enough: InstaDA's proportional filter.

What it leaves out is `not_selected`: valid, kept, counted as valid, and taken as soon as the target asks for it.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

NOT_SELECTED = "not_selected"


@dataclass(frozen=True)
class Selection:
    """The ids of a category's valid pictures, best first in both."""

    selected: tuple[str, ...]
    not_selected: tuple[str, ...] = ()


def select(
    s_txt: Mapping[str, float], s_img: Mapping[str, float] | None, needed: int, keep_share: float = 0.7
) -> Selection:
    """Return which of a category's valid pictures are used.

    Quality is the mean of the two ranks, because the scales of similarities differ from class to class. The best
    `keep_share` are used, never fewer than `needed`; below that nothing is left out.

    Args:
        s_txt: instance id -> similarity of the picture with the category's text, in [-1, 1].
        s_img: instance id -> mean similarity with the category's real crops; None, or without one of the ids, where
            there are none: then the text's rank decides alone.
        needed: pictures of which the category has need to reach its target.
        keep_share: in (0, 1]; our choice, the paper's is not public.

    Raises:
        ValueError: a similarity is no finite number.
    """
    ids = sorted(s_txt)
    quality = _ranks([s_txt[i] for i in ids])
    if s_img is not None and all(i in s_img for i in ids):
        quality = (quality + _ranks([s_img[i] for i in ids])) / 2
    best_first = sorted(ids, key=dict(zip(ids, -quality, strict=True)).__getitem__)
    count = kept(len(ids), needed, keep_share)
    return Selection(tuple(best_first[:count]), tuple(best_first[count:]))


@dataclass(frozen=True)
class Likeness:
    """Similarities of some pictures of one category, by instance id; None where there is nothing to compare with."""

    s_txt: Mapping[str, float] | None  # with the category's name
    s_img: Mapping[str, float] | None  # with its real crops, the mean


def likeness(
    ids: Sequence[str], pictures: NDArray[np.float32], text: NDArray[np.float32], crops: NDArray[np.float32]
) -> Likeness:
    """Return how similar pictures are to their category's name and to its real crops: cosines.

    Args:
        ids: of the pictures.
        pictures: (N, D) unit vectors.
        text: (D,) unit vector; zeros where the embedder knows nothing of the name.
        crops: (M, D) unit vectors; none where the category has no real crop.
    """
    wide = pictures.astype(np.float64)

    def similar(vectors: NDArray[np.float32]) -> dict[str, float]:
        means = (wide @ vectors.astype(np.float64).T).mean(axis=1)
        return dict(zip(ids, means.tolist(), strict=True))

    return Likeness(similar(text[None]) if text.any() else None, similar(crops) if len(crops) else None)


def select_by(ids: Sequence[str], similar: Likeness, needed: int, keep_share: float) -> Selection:
    """Return `select` by what is known of the pictures; where nothing is, all are used."""
    if similar.s_txt is not None:
        return select(similar.s_txt, similar.s_img, needed, keep_share)
    if similar.s_img is not None:
        return select(similar.s_img, None, needed, keep_share)
    return Selection(tuple(sorted(ids)))


def kept(pictures: int, needed: int, keep_share: float) -> int:
    """Return how many of a category's valid pictures `select` uses."""
    # 55 % of 100 is 55.00000000000001 in floating point
    return min(pictures, max(needed, math.ceil(round(keep_share * pictures, 9))))


def _ranks(scores: Sequence[float]) -> NDArray[np.float64]:
    """Return the rank of each score, 1 for the smallest; equal ones share the mean of theirs."""
    values = np.asarray(scores, dtype=np.float64)
    if not np.isfinite(values).all():
        raise ValueError(f"similarities must be finite numbers; got {values[~np.isfinite(values)][0]}")
    ordered = np.sort(values)
    return (np.searchsorted(ordered, values, "left") + np.searchsorted(ordered, values, "right") + 1) / 2
