"""How many of the real pairs look less real than a given one.

Raw scores grow with the number of examples, so they are not compared as they are. Every real pair of a group is
scored without itself, against m = min(32, n - 1) of the group's others, and so is the pair in question, against m of
the group: then a real pair in question is one of n + 1 that nothing tells apart. From three examples two remain.

Counting resolves no finer than 1 / n: of three references one in four real pairs scores below all, and a filter at
10 % would refuse a quarter of what is real. So where none scores lower, the share is estimated: the log odds of real
scores, log(score / (100 - score)), are close to normal, and one more draw after so few of them follows Student's t.
This is our choice. It also lets the floor be shared between a layout's relations (`layout_score.py`). The last point
at either end counts as one: there the logarithm would tell apart what nobody sees.
"""

from dataclasses import dataclass

import numpy as np

from genval_assets.layouts.pair_terms import Floats, Matching, scored

MOST_EXAMPLES = 32
"""That a score for comparison is made from (our choice)."""
MOST_REFERENCES = 128
"""Real pairs of a group that are scored: a bound on the cost (our choice)."""
MOST_DRAWN = 256
"""Real pairs of a group that take part at all, as reference or as example (our choice)."""
LAST_POINT = 1.0
SAME = 1e-9
"""Scores that differ by less are the same: sums are rounded."""


@dataclass(frozen=True, eq=False)
class References:
    """What pairs of one group are compared with."""

    examples: Floats  # (4, m): measures that the pair in question is scored against
    scores: Floats  # (R,), ascending: of real pairs, each from m others


def references(measures: Floats, seed: int, matching: Matching, iou_weight: float) -> References:
    """Return the scores of a group's real pairs without themselves, (4, n) with n of at least 2.

    Fixed by the seed and the pairs, in whatever order these come.
    """
    rng = np.random.default_rng(seed)
    count = min(measures.shape[1], MOST_DRAWN)
    drawn = measures[:, np.lexsort(measures)[rng.permutation(measures.shape[1])[:count]]]
    asked, size = min(count, MOST_REFERENCES), min(MOST_EXAMPLES, count - 1)
    lots = rng.random((asked + 1, count))
    lots[np.arange(asked), np.arange(asked)] = np.inf  # none is its own example
    chosen = np.argsort(lots, axis=1)[:, :size]
    scores = scored(drawn[:, :asked], drawn[:, chosen[:asked]], matching, iou_weight)
    return References(drawn[:, chosen[asked]], np.sort(scores))


def percentiles(scores: Floats, of: References) -> Floats:
    """Return the percent of real pairs that score lower, (Q,), of scores from as many examples; ties count half.

    Where none scores lower it is the tail's estimate, at most 100 / (n + 1). It never falls with the score.
    """
    lower = np.searchsorted(of.scores, scores - SAME)
    not_higher = np.searchsorted(of.scores, scores + SAME)
    shares = (lower + not_higher) / (2.0 * len(of.scores))
    lowest = lower == 0
    if lowest.any():
        tail = np.minimum(tail_share(scores[lowest], of.scores), 1.0 / (len(of.scores) + 1))
        shares[lowest] = np.maximum(shares[lowest], tail)
    return 100.0 * shares


def tail_share(scores: Floats, of: Floats) -> Floats:
    """Return the share of real pairs expected below each score, were the log odds of their scores normal.

    The prediction interval of one more normal draw: Student's t with n - 1 degrees of freedom.
    """
    real = _log_odds(of)
    spread = real.std(ddof=1) * np.sqrt(1.0 + 1.0 / len(real))
    apart = _log_odds(scores) - real.mean()
    if spread < SAME:
        return (np.sign(np.where(np.abs(apart) < SAME, 0.0, apart)) + 1.0) / 2.0
    return student_below(apart / spread, len(real) - 1)


def _log_odds(scores: Floats) -> Floats:
    inner = np.clip(scores, LAST_POINT, 100.0 - LAST_POINT)
    return np.log(inner / (100.0 - inner))


def student_below(t: Floats, freedom: int) -> Floats:
    """Return the share of Student's t distribution below t (Abramowitz and Stegun 26.7.3 and 26.7.4).

    Args:
        t: of any shape.
        freedom: degrees of freedom, at least 1.
    """
    angle = np.arctan(t / np.sqrt(freedom))
    cosine, sine = np.cos(angle), np.sin(angle)
    odd = freedom % 2
    term = cosine if odd else np.ones_like(cosine)
    series = np.zeros_like(cosine)
    for power in range(1 + odd, freedom, 2):
        series = series + term
        term = term * cosine**2 * power / (power + 1)
    within: Floats = 2.0 / np.pi * (angle + sine * series) if odd else sine * series
    return 0.5 + within / 2.0
