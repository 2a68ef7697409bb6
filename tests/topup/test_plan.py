"""What a wave promises: deficits over cautious yields, rarest first, within caps, budgets and source objects."""

from dataclasses import replace

import pytest

from genval_assets.topup.plan import Ask, Pace, Resumed, Spent, WavePlan, plan_wave
from genval_assets.topup.settings import BudgetSettings, TopUpSettings
from genval_assets.topup.sources import Sources
from genval_assets.types import RoundTally, Tally

DRAWING = Sources({"offline": "model 1"})
CUTTING = Sources({"cutout": "cuts 1"})
BOTH = Sources({"cutout": "cuts 1", "offline": "model 1"})


def plan(*tallies: Tally, sources: Sources = DRAWING, settings=None, budget=None, **more) -> WavePlan:
    return plan_wave(tallies, settings or TopUpSettings(), budget or BudgetSettings(), sources, **more)


def counts(wave: WavePlan) -> dict[tuple[str, str], int]:
    return {(top.category, top.source): top.count for top in wave.tops}


def reasons(wave: WavePlan) -> dict[str, str]:
    return {stop.category: stop.reason for stop in wave.stops}


def test_target_reached_is_an_empty_plan_that_says_so(tally):
    wave = plan(tally(effective=96), tally("dog", real=1000, target=1000), sources=BOTH)
    assert wave.categories == wave.tops == wave.resumed == ()
    assert wave.seconds == wave.candidates == 0
    assert wave.why == "nothing to do: 2 at target"


def test_without_categories_it_says_what_to_materialize():
    assert "materialize concept_list" in plan().why


def test_the_last_missing_instance_is_still_asked_for(tally):
    assert plan(tally(effective=95)).candidates > 0
    assert plan(tally(effective=96)).candidates == 0


def test_a_deficit_is_divided_by_the_lower_bound_of_the_yield(tally, round_of):
    """Of 100 candidates 50 were accepted: the lower 95 % bound is .4038, so 46 more need 114."""
    wave = plan(tally(rounds=(round_of(1, 50, 50),)), settings=TopUpSettings(max_candidates_per_category=500))
    (top,) = wave.tops
    assert top.yield_lower == pytest.approx(0.4038, abs=5e-5)
    assert (top.deficit, top.count, top.requested_by) == (46, 114, "plan")


def test_before_anything_was_judged_at_most_twice_the_deficit_is_drawn(tally):
    """15 of 20 accepted has the lower bound .5313: 96 missing ask for 181."""
    (top,) = plan(tally(), settings=TopUpSettings(max_candidates_per_category=500)).tops
    assert top.count == 181


def test_yields_of_another_model_say_nothing_about_this_one(tally, round_of):
    bad = tuple(round_of(n, 0, 100, mark="model 0") for n in (1, 2, 3))
    (top,) = plan(tally(rounds=bad)).tops
    assert top.yield_lower == pytest.approx(0.5313, abs=5e-5)


def test_the_rarest_come_first_whatever_the_order_of_the_tallies(tally):
    wave = plan(tally("c", position=2), tally("a", position=0), tally("b", position=1))
    assert wave.categories == ("a", "b", "c")
    assert [top.category for top in wave.tops] == ["a", "b", "c"]


def test_one_category_gets_no_more_than_its_cap_in_a_wave(tally):
    settings = TopUpSettings(max_candidates_per_category=30)
    wave = plan(tally(), tally("dog", real=0, references=0), sources=BOTH, settings=settings)
    assert counts(wave) == {("dog", "offline"): 30, ("zebra", "cutout"): 12, ("zebra", "offline"): 18}


def test_a_wave_serves_no_more_categories_than_allowed(tally):
    wave = plan(*(tally(f"c{i}", position=i) for i in range(5)), settings=TopUpSettings(max_categories_per_wave=3))
    assert wave.categories == ("c0", "c1", "c2")
    assert reasons(wave) == {"c3": "wave_full", "c4": "wave_full"}


def test_a_wave_takes_about_its_minutes_loading_included(tally):
    many = [tally(f"c{i:03}", position=i) for i in range(200)]
    wave = plan(*many, pace=Pace(seconds_per_candidate=4.0, load_seconds=100))
    assert wave.candidates == (45 * 60 - 100) / 4
    assert wave.seconds == 45 * 60
    assert reasons(wave)["c199"] == "wave_full"


def test_a_wave_is_longer_where_loading_would_take_more_than_a_twentieth(tally):
    many = [tally(f"c{i:03}", position=i) for i in range(200)]
    wave = plan(*many, pace=Pace(seconds_per_candidate=4.0, load_seconds=300))
    assert wave.seconds == pytest.approx(300 / 0.05)


def test_even_a_candidate_longer_than_a_wave_is_drawn(tally):
    assert plan(tally(), pace=Pace(seconds_per_candidate=9999.0)).candidates == 1


def test_before_any_second_was_measured_a_wave_is_still_bounded(tally):
    many = [tally(f"c{i:03}", position=i) for i in range(200)]
    assert plan(*many).candidates == 45 * 60 / 2


def test_cutouts_come_first_and_the_generator_fills_up_each_in_a_round_of_its_own(tally):
    wave = plan(tally(effective=80), sources=BOTH)
    assert [(t.source, t.round, t.first_index, t.fingerprint) for t in wave.tops] == [
        ("cutout", 1, 0, "cuts 1"),
        ("offline", 2, 0, "model 1"),
    ]


def test_the_generator_is_asked_only_for_what_cutouts_are_not_expected_to_bring(tally):
    """12 cut-outs are expected to bring 6 of 16; the other 10 ask for 19."""
    assert counts(plan(tally(effective=80), sources=BOTH)) == {("zebra", "cutout"): 12, ("zebra", "offline"): 19}


def test_the_generator_is_left_alone_where_cutouts_are_enough(tally):
    assert counts(plan(tally(effective=93), sources=BOTH)) == {("zebra", "cutout"): 6}


@pytest.mark.parametrize(("used", "left"), [(0, 12), (5, 7), (11, 1)])
def test_a_cutout_is_never_planned_beyond_the_source_objects(tally, used, left):
    (top,) = plan(tally(next_index={"cutout": used}), sources=CUTTING).tops
    assert (top.first_index, top.count) == (used, left)


@pytest.mark.parametrize("used", [12, 13])
def test_used_up_source_objects_need_a_generator(tally, used):
    wave = plan(tally(next_index={"cutout": used}), sources=CUTTING)
    assert wave.tops == ()
    assert reasons(wave) == {"zebra": "needs_generator"}


def test_before_source_objects_are_known_every_real_instance_counts_as_one(tally):
    unknown = tally(references=0, real=2)
    assert counts(plan(unknown, sources=CUTTING)) == {("zebra", "cutout"): 6}
    assert counts(plan(replace(unknown, real=99, target=999), sources=replace(CUTTING, max_references=3))) == {
        ("zebra", "cutout"): 9
    }


def test_source_objects_that_turned_out_unusable_are_not_asked_again(tally):
    wave = plan(tally(references=0, real=2), sources=replace(CUTTING, looked_for={"zebra"}))
    assert reasons(wave) == {"zebra": "needs_generator"}


def test_rounds_and_indices_go_on_where_the_last_plan_ended(tally, round_of):
    (top,) = plan(tally(rounds=(round_of(1, 9, 1), round_of(2, 8, 2)), next_index={"offline": 20, "cutout": 5})).tops
    assert (top.round, top.first_index) == (3, 20)


def test_what_is_in_flight_is_left_out(tally):
    wave = plan(tally(), tally("dog", position=1), in_flight={"zebra"})
    assert wave.categories == ("dog",)
    assert reasons(wave) == {"zebra": "in_flight"}


def test_an_interrupted_plan_is_finished_before_a_new_one_is_made(tally):
    open_round = RoundTally(1, "model 0", planned=40, drawn=30, accepted=20, rejected=5, errors=0)
    wave = plan(tally(rounds=(open_round,)), tally("dog", position=1))
    assert wave.resumed == (Resumed("zebra", owed=15, candidates=10),)
    assert [top.category for top in wave.tops] == ["dog"]
    assert wave.categories == ("zebra", "dog")


def test_missing_scenes_are_made_even_where_the_target_is_reached(tally, round_of):
    judged = tally(rounds=(round_of(1, 96),), scenes=90, refused=1)
    assert plan(judged).resumed == (Resumed("zebra", owed=5, candidates=0),)
    assert plan(replace(judged, refused=6)).resumed == ()


def test_an_interrupted_plan_larger_than_a_wave_is_taken_whole_but_not_beside_others(tally):
    big = RoundTally(1, "model 1", planned=500, drawn=0, accepted=0, rejected=0, errors=0)
    wave = plan(*(tally(f"c{i}", position=i, rounds=(big,)) for i in range(2)), pace=Pace(seconds_per_candidate=60.0))
    assert wave.categories == ("c0",)
    assert reasons(wave) == {"c1": "wave_full"}


def test_a_yield_under_the_floor_exhausts_and_another_model_revives(tally, round_of):
    dry = tally(rounds=tuple(round_of(n, 0, 10) for n in (1, 2, 3)))
    assert reasons(plan(dry)) == {"zebra": "exhausted"}
    assert plan(dry, sources=Sources({"offline": "model 2"})).candidates > 0


def test_exhausted_cutouts_hand_over_to_the_generator(tally, round_of):
    dry = tally(rounds=tuple(round_of(n, 0, 10, mark="cuts 1") for n in (1, 2, 3)), references=99)
    assert {top.source for top in plan(dry, sources=BOTH).tops} == {"offline"}
    assert reasons(plan(dry, sources=CUTTING)) == {"zebra": "needs_generator"}


def test_a_failing_category_waits_but_a_hand_may_retry_it(tally):
    failing = tally(failures=3)
    assert reasons(plan(failing)) == {"zebra": "failing"}
    assert plan(failing, ask=Ask({"zebra"})).candidates > 0
    assert plan(replace(failing, failures=2)).candidates > 0


def test_asking_by_hand_is_for_those_categories_alone_and_not_bounded_by_a_wave(tally):
    many = [tally(f"c{i}", position=i) for i in range(6)]
    settings = TopUpSettings(max_categories_per_wave=1, max_candidates_per_category=100)
    wave = plan(*many, settings=settings, pace=Pace(60.0), ask=Ask({"c1", "c2", "c3"}))
    assert counts(wave) == {("c1", "offline"): 100, ("c2", "offline"): 100, ("c3", "offline"): 100}
    assert reasons(wave) == {}


def test_a_second_click_does_nothing_and_says_so(tally):
    assert plan(tally(effective=96), ask=Ask({"zebra"})).why == "nothing to do: 1 at target"


def test_candidates_asked_for_are_drawn_whatever_target_cap_and_yield_say(tally, round_of):
    settings = TopUpSettings(max_candidates_per_category=5)
    full = tally(effective=500, next_index={"cutout": 8})
    wave = plan(full, sources=BOTH, settings=settings, ask=Ask({"zebra"}, candidates=10))
    assert counts(wave) == {("zebra", "cutout"): 4, ("zebra", "offline"): 6}
    assert {top.requested_by for top in wave.tops} == {"candidates"}
    dry = tally(rounds=tuple(round_of(n, 0, 10) for n in (1, 2, 3)))
    assert plan(dry, ask=Ask({"zebra"}, candidates=7)).candidates == 7


def test_candidates_asked_for_beyond_the_source_objects_are_refused_by_name(tally):
    wave = plan(tally(next_index={"cutout": 10}), sources=CUTTING, ask=Ask({"zebra"}, candidates=5))
    assert counts(wave) == {("zebra", "cutout"): 2}
    assert reasons(wave) == {"zebra": "needs_generator"}
    assert "3 of the candidates" in wave.stops[0].why


def test_asking_for_more_after_a_kill_finishes_what_was_planned_and_draws_more(tally):
    open_round = RoundTally(1, "model 1", planned=10, drawn=4, accepted=4, rejected=0, errors=0)
    killed = tally(rounds=(open_round,), next_index={"offline": 10})
    wave = plan(killed, ask=Ask({"zebra"}, candidates=7))
    assert wave.resumed == (Resumed("zebra", owed=6, candidates=6),)
    assert [(top.round, top.first_index, top.count) for top in wave.tops] == [(2, 10, 7)]
    assert wave.categories == ("zebra",)
    assert plan(killed, ask=Ask({"zebra"})).tops == ()


def test_what_a_budget_leaves_no_room_for_beside_the_unfinished_is_named(tally):
    killed = tally(rounds=(RoundTally(1, "model 1", planned=10, drawn=4, accepted=4, rejected=0, errors=0),))
    wave = plan(killed, ask=Ask({"zebra"}, candidates=7), budget=BudgetSettings(candidates=6))
    assert (wave.candidates, wave.tops, reasons(wave)) == (6, (), {"zebra": "budget_candidates"})


def test_verdicts_and_scenes_to_go_are_no_candidates_of_the_budget(tally):
    drawn = RoundTally(1, "model 1", planned=10, drawn=10, accepted=6, rejected=1, errors=0)
    wave = plan(tally(rounds=(drawn,), scenes=0), budget=BudgetSettings(candidates=100), spent=Spent(candidates=100))
    assert wave.resumed == (Resumed("zebra", owed=9, candidates=0),)
    assert wave.candidates == 0
    assert wave.seconds > 0
    assert wave.why == "0 candidates and 9 unfinished verdicts or scenes for 1 categories, about 0 min"


def test_only_what_is_still_to_be_drawn_leaves_less_of_the_budget_for_others(tally):
    killed = RoundTally(1, "model 1", planned=40, drawn=30, accepted=20, rejected=5, errors=0)
    wave = plan(tally(rounds=(killed,), scenes=0), tally("dog", position=1), budget=BudgetSettings(candidates=60))
    assert counts(wave) == {("dog", "offline"): 50}
    assert wave.candidates == 60


def test_what_was_given_up_is_left_out_whatever_it_lacks(tally):
    killed = tally(rounds=(RoundTally(1, "model 1", planned=9, drawn=0, accepted=0, rejected=0, errors=0),))
    wave = plan(killed, tally("dog", position=1), given_up={"zebra"})
    assert wave.categories == ("dog",)
    assert reasons(wave) == {"zebra": "given_up"}
    assert plan(killed, given_up={"zebra"}).why == "nothing to do: 1 given up for now, tried in vain"


def test_where_scenes_refuse_most_nothing_is_planned_until_somebody_asks(tally, round_of):
    refused = tally(rounds=(round_of(1, 20),), scenes=2, refused=18)
    assert reasons(plan(refused)) == {"zebra": "failing"}
    assert plan(refused, ask=Ask({"zebra"})).candidates > 0


@pytest.mark.parametrize(
    ("budget", "spent", "reason"),
    [
        (BudgetSettings(candidates=100), Spent(candidates=100), "budget_candidates"),
        (BudgetSettings(candidates=0), Spent(), "budget_candidates"),
        (BudgetSettings(seconds=60), Spent(seconds=59), "budget_seconds"),
        (BudgetSettings(disk_gb=2), Spent(free_bytes=1_999_999_999), "budget_disk"),
    ],
)
def test_a_spent_budget_stops_everything_and_has_a_name(tally, budget, spent, reason):
    interrupted = RoundTally(1, "model 1", planned=9, drawn=0, accepted=0, rejected=0, errors=0)
    wave = plan(tally(), tally("dog", rounds=(interrupted,)), budget=budget, spent=spent)
    assert wave.categories == ()
    assert reasons(wave) == {"zebra": reason, "dog": reason}
    assert wave.why.startswith("nothing to do: 2 stopped")
    assert reasons(plan(tally(), budget=budget, spent=spent, ask=Ask({"zebra"}, 5))) == {"zebra": reason}


def test_what_is_left_of_a_budget_is_used_and_no_more(tally):
    wave = plan(tally(), tally("dog", position=1), budget=BudgetSettings(candidates=150), spent=Spent(candidates=20))
    assert counts(wave) == {("zebra", "offline"): 100, ("dog", "offline"): 30}
    short = plan(tally(), budget=BudgetSettings(seconds=100), pace=Pace(3.0, load_seconds=10), spent=Spent(seconds=30))
    assert counts(short) == {("zebra", "offline"): 20}


def test_enough_disk_is_no_limit(tally):
    assert plan(tally(), budget=BudgetSettings(disk_gb=2), spent=Spent(free_bytes=2_000_000_000)).candidates == 100


def test_the_same_wave_has_the_same_key_and_another_another(tally):
    one, same = plan(tally()), plan(tally())
    assert one.key == same.key
    assert len({one.key, plan(tally("dog")).key, plan(tally(next_index={"offline": 1})).key, plan().key}) == 4


def test_a_wave_says_what_it_will_do(tally):
    wave = plan(tally(), tally("dog", target=0), pace=Pace(6.0))
    assert wave.why == "100 candidates for 1 categories, about 10 min (1 at target)"
