"""What `category_stats` promises: every state, its reason, and rates that mean what they say."""

import pytest

from genval_assets.topup.plan import Ask, plan_wave
from genval_assets.topup.settings import BudgetSettings, TopUpSettings
from genval_assets.topup.sources import Sources
from genval_assets.topup.stats import category_stats
from genval_assets.types import RoundTally, Tally

BOTH = Sources({"cutout": "cuts 1", "offline": "model 1"})
CUTTING = Sources({"cutout": "cuts 1"})


def stat(tally: Tally, sources: Sources = BOTH, in_flight: tuple[str, ...] = ()):
    (row,) = category_stats([tally], TopUpSettings(), sources, in_flight)
    return row


def test_a_category_at_its_target_is_done(tally):
    row = stat(tally(real=4, effective=96))
    assert (row.state, row.deficit) == ("done", 0)
    assert row.why == "4 real and 96 effective synthetic instances reach its target of 100"
    assert stat(tally(real=500, target=500)).why == "the 500 real instances are its target of 500 or more"


def test_a_category_below_it_is_short_and_says_where_the_next_come_from(tally):
    row = stat(tally())
    assert (row.state, row.deficit) == ("short", 96)
    assert row.why == "96 effective instances are missing; next from cutout"
    assert stat(tally(next_index={"cutout": 12})).why.endswith("next from offline")


def test_a_category_that_a_run_serves_is_in_flight(tally):
    assert stat(tally(effective=200, failures=9), in_flight=("zebra",)).state == "in_flight"


def test_a_category_that_keeps_failing_says_where_to_look(tally):
    row = stat(tally(failures=3))
    assert row.state == "failing"
    assert "3 times in a row; see `failures`" in row.why


def test_a_category_whose_scenes_refuse_most_of_what_was_accepted_says_what_to_change(tally, round_of):
    row = stat(tally(rounds=(round_of(1, 96),), scenes=40, refused=56))
    assert (row.state, row.deficit) == ("failing", 56)
    assert row.why.startswith("no scene could hold 56 of its 96 accepted instances; see `quarantine`")
    assert "[scenes]" in row.why


@pytest.mark.parametrize(
    ("accepted", "refused", "state"),
    [
        (3, 3, "short"),
        (4, 2, "short"),
        (4, 3, "failing"),
        (5, 3, "failing"),
        (191, 96, "failing"),
        (193, 97, "done"),
        (400, 201, "done"),
    ],
)
def test_more_than_half_of_four_or_more_must_be_refused_for_that(tally, round_of, accepted, refused, state):
    one = tally(rounds=(round_of(1, accepted),), scenes=accepted - refused, refused=refused)
    assert stat(one).state == state


def test_done_counts_what_scenes_could_hold(tally, round_of):
    row = stat(tally(rounds=(round_of(1, 100),), scenes=98, refused=2))
    assert row.why == "4 real and 98 effective synthetic instances reach its target of 100"


def test_an_interrupted_category_is_short_even_at_its_target(tally):
    cut = RoundTally(1, "model 1", planned=100, drawn=99, accepted=97, rejected=0, errors=0)
    row = stat(tally(rounds=(cut,)))
    assert row.state == "short"
    assert "interrupted with 3 planned items to go" in row.why


def test_an_exhausted_category_names_the_source_and_what_revives_it(tally, round_of):
    dry = tuple(round_of(n, 0, 10) for n in (1, 2, 3))
    row = stat(tally(rounds=dry, next_index={"cutout": 12}))
    assert row.state == "exhausted"
    assert "the yield of offline stayed under 5%" in row.why
    assert "once prompts, model or settings change" in row.why


@pytest.mark.parametrize(
    ("changed", "found"),
    [
        ({"next_index": {"cutout": 12}}, "its 4 source objects are used up"),
        ({"real": 0, "references": 0}, "it has no real instance to cut out"),
    ],
)
def test_without_a_generator_a_category_out_of_sources_asks_for_one(tally, changed, found):
    row = stat(tally(**changed), CUTTING)
    assert row.state == "needs_generator"
    assert found in row.why
    assert "foreground model" in row.why


def test_real_instances_of_which_none_is_usable_are_called_that(tally):
    row = stat(tally(references=0), Sources({"cutout": "cuts 1"}, looked_for={"zebra"}))
    assert row.state == "needs_generator"
    assert "none of its 4 real instances can be cut out" in row.why


def test_bad_cutouts_are_called_that(tally, round_of):
    dry = tuple(round_of(n, 0, 10, mark="cuts 1") for n in (1, 2, 3))
    assert "the yield of its cut-outs stayed under 5%" in stat(tally(rounds=dry, references=90), CUTTING).why


def test_the_valid_rate_leaves_errors_out_and_has_its_published_interval(tally, round_of):
    row = stat(tally(rounds=(round_of(1, 81, 182, errors=500),)))
    assert row.valid_rate == pytest.approx(81 / 263)
    assert (row.valid_rate_low, row.valid_rate_high) == (
        pytest.approx(0.2553, abs=5e-5),
        pytest.approx(0.3662, abs=5e-5),
    )
    assert (row.generated, row.valid, row.rejected, row.errors) == (763, 81, 182, 500)


def test_before_anything_was_judged_no_rate_is_claimed(tally, round_of):
    for row in (stat(tally()), stat(tally(rounds=(round_of(1, 0, 0, errors=9),)))):
        assert row.valid_rate is row.valid_rate_low is row.valid_rate_high is None


def test_the_planner_and_the_table_never_disagree(tally, round_of):
    """What is short gets something in an unbounded wave, and nothing else does."""
    cases = [
        tally("done", effective=96),
        tally("short"),
        tally("failing", failures=5),
        tally("flight"),
        tally("dry", rounds=tuple(round_of(n, 0, 10) for n in (1, 2, 3)), next_index={"cutout": 12}),
        tally("cut", rounds=(RoundTally(1, "m", planned=9, drawn=1, accepted=1, rejected=0, errors=0),)),
    ]
    states = {row.category: row.state for row in category_stats(cases, TopUpSettings(), BOTH, ("flight",))}
    wave = plan_wave(cases, TopUpSettings(), BudgetSettings(), BOTH, in_flight={"flight"})
    assert set(wave.categories) == {key for key, state in states.items() if state == "short"}
    assert {stop.category: stop.reason for stop in wave.stops} == {k: s for k, s in states.items() if s != "short"}
    by_hand = plan_wave(cases, TopUpSettings(), BudgetSettings(), BOTH, ask=Ask(set(states)))
    assert set(by_hand.categories) == {"short", "failing", "flight", "cut"}
