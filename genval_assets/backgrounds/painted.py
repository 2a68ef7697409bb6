"""Which painted backgrounds a project has, and which are still to be painted."""

from collections.abc import Collection, Mapping, Sequence

from genval_assets.keys import recipe
from genval_assets.types import PaintRequest

UNPAINTED = "painted background "
"""How the item of a quarantine row begins that says why a background could not be painted; its id follows."""


def by_id(requests: Sequence[PaintRequest], fingerprint: str) -> dict[str, PaintRequest]:
    """Return row id -> request, in order. The fingerprint names the model, its revision and what shapes its pixels."""
    return {
        recipe("painted_backgrounds", fingerprint=fingerprint, prompt=r.prompt, negative=r.negative, seed=r.seed): r
        for r in requests
    }


def unpainted_item(row_id: str) -> str:
    """Return the item of the quarantine row of a background that could not be painted."""
    return f"{UNPAINTED}{row_id}"


def owed(
    wanted: Mapping[str, PaintRequest], stored: Collection[str], quarantined: Collection[str]
) -> dict[str, PaintRequest]:
    """Return what of the wanted ones is neither painted nor given up, in order.

    Args:
        wanted: row id -> request.
        stored: ids of the rows there are.
        quarantined: items of the quarantine rows there are.
    """
    return {
        row_id: request
        for row_id, request in wanted.items()
        if row_id not in stored and unpainted_item(row_id) not in quarantined
    }
