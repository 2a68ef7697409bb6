"""How varied the work of the prompt agent is: slot values that its prompts name, and how far its pictures lie apart."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from genval_assets.textgrad.acceptance import Statistic, Weights, value_of


@dataclass(frozen=True, eq=False)
class Made:
    """One item whose variety counts."""

    category: str
    slots: Mapping[str, str]  # slot -> value, those that the prompt's text names (`scores.named_slots`)
    embedding: NDArray[np.float32] | None = None  # unit vector of its picture; None: there is none


@dataclass(frozen=True, eq=False)
class _Category:
    """What is constant about one category, however its items are weighted."""

    items: NDArray[np.intp]  # (M,) positions among all items
    values: list[tuple[NDArray[np.float64], float]] = field(
        default_factory=list
    )  # slot: (M, K) one-hot, largest entropy
    distances: NDArray[np.float64] | None = None  # (M, M), 0 on the diagonal; None: pictures do not count
    pictured: NDArray[np.float64] | None = None  # (M,) 1 where there is a picture


def diversity(made: Sequence[Made], factors: Mapping[str, Mapping[str, Sequence[str]]], *, pictures: bool) -> float:
    """Return the diversity of a set, in [0, 1]; see `diversity_of`. 0 for an empty set."""
    return value_of(diversity_of(made, factors, pictures=pictures), len(made)) if made else 0.0


def diversity_of(
    made: Sequence[Made], factors: Mapping[str, Mapping[str, Sequence[str]]], *, pictures: bool
) -> Statistic:
    """Return diversity as a statistic on weighted items: slot entropy and embedding distance, half each (our choice).

    Per category, then the mean over the categories that the weights reach.
    Slot entropy: Shannon's, of the values that a slot takes, divided by the largest that so many items can have, times
    the share of items that name the slot at all; mean over slots.
    Embedding distance: mean of (1 - cos) / 2 over pairs of different items; copies of one item that a resample draws
    are no pair, else every resample would look less varied than the set.

    Args:
        made: the items.
        factors: category -> slot -> values that it can take.
        pictures: whether pictures count; before any exists, diversity is the slot entropy alone.
    """
    positions: dict[str, list[int]] = defaultdict(list)
    for i, one in enumerate(made):
        positions[one.category].append(i)
    categories = [_category(made, np.array(where), factors[name], pictures) for name, where in positions.items()]

    def statistic(weights: Weights) -> NDArray[np.float64]:
        parts = [_weighed(category, weights[:, category.items]) for category in categories]
        reached = np.stack([weights[:, category.items].sum(axis=1) > 0 for category in categories])
        return np.asarray((np.stack(parts) * reached).sum(axis=0) / reached.sum(axis=0), dtype=np.float64)

    return statistic


def _category(
    made: Sequence[Made], where: NDArray[np.intp], factors: Mapping[str, Sequence[str]], pictures: bool
) -> _Category:
    slots = [made[i].slots for i in where]
    values = []
    for slot, possible in factors.items():
        largest = float(np.log(min(len(where), len(possible))))
        if largest > 0:
            onehot = np.array([[one.get(slot) == value for value in possible] for one in slots], dtype=np.float64)
            values.append((onehot, largest))
    if not pictures:
        return _Category(where, values)
    vectors = [made[i].embedding for i in where]
    there = np.array([vector is not None for vector in vectors], dtype=np.float64)
    width = max((len(vector) for vector in vectors if vector is not None), default=1)
    stacked = np.stack([np.zeros(width) if vector is None else vector.astype(np.float64) for vector in vectors])
    distances = np.clip((1 - stacked @ stacked.T) / 2, 0, 1)
    np.fill_diagonal(distances, 0)
    return _Category(where, values, distances, there)


def _weighed(category: _Category, weights: Weights) -> NDArray[np.float64]:
    """Return the diversity of one category under (R, M) weights; 0 where a resample leaves it out."""
    entropy = np.zeros(len(weights))
    total = np.maximum(weights.sum(axis=1), 1)
    for onehot, largest in category.values:
        entropy += _entropy(weights @ onehot, total) / largest
    entropy /= max(1, len(category.values))
    if category.distances is None or category.pictured is None:
        return entropy
    weighted = weights * category.pictured
    pairs = weighted.sum(axis=1) ** 2 - (weighted**2).sum(axis=1)
    apart = ((weighted @ category.distances) * weighted).sum(axis=1) / np.maximum(pairs, 1)
    return np.asarray((entropy + apart) / 2, dtype=np.float64)


def _entropy(counts: NDArray[np.float64], total: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the entropy of (R, K) counts in nats, times the share of `total` that they make up."""
    named = counts.sum(axis=1, keepdims=True)
    shares = counts / np.maximum(named, 1)
    logs = np.log(shares, out=np.zeros_like(shares), where=shares > 0)
    return np.asarray(-(shares * logs).sum(axis=1) * named[:, 0] / total, dtype=np.float64)
