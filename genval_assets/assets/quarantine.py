"""Quarantine rows of assets that are materialized again and again: each refusal is stored once."""

from collections.abc import Iterable
from datetime import datetime

from genval_assets.batches import quarantined
from genval_assets.ports import Tables
from genval_assets.rows import Quarantined
from genval_assets.types import RefusedItem


def append_quarantined(tables: Tables, stage: str, refused: Iterable[RefusedItem], run_id: str, now: datetime) -> None:
    """Store the rows of what was refused and is not yet known to be."""
    rows = {row.quarantine_id: row for row in (quarantined(stage, None, one, run_id, now) for one in refused)}
    known = tables.ids(Quarantined) if rows else set()
    tables.append([row for row_id, row in rows.items() if row_id not in known])
