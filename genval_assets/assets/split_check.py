"""The blocking check that no two splits share anything; what fails it is not written."""

from collections.abc import Iterator

import dagster as dg

from genval_assets.export.leaks import leaks
from genval_assets.export.prepared import Prepared

SHARE_NOTHING = "splits_share_nothing"
NAMED = 10


def split_check(asset: str) -> dg.AssetCheckSpec:
    """Return the check of an asset that writes a set."""
    return dg.AssetCheckSpec(
        SHARE_NOTHING,
        asset=asset,
        blocking=True,
        description="No photograph, real instance, background or prompt is behind pictures of two splits, and no two "
        "of them are near-duplicates.",
    )


def refuse_leaks(prepared: Prepared) -> Iterator[dg.AssetCheckResult]:
    """Yield the result of the check, before anything is written.

    Raises:
        dg.Failure: two splits share something.
    """
    found = leaks(prepared)
    named = "; ".join(str(leak) for leak in found[:NAMED])
    told: dict[str, int | str] = {"leaks": len(found), "first": named} if found else {"leaks": 0}
    yield dg.AssetCheckResult(check_name=SHARE_NOTHING, passed=not found, metadata=told)
    if found:
        raise dg.Failure(
            f"two splits of {prepared.name} share something, so it was not written: {named}. What only looks alike "
            "passes with a lower [export.splits] phash_distance; a photograph in two of your files must leave one"
        )
