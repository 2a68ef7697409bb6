"""When a source is given up: only on enough evidence, only for the fingerprint that it was seen under."""

from dataclasses import replace

import pytest

from genval_assets.topup.plan import plan_wave
from genval_assets.topup.settings import BudgetSettings, TopUpSettings
from genval_assets.topup.sources import Sources, is_exhausted, yield_lower

SETTINGS = TopUpSettings(min_yield=0.1, rounds_before_exhausted=3)


def exhausted(*rounds, mark="model 1", settings=SETTINGS) -> bool:
    return is_exhausted(rounds, mark, settings)


def test_it_takes_the_rounds_of_the_setting(round_of):
    assert not exhausted(round_of(1, 0, 50), round_of(2, 0, 50))
    assert exhausted(round_of(1, 0, 50), round_of(2, 0, 50), round_of(3, 0, 50))


def test_a_yield_at_the_floor_is_not_under_it(round_of):
    assert not exhausted(*(round_of(n, 1, 9) for n in (1, 2, 3)))
    assert exhausted(round_of(1, 0, 10), round_of(2, 1, 9), round_of(3, 1, 9))


def test_a_handful_of_misses_is_no_evidence(round_of):
    assert not exhausted(*(round_of(n, 0, 3) for n in range(1, 7)))
    assert exhausted(*(round_of(n, 0, 3) for n in range(1, 8)))


def test_errors_count_as_tried(round_of):
    assert exhausted(*(round_of(n, 0, 0, errors=10) for n in (1, 2, 3)))


def test_a_good_start_does_not_save_a_source_that_went_dry(round_of):
    assert exhausted(round_of(1, 500, 0), *(round_of(n, 0, 30) for n in (2, 3, 4)))


def test_rounds_under_another_fingerprint_say_nothing(round_of):
    old = [round_of(n, 0, 30, mark="model 0") for n in (1, 2, 3)]
    assert not exhausted(*old, round_of(4, 0, 30))
    assert exhausted(*old, mark="model 0")


def test_the_prior_fades_as_candidates_are_judged(round_of):
    assert yield_lower([], "model 1", SETTINGS) == pytest.approx(0.5313, abs=5e-5)
    assert yield_lower([round_of(1, 0, 10)], "model 1", SETTINGS) == pytest.approx(0.2022, abs=1e-2)
    assert yield_lower([round_of(1, 10, 10)], "model 1", SETTINGS) == pytest.approx(0.2993, abs=5e-5)


def test_a_forecast_is_never_under_the_floor(round_of):
    assert yield_lower([round_of(1, 0, 900)], "model 1", SETTINGS) == 0.1


@pytest.mark.parametrize(
    ("real", "references", "looked", "objects"),
    [
        (2, 0, False, 2),
        (9, 4, False, 6),  # a list that was read again may tell of new ones, up to the limit
        (2, 4, False, 4),  # what is cut out is there, whatever the new list says
        (9, 4, True, 4),
        (9, 0, True, 0),
    ],
)
def test_source_objects_are_assumed_until_they_were_looked_for(tally, real, references, looked, objects):
    sources = Sources({"cutout": "cuts 1"}, max_references=6, looked_for={"zebra"} if looked else ())
    one = tally(real=real, references=references)
    assert sources.left(one, "cutout") == 3 * objects
    assert sources.left(replace(one, next_index={"cutout": 2}), "cutout") == max(0, 3 * objects - 2)


def test_a_category_that_no_generator_knows_needs_one_and_is_not_asked_for(tally):
    sources = Sources({"offline": "studio"}, can_draw=lambda name: name == "mug")
    plan = plan_wave([tally("axolotl"), tally("mug")], SETTINGS, BudgetSettings(), sources)
    assert plan.categories == ("mug",)
    assert [(stop.category, stop.reason) for stop in plan.stops] == [("axolotl", "needs_generator")]
    assert "does not know it" in plan.stops[0].why


def test_variations_end_with_the_objects_and_are_no_generator(tally):
    sources = Sources({"cutout": "c", "variation": "v"}, per_object={"cutout": 1, "variation": 2}, looked_for=["zebra"])
    assert sources.left(tally(next_index={"variation": 3}), "variation") == 4 * 2 - 3
    assert sources.left(tally(next_index={"variation": 3}), "cutout") == 4
    assert sources.generators("zebra") == []
    assert plan_wave([tally(next_index={"variation": 8, "cutout": 4})], SETTINGS, BudgetSettings(), sources).tops == ()
