"""The sensor that tops up what is under target: one anchored run for a whole wave of scattered categories."""

from collections.abc import Collection
from datetime import UTC, datetime

import dagster as dg

from genval_assets.assets.catalog import LINE
from genval_assets.assets.planning import next_wave
from genval_assets.config import ScheduleSettings
from genval_assets.model_ports import Foregrounds
from genval_assets.partitions import CATEGORIES
from genval_assets.ports import ConceptSource, Locks, Tables
from genval_assets.project import Project
from genval_assets.runs import PAIRS, SET_UP, being_set_up, in_flight, looked_for, report_dead_runs, to_set_up
from genval_assets.topup.attempts import MOST_ATTEMPTS, next_attempt, next_turn
from genval_assets.topup.plan import WavePlan
from sensors.requests import setup_request, switched, wave_request

GIVEN_UP = (
    f"given up: {MOST_ATTEMPTS} runs of the same work left no trace; see why they failed, then launch it by hand, or "
    "reset the cursor of this sensor"
)


def rare_classes(schedule: ScheduleSettings) -> dg.SensorDefinition:
    """Return the sensor, switched on or off and paced as the settings say."""
    sensor = dg.sensor(
        name="rare_classes",
        asset_selection=dg.AssetSelection.assets(*SET_UP, PAIRS, *LINE),
        minimum_interval_seconds=schedule.interval_seconds,
        default_status=switched(schedule.rare_classes),
        description="Tops up what is under target, wave by wave: rarest first, within the budget. Turn it on to keep "
        "the dataset at its targets.",
    )
    return sensor(request_next_wave)


def request_next_wave(
    context: dg.SensorEvaluationContext,
    project: dg.ResourceParam[Project],
    tables: dg.ResourceParam[Tables],
    foregrounds: dg.ResourceParam[Foregrounds],
    concepts: dg.ResourceParam[ConceptSource],
    locks: dg.ResourceParam[Locks],
) -> dg.SensorResult:
    """Request the next wave as one run, or say why there is none. The cursor remembers what was tried in vain."""
    instance, now = context.instance, datetime.now(UTC)
    dead = report_dead_runs(instance, locks, now)
    if dead:
        context.log.warning(f"reported as failed, their processes are gone: {dead}")
    missing = to_set_up(instance, project.set_up_fingerprint(concepts), project.pairs_fingerprint(concepts))
    if missing and being_set_up(instance):
        return dg.SensorResult(skip_reason=f"a run is making {' and '.join(missing)}")
    if missing:
        return _once_more(context.cursor, "setup", setup_request(missing))
    settings = project.settings
    sources = project.sources(foregrounds, tables, looked_for=looked_for(instance))
    busy = in_flight(instance)

    def plan(given_up: Collection[str]) -> WavePlan:
        return next_wave(tables, settings.top_up, settings.budget, sources, busy, now, given_up)

    turn = next_turn(plan, context.cursor)
    registered = set(instance.get_dynamic_partitions(CATEGORIES.name or ""))
    keys = [key for key in turn.wave.categories if key in registered]
    if keys:
        return dg.SensorResult(run_requests=[wave_request(keys)], cursor=turn.memory)
    return dg.SensorResult(skip_reason=f"{turn.wave.why}; {GIVEN_UP}" if turn.given_up else turn.wave.why)


def _once_more(cursor: str | None, work: str, request: dg.RunRequest) -> dg.SensorResult:
    """Return the request, unless the same work was launched in vain often enough."""
    attempt = next_attempt(cursor, work)
    if attempt.too_many:
        return dg.SensorResult(skip_reason=GIVEN_UP)
    return dg.SensorResult(run_requests=[request], cursor=attempt.memory)
