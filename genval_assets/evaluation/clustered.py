"""A share of things that come in clusters, with an interval that knows that those of one cluster are alike.

Not here: rates of draws with their own denominators (`estimates.py`).
"""

from collections import Counter
from collections.abc import Iterable

import numpy as np
from numpy.typing import NDArray

from genval_assets.evaluation.estimates import RESAMPLES, Estimate, interval, ratios
from genval_assets.topup.wilson import wilson

FEW = 10
"""So many clusters with a hit, and with a miss, are enough for the bootstrap alone (our choice)."""


def clustered_share(found: Iterable[tuple[str, bool]], seed: int = 0) -> Estimate:
    """Return the share of hits among all things, with its 95 % interval.

    Whole clusters are resampled, and a resample's share is its hits / its things (ratio estimate; percentiles).
    Clusters that are alike are drawn together: the same distribution, and 100,000 clusters cost what 100 do.

    A bootstrap cannot draw what nobody has seen: without a miss, all its shares are 1, and so would be both bounds.
    Where fewer than `FEW` clusters hold a miss, or a hit, the bounds are the wider of it and Wilson's, with as many
    trials as there would be if the things of a cluster were all hits or all misses: (sum of sizes)^2 / sum of
    squares (Kish 1965), the number of clusters where all are of one size.

    Args:
        found: (cluster, whether it is a hit), one for each thing.
        seed: of the resamples.

    Raises:
        ValueError: there is nothing.
    """
    counts = np.array(_hits_and_sizes(found), dtype=np.float64)
    if not len(counts):
        raise ValueError("a share of nothing is not known")
    hits, sizes = counts.T
    share = float(hits.sum() / sizes.sum())
    low, high = _bootstrapped(counts, seed)
    if min(np.count_nonzero(hits), np.count_nonzero(hits < sizes)) < FEW:
        alone = float(sizes.sum() ** 2 / (sizes**2).sum())
        bounds = wilson(share * alone, alone)
        low, high = min(low, bounds.low), max(high, bounds.high)
    return Estimate(share, low, high)


def _hits_and_sizes(found: Iterable[tuple[str, bool]]) -> list[tuple[int, int]]:
    hits: Counter[str] = Counter()
    sizes: Counter[str] = Counter()
    for cluster, hit in found:
        hits[cluster] += hit
        sizes[cluster] += 1
    return [(hits[cluster], size) for cluster, size in sizes.items()]


def _bootstrapped(counts: NDArray[np.float64], seed: int) -> tuple[float, float]:
    """Return the bounds for (C, 2) hits and sizes of the clusters."""
    kinds, number = np.unique(counts, axis=0, return_counts=True)
    drawn = np.random.default_rng(seed).multinomial(len(counts), number / len(counts), size=RESAMPLES) @ kinds
    return interval(ratios(drawn[:, 0], drawn[:, 1]))
