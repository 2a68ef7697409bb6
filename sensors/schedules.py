"""The nightly schedule: an incremental backfill within the budget, one wave after the other."""

import dagster as dg

from genval_assets.project import Project


def nightly(project: Project, top_up: dg.JobDefinition) -> dg.ScheduleDefinition:
    """Return the schedule that tops up night by night for the configured hours, switched on or off by the settings."""
    schedule = project.settings.schedule
    return dg.ScheduleDefinition(
        name="nightly",
        job=top_up,
        cron_schedule=schedule.cron,
        execution_timezone=schedule.timezone,
        default_status=dg.DefaultScheduleStatus.RUNNING if schedule.nightly else dg.DefaultScheduleStatus.STOPPED,
        run_config={"ops": {"top_up_waves": {"config": {"hours": schedule.hours}}}},
        description=f"Tops up for at most {schedule.hours:g} hours a night, wave by wave, within the budget.",
    )
