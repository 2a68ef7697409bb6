"""Plans: what was begun is finished first, and the last 24 hours count against the budget."""

from collections.abc import Collection
from datetime import timedelta

import pytest

from genval_assets.assets.cost import stage_costs
from genval_assets.assets.planning import next_wave, spent
from genval_assets.rows import Failure, TopUp, Usage
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
