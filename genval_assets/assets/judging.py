"""Wiring of `validated_instances`: the mask gate on every candidate that has no verdict yet."""

import json
from collections.abc import Sequence

from genval_assets import keys
from genval_assets.assets.cost import chunks, metered
from genval_assets.batches import Batch
from genval_assets.instances.gate import GATE, GATE_VERSION, Frame, GateVerdict, judge_mask
from genval_assets.instances.gate_settings import GateSettings
from genval_assets.ports import Images
from genval_assets.rows import Instance, Verdict
from genval_assets.topup.owed import CUTOUT

STAGE = "validated_instances"
VERDICTS_PER_FLUSH = 64


def judge_candidates(batch: Batch, images: Images, gate: GateSettings) -> None:
    """Judge what has no verdict; the cleaned cut-out of each accepted candidate is stored for scenes to paste."""
    judged = {row.instance_id for row in batch.tables.read(Verdict, batch.keys)}
    todo = [row for row in batch.tables.read(Instance, batch.keys) if row.instance_id not in judged]
    if not todo:
        return
    by_key = {category.category: category for category in batch.alive}
    with metered(batch, STAGE, model=GATE, items=len(todo)), batch.progress.stage(STAGE, len(todo)) as advance:
        for chunk in chunks(todo, VERDICTS_PER_FLUSH):
            batch.stop_here()
            found: list[tuple[Instance, GateVerdict]] = []
            for row in chunk:
                with batch.attempt(STAGE, by_key[row.category]):
                    found.append((row, _verdict(row, images, gate)))
            _store(batch, found, images)
            advance(len(chunk))


def _verdict(row: Instance, images: Images, gate: GateSettings) -> GateVerdict:
    frame = Frame(row.frame_width, row.frame_height, row.frame_x, row.frame_y)
    return judge_mask(images.get(row.image), frame, gate.for_category(row.category), real=row.source == CUTOUT)


def _store(batch: Batch, found: Sequence[tuple[Instance, GateVerdict]], images: Images) -> None:
    cleaned = [verdict.cleaned for _, verdict in found if verdict.cleaned is not None]
    paths = iter(images.put(cleaned))
    batch.tables.append(
        [_row(batch, row, verdict, next(paths) if verdict.cleaned is not None else None) for row, verdict in found]
    )


def _row(batch: Batch, row: Instance, verdict: GateVerdict, cutout: str | None) -> Verdict:
    size = verdict.cleaned.shape if verdict.cleaned is not None else (None, None)
    return Verdict(
        verdict_id=keys.recipe("verdicts", instance_id=row.instance_id, judge=GATE, version=GATE_VERSION),
        run_id=batch.run_id,
        created_at=batch.now,
        instance_id=row.instance_id,
        category=row.category,
        source=row.source,
        reference_id=row.reference_id,
        round=row.round,
        index=row.index,
        outcome="accepted" if verdict.accepted else "rejected",
        stage="gate",
        reasons=list(verdict.reasons),
        explanation=verdict.explanation,
        mask_threshold=verdict.threshold,
        area_px=verdict.area_px if verdict.accepted else None,
        cutout=cutout,
        width=size[1],
        height=size[0],
        measurements=json.dumps({name: round(float(value), 4) for name, value in verdict.measurements.items()}),
        judge=GATE,
        judge_version=GATE_VERSION,
    )
