"""Plans: what was begun is finished first, and the last 24 hours count against the budget."""

from collections.abc import Collection
from datetime import timedelta

import pytest

from genval_assets.assets.cost import stage_costs
from genval_assets.assets.planning import next_wave, owed_extras, spent
from genval_assets.negative_rows import NegativeList, PositiveCaption
from genval_assets.negatives.settings import NegativeSettings
from genval_assets.rows import Failure, Reference, Scene, TopUp, Usage, Verdict
from genval_assets.topup.attempts import next_turn
from genval_assets.topup.extras import CAPTIONS, PlannedExtra
from genval_assets.topup.settings import BudgetSettings, TopUpSettings
from genval_assets.topup.sources import Sources
from tests.assets.fakes import NOW
from tests.assets.world import names_only, settings


@pytest.fixture
def world(make_world):
    return make_world(settings=settings(target=2), concepts=names_only("ant", "bee", "cat")).set_up()


def wave(world, *busy: str, given_up: Collection[str] = (), **budget: float):
    sources = Sources({"offline": "disc@1"})
    return next_wave(world.tables, TopUpSettings(), BudgetSettings(**budget), sources, set(busy), NOW, given_up)


def usage(make_row, hours_ago: float, **given) -> Usage:
    at = NOW - timedelta(hours=hours_ago)
    return make_row(Usage, category=None, stage="raw_instances", created_at=at, **given)


def test_what_was_begun_is_finished_before_anything_new_is_planned(world, make_row):
    world.tables.append([make_row(TopUp, category="bee", source="offline", round=1, first_index=0, count=5)])
    planned = wave(world)
    assert planned.categories == ("bee",)
    assert planned.tops == ()
    assert [resumed.owed for resumed in planned.resumed] == [5]


def test_what_another_run_is_finishing_does_not_keep_the_rest_waiting(world, make_row):
    world.tables.append([make_row(TopUp, category="bee", source="offline", round=1, first_index=0, count=5)])
    assert wave(world, "bee").categories == ("ant", "cat")


def test_plans_are_written_once_per_run_before_anything_is_drawn(world):
    written = []
    world.foregrounds.open = lambda opened=world.foregrounds.open: (
        written.append(world.tables.count(TopUp)),
        opened(),
    )[1]
    world.serve_batch("ant", "cat")
    assert written == [{"ant": 1, "cat": 1}]
    assert world.tables.appends["top_ups"] == 1


def test_only_the_last_24_hours_count_and_only_drawing_counts_candidates_and_parts_of_stages_count_once(
    world, make_row
):
    world.tables.append([usage(make_row, 25, items=500, seconds=50.0), usage(make_row, 23, items=30, seconds=4.0)])
    composing = {"stage": "composite_scenes", "items": 70, "seconds": 2.0}
    world.tables.append([make_row(Usage, category=None, created_at=NOW, **composing)])
    calls = {"stage": "raw_instances", "items": 9, "seconds": 9.0}
    world.tables.append([make_row(Usage, category="bee", created_at=NOW, **calls)])
    world.tables.append([make_row(Usage, category=None, answer_id="a", created_at=NOW, **calls)])
    now = spent(stage_costs(world.tables), 10**12, NOW)
    assert (now.candidates, now.seconds, now.free_bytes) == (30, 6.0, 10**12)


def test_a_budget_that_is_used_up_stops_the_planning_and_says_which(world, make_row):
    world.tables.append([usage(make_row, 1, items=100, seconds=1.0)])
    planned = wave(world, candidates=100)
    assert not planned.categories
    assert "stopped by the budget of candidates" in planned.why
    assert wave(world, candidates=104).candidates == 4


def test_what_a_budget_cannot_finish_does_not_keep_the_rest_waiting(world, make_row):
    world.tables.append([make_row(TopUp, category="bee", source="offline", round=1, first_index=0, count=50)])
    planned = wave(world, candidates=20)
    assert planned.categories == ("ant", "cat")
    assert {stop.category: stop.reason for stop in planned.stops}["bee"] == "budget_candidates"


def test_what_keeps_failing_does_not_keep_the_rest_waiting(world, make_row):
    world.tables.append([make_row(TopUp, category="bee", source="offline", round=1, first_index=0, count=5)])
    world.tables.append([make_row(Failure, category="bee", created_at=NOW) for _ in range(3)])
    assert wave(world).categories == ("ant", "cat")


def test_what_was_given_up_keeps_nobody_waiting_and_is_not_planned(world, make_row):
    world.tables.append([make_row(TopUp, category="bee", source="offline", round=1, first_index=0, count=5)])
    assert wave(world, given_up={"bee"}).categories == ("ant", "cat")
    assert wave(world, given_up={"bee", "ant"}).categories == ("cat",)


CAPTIONED = Sources({"offline": "disc@1"}, hard_negatives=NegativeSettings(pictures=2))


@pytest.fixture
def pictured(world, make_row):
    """A world where `bee` has its target: three accepted instances with a scene each, of which two are to be captioned.

    Of `cat` one source object is cut out; `dodo` is no category any more.
    """
    for number in range(3):
        own = {"instance_id": f"i{number}", "index": number}
        world.tables.append([make_row(Verdict, category="bee", outcome="accepted", **own)])
        world.tables.append([make_row(Scene, category="bee", scene_id=f"s{number}", **own)])
    world.tables.append([make_row(Verdict, category="dodo", outcome="accepted", instance_id="d")])
    world.tables.append([make_row(Reference, category="cat", reference_id="r")])
    return world


def captions_to_go(world) -> dict[str, int]:
    extras = owed_extras(world.tables, world.tables.tallies(), CAPTIONED)
    return {key: n for owed in extras if owed.extra is CAPTIONS for key, n in owed.counts.items()}


def caption(make_row, subject: str, outcome: str = "accepted") -> PositiveCaption:
    return make_row(PositiveCaption, positive_id=f"of {subject}", subject_id=subject, category="bee", outcome=outcome)


def test_pictures_are_owed_a_caption_until_it_is_refused_or_its_negatives_are_stored(pictured, make_row):
    assert captions_to_go(pictured) == {"bee": 4, "cat": 1}
    pictured.tables.append([caption(make_row, "i0"), caption(make_row, "i1", "refused"), caption(make_row, "s0")])
    assert captions_to_go(pictured) == {"bee": 3, "cat": 1}
    pictured.tables.append([make_row(NegativeList, positive_id="of s0", category="bee")])
    assert captions_to_go(pictured) == {"bee": 2, "cat": 1}


def test_a_caption_beyond_the_wanted_pictures_stands_for_none_of_them(pictured, make_row):
    pictured.tables.append([caption(make_row, "i2", "refused")])
    assert captions_to_go(pictured) == {"bee": 4, "cat": 1}


def test_a_category_at_its_target_is_in_the_wave_for_its_captions(pictured):
    wave = next_wave(pictured.tables, TopUpSettings(), BudgetSettings(), CAPTIONED, {"ant"}, NOW)
    assert wave.extras == (PlannedExtra("bee", CAPTIONS, 4), PlannedExtra("cat", CAPTIONS, 1))
    assert [top.category for top in wave.tops] == ["cat"]
    assert "and 5 captions for 2 categories" in wave.why


def test_nothing_of_captions_is_read_where_the_settings_want_none(pictured):
    reads = pictured.tables.reads.copy()
    assert wave(pictured).extras == ()
    read = pictured.tables.reads - reads
    assert not set(read) & {"positives", "negative_lists", "verdicts", "scenes", "annotations", "reference_instances"}


def test_captions_that_fail_stop_no_instances_and_are_given_up_after_a_while(pictured, make_row):
    memory, served = None, []
    for _ in range(5):
        turn = next_turn(
            lambda out: next_wave(pictured.tables, TopUpSettings(), BudgetSettings(), CAPTIONED, {"ant"}, NOW, out),
            memory,
        )
        memory = turn.memory
        served.append(turn.wave.categories)
        failed = {"stage": "hard_negatives", "created_at": NOW}
        pictured.tables.append([make_row(Failure, category=key, **failed) for key in turn.wave.categories])
    assert served == [("bee", "cat")] * 3 + [()] * 2
    again = wave(pictured, "ant")
    assert again.categories == ("cat",)
    assert {stop.category: stop.reason for stop in again.stops}["bee"] == "done"
