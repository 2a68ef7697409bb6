"""A probe decides between a prompt and its rewrite: exactly, early where that is safe, and rarely by luck."""

import numpy as np
import pytest

from genval_assets.prompting.probe import MIN_PAIRS, Probe, p_better, pair_seed


@pytest.mark.parametrize(
    ("pairs", "old_good", "new_good", "expected"),
    [
        (0, 0, 0, 1 / 2),
        (1, 0, 1, 5 / 6),  # Beta(1, 2) against Beta(2, 1), by hand: 1 - integral of 2(1 - x) x^2 = 1 - 1/6
        (7, 3, 3, 1 / 2),
        (4, 0, 4, 251 / 252),  # 1 - 1 / C(10, 5)
        (4, 4, 0, 1 / 252),
    ],
)
def test_the_probability_is_exact(pairs, old_good, new_good, expected):
    assert p_better(pairs, old_good, new_good) == pytest.approx(expected, abs=1e-15)


@pytest.mark.parametrize(
    ("pairs", "old_good", "new_good"), [(4, 1, 3), (9, 2, 4), (16, 8, 12), (16, 0, 1), (100, 60, 66)]
)
def test_the_probability_agrees_with_draws_from_the_two_posteriors(pairs, old_good, new_good):
    rng = np.random.default_rng(0)
    old = rng.beta(old_good + 1, pairs - old_good + 1, 400_000)
    new = rng.beta(new_good + 1, pairs - new_good + 1, 400_000)
    assert p_better(pairs, old_good, new_good) == pytest.approx(np.mean(new > old), abs=0.004)  # 5 standard errors


def test_more_good_pictures_of_the_rewrite_never_make_it_less_likely_and_sides_can_be_swapped():
    for old in range(17):
        ladder = [p_better(16, old, new) for new in range(17)]
        assert ladder == sorted(ladder)
        assert all(p_better(16, new, old) == pytest.approx(1 - p) for new, p in enumerate(ladder))


def run(old: list[bool], new: list[bool], **settings) -> Probe:
    return Probe(**settings).add_until_decided(zip(old, new, strict=True))


def test_a_rewrite_that_is_always_better_is_accepted_after_four_pairs_and_no_earlier():
    probe = run([False] * 16, [True] * 16)
    assert (probe.decision, probe.pairs, probe.parent_good, probe.good) == ("accept", 4, 0, 4)
    assert run([False] * 3, [True] * 3).decision is None


def test_a_rewrite_that_is_always_worse_is_given_up_after_four_pairs():
    assert (run([True] * 16, [False] * 16).decision, run([True] * 16, [False] * 16).pairs) == ("refuse", MIN_PAIRS)


def test_a_lead_that_is_enough_at_the_end_is_not_enough_before_it():
    old, new = [True, False] * 8, [True] * 7 + [False] + [True] * 8
    early = run(old[:7], new[:7])
    assert early.p_better > 0.9
    assert early.decision is None
    assert run(old, new).decision == "accept"


def test_a_probe_that_can_no_longer_succeed_ends():
    probe = run([True] * 16, [True] * 16)
    assert probe.decision == "refuse"
    assert probe.pairs < 16
    assert p_better(16, probe.pairs, 16) < 0.9  # if every further pair went to the rewrite


def test_the_last_pair_decides_at_the_probability_that_is_set():
    old, new = [True, False] * 4, [True] * 5 + [False, True, True]
    probe = run(old, new, max_pairs=8)
    assert (probe.pairs, probe.parent_good, probe.good) == (8, 4, 7)
    assert 0.9 < probe.p_better < 0.95
    assert probe.decision == "accept"
    assert run(old, new, max_pairs=8, accept_at=0.95).decision == "refuse"


def test_a_decided_probe_takes_no_further_pair_and_one_that_could_never_accept_is_not_begun():
    with pytest.raises(ValueError, match="accept after 4 pairs"):
        run([False] * 4, [True] * 4).add(False, True)
    with pytest.raises(ValueError, match="at least 4 pairs"):
        Probe(max_pairs=3)


def test_the_reason_names_the_counts():
    assert run([False] * 4, [True] * 4).reason == "accepted: 4 of 4 good against 0, P(better) 0.996"
    assert run([True], [True]).reason.startswith("undecided after 1 of 16 pairs")


@pytest.mark.parametrize(("agreement", "bound"), [(0.0, 0.12), (0.5, 0.06), (1.0, 0.0)])
def test_an_unchanged_prompt_is_rarely_accepted(agreement, bound):
    """Simulated: 1,500 probes at each of five rates; exact worst cases .100, .038 and 0."""
    rng = np.random.default_rng(7)
    for rate in (0.1, 0.3, 0.5, 0.7, 0.9):
        accepted = 0
        for _ in range(1500):
            old, fresh = rng.random(16) < rate, rng.random(16) < rate
            new = np.where(rng.random(16) < agreement, old, fresh)
            accepted += run(old.tolist(), new.tolist()).decision == "accept"
        assert accepted / 1500 <= bound, rate


@pytest.mark.parametrize(("old_rate", "new_rate", "least"), [(0.0, 0.9, 0.99), (0.2, 0.9, 0.99), (0.5, 0.9, 0.84)])
def test_a_rewrite_that_helps_is_usually_accepted(old_rate, new_rate, least):
    """Simulated: 1,000 probes; exact 1.000, .997 and .878."""
    rng = np.random.default_rng(3)
    draws = [(rng.random(16) < old_rate, rng.random(16) < new_rate) for _ in range(1000)]
    accepted = [run(old.tolist(), new.tolist()).decision == "accept" for old, new in draws]
    assert np.mean(accepted) >= least


def test_both_prompts_of_a_pair_get_one_seed_and_each_pair_its_own():
    assert len({pair_seed("p", k) for k in range(32)}) == 32
    assert pair_seed("p", 0) != pair_seed("q", 0)
