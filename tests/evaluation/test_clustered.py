"""Shares of things in clusters: the interval knows how many clusters there are, not only how many things."""

import numpy as np
import pytest

from genval_assets.evaluation.clustered import clustered_share


def things(*clusters: str) -> list[tuple[str, bool]]:
    """Draw clusters by hand: '#' is a hit, '.' a miss."""
    return [(str(i), thing == "#") for i, cluster in enumerate(clusters) for thing in cluster]


def test_the_share_is_of_things_not_of_clusters():
    assert clustered_share(things("####", ".")).value == 0.8


def test_single_things_have_the_interval_of_a_share_of_independent_ones():
    found = clustered_share(things(*"#" * 150, *"." * 50))
    half = 1.96 * (0.75 * 0.25 / 200) ** 0.5
    assert (found.low, found.high) == pytest.approx((0.75 - half, 0.75 + half), abs=0.006)


def test_things_that_are_alike_within_clusters_count_as_one_thing_each():
    alike = clustered_share(things(*["#" * 10] * 30, *["." * 10] * 10))
    mixed = clustered_share(things(*["########.."] * 20, *["#######..."] * 20))
    assert alike.value == mixed.value == 0.75
    assert alike.high - alike.low == pytest.approx(2 * 1.96 * (0.75 * 0.25 / 40) ** 0.5, rel=0.1)
    assert mixed.high - mixed.low < 0.04


def test_without_a_miss_the_lower_bound_says_how_few_clusters_were_seen():
    # 20 / (20 + 1.96^2): a thousand independent things would give .9962
    assert clustered_share(things(*["#" * 50] * 20)).low == pytest.approx(0.838875, abs=1e-6)
    assert clustered_share(things(*["#" * 50] * 20)).high == 1.0
    never = clustered_share(things(*["." * 50] * 20))
    assert (never.low, never.high) == pytest.approx((0.0, 0.161125), abs=1e-6)


def test_one_large_cluster_and_ten_small_ones_are_hardly_more_than_one():
    # (90 + 10)^2 / (90^2 + 10) = 1.23305 clusters of one size; 1.23305 / (1.23305 + 1.96^2)
    assert clustered_share(things("#" * 90, *"#" * 10)).low == pytest.approx(0.242990, abs=1e-5)


def test_a_handful_of_misses_claims_no_more_than_none_would():
    def with_misses(clusters: int) -> float:
        return clustered_share(things(*["#########."] * clusters, *["#" * 10] * (300 - clusters))).low

    lows = [with_misses(n) for n in (0, 1, 9)]
    assert lows == sorted(lows, reverse=True)
    assert lows[-1] < 0.985 < with_misses(10)


def test_a_handful_of_hits_is_treated_alike():
    few, enough = (clustered_share(things(*["#........."] * n, *["." * 10] * (300 - n))).high for n in (9, 10))
    assert few > 0.015 > enough


@pytest.mark.parametrize(("wrong", "whole"), [(0.01, True), (0.01, False), (0.1, True), (0.4, False)])
def test_the_interval_holds_the_truth_about_as_often_as_it_says(wrong, whole):
    rng = np.random.default_rng(7)
    truth, held = 1 - (wrong if whole else wrong / 10), 0
    for trial in range(200):
        is_wrong = rng.random(150) < wrong
        bad = "." * 10 if whole else "#########."
        found = clustered_share(things(*[bad if one else "#" * 10 for one in is_wrong]), seed=trial)
        held += found.low <= truth <= found.high
    assert held >= 185


def test_the_same_things_and_seed_give_the_same_interval_in_any_order():
    found = things(*["##."] * 20, *["#"] * 15, *["...."] * 12)
    assert clustered_share(found, seed=3) == clustered_share(found[::-1], seed=3)


def test_a_share_of_nothing_is_an_error():
    with pytest.raises(ValueError, match="nothing"):
        clustered_share([])
