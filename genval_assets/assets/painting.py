"""Wiring of painted backgrounds: those that the settings ask for and that are not stored are painted, batch by batch.

A run that was killed goes on behind its last batch. What cannot be painted is quarantined, and not tried again by the
same painter.
"""

from collections.abc import Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from datetime import datetime

from genval_assets.assets.cost import chunks, metered_run
from genval_assets.backgrounds.painted import by_id, owed, unpainted_item
from genval_assets.batches import quarantined
from genval_assets.model_ports import Gauge, Painters
from genval_assets.ports import Images, Progress, Tables
from genval_assets.rows import PaintedBackground, Quarantined
from genval_assets.types import Painted, PaintRequest, RefusedItem

STAGE = "backgrounds"


@dataclass(frozen=True)
class Paintings:
    """The painted backgrounds that the settings ask for."""

    paths: tuple[str, ...]  # of those there are, relative to the home
    fresh: int  # painted by this run
    unpaintable: int  # quarantined: the same painter is not asked again
    owed: int  # not painted this time (the device's memory ended): the next materialization tries again


@dataclass(frozen=True)
class Stores:
    """Where paintings go, and what is told of the work."""

    images: Images
    tables: Tables
    progress: Progress
    gauge: Gauge
    run_id: str
    now: datetime


def paint_backgrounds(
    requests: Sequence[PaintRequest], todo: Mapping[str, PaintRequest], painters: Painters, stores: Stores
) -> Paintings:
    """Paint what of the requests is `unpainted`; the model is opened only for that.

    Raises:
        ModelUnavailable: something is to be painted, and the painter cannot be opened.
    """
    fingerprint = painters.fingerprint()
    wanted = by_id(requests, fingerprint)
    before = _stored(stores.tables)
    if todo:
        _paint(todo, fingerprint, painters, stores)
    images = _stored(stores.tables)
    left = owed(wanted, images, _items(stores.tables))
    paths = tuple(images[row_id] for row_id in wanted if row_id in images)
    unpaintable = len(wanted) - len(paths) - len(left)
    return Paintings(paths, fresh=len(images) - len(before), unpaintable=unpaintable, owed=len(left))


def unpainted(requests: Sequence[PaintRequest], painters: Painters, tables: Tables) -> Mapping[str, PaintRequest]:
    """Return what of the requests this painter has neither painted nor failed at, by row id."""
    return owed(by_id(requests, painters.fingerprint()), _stored(tables), _items(tables))


def _stored(tables: Tables) -> dict[str, str]:
    rows = tables.values(PaintedBackground, ("painted_background_id", "image"))
    return {str(row_id): str(image) for row_id, image in rows}


def _items(tables: Tables) -> set[str]:
    return {str(item) for stage, item in tables.values(Quarantined, ("stage", "item")) if stage == STAGE}


def _paint(todo: Mapping[str, PaintRequest], fingerprint: str, painters: Painters, stores: Stores) -> None:
    metering = metered_run(stores.tables, STAGE, stores.run_id, stores.now, stores.gauge, model=fingerprint)
    with (
        metering as meter,
        painters.open() as model,
        stores.progress.stage(STAGE, len(todo)) as advance,
        ThreadPoolExecutor(1, "store") as thread,  # one batch is stored while the next is painted
    ):
        name = model.model, model.revision
        meter.opened("@".join(name))
        storing: Future[None] | None = None
        for some in chunks(list(todo.items()), model.best_batch):
            painted = model.paint([request for _, request in some])
            by_row = {row_id: result for (row_id, _), result in zip(some, painted, strict=True)}
            if storing is not None:
                storing.result()
            storing = thread.submit(_store, by_row, name, fingerprint, stores)
            meter.items += sum(not one.owed for one in painted)
            advance(len(some))
        if storing is not None:
            storing.result()


def _store(painted: Mapping[str, Painted], name: tuple[str, str], fingerprint: str, stores: Stores) -> None:
    """Store the pictures before the rows that name them; what is owed leaves nothing behind."""
    done = {row_id: (one.request, one.rgb) for row_id, one in painted.items() if one.rgb is not None}
    paths = stores.images.put([rgb for _, rgb in done.values()], lossless=False)
    stores.tables.append(
        [
            PaintedBackground(
                painted_background_id=row_id,
                run_id=stores.run_id,
                created_at=stores.now,
                index=request.index,
                prompt=request.prompt,
                negative=request.negative,
                seed=request.seed,
                model=name[0],
                revision=name[1],
                fingerprint=fingerprint,
                image=path,
                width=rgb.shape[1],
                height=rgb.shape[0],
            )
            for (row_id, (request, rgb)), path in zip(done.items(), paths, strict=True)
        ]
    )
    failed = {row_id: one for row_id, one in painted.items() if one.rgb is None and not one.owed}
    refused = [
        RefusedItem(unpainted_item(row_id), "not_painted", one.error, one.request.prompt)
        for row_id, one in failed.items()
    ]
    stores.tables.append([quarantined(STAGE, None, one, stores.run_id, stores.now) for one in refused])
