"""What sensors and schedules ask Dagster to run."""

from collections.abc import Sequence
from typing import Any

import dagster as dg

from genval_assets.assets.catalog import LINE
from genval_assets.runs import LINE_OP, SETUP_TAG


def batch_config(categories: Sequence[str], candidates: int = 0) -> dict[str, Any]:
    """Return the run config of an anchored batch."""
    return {"ops": {LINE_OP: {"config": {"categories": list(categories), "candidates": candidates}}}}


def wave_request(categories: Sequence[str]) -> dg.RunRequest:
    """Return one run for a whole wave, anchored at its first category.

    Without a run key: Dagster remembers those for ever, and a wave that failed must be asked again. That it is not
    asked twice meanwhile is in-flight exclusion's business.
    """
    return dg.RunRequest(
        partition_key=categories[0],
        run_config=batch_config(categories),
        asset_selection=[dg.AssetKey(name) for name in LINE],
        tags={"genval/wave": f"{len(categories)} categories"},
    )


def setup_request(assets: Sequence[str]) -> dg.RunRequest:
    """Return the run that makes what every wave needs: the concept list, the backgrounds, or both."""
    return dg.RunRequest(asset_selection=[dg.AssetKey(name) for name in assets], tags={SETUP_TAG: ", ".join(assets)})


def switched(on: bool) -> dg.DefaultSensorStatus:
    """Return whether a sensor runs until somebody turns its switch in the UI."""
    return dg.DefaultSensorStatus.RUNNING if on else dg.DefaultSensorStatus.STOPPED
