"""Wiring of candidates made of real objects: cut-outs, which need no model, and variations, which need three.

A variation is a picture, its mask and what tells it from a copy, so the models that draw, segment and compare are
open together; a candidate is stored when it has all three.
"""

import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass, replace

from genval_assets import keys
from genval_assets.assets.behind import Behind
from genval_assets.assets.candidates import STAGE, Origin, Owed, cropped, instance_row, not_drawn, shown
from genval_assets.assets.cost import chunks, metered
from genval_assets.assets.drawing import fail_unmade
from genval_assets.batches import Batch
from genval_assets.instances.variants import VariantSettings, vary
from genval_assets.instances.variation import (
    Measured,
    box_of,
    cut_out,
    in_box,
    iou,
    phash_distance,
    scaled_mask,
    source_square,
)
from genval_assets.model_ports import Embedder, Embedders, Segmenter, Segmenters, VariationModel, Variations
from genval_assets.models.settings import VariationSettings
from genval_assets.ports import Images, Photographs, PhotographSource
from genval_assets.prompting.baseline import NEGATIVE, baseline_prompt
from genval_assets.rows import Reference, Verdict
from genval_assets.types import ModelUnavailable, RefusedItem, Rgb, Rgba, Varied, VaryRequest

CUTOUTS_PER_FLUSH = 32


def cut_variants(batch: Batch, owed: Sequence[Owed], images: Images, settings: VariantSettings) -> None:
    """Store every owed cut-out: the real object itself, or a variant of it under other light."""
    of = shown(batch)
    with metered(batch, STAGE, model="cutout") as meter, batch.progress.stage(STAGE, len(owed)) as advance:
        for chunk in chunks(owed, CUTOUTS_PER_FLUSH):
            batch.stop_here()
            made = []
            for one in chunk:
                with batch.attempt(STAGE, one.category):
                    reference, variant = of(one)
                    seed = keys.seed_of(one.category.category, reference.reference_id, variant)
                    varied = vary(images.get(reference.image), seed, variant, settings)
                    origin = Origin("cutout", "1", seed, dict(varied.settings), reference_id=reference.reference_id)
                    made.append((one, cropped(varied.rgba), origin))
            paths = images.put([picture.crop for _, picture, _ in made])
            batch.tables.append(
                [
                    instance_row(batch, one, _cutout_id(one, origin), path, picture, origin)
                    for (one, picture, origin), path in zip(made, paths, strict=True)
                ]
            )
            meter.items += len(chunk)
            advance(len(chunk))


def _cutout_id(one: Owed, origin: Origin) -> str:
    settings = json.dumps(dict(origin.settings), sort_keys=True)
    return keys.recipe(
        "instances", reference_id=origin.reference_id, source=one.source, seed=origin.seed, settings=settings
    )


@dataclass(frozen=True)
class Varying:
    """What opens the three models, and where photographs come from."""

    variations: Variations
    segmenters: Segmenters
    embedders: Embedders
    photographs: PhotographSource
    settings: VariationSettings


@dataclass(frozen=True)
class _Models:
    """The three, open."""

    variation: VariationModel
    segmenter: Segmenter
    embedder: Embedder
    photographs: Photographs


def draw_variations(batch: Batch, owed: Sequence[Owed], varying: Varying, images: Images) -> None:
    """Store every owed variation of a real object, with its new mask and what was measured against the source."""
    with (
        metered(batch, STAGE, model=varying.variations.fingerprint()) as meter,
        _opened(varying) as models,
        batch.progress.stage(STAGE, len(owed)) as advance,
        Behind[Owed](batch, STAGE) as behind,
    ):
        meter.opened(f"{models.variation.model}@{models.variation.revision}")
        how = {"how": f"{varying.variations.fingerprint()} {_identity(models.segmenter)} {_identity(models.embedder)}"}
        studio = _Studio(batch, shown(batch), models, how, images, varying.settings, behind)
        for chunk in chunks(owed, models.variation.best_batch):
            batch.stop_here()
            batch.attempt_together(STAGE, chunk, studio.draw)
            meter.items = studio.made
            advance(len(chunk))
    fail_unmade(batch, studio.unmade)


@contextmanager
def _opened(varying: Varying) -> Iterator[_Models]:
    with (
        varying.photographs.open() as photographs,
        varying.variations.open() as variation,
        varying.segmenters.open() as segmenter,
        varying.embedders.open() as embedder,
    ):
        if photographs is None:
            raise RefusedItem("[data] coco", "no_annotations", "variations start from objects of an annotation file")
        yield _Models(variation, segmenter, embedder, photographs)


def _identity(model: Segmenter | Embedder) -> str:
    return f"{model.model}@{model.revision}"


@dataclass(frozen=True, eq=False)
class _Made:
    """One candidate on its way: what was asked, what came, and what it is next to its source."""

    owed: Owed
    reference: Reference
    result: Varied
    frame: Rgba | None = None  # the new object on clear ground; None: nothing was drawn, or nothing found in it
    measured: Measured | None = None

    @property
    def key(self) -> tuple[str, int]:
        """Which of a run's variations it is."""
        return self.owed.category.category, self.owed.index

    def beside_its_source(self) -> tuple[Rgb, Rgb]:
        """Return what source and new picture show where the source object is."""
        asked, rgb = self.result.request, self.result.rgb
        assert rgb is not None, "what has a frame was drawn"
        return in_box(asked.picture, asked.mask, rgb)


@dataclass
class _Studio:
    """Makes variations with open models."""

    batch: Batch
    shown: Callable[[Owed], tuple[Reference, int]]
    models: _Models
    how: Mapping[str, str]  # models, revisions and settings in one line
    images: Images
    settings: VariationSettings
    behind: Behind[Owed]

    def __post_init__(self) -> None:
        self.unmade: dict[str, str] = {}
        self.made = 0

    def draw(self, some: Sequence[Owed]) -> None:
        """Vary, segment and measure candidates; they are stored while the next are made."""
        asked = [found for one in some if (found := self._asked(one)) is not None]
        if not asked:
            return
        varied = self.models.variation.vary([request for _, _, request in asked])
        self.unmade |= {result.request.category: result.error for result in varied if result.owed}
        decided = [
            _Made(one, reference, result)
            for (one, reference, _), result in zip(asked, varied, strict=True)
            if not result.owed
        ]
        try:
            made = {one.key: one for one in self._measured(self._segmented(decided))}
        except ModelUnavailable as err:  # the device has no room beside what has drawn: another run may have
            self.unmade |= {one.owed.category.category: str(err) for one in decided}
            return
        self.made += len(decided)
        self.behind.store(
            [one.owed for one in decided],
            lambda few: self._store([made[one.category.category, one.index] for one in few]),
        )

    def _asked(self, one: Owed) -> tuple[Owed, Reference, VaryRequest] | None:
        """Return what is asked of the model; none where the source cannot be read any more: that is an error."""
        reference = self.shown(one)[0]
        try:
            return one, reference, self._request(one, reference, self.images.get(reference.image))
        except (RefusedItem, FileNotFoundError, KeyError, ValueError) as err:
            why = f"its source, annotation {reference.annotation_id} in {reference.photograph}, cannot be read: {err}"
            instance_id = self._id(one, reference)
            self.batch.quarantine(
                STAGE, one.category.category, RefusedItem(f"variation {instance_id}", "no_source", why)
            )
            self.batch.tables.append([not_drawn(self.batch, one, instance_id, reference.reference_id, why)])
            return None

    def _id(self, one: Owed, reference: Reference) -> str:
        seed = self._seed(one, reference)
        return keys.recipe("vary", reference_id=reference.reference_id, index=one.index, seed=seed)

    def _seed(self, one: Owed, reference: Reference) -> int:
        return keys.seed_of(one.category.category, reference.reference_id, one.source, one.index)

    def _request(self, one: Owed, reference: Reference, cutout: Rgba) -> VaryRequest:
        photograph = self.models.photographs.pixels(reference.image_id)
        box = (reference.x, reference.y, reference.w, reference.h)
        square = source_square(photograph, box, cutout[..., 3] > 0, self.settings.context_px)
        return VaryRequest(
            instance_id=self._id(one, reference),
            category=one.category.category,
            name=one.category.name,
            prompt=baseline_prompt(one.category.name, one.category.definition),
            negative=NEGATIVE,
            picture=square.picture,
            mask=square.mask,
            seed=self._seed(one, reference),
        )

    def _segmented(self, made: Sequence[_Made]) -> Iterator[_Made]:
        """Yield the candidates with the object that the segmenter finds where the source's was."""
        pictures = [(one, rgb) for one in made if (rgb := one.result.rgb) is not None]
        masks = [scaled_mask(one.result.request.mask, rgb.shape[0]) for one, rgb in pictures]
        boxes = [[box_of(mask)] if mask.any() else [] for mask in masks]
        segments = self.models.segmenter.masks([rgb for _, rgb in pictures], boxes) if pictures else []
        for (one, rgb), found in zip(pictures, segments, strict=True):
            yield replace(one, frame=cut_out(rgb, found[0].mask)) if found and found[0].mask.any() else one
        yield from (one for one in made if one.result.rgb is None)

    def _measured(self, made: Iterable[_Made]) -> Iterator[_Made]:
        """Yield the candidates with what tells them from a copy, where there is an object."""
        everything = list(made)
        pairs = [one.beside_its_source() for one in everything if one.frame is not None]
        similar = iter(self._similar(pairs) if pairs else [])
        compared = iter(pairs)
        for one in everything:
            if one.frame is None:
                yield one
                continue
            own = one.frame[..., 3] > 0
            overlap = iou(own, scaled_mask(one.result.request.mask, own.shape[0]))
            distance = phash_distance(*next(compared))
            yield replace(one, measured=Measured(round(overlap, 4), distance, round(next(similar), 4)))

    def _similar(self, pairs: Sequence[tuple[Rgb, Rgb]]) -> list[float]:
        """Return the cosine of each pair's embeddings."""
        vectors = self.models.embedder.images([picture for pair in pairs for picture in pair])
        cosines: list[float] = (vectors[0::2] * vectors[1::2]).sum(axis=1).tolist()
        return cosines

    def _store(self, made: Sequence[_Made]) -> None:
        whole = [(one, cropped(one.frame)) for one in made if one.frame is not None]
        paths = self.images.put([picture.crop for _, picture in whole])
        rows = [
            instance_row(self.batch, one.owed, one.result.request.instance_id, path, picture, self._origin(one))
            for (one, picture), path in zip(whole, paths, strict=True)
        ]
        self.batch.tables.append(rows)
        self.batch.tables.append([self._error(one) for one in made if one.frame is None])

    def _origin(self, one: _Made) -> Origin:
        model, seed = self.models.variation, one.result.request.seed
        measured = json.dumps(asdict(one.measured)) if one.measured else None
        reference_id = one.reference.reference_id
        return Origin(model.model, model.revision, seed, self.how, reference_id=reference_id, measured=measured)

    def _error(self, one: _Made) -> Verdict:
        why = one.result.error or "the segmenter finds no object where the source's was"
        instance_id = one.result.request.instance_id
        refused = RefusedItem(f"variation {instance_id}", "not_drawn", why)
        self.batch.quarantine(STAGE, one.owed.category.category, refused)
        return not_drawn(self.batch, one.owed, instance_id, one.reference.reference_id, why)
