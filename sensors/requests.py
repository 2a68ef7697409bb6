"""What sensors and schedules ask Dagster to run."""

from collections.abc import Sequence
from typing import Any

import dagster as dg

from genval_assets.assets.catalog import LINE
from genval_assets.runs import LINE_OP


def batch_config(categories: Sequence[str], candidates: int = 0) -> dict[str, Any]:
    """Return the run config of an anchored batch."""
    return {"ops": {LINE_OP: {"config": {"categories": list(categories), "candidates": candidates}}}}


def wave_request(categories: Sequence[str], run_key: str) -> dg.RunRequest:
    """Return one run for a whole wave, anchored at its first category.

    Dagster remembers run keys for ever, so the key must be a new one each time: a wave that failed is asked again.
    """
    return dg.RunRequest(
        run_key=run_key,
        partition_key=categories[0],
        run_config=batch_config(categories),
        asset_selection=[dg.AssetKey(name) for name in LINE],
        tags={"genval/wave": f"{len(categories)} categories"},
    )


def setup_request(missing: Sequence[str], tick: int) -> dg.RunRequest:
    """Return the run that makes what every wave needs: the concept list and the backgrounds."""
    return dg.RunRequest(run_key=f"setup-{tick}", asset_selection=[dg.AssetKey(name) for name in missing])
