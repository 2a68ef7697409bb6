"""What a wave promises of scene graphs: within its limits, beside the instances, and never in their way."""

import pytest

from genval_assets.layouts.settings import LayoutSettings
from genval_assets.topup.plan import OwedGraphs, WavePlan, plan_wave
from genval_assets.topup.seconds import Pace
from genval_assets.topup.settings import BudgetSettings, TopUpSettings
from genval_assets.topup.sources import Sources
from genval_assets.types import Tally

DRAWING = Sources({"offline": "model 1"}, layouts=LayoutSettings(graphs=5, images=4))


def plan(*tallies: Tally, settings=None, budget=None, **more) -> WavePlan:
    return plan_wave(tallies, settings or TopUpSettings(), budget or BudgetSettings(), DRAWING, **more)


def reasons(wave: WavePlan) -> list[tuple[str, str]]:
    return [(stop.category, stop.reason) for stop in wave.stops]


def test_a_category_at_its_target_is_served_for_its_graphs(tally):
    wave = plan(tally(effective=96), graphs={"zebra": 3})
    assert wave.graphs == (OwedGraphs("zebra", 3),)
    assert wave.categories == ("zebra",)
    assert wave.candidates == 0
    assert "3 scene graphs" in wave.why


def test_a_category_in_deficit_brings_its_graphs_along_once(tally):
    wave = plan(tally(), graphs={"zebra": 3})
    assert wave.categories == ("zebra",)
    assert len(wave.tops) == len(wave.graphs) == 1


@pytest.mark.parametrize(
    ("budget", "reason"),
    [
        (BudgetSettings(candidates=0), "budget_candidates"),
        (BudgetSettings(seconds=1), "budget_seconds"),
    ],
)
def test_what_a_budget_keeps_out_does_not_come_in_by_its_graphs(tally, budget, reason):
    wave = plan(tally(), budget=budget, graphs={"zebra": 3})
    assert (wave.categories, wave.graphs) == ((), ())
    assert ("zebra", reason) in reasons(wave)


def test_graphs_that_do_not_fit_are_named_with_the_limit(tally):
    wave = plan(tally(effective=96), budget=BudgetSettings(seconds=1), graphs={"zebra": 3})
    assert wave.categories == ()
    assert ("zebra", "budget_seconds") in reasons(wave)


def test_a_wave_holds_no_more_categories_for_graphs_than_for_instances(tally):
    cats = [tally(f"cat{i}", effective=96) for i in range(5)]
    wave = plan(*cats, settings=TopUpSettings(max_categories_per_wave=2), graphs={f"cat{i}": 1 for i in range(5)})
    assert len(wave.categories) == 2
    assert [reason for _, reason in reasons(wave)].count("wave_full") == 3


@pytest.mark.parametrize("state", ["in_flight", "given_up"])
def test_what_others_work_on_or_was_tried_in_vain_is_left_alone(tally, state):
    wave = plan(tally(effective=96), graphs={"zebra": 3}, **{state: {"zebra"}})
    assert wave.graphs == ()


def test_graphs_are_forecast_by_what_graphs_have_taken(tally):
    measured = Pace(seconds_per_candidate=1.0, seconds_per_graph=30.0)
    assert plan(tally(effective=96), graphs={"zebra": 3}, pace=measured).seconds == pytest.approx(90)
    assert plan(tally(effective=96), graphs={"zebra": 3}, pace=Pace(seconds_per_candidate=1.0)).seconds == 12


def test_other_graphs_are_other_work(tally):
    waves = [plan(tally(effective=96), graphs={"zebra": n}) for n in (2, 3)]
    assert waves[0].key != waves[1].key
