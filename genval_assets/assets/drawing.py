"""Wiring of `raw_instances`: every candidate that is planned and not yet stored is cut, varied or drawn.

Work already stored is skipped, so a run that was killed goes on where its last flush ended. What could not be drawn
gets a verdict at once, with outcome `error`: it counts in no rate and is not tried again.
"""

import json
from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache

from genval_assets import keys
from genval_assets.assets.cost import chunks, metered
from genval_assets.batches import Batch
from genval_assets.instances.mask import tight_crop
from genval_assets.instances.variants import VariantSettings, vary
from genval_assets.ports import ForegroundModel, Foregrounds, Images
from genval_assets.rows import Category, Instance, Prompt, Reference, TopUp, Verdict
from genval_assets.topup.owed import CUTOUT, cutouts, planned_indices
from genval_assets.types import Drawn, DrawRequest, Rgba

STAGE = "raw_instances"
CUTOUTS_PER_FLUSH = 32


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


def draw_candidates(
    batch: Batch, owed: Sequence[Owed], foregrounds: Foregrounds, images: Images, variants: VariantSettings
) -> None:
    """Store every owed candidate: variants of real cut-outs without a model, the others from their prompts."""
    by_source: dict[bool, list[Owed]] = {True: [], False: []}
    for one in owed:
        by_source[one.source == CUTOUT].append(one)
    if by_source[True]:
        _vary_references(batch, by_source[True], images, variants)
    if by_source[False]:
        _draw_prompts(batch, by_source[False], foregrounds, images)


def _vary_references(batch: Batch, owed: Sequence[Owed], images: Images, settings: VariantSettings) -> None:
    shown = _shown(batch)
    with metered(batch, STAGE, model="cutout") as meter, batch.progress.stage(STAGE, len(owed)) as advance:
        for chunk in chunks(owed, CUTOUTS_PER_FLUSH):
            batch.stop_here()
            made = []
            for one in chunk:
                with batch.attempt(STAGE, one.category):
                    reference, variant = shown(one)
                    seed = keys.seed_of(one.category.category, reference.reference_id, variant)
                    varied = vary(images.get(reference.image), seed, variant, settings)
                    made.append((one, reference, seed, varied.rgba, dict(varied.settings)))
            paths = images.put([rgba for _, _, _, rgba, _ in made])
            batch.tables.append(
                [
                    _instance(
                        batch, one, path, rgba, _Origin("cutout", "1", seed, done, reference_id=reference.reference_id)
                    )
                    for (one, reference, seed, rgba, done), path in zip(made, paths, strict=True)
                ]
            )
            meter.items += len(chunk)
            advance(len(chunk))


def _shown(batch: Batch) -> Callable[[Owed], tuple[Reference, int]]:
    """Return what tells the reference, and the number of its variant, that a planned cut-out shows."""
    references: dict[str, list[Reference]] = defaultdict(list)
    for row in sorted(batch.tables.read(Reference, batch.keys), key=lambda r: (r.index, r.reference_id)):
        references[row.category].append(row)
    plans = _plans(batch)
    cuts = cache(lambda category: cutouts(plans[category]))

    def shown(one: Owed) -> tuple[Reference, int]:
        cut = cuts(one.category.category)[one.index]
        return references[one.category.category][cut.reference], cut.variant

    return shown


def _draw_prompts(batch: Batch, owed: Sequence[Owed], foregrounds: Foregrounds, images: Images) -> None:
    prompts = {(row.category, row.index): row for row in batch.tables.read(Prompt, batch.keys)}
    with metered(batch, STAGE, model=foregrounds.fingerprint()) as meter, foregrounds.open() as model:
        meter.opened(f"{model.model}@{model.revision}")

        def draw(some: Sequence[Owed]) -> None:
            requests = [_request(one, prompts[one.category.category, one.index]) for one in some]
            _store_drawn(batch, some, prompts, model.draw(requests), model, images)

        with batch.progress.stage(STAGE, len(owed)) as advance:
            for chunk in chunks(owed, model.best_batch):
                batch.stop_here()
                batch.attempt_together(STAGE, chunk, draw)
                meter.items += len(chunk)
                advance(len(chunk))


def _request(one: Owed, prompt: Prompt) -> DrawRequest:
    seed = keys.seed_of(one.category.category, prompt.prompt_id, one.index)
    return DrawRequest(
        instance_id=keys.recipe("draw", prompt_id=prompt.prompt_id, source=one.source, index=one.index, seed=seed),
        category=one.category.category,
        name=one.category.name,
        prompt=prompt.text,
        negative=prompt.negative,
        seed=seed,
    )


def _store_drawn(
    batch: Batch,
    owed: Sequence[Owed],
    prompts: Mapping[tuple[str, int], Prompt],
    drawn: Sequence[Drawn],
    model: ForegroundModel,
    images: Images,
) -> None:
    good, errors = [], []
    for one, result in zip(owed, drawn, strict=True):
        crop, x, y = tight_crop(result.rgba) if result.rgba is not None else (None, 0, 0)
        if result.rgba is None or crop is None or crop.size == 0:
            errors.append(_error(batch, one, result))
        else:
            good.append((one, result, crop, (*result.rgba.shape[1::-1], x, y)))
    paths = images.put([crop for _, _, crop, _ in good])
    rows = [
        _instance(
            batch,
            one,
            path,
            crop,
            _Origin(
                model.model,
                model.revision,
                result.request.seed,
                {},
                prompt_id=prompts[one.category.category, one.index].prompt_id,
                instance_id=result.request.instance_id,
                frame=frame,
            ),
        )
        for (one, result, crop, frame), path in zip(good, paths, strict=True)
    ]
    batch.tables.append(rows)
    batch.tables.append(errors)


def _error(batch: Batch, one: Owed, result: Drawn) -> Verdict:
    instance_id = result.request.instance_id
    return Verdict(
        verdict_id=keys.recipe("verdicts", instance_id=instance_id, judge="drawing"),
        run_id=batch.run_id,
        created_at=batch.now,
        instance_id=instance_id,
        category=one.category.category,
        source=one.source,
        reference_id=None,
        round=one.round,
        index=one.index,
        outcome="error",
        stage="draw",
        reasons=["not_drawn"],
        explanation=result.error or "the model returned a picture without any visible pixel",
        mask_threshold=None,
        area_px=None,
        cutout=None,
        width=None,
        height=None,
        measurements="{}",
        judge="drawing",
        judge_version="1",
    )


@dataclass(frozen=True)
class _Origin:
    """Where a candidate's pixels came from."""

    model: str
    revision: str
    seed: int
    settings: Mapping[str, float | int | bool]
    prompt_id: str | None = None
    reference_id: str | None = None
    instance_id: str | None = None
    frame: tuple[int, int, int, int] | None = None  # width, height, x, y; None: the crop is the frame


def _instance(batch: Batch, one: Owed, path: str, crop: Rgba, origin: _Origin) -> Instance:
    height, width = crop.shape[:2]
    frame_width, frame_height, frame_x, frame_y = origin.frame or (width, height, 0, 0)
    settings = json.dumps(dict(origin.settings), sort_keys=True)
    instance_id = origin.instance_id or keys.recipe(
        "instances", reference_id=origin.reference_id, source=one.source, seed=origin.seed, settings=settings
    )
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
        settings=settings,
        image=path,
        width=width,
        height=height,
        frame_width=frame_width,
        frame_height=frame_height,
        frame_x=frame_x,
        frame_y=frame_y,
    )
