"""The first n candidates of the review order are a sample of all, whatever n is."""

from collections import Counter
from itertools import pairwise

import pytest

from genval_assets.golden.sample import in_review_order, shuffled
from genval_assets.rows import Verdict


def verdicts(make_row, **sizes: int) -> list[Verdict]:
    """Return so many verdicts per stratum: accepted, vlm (rejected), gate (rejected) or error; over five categories."""
    return [
        make_row(
            Verdict,
            instance_id=f"{stratum}-{i:04d}",
            category=f"c{i % 5}",
            outcome=stratum if stratum in ("accepted", "error") else "rejected",
            stage=stratum if stratum in ("vlm", "gate") else "vlm",
        )
        for stratum, size in sizes.items()
        for i in range(size)
    ]


def strata(chosen: list[Verdict]) -> Counter:
    return Counter(one.instance_id.partition("-")[0] for one in chosen)


@pytest.mark.parametrize("seed", [0, 1, 2])
@pytest.mark.parametrize("n", [10, 50, 100])
def test_outcomes_and_categories_take_part_in_proportion(make_row, seed, n):
    rows = verdicts(make_row, accepted=600, vlm=300, gate=100)
    first = in_review_order(rows, (), seed)[:n]
    found = strata(first)
    for stratum, share in (("accepted", 0.6), ("vlm", 0.3), ("gate", 0.1)):
        assert abs(found[stratum] - n * share) <= 1
    of_category = Counter(one.category for one in first)
    assert max(of_category.values()) - min(of_category.get(f"c{i}", 0) for i in range(5)) <= 4


def test_another_seed_shows_others_and_the_same_seed_the_same_in_whatever_order_they_come(make_row):
    rows = verdicts(make_row, accepted=60, vlm=30, gate=10)
    first = [one.instance_id for one in in_review_order(rows, (), 1)]
    assert [one.instance_id for one in in_review_order(rows[::-1], (), 1)] == first
    assert [one.instance_id for one in in_review_order(rows, (), 2)][:10] != first[:10]
    assert sorted(first) == sorted(one.instance_id for one in rows)


def test_what_was_labelled_comes_last_and_what_nobody_decided_never(make_row):
    rows = verdicts(make_row, accepted=6, vlm=4, error=5)
    labelled = {"accepted-0000", "accepted-0001", "vlm-0003"}
    order = [one.instance_id for one in in_review_order(rows, labelled, 0)]
    assert set(order[-3:]) == labelled
    assert strata(in_review_order(rows, labelled, 0)) == {"accepted": 6, "vlm": 4}


def test_the_position_on_the_page_tells_nothing(make_row):
    rows = verdicts(make_row, accepted=100, gate=100)
    shown = [strata([one]) for one in shuffled(in_review_order(rows, (), 3)[:100], 3)]
    runs = sum(a != b for a, b in pairwise(shown))
    assert 35 < runs < 65  # alternating ones would give 99, sorted ones 1
    assert shuffled(rows, 5) == shuffled(rows[::-1], 5)
