"""A rewrite replaces its parent only when it is better beyond noise, and not by making everything alike."""

import numpy as np
import pytest

from genval_assets.textgrad.acceptance import Comparison, decide, difference_interval, mean_of, value_of
from genval_assets.textgrad.scores import judge_score


def compared(parent: object, rewrite: object, **more: float) -> Comparison:
    return Comparison(len(parent), mean_of(parent), mean_of(rewrite), **more)  # type: ignore[arg-type]


def test_of_useless_rewrites_on_40_noisy_items_about_one_in_forty_is_accepted():
    accepted = 0
    for seed in range(600):
        old, new = np.random.default_rng([40, seed]).random((2, 40)) < 0.5
        accepted += decide(compared(old.astype(float), new.astype(float)), seed).accepted
    assert 0.01 <= accepted / 600 <= 0.04


def test_a_gain_of_a_fifth_on_200_pairs_is_nearly_always_accepted():
    accepted = 0
    for seed in range(60):
        chance = np.random.default_rng([200, seed]).random((2, 200))
        old, new = chance[0] < 0.5, chance[1] < 0.7
        accepted += decide(compared(old.astype(float), new.astype(float)), seed).accepted
    assert accepted >= 57


def test_what_an_item_does_to_both_cancels():
    rng = np.random.default_rng(0)
    base = rng.normal(0, 10, 100)
    low, high = difference_interval(mean_of(base), mean_of(base + rng.normal(0.5, 0.1, 100)), 100, seed=1)
    assert 0.45 < low < high < 0.55


def test_the_interval_of_a_mean_agrees_with_the_normal_one():
    rng = np.random.default_rng(3)
    old, new = rng.normal(0, 1, 400), rng.normal(0.2, 1, 400)
    gain = new - old
    low, high = difference_interval(mean_of(old), mean_of(new), 400, seed=2)
    half = 1.96 * gain.std(ddof=1) / 20
    assert low == pytest.approx(gain.mean() - half, abs=0.02)
    assert high == pytest.approx(gain.mean() + half, abs=0.02)


def test_the_same_seed_decides_the_same():
    rng = np.random.default_rng(5)
    old, new = rng.random(50), rng.random(50)
    assert decide(compared(old, new), 7) == decide(compared(old, new), 7)


def test_an_equal_rewrite_is_refused():
    decision = decide(compared([0.0, 1.0] * 20, [0.0, 1.0] * 20), 0)
    assert (decision.accepted, decision.low, decision.high) == (False, 0.0, 0.0)
    assert decision.reason == "refused: the gain may be nothing, +0.000 [+0.000, +0.000] on 40 pairs"


@pytest.mark.parametrize(("diversity", "accepted"), [(0.8, True), (0.761, True), (0.759, False), (0.9, True)])
def test_a_gain_paid_for_with_sameness_is_refused(diversity, accepted):
    decision = decide(compared([0.0] * 40, [1.0] * 40, diversity_parent=0.8, diversity=diversity), 0)
    assert decision.accepted is accepted
    assert ("diversity fell from 0.800" in decision.reason) is not accepted


def test_a_score_that_is_no_mean_is_recomputed_on_the_resampled_items():
    """Two of ten kept are good: F0.5 of each resample is worked out from its own counts."""
    good = [True] * 4 + [False] * 6
    always, never = judge_score([True] * 10, good), judge_score([False] * 10, good)
    weights = np.array([[1.0] * 10, [5, 5, 0, 0, 0, 0, 0, 0, 0, 0], [0, 0, 0, 0, 10, 0, 0, 0, 0, 0]])
    assert always(weights) == pytest.approx([5 / 11, 1.0, 0.0])  # 1.25*4 / (1.25*4 + 6); all good; all bad
    low, high = difference_interval(never, always, 10, seed=0)
    assert 0 <= low < 5 / 11 < high <= 1


def test_value_of_takes_each_item_once():
    assert value_of(mean_of([0, 0, 1, 1, 1]), 5) == pytest.approx(0.6)


def test_nothing_compared_is_an_error():
    with pytest.raises(ValueError, match="at least one pair; got 0"):
        decide(Comparison(0, mean_of([]), mean_of([])), 0)


def test_a_score_that_is_no_number_is_no_gain():
    assert not decide(compared([0.0] * 40, [float("nan")] * 40), 0).accepted
