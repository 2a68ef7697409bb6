"""The list of backgrounds in force: each generation is whole, and scenes of earlier ones keep their rows."""

from collections.abc import Iterable, Sequence
from datetime import datetime

from genval_assets.backgrounds.screening import KeptBackground
from genval_assets.keys import recipe
from genval_assets.rows import Background


class NoBackgroundLeft(ValueError):
    """Of a project that had backgrounds none is left, which no generation can say: it would have no row."""


def current(rows: Iterable[Background]) -> list[Background]:
    """Return the rows of the newest generation, in their order: what new scenes may stand on."""
    rows = list(rows)
    newest = max((row.generation for row in rows), default=0)
    return [row for row in rows if row.generation == newest]


def next_generation(
    kept: Sequence[KeptBackground], previous: Iterable[Background], run_id: str, now: datetime
) -> list[Background]:
    """Return the rows of the kept pictures as the generation after `previous`; none if it holds the same pictures.

    Raises:
        NoBackgroundLeft: nothing was kept, but the last generation has pictures.
    """
    before = current(previous)
    if before and not kept:
        raise NoBackgroundLeft(
            f"none of the pictures can be a background any more, of {len(before)} before; the table `quarantine` has "
            "the reasons. Give pictures ([data] backgrounds), or set [backgrounds] painted"
        )
    if {_content(one) for one in kept} == {_content(row) for row in before}:
        return []
    generation = max((row.generation for row in before), default=0) + 1
    return [_row(one, generation, run_id, now) for one in kept]


def _content(picture: KeptBackground | Background) -> tuple[object, ...]:
    return tuple(getattr(picture, name) for name in KeptBackground.__dataclass_fields__)


def _row(kept: KeptBackground, generation: int, run_id: str, now: datetime) -> Background:
    row_id = recipe("backgrounds", generation=generation, kind=kept.kind, path=kept.path, phash=kept.phash)
    return Background(background_id=row_id, generation=generation, run_id=run_id, created_at=now, **vars(kept))
