"""The sensor that follows the concept file looks at its fingerprint, and asks when that changes."""

import dagster as dg
import pytest

from genval_assets.config import ScheduleSettings
from genval_assets.partitions import CATEGORIES
from genval_assets.rows import Category
from genval_assets.types import Concept
from sensors.new_concepts import new_concepts
from tests.assets.fakes import ListConcepts
from tests.assets.world import names_only


def tick(concepts: ListConcepts, cursor: str | None) -> dg.SensorResult:
    context = dg.build_sensor_context(cursor=cursor, resources={"concepts": concepts})
    return new_concepts(ScheduleSettings())(context)


def test_it_asks_once_per_change_of_the_file():
    concepts = ListConcepts(mark="1")
    first = tick(concepts, None)
    assert len(first.run_requests) == 1
    assert tick(concepts, first.cursor).skip_reason.skip_message == "the concept file has not changed"
    concepts.mark = "2"
    second = tick(concepts, first.cursor)
    assert len(second.run_requests) == 1
    assert not tick(concepts, second.cursor).run_requests


def test_a_file_that_is_put_back_is_a_change_too():
    concepts = ListConcepts(mark="2")
    cursor = tick(concepts, "1").cursor
    concepts.mark = "1"
    (request,) = tick(concepts, cursor).run_requests
    assert request.run_key is None  # Dagster launches a run key once, for ever


def test_its_run_adds_what_is_new_and_retires_what_is_gone(make_world):
    world = make_world(concepts=names_only("ant", "bee")).set_up()
    world.concepts.concepts = [Concept("bee"), Concept("cat")]
    (request,) = tick(world.concepts, "first seen").run_requests
    assert world.materialize([key.to_user_string() for key in request.asset_selection]).success
    assert world.instance.get_dynamic_partitions(CATEGORIES.name) == ["bee", "cat"]
    assert {tally.category for tally in world.tables.tallies()} == {"bee", "cat"}
    assert {row.category for row in world.tables.read(Category) if row.state == "retired"} == {"ant"}


@pytest.mark.parametrize(
    ("on", "status"), [(True, dg.DefaultSensorStatus.RUNNING), (False, dg.DefaultSensorStatus.STOPPED)]
)
def test_the_settings_switch_it_on_and_set_its_pace(on, status):
    sensor = new_concepts(ScheduleSettings(new_concepts=on, interval_seconds=45))
    assert (sensor.default_status, sensor.minimum_interval_seconds) == (status, 45)
