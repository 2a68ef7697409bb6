"""Confidence bounds of a share, good for few trials too."""

from math import sqrt
from typing import NamedTuple

Z95 = 1.959963984540054
"""Two-sided 95 %."""


class Bounds(NamedTuple):
    """Lower and upper bound of a share, in [0, 1]."""

    low: float
    high: float


def wilson(successes: float, trials: float, z: float = Z95) -> Bounds:
    """Return the Wilson score interval of successes / trials; (0, 1) when nothing was tried.

    Wilson (1927), JASA 22:209-212. Fractions are allowed, for pseudo-counts.

    Raises:
        ValueError: successes are not between 0 and trials.
    """
    if not 0 <= successes <= trials:
        raise ValueError(f"successes must lie between 0 and trials; got {successes} of {trials}")
    if trials == 0:
        return Bounds(0.0, 1.0)
    share = successes / trials
    centre = share + z * z / (2 * trials)
    half = z * sqrt(share * (1 - share) / trials + z * z / (4 * trials * trials))
    scale = 1 + z * z / trials
    # rounding may put a bound on the wrong side of the share when that is 0 or 1
    return Bounds(min(share, max(0.0, (centre - half) / scale)), max(share, min(1.0, (centre + half) / scale)))
