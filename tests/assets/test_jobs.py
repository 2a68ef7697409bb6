"""The `top_up` job chooses its categories itself: nothing has to be typed, and no loop goes on for ever."""

import dagster as dg
import pytest

from genval_assets.assets.catalog import LINE
from genval_assets.assets.jobs import top_up
from genval_assets.rows import Failure, Instance, TopUp, Usage
from genval_assets.runs import CATEGORIES_TAG
from genval_assets.types import Concept
from tests.assets.fakes import ListConcepts
from tests.assets.world import World, names_only, settings


def launch(world: World, hours: float | None = None) -> dg.ExecuteInProcessResult:
    config = {} if hours is None else {"ops": {"top_up_waves": {"config": {"hours": hours}}}}
    return top_up().execute_in_process(
        run_config=config, instance=world.instance, resources=world.resources(), raise_on_error=False
    )


@pytest.fixture
def world(make_world):
    return make_world(concepts=names_only("ant", "bee", "cat")).set_up()


def test_it_brings_what_is_under_target_there_without_any_config(world):
    world.serve_one("bee")
    assert launch(world).success
    for asset in LINE:
        assert world.materialized(asset) == {"ant", "bee", "cat"}
    assert world.tables.count(TopUp) == {"ant": 1, "bee": 1, "cat": 1}


def test_it_tags_its_run_with_its_categories_so_that_others_leave_them_alone(world):
    world.serve_one("bee")
    result = launch(world)
    assert world.instance.get_run_by_id(result.run_id).tags[CATEGORIES_TAG] == "ant cat"


def test_it_leaves_alone_what_an_unfinished_run_works_on(world):
    world.instance.create_run_for_job(top_up(), tags={CATEGORIES_TAG: "ant cat"}, status=dg.DagsterRunStatus.STARTED)
    assert launch(world).success
    assert world.tables.count(Instance).keys() == {"bee"}


def test_with_hours_it_goes_on_wave_by_wave_until_nothing_is_left(make_world):
    one_at_a_time = settings(max_categories_per_wave=1)
    world = make_world(settings=one_at_a_time, concepts=names_only("ant", "bee", "cat")).set_up()
    assert launch(world).success
    assert world.materialized("category_dataset") == {"ant"}
    result = launch(world, hours=1)
    assert result.success
    assert world.materialized("category_dataset") == {"ant", "bee", "cat"}
    assert "nothing to do: 3 at target" in world.log_of(result)


def test_with_nothing_to_do_it_opens_nothing_and_says_why(make_world):
    world = make_world(concepts=ListConcepts([Concept("dog", image_count=500, instance_count=900)])).set_up()
    result = launch(world, hours=1)
    assert result.success
    assert world.foregrounds.opened == 0
    assert "nothing to do: 1 at target" in world.log_of(result)


def test_a_category_that_always_fails_is_tried_three_times_and_the_run_names_it(world):
    world.foregrounds.raises = {"bee"}
    result = launch(world, hours=1)
    assert not result.success
    assert "1 of 3 categories failed, the others are done:\nbee: raw_instances" in world.errors_of(result)
    assert world.materialized("category_dataset") == {"ant", "cat"}
    assert len(world.tables.read(Failure)) == 3


def test_each_wave_of_a_run_is_accounted_for(make_world):
    one_at_a_time = settings(max_categories_per_wave=1)
    world = make_world(settings=one_at_a_time, concepts=names_only("ant", "bee", "cat")).set_up()
    launch(world, hours=1)
    drawn = [row.items for row in world.tables.read(Usage) if row.stage == "raw_instances"]
    assert drawn == [4, 4, 4]


def test_a_wave_that_leaves_no_trace_does_not_go_round_for_ever(world):
    """As if nothing could ever be stored: the plan is the same again and again."""
    world.tables.append = lambda rows: None
    assert launch(world, hours=1).success
    assert world.foregrounds.opened <= 3
