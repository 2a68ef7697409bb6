"""One small project, topped up once by command, then served with its sensor on: shared by all tests here."""

import json
from collections.abc import Iterator
from typing import Any

import pytest

from genval_assets.assets.catalog import LINE
from genval_assets.config import ScheduleSettings
from genval_assets.config_text import write_settings
from tests.faults.home import draw_world, make_home, partitions_of, settings, top_up
from tests.ui.served import FIRST, HOSTILE, SCATTERED, Served, serve, wait_for


@pytest.fixture(scope="session")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """A running `genval dev` whose sensor has three categories to top up; all assets were materialized before."""
    folder = tmp_path_factory.mktemp("served")
    world = draw_world(folder / "world")
    annotations = world / "instances.json"
    annotations.write_text(annotations.read_text().replace('"kite"', json.dumps(HOSTILE)))
    home = make_home(folder / "home", settings(world, FIRST))
    done = top_up(home)
    assert done.returncode == 0, done.stderr
    schedule = ScheduleSettings(rare_classes=True, interval_seconds=10)
    wanted = settings(world, SCATTERED).model_copy(update={"schedule": schedule})
    (home / "genval.toml").write_text(write_settings(wanted))
    with serve(home, folder / "dev.log") as one:
        yield one


@pytest.fixture(scope="session")
def backfill(served: Served) -> tuple[str, list[str]]:
    """The number of a backfill, launched while the sensor prepares its wave, and the range of categories it serves."""
    keys = partitions_of(served.home)[5:8]
    return served.launch_backfill(LINE, keys), keys


@pytest.fixture(scope="session")
def wave(served: Served, backfill: tuple[str, list[str]]) -> dict[str, Any]:
    """The run that the sensor launched, once it is over."""

    def over() -> dict[str, Any] | None:
        found = [run for run in served.runs(dagster_sensor_name="rare_classes") if "genval_wave" in run["tags"]]
        return found[-1] if found and found[-1]["endTime"] else None

    return wait_for(over)


@pytest.fixture(scope="session")
def follower(served: Served, wave: dict[str, Any]) -> dict[str, Any]:
    """The run that merged and published after the wave, once it is over."""

    def over() -> dict[str, Any] | None:
        runs = served.runs(dagster_from_automation_condition="true")
        return next((run for run in runs if run["endTime"] and run["startTime"] > wave["endTime"]), None)

    return wait_for(over)
