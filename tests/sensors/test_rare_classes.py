"""The sensor keeps a dataset at its targets: one run per wave, nothing twice, nothing for ever."""

import dagster as dg
import pytest

from genval_assets.assets.catalog import LINE
from genval_assets.config import ScheduleSettings
from genval_assets.rows import Failure, TopUp
from genval_assets.runs import LINE_OP
from genval_assets.types import Concept, LockState
from sensors.rare_classes import rare_classes
from tests.assets.fakes import NOW, ListConcepts
from tests.assets.world import World, names_only, settings

SETUP = {"concept_list", "backgrounds"}
RESOURCES = ("project", "tables", "foregrounds", "concepts", "locks")


@dg.job(tags={"genval/wave": "1"})
def some_job() -> None:
    """Stands for a run that works on categories."""


class Daemon:
    """Evaluates the sensor as the daemon does: it keeps the cursor from tick to tick."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.cursor: str | None = None
        self.sensor = rare_classes(ScheduleSettings())

    def tick(self) -> dg.SensorResult:
        resources = {name: self.world.resources()[name] for name in RESOURCES}
        context = dg.build_sensor_context(instance=self.world.instance, cursor=self.cursor, resources=resources)
        result = self.sensor(context)
        self.cursor = self.cursor if result.cursor is None else result.cursor
        return result

    def requested(self) -> list[str]:
        """Return the categories of the one run that a tick asks for; none where it asks for none."""
        requests = self.tick().run_requests or []
        assert len(requests) <= 1
        return requests[0].run_config["ops"][LINE_OP]["config"]["categories"] if requests else []


def launched(world: World, categories: list[str]) -> dg.DagsterRun:
    tags = {"genval/categories": " ".join(categories)}
    return world.instance.create_run_for_job(some_job, status=dg.DagsterRunStatus.STARTED, tags=tags)


@pytest.fixture
def world(make_world):
    return make_world(concepts=names_only("ant", "bee", "cat", "dog", "eel")).set_up()


def test_scattered_categories_are_one_run_that_serves_them_all_anchored_at_the_first(world):
    world.serve_batch("bee", "dog")
    (request,) = Daemon(world).tick().run_requests
    assert request.partition_key == "ant"
    assert {key.to_user_string() for key in request.asset_selection} == set(LINE)
    result = world.materialize(LINE, partition_key=request.partition_key, run_config=request.run_config)
    assert result.success
    assert world.materialized("category_dataset") == {"ant", "bee", "cat", "dog", "eel"}
    assert world.tables.count(TopUp) == dict.fromkeys(("ant", "bee", "cat", "dog", "eel"), 1)


def test_it_says_why_when_there_is_nothing_to_do(make_world):
    world = make_world(concepts=ListConcepts([Concept("dog", image_count=500, instance_count=900)])).set_up()
    result = Daemon(world).tick()
    assert not result.run_requests
    assert result.skip_reason.skip_message == "nothing to do: 1 at target"


def test_a_project_that_was_never_set_up_is_set_up_first(make_world):
    world = make_world(concepts=names_only("ant"))
    daemon = Daemon(world)
    (request,) = daemon.tick().run_requests
    assert {key.to_user_string() for key in request.asset_selection} == SETUP
    assert world.materialize(["concept_list"]).success
    (request,) = daemon.tick().run_requests
    assert {key.to_user_string() for key in request.asset_selection} == {"backgrounds"}
    assert world.materialize(["backgrounds"]).success
    assert daemon.requested() == ["ant"]


def test_a_set_up_under_way_is_waited_for(make_world):
    world = make_world(concepts=names_only("ant"))
    daemon = Daemon(world)
    (request,) = daemon.tick().run_requests
    run = world.instance.create_run_for_job(some_job, tags=request.tags, status=dg.DagsterRunStatus.STARTING)
    assert daemon.tick().skip_reason.skip_message == "a run is making concept_list and backgrounds"
    world.instance.report_run_failed(run)
    assert daemon.tick().run_requests


def test_a_set_up_that_always_fails_is_not_launched_for_ever(make_world):
    daemon = Daemon(make_world(concepts=names_only("ant")))
    ticks = [daemon.tick() for _ in range(6)]
    assert [bool(tick.run_requests) for tick in ticks] == [True, True, True, False, False, False]
    assert "given up: 3 runs of the same work left no trace" in ticks[-1].skip_reason.skip_message


def test_a_wave_that_failed_is_asked_for_again_and_again_as_a_run_of_its_own(world):
    daemon = Daemon(world)
    for _ in range(2):
        (request,) = daemon.tick().run_requests
        assert request.run_key is None  # Dagster launches a run key once, for ever
        world.instance.report_run_failed(launched(world, ["ant", "bee", "cat", "dog", "eel"]))
    assert daemon.requested() == ["ant", "bee", "cat", "dog", "eel"]


def test_a_wave_that_leaves_no_trace_is_given_up_until_something_changes(world):
    daemon = Daemon(world)
    assert [len(daemon.requested()) for _ in range(5)] == [5, 5, 5, 0, 0]
    world.serve_one("cat")
    assert daemon.requested() == ["ant", "bee", "dog", "eel"]


def test_what_was_begun_and_leaves_no_trace_does_not_keep_the_others_waiting_for_ever(world, make_row):
    world.tables.append([make_row(TopUp, category="bee", source="offline", round=1, first_index=0, count=5)])
    daemon = Daemon(world)
    assert [daemon.requested() for _ in range(4)] == [["bee"]] * 3 + [["ant", "cat", "dog", "eel"]]
    world.serve_batch("ant", "cat", "dog", "eel")
    assert "1 given up" in daemon.tick().skip_reason.skip_message


def test_categories_in_flight_are_not_asked_for_twice(world):
    daemon = Daemon(world)
    run = launched(world, ["ant", "eel"])
    assert daemon.requested() == ["bee", "cat", "dog"]
    launched(world, ["bee", "cat", "dog"])
    assert daemon.tick().skip_reason.skip_message == "nothing to do: 5 in flight"
    world.instance.report_run_failed(run)
    assert daemon.requested() == ["ant", "eel"]


def test_categories_of_a_killed_run_are_asked_for_again(world):
    run = launched(world, ["ant", "bee"])
    world.locks.states[f"run-{run.run_id}"] = LockState("killed", NOW.timestamp())
    assert Daemon(world).requested() == ["ant", "bee", "cat", "dog", "eel"]
    assert world.instance.get_run_by_id(run.run_id).status == dg.DagsterRunStatus.FAILURE


def test_a_category_that_keeps_failing_is_left_alone_and_the_others_go_on(world, make_row):
    world.tables.append([make_row(Failure, category="bee", created_at=NOW) for _ in range(3)])
    assert Daemon(world).requested() == ["ant", "cat", "dog", "eel"]


def test_a_category_whose_partition_is_gone_is_not_asked_for(world):
    world.instance.delete_dynamic_partition("category", "ant")
    assert Daemon(world).requested() == ["bee", "cat", "dog", "eel"]


def test_wave_after_wave_brings_everything_to_its_target_and_then_rests(make_world):
    one_wave = settings(max_categories_per_wave=2)
    world = make_world(settings=one_wave, concepts=names_only("ant", "bee", "cat")).set_up()
    daemon = Daemon(world)
    waves = []
    while categories := daemon.requested():
        waves.append(categories)
        assert world.serve_batch(*categories).success
    assert waves == [["ant", "bee"], ["cat"]]
    assert daemon.tick().skip_reason.skip_message == "nothing to do: 3 at target"


def test_a_tick_reads_no_rows_per_category(make_world):
    names = [f"concept {n}" for n in range(1203)]
    world = make_world(concepts=names_only(*names)).set_up()
    world.tables.reads.clear()
    assert len(Daemon(world).requested()) == 200
    assert world.tables.reads == {"tallies": 1, "usage": 1, "agent_prompts": 1}


@pytest.mark.parametrize(
    ("on", "status"), [(True, dg.DefaultSensorStatus.RUNNING), (False, dg.DefaultSensorStatus.STOPPED)]
)
def test_the_settings_switch_it_on_and_set_its_pace(on, status):
    sensor = rare_classes(ScheduleSettings(rare_classes=on, interval_seconds=45))
    assert (sensor.default_status, sensor.minimum_interval_seconds) == (status, 45)


def test_a_changed_file_or_target_is_read_before_the_next_wave(make_world):
    world = make_world(concepts=names_only("ant")).set_up()
    daemon = Daemon(world)
    assert daemon.requested() == ["ant"]
    world.concepts.mark = "second"
    (request,) = daemon.tick().run_requests
    assert {key.to_user_string() for key in request.asset_selection} == SETUP
