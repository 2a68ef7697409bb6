"""Wiring of what every source of candidates shares: which are owed, and the rows of those that came and did not.

Not here: how a candidate is made (`drawing.py`, `varying.py`).
"""

import json
from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache

from genval_assets import keys
from genval_assets.batches import Batch
from genval_assets.instances.mask import tight_crop
from genval_assets.rows import Category, Instance, Reference, TopUp, Verdict
from genval_assets.topup.owed import cuts, planned_indices
from genval_assets.types import Rgba

STAGE = "raw_instances"


@dataclass(frozen=True)
class Owed:
    """One candidate that is planned and not stored."""

    category: Category
    round: int
    source: str
    index: int


def owed_candidates(batch: Batch) -> list[Owed]:
    """Return the planned candidates that are neither stored nor quarantined, by category, source and index."""
    plans = _plans(batch)
    stored = {(row.category, row.source, row.index) for row in batch.tables.read(Instance, batch.keys)}
    stored |= {(row.category, row.source, row.index) for row in batch.tables.read(Verdict, batch.keys)}
    return [
        Owed(category, round_, source, index)
        for category in batch.alive
        for round_, source, index in planned_indices(plans[category.category])
        if (category.category, source, index) not in stored
    ]


def _plans(batch: Batch) -> dict[str, list[TopUp]]:
    plans: dict[str, list[TopUp]] = defaultdict(list)
    for plan in batch.tables.read(TopUp, batch.keys):
        plans[plan.category].append(plan)
    return plans


def shown(batch: Batch) -> Callable[[Owed], tuple[Reference, int]]:
    """Return what tells the reference, and the number of its variant, that a candidate made of an object shows."""
    references: dict[str, list[Reference]] = defaultdict(list)
    for row in sorted(batch.tables.read(Reference, batch.keys), key=lambda r: (r.index, r.reference_id)):
        references[row.category].append(row)
    plans = _plans(batch)
    planned = cache(lambda category, source: cuts(plans[category], source))

    def of(one: Owed) -> tuple[Reference, int]:
        cut = planned(one.category.category, one.source)[one.index]
        return references[one.category.category][cut.reference], cut.variant

    return of


@dataclass(frozen=True)
class Origin:
    """Where a candidate's pixels came from."""

    model: str
    revision: str
    seed: int
    settings: Mapping[str, float | int | bool | str] = field(default_factory=dict)
    prompt_id: str | None = None
    reference_id: str | None = None
    latent: str | None = None
    measured: str | None = None


@dataclass(frozen=True, eq=False)
class Cropped:
    """A picture as it is stored: the tight crop of what is visible, and the frame it was drawn in."""

    crop: Rgba
    frame: tuple[int, int, int, int]  # width, height, x, y


def cropped(frame: Rgba) -> Cropped:
    """Return the tight crop of an RGBA frame; an empty one where nothing is visible."""
    crop, x, y = tight_crop(frame)
    return Cropped(crop, (frame.shape[1], frame.shape[0], x, y))


def instance_row(batch: Batch, one: Owed, instance_id: str, path: str, picture: Cropped, origin: Origin) -> Instance:
    """Return the row of a candidate whose crop is stored under `path`."""
    height, width = picture.crop.shape[:2]
    frame_width, frame_height, frame_x, frame_y = picture.frame
    return Instance(
        instance_id=instance_id,
        run_id=batch.run_id,
        created_at=batch.now,
        category=one.category.category,
        source=one.source,
        round=one.round,
        index=one.index,
        prompt_id=origin.prompt_id,
        reference_id=origin.reference_id,
        seed=origin.seed,
        model=origin.model,
        revision=origin.revision,
        settings=json.dumps(dict(origin.settings), sort_keys=True),
        image=path,
        width=width,
        height=height,
        frame_width=frame_width,
        frame_height=frame_height,
        frame_x=frame_x,
        frame_y=frame_y,
        latent=origin.latent,
        measured=origin.measured,
    )


def lapsed(batch: Batch, owed: Sequence[Owed], source: str) -> list[Verdict]:
    """Return verdicts on candidates planned for another profile's model: nobody can draw them now, so they lapse."""
    return [
        not_drawn(
            batch,
            one,
            keys.recipe("lapsed", category=one.category.category, source=one.source, index=one.index),
            None,
            f"it was planned for the source {one.source!r}; this profile draws {source!r}",
        )
        for one in owed
    ]


def not_drawn(batch: Batch, one: Owed, instance_id: str, reference_id: str | None, why: str) -> Verdict:
    """Return the verdict on a candidate of which no picture came: an error, which counts in no rate."""
    return Verdict(
        verdict_id=keys.recipe("verdicts", instance_id=instance_id, judge="drawing"),
        run_id=batch.run_id,
        created_at=batch.now,
        instance_id=instance_id,
        category=one.category.category,
        source=one.source,
        reference_id=reference_id,
        round=one.round,
        index=one.index,
        outcome="error",
        stage="draw",
        reasons=["not_drawn"],
        explanation=why or "the model returned a picture without any visible pixel",
        mask_threshold=None,
        area_px=None,
        cutout=None,
        width=None,
        height=None,
        measurements="{}",
        judge="drawing",
        judge_version="1",
    )
