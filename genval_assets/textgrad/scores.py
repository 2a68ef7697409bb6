"""What the two agents are scored by: numbers in [0, 1], and statistics of them that a bootstrap can recompute."""

import re
from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from genval_assets.textgrad.acceptance import Statistic, Weights, mean_of
from genval_assets.textgrad.diversity import Made, diversity_of

YIELD_SHARE = 0.7
"""Of the prompt agent's score; the rest is diversity (our choice)."""
BETA = 0.5
"""The judge's F weighs precision of `keep` twice as much as recall: a bad instance in the set costs more than a good
one left out."""


def named_slots(text: str, slots: Mapping[str, str]) -> dict[str, str]:
    """Return the slots whose value stands in the prompt, word for word; case, hyphens and white space aside."""
    spoken = _plain(text)
    return {slot: value for slot, value in slots.items() if _plain(value) in spoken}


def prompt_agent_score(
    valid: Sequence[bool],
    made: Sequence[Made],
    factors: Mapping[str, Mapping[str, Sequence[str]]],
    *,
    pictures: bool = True,
) -> Statistic:
    """Return .7 validated yield + .3 diversity, as a statistic.

    Args:
        valid: per item, whether validation accepted what was drawn from its prompt.
        made: the same items, in the same order.
        factors: category -> slot -> values that it can take.
        pictures: whether the items have pictures; see `diversity_of`.
    """
    validated = mean_of(np.array(valid, dtype=np.float64))
    varied = diversity_of(made, factors, pictures=pictures)

    def score(weights: Weights) -> NDArray[np.float64]:
        return YIELD_SHARE * validated(weights) + (1 - YIELD_SHARE) * varied(weights)

    return score


def judge_score(kept: Sequence[bool], good: Sequence[bool]) -> Statistic:
    """Return F0.5 of `keep` against golden labels, as a statistic (van Rijsbergen 1979).

    Args:
        kept: what the judge said of each item; what it could not judge was not kept.
        good: what the label says.

    A judge that keeps nothing where something was good scores 0; where nothing was good, keeping nothing scores 1.
    """
    said, true = np.array(kept, dtype=bool), np.array(good, dtype=bool)
    hits, false_alarms, misses = (np.asarray(x, dtype=np.float64) for x in (said & true, said & ~true, ~said & true))

    def score(weights: Weights) -> NDArray[np.float64]:
        tp = (1 + BETA**2) * (weights @ hits)
        whole = tp + BETA**2 * (weights @ misses) + weights @ false_alarms
        return np.divide(tp, whole, out=np.ones_like(whole), where=whole > 0)

    return score


def _plain(text: str) -> str:
    """Return the words of a text between single blanks, one also before the first and after the last."""
    words = re.findall(r"[^\W_]+", text.lower())
    return f" {' '.join(words)} "
