"""What a wave promises of graphs and captions: within its limits, beside the instances, and never in their way."""

import pytest

from genval_assets.topup.attempts import MOST_ATTEMPTS, Turn, next_turn
from genval_assets.topup.extras import CAPTIONS, EXTRAS, GRAPHS, OwedExtra, PlannedExtra, in_words
from genval_assets.topup.plan import WavePlan, plan_wave
from genval_assets.topup.seconds import Pace
from genval_assets.topup.settings import BudgetSettings, TopUpSettings
from genval_assets.topup.sources import Sources
from genval_assets.types import Tally

DRAWING = Sources({"offline": "model 1"})
each_kind = pytest.mark.parametrize("extra", EXTRAS, ids=lambda extra: extra.items)


def graphs(**counts: int) -> OwedExtra:
    return OwedExtra(GRAPHS, counts, assumed=4.0)


def captions(**counts: int) -> OwedExtra:
    return OwedExtra(CAPTIONS, counts, assumed=2.5)


def owed(extra, **counts: int) -> OwedExtra:
    return OwedExtra(extra, counts, assumed=4.0)


def plan(*tallies: Tally, settings=None, budget=None, **more) -> WavePlan:
    return plan_wave(tallies, settings or TopUpSettings(), budget or BudgetSettings(), DRAWING, **more)


def reasons(wave: WavePlan) -> list[tuple[str, str]]:
    return [(stop.category, stop.reason) for stop in wave.stops]


@each_kind
def test_a_category_at_its_target_is_served_for_what_it_owes(tally, extra):
    wave = plan(tally(effective=96), extras=[owed(extra, zebra=3)])
    assert wave.extras == (PlannedExtra("zebra", extra, 3),)
    assert wave.categories == ("zebra",)
    assert wave.candidates == 0


@each_kind
def test_a_category_in_deficit_brings_it_along_once(tally, extra):
    wave = plan(tally(), extras=[owed(extra, zebra=3)])
    assert wave.categories == ("zebra",)
    assert len(wave.tops) == len(wave.extras) == 1


@each_kind
@pytest.mark.parametrize(
    ("budget", "reason"),
    [
        (BudgetSettings(candidates=0), "budget_candidates"),
        (BudgetSettings(seconds=1), "budget_seconds"),
    ],
)
def test_what_a_budget_keeps_out_does_not_come_in_by_what_it_owes(tally, budget, reason, extra):
    wave = plan(tally(), budget=budget, extras=[owed(extra, zebra=3)])
    assert (wave.categories, wave.extras) == ((), ())
    assert ("zebra", reason) in reasons(wave)


@each_kind
def test_what_does_not_fit_is_named_with_the_limit(tally, extra):
    wave = plan(tally(effective=96), budget=BudgetSettings(seconds=1), extras=[owed(extra, zebra=3)])
    assert wave.categories == ()
    assert ("zebra", "budget_seconds") in reasons(wave)


def test_graphs_do_not_bring_in_captions_for_which_there_is_no_room(tally):
    both = [graphs(zebra=3), captions(zebra=4)]  # 12 + 10 candidates' time, 2 s each
    kept_out = plan(tally(effective=96), budget=BudgetSettings(seconds=43), extras=both)
    assert (kept_out.categories, kept_out.extras) == ((), ())
    assert ("zebra", "budget_seconds") in reasons(kept_out)
    assert len(plan(tally(effective=96), budget=BudgetSettings(seconds=44), extras=both).extras) == 2


def test_whoever_is_served_anyway_brings_all_that_it_owes_and_leaves_less_for_others(tally):
    some = [captions(zebra=50, dog=1)]  # zebra: 100 candidates, 200 s; its captions: 250 s
    cats = [tally(), tally("dog", position=1, effective=96)]
    wave = plan(*cats, budget=BudgetSettings(seconds=210), extras=some)
    assert (wave.categories, wave.extras) == (("zebra",), (PlannedExtra("zebra", CAPTIONS, 50),))
    assert ("dog", "budget_seconds") in reasons(wave)


def test_the_budget_of_candidates_does_not_bound_what_draws_none(tally):
    wave = plan(tally(effective=96), budget=BudgetSettings(candidates=0), extras=[captions(zebra=3)])
    assert wave.extras == (PlannedExtra("zebra", CAPTIONS, 3),)


@each_kind
def test_a_wave_holds_no_more_categories_for_it_than_for_instances(tally, extra):
    cats = [tally(f"cat{i}", effective=96) for i in range(5)]
    everywhere = owed(extra, **{f"cat{i}": 1 for i in range(5)})
    wave = plan(*cats, settings=TopUpSettings(max_categories_per_wave=2), extras=[everywhere])
    assert len(wave.categories) == 2
    assert [reason for _, reason in reasons(wave)].count("wave_full") == 3


@each_kind
@pytest.mark.parametrize("state", ["in_flight", "given_up"])
def test_what_others_work_on_or_was_tried_in_vain_is_left_alone(tally, state, extra):
    wave = plan(tally(effective=96), extras=[owed(extra, zebra=3)], **{state: {"zebra"}})
    assert wave.extras == ()


def test_each_kind_is_forecast_by_what_it_has_taken_and_by_an_assumption_before(tally):
    both = [graphs(zebra=3), captions(zebra=4)]
    assert plan(tally(effective=96), extras=both, pace=Pace(1.0)).seconds == 12 + 10
    assert plan(tally(effective=96), extras=both, pace=Pace(1.0, 0.0, {GRAPHS: 30.0})).seconds == 90 + 10
    assert plan(tally(effective=96), extras=both, pace=Pace(1.0, 0.0, {GRAPHS: 30.0, CAPTIONS: 7.0})).seconds == 90 + 28


def test_a_wave_says_what_it_holds_beside_candidates(tally):
    some = [captions(zebra=12, dog=18), graphs(dog=12)]
    wave = plan(tally(effective=96), tally("dog", position=1, effective=96), extras=some, pace=Pace(1.0))
    assert wave.why.startswith("0 candidates and 12 scene graphs and 30 captions for 2 categories, about 2 min")
    assert plan(tally(effective=96), extras=[captions(zebra=2)]).why.startswith("0 candidates and 2 captions for 1 cat")


def test_nothing_is_said_of_what_nobody_owes():
    assert in_words([(GRAPHS, 0), (CAPTIONS, 0)]) == in_words([]) == ""


def test_other_work_beside_candidates_is_another_wave(tally):
    owing = [[], [graphs(zebra=2)], [graphs(zebra=3)], [captions(zebra=2)], [graphs(zebra=2), captions(zebra=2)]]
    keys = {plan(tally(), extras=some).key for some in owing}
    assert len(keys) == len(owing)


def test_captions_that_never_come_are_given_up_while_another_category_goes_on(tally):
    cats = [tally(effective=96), tally("dog", position=1, effective=96)]
    left = {"zebra": 3, "dog": 20}
    one_each = TopUpSettings(max_categories_per_wave=1)
    taken: list[Turn] = []
    while not taken or taken[-1].wave.categories:
        memory = taken[-1].memory if taken else None
        now = [captions(**{key: n for key, n in left.items() if n})]
        taken.append(next_turn(lambda out, now=now: plan(*cats, settings=one_each, extras=now, given_up=out), memory))
        if taken[-1].wave.categories == ("dog",):
            left["dog"] -= 4  # of zebra none is ever stored: its chat model fails
        assert len(taken) < 50
    assert [turn.wave.categories[:1] for turn in taken] == [("zebra",)] * MOST_ATTEMPTS + [("dog",)] * 5 + [()]
    assert taken[-1].given_up == {"zebra"}
