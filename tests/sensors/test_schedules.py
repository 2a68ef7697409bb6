"""The nightly schedule tops up within its hours, when and if the settings say so."""

from pathlib import Path

import dagster as dg
import pytest

from genval_assets.assets.jobs import top_up
from genval_assets.config import GenvalSettings, ScheduleSettings
from genval_assets.project import Project
from sensors.schedules import nightly


def scheduled(**given) -> dg.ScheduleDefinition:
    return nightly(Project(Path("/nowhere"), GenvalSettings(schedule=ScheduleSettings(**given))), top_up())


def test_its_run_tops_up_for_the_hours_of_the_settings():
    schedule = scheduled(hours=6.5)
    (request,) = schedule.evaluate_tick(dg.build_schedule_context()).run_requests
    assert request.run_config == {"ops": {"top_up_waves": {"config": {"hours": 6.5}}}}
    assert schedule.job_name == "top_up"


def test_it_starts_when_the_settings_say():
    schedule = scheduled(cron="30 1 * * 1-5", timezone="Europe/Berlin")
    assert (schedule.cron_schedule, schedule.execution_timezone) == ("30 1 * * 1-5", "Europe/Berlin")


@pytest.mark.parametrize(
    ("on", "status"), [(True, dg.DefaultScheduleStatus.RUNNING), (False, dg.DefaultScheduleStatus.STOPPED)]
)
def test_the_settings_switch_it_on(on, status):
    assert scheduled(nightly=on).default_status == status
