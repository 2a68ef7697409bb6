"""The rates of a measurement with intervals: bootstrapped by category, because draws of one category are alike."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

RESAMPLES = 4_000
CONFIDENCE = 0.95


@dataclass(frozen=True)
class Drawing:
    """One measured draw: what validation said, and what an independent truth says."""

    category: str
    outcome: str  # accepted | rejected | error
    good: bool


@dataclass(frozen=True)
class Estimate:
    """A share in [0, 1], or a difference of two, with its 95 % interval."""

    value: float
    low: float
    high: float

    def __str__(self) -> str:
        """Return it as people read it."""
        return f"{self.value:.3f} ({self.low:.3f} to {self.high:.3f})"


Counted = Callable[[Drawing], tuple[bool, bool]]
"""Drawing -> (whether it counts, whether it is a hit)."""

RATES: Mapping[str, Counted] = {
    "rejected": lambda d: (d.outcome != "error", d.outcome == "rejected"),
    "generation_invalid": lambda _d: (True, not _d.good),
    "residual_invalid": lambda d: (d.outcome == "accepted", not d.good),
    "valid_recall": lambda d: (d.good and d.outcome != "error", d.outcome == "accepted"),
}
"""The three rates, which have three denominators and are never mixed, and the validator's recall of good draws."""


def estimate(drawings: Sequence[Drawing], counted: Counted, seed: int = 0) -> Estimate:
    """Return a rate with percentiles over resamples of whole categories.

    Raises:
        ValueError: no drawing counts.
    """
    hits, totals = _by_category(drawings, counted, sorted({d.category for d in drawings}))
    if not totals.sum():
        raise ValueError(f"none of {len(drawings)} drawings counts")
    weights = _weights(len(totals), seed)
    low, high = interval(ratios(weights @ hits, weights @ totals))
    return Estimate(float(hits.sum() / totals.sum()), low, high)


def difference(first: Sequence[Drawing], second: Sequence[Drawing], counted: Counted, seed: int = 0) -> Estimate:
    """Return first - second of a rate; both are resampled by the same categories.

    Raises:
        ValueError: the two were not measured on the same categories.
    """
    names = sorted({d.category for d in first})
    if names != sorted({d.category for d in second}):
        raise ValueError("the two measurements are of different categories")
    weights = _weights(len(names), seed)
    sampled, whole = [], []
    for drawings in (first, second):
        hits, totals = _by_category(drawings, counted, names)
        sampled.append(ratios(weights @ hits, weights @ totals))
        whole.append(float(hits.sum() / totals.sum()))
    low, high = interval(sampled[0] - sampled[1])
    return Estimate(whole[0] - whole[1], low, high)


def of_each_category(drawings: Iterable[Drawing], counted: Counted) -> dict[str, float]:
    """Return a rate per category, those without a counted drawing left out."""
    found: dict[str, list[bool]] = defaultdict(list)
    for drawing in drawings:
        counts, hit = counted(drawing)
        if counts:
            found[drawing.category].append(hit)
    return {category: sum(hits) / len(hits) for category, hits in sorted(found.items())}


def _by_category(
    drawings: Iterable[Drawing], counted: Counted, names: Sequence[str]
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return (C,) hits and (C,) counted drawings of each category."""
    place = {name: i for i, name in enumerate(names)}
    hits, totals = np.zeros(len(names)), np.zeros(len(names))
    for drawing in drawings:
        counts, hit = counted(drawing)
        totals[place[drawing.category]] += counts
        hits[place[drawing.category]] += counts and hit
    return hits, totals


def _weights(categories: int, seed: int) -> NDArray[np.float64]:
    rng = np.random.default_rng(seed)
    return rng.multinomial(categories, np.full(categories, 1 / categories), size=RESAMPLES).astype(np.float64)


def ratios(hits: NDArray[np.float64], totals: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return hits / totals; NaN where there is nothing to divide by."""
    return np.divide(hits, totals, out=np.full_like(hits, np.nan), where=totals > 0)


def interval(samples: NDArray[np.float64]) -> tuple[float, float]:
    """Return the percentiles between which 95 % of the resamples lie; NaN ones do not count."""
    low, high = np.nanquantile(samples, [(1 - CONFIDENCE) / 2, (1 + CONFIDENCE) / 2])
    return float(low), float(high)
