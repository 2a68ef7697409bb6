"""The sensor that follows the concept file: what is new becomes a partition, what is gone is retired."""

import dagster as dg

from genval_assets.config import ScheduleSettings
from genval_assets.ports import ConceptSource
from genval_assets.runs import SET_UP
from sensors.requests import setup_request, switched


def new_concepts(schedule: ScheduleSettings) -> dg.SensorDefinition:
    """Return the sensor, switched on or off and paced as the settings say."""
    sensor = dg.sensor(
        name="new_concepts",
        asset_selection=dg.AssetSelection.assets(*SET_UP),
        minimum_interval_seconds=schedule.interval_seconds,
        default_status=switched(schedule.new_concepts),
        description="Materializes the concept list whenever its file changes: new categories get a partition, removed "
        "ones are retired, renamed ones keep theirs.",
    )
    return sensor(request_concepts)


def request_concepts(context: dg.SensorEvaluationContext, concepts: dg.ResourceParam[ConceptSource]) -> dg.SensorResult:
    """Request `concept_list` and `backgrounds` when the file's fingerprint is not the last one seen."""
    seen = concepts.fingerprint()
    if seen == context.cursor:
        return dg.SensorResult(skip_reason="the concept file has not changed")
    return dg.SensorResult(run_requests=[setup_request(SET_UP)], cursor=seen)
