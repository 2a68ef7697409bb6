"""The sensor that tops up what is under target: one anchored run for a whole wave of scattered categories."""

from datetime import UTC, datetime

import dagster as dg

from genval_assets.assets.catalog import LINE
from genval_assets.assets.planning import next_wave
from genval_assets.partitions import CATEGORIES
from genval_assets.ports import Foregrounds, Locks, Tables
from genval_assets.project import Project
from genval_assets.runs import in_flight, looked_for, materialized, report_dead_runs
from sensors.requests import setup_request, wave_request

INTERVAL_SECONDS = 60


@dg.sensor(
    name="rare_classes",
    asset_selection=dg.AssetSelection.assets("concept_list", "backgrounds", *LINE),
    minimum_interval_seconds=INTERVAL_SECONDS,
    default_status=dg.DefaultSensorStatus.STOPPED,
    description="Tops up what is under target, wave by wave: rarest first, within the budget. Turn it on to keep "
    "the dataset at its targets.",
)
def rare_classes(
    context: dg.SensorEvaluationContext,
    project: dg.ResourceParam[Project],
    tables: dg.ResourceParam[Tables],
    foregrounds: dg.ResourceParam[Foregrounds],
    locks: dg.ResourceParam[Locks],
) -> dg.SensorResult:
    """Request the next wave as one run, or say why there is none."""
    tick = int(context.cursor or 0) + 1
    now = datetime.now(UTC)
    dead = report_dead_runs(context.instance, locks, now)
    if dead:
        context.log.warning(f"reported as failed, their processes are gone: {dead}")
    missing = [
        name for name, done in materialized(context.instance, ("concept_list", "backgrounds")).items() if not done
    ]
    if missing:
        return dg.SensorResult(run_requests=[setup_request(missing, tick)], cursor=str(tick))
    settings = project.settings
    sources = project.sources(foregrounds, looked_for=looked_for(context.instance))
    wave = next_wave(tables, settings.top_up, settings.budget, sources, in_flight(context.instance), now)
    registered = set(context.instance.get_dynamic_partitions(CATEGORIES.name or ""))
    keys = [key for key in wave.categories if key in registered]
    if not keys:
        return dg.SensorResult(skip_reason=wave.why, cursor=str(tick))
    return dg.SensorResult(run_requests=[wave_request(keys, f"rare-{tick}")], cursor=str(tick))
