"""What the bounds promise: the published interval, and sense with no trials."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from genval_assets.topup.wilson import wilson


@pytest.mark.parametrize(
    ("successes", "trials", "low", "high"),
    [
        (81, 263, 0.2553, 0.3662),  # Newcombe (1998), Statistics in Medicine 17:857-872, table I, method 3
        (15, 148, 0.0624, 0.1605),
        (0, 20, 0.0, 0.1611),
        (1, 29, 0.0061, 0.1718),
    ],
)
def test_the_bounds_are_the_published_ones(successes, trials, low, high):
    assert wilson(successes, trials) == (pytest.approx(low, abs=5e-5), pytest.approx(high, abs=5e-5))


def test_without_trials_everything_is_possible():
    assert wilson(0, 0) == (0, 1)


@given(st.integers(1, 10_000).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n))))
def test_the_share_lies_within_and_more_of_the_same_narrows(case):
    successes, trials = case
    low, high = wilson(successes, trials)
    assert 0 <= low <= successes / trials <= high <= 1
    narrow = wilson(successes * 4, trials * 4)
    assert low <= narrow.low
    assert narrow.high <= high


@pytest.mark.parametrize(("successes", "trials"), [(3, 2), (-1, 5), (1, 0)])
def test_impossible_counts_are_refused(successes, trials):
    with pytest.raises(ValueError, match=f"{successes} of {trials}"):
        wilson(successes, trials)
