"""The sensor that follows the concept file: what is new becomes a partition, what is gone is retired."""

import dagster as dg

from genval_assets.ports import ConceptSource

INTERVAL_SECONDS = 60


@dg.sensor(
    name="new_concepts",
    asset_selection=dg.AssetSelection.assets("concept_list", "backgrounds"),
    minimum_interval_seconds=INTERVAL_SECONDS,
    default_status=dg.DefaultSensorStatus.STOPPED,
    description="Materializes the concept list whenever its file changes: new categories get a partition, removed "
    "ones are retired, renamed ones keep theirs.",
)
def new_concepts(context: dg.SensorEvaluationContext, concepts: dg.ResourceParam[ConceptSource]) -> dg.SensorResult:
    """Request `concept_list` and `backgrounds` when the file's fingerprint is not the last one seen."""
    seen = concepts.fingerprint()
    if seen == context.cursor:
        return dg.SensorResult(skip_reason="the concept file has not changed")
    return dg.SensorResult(run_requests=[dg.RunRequest(run_key=f"concepts-{seen}")], cursor=seen)
