"""Rates with intervals: each has its own denominator, and whole categories are resampled."""

import pytest

from genval_assets.evaluation.estimates import RATES, Drawing, difference, estimate, of_each_category

DRAWINGS = [
    Drawing("mug", "accepted", True),
    Drawing("mug", "accepted", False),
    Drawing("mug", "rejected", False),
    Drawing("mug", "rejected", True),
    Drawing("key", "accepted", True),
    Drawing("key", "error", True),
]


@pytest.mark.parametrize(
    ("rate", "value"),
    [("rejected", 2 / 5), ("generation_invalid", 2 / 6), ("residual_invalid", 1 / 3), ("valid_recall", 2 / 3)],
)
def test_each_rate_has_its_own_denominator_and_errors_count_where_they_should(rate, value):
    assert estimate(DRAWINGS, RATES[rate]).value == pytest.approx(value)


def test_by_category():
    assert of_each_category(DRAWINGS, RATES["residual_invalid"]) == {"key": 0.0, "mug": 0.5}


def of(category: str, bad: int, total: int) -> list[Drawing]:
    return [Drawing(category, "accepted", i >= bad) for i in range(total)]


def test_categories_that_differ_widen_the_interval_more_than_draws_that_do():
    alike = [d for i in range(24) for d in of(f"c{i}", 4, 40)]
    apart = [d for i in range(24) for d in of(f"c{i}", 40 if i < 2 else 1, 40)]
    narrow, wide = (estimate(d, RATES["generation_invalid"]) for d in (alike, apart))
    assert (narrow.low, narrow.value, narrow.high) == (0.1, 0.1, 0.1)
    assert wide.value == pytest.approx(0.1, abs=0.01)
    assert wide.high - wide.low > 0.15


def test_a_difference_is_paired_by_category():
    first = [d for i in range(24) for d in of(f"c{i}", i % 5 + 4, 40)]
    second = [d for i in range(24) for d in of(f"c{i}", i % 5, 40)]
    paired = difference(first, second, RATES["generation_invalid"])
    assert (paired.low, paired.value, paired.high) == pytest.approx((0.1, 0.1, 0.1))
    with pytest.raises(ValueError, match="different categories"):
        difference(first, second[40:], RATES["generation_invalid"])


def test_nothing_counted_is_an_error():
    with pytest.raises(ValueError, match="none of 1"):
        estimate([Drawing("mug", "rejected", True)], RATES["residual_invalid"])
