"""Wiring of `backgrounds`: every picture that scenes may be composed on, screened; and the validation pictures."""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from datetime import UTC, datetime

import dagster as dg

from genval_assets import keys
from genval_assets.assets.catalog import OWNERS
from genval_assets.assets.device import device_held, refuse_missing
from genval_assets.assets.painting import STAGE, Paintings, Stores, paint_backgrounds, unpainted
from genval_assets.assets.quarantine import append_quarantined
from genval_assets.assets.searching import append_shown, searching
from genval_assets.backgrounds.clashes import refuse_clashes
from genval_assets.backgrounds.generations import next_generation
from genval_assets.backgrounds.hashes import ValidationGuard, phash
from genval_assets.backgrounds.places import background_prompts
from genval_assets.backgrounds.screening import BackgroundCandidate, Screening, screen
from genval_assets.backgrounds.search import SHOWS_CATEGORY
from genval_assets.model_ports import Detectors, Gauge, Painters
from genval_assets.ports import Images, Locks, Photographs, PhotographSource, Pictures, Progress, Tables
from genval_assets.project import Project
from genval_assets.rows import Background, Reference, Scene, ValidationImage
from genval_assets.runs import lock_name
from genval_assets.types import RefusedItem, Rgb


def backgrounds(pool: str | None = None) -> dg.AssetsDefinition:
    """Return the asset; its runs wait for their turn in Dagster's `pool`, where there is one."""

    @dg.asset(
        name=STAGE,
        deps=["concept_list"],
        group_name="sources",
        owners=OWNERS,
        tags={"system": "gen-n-val"},
        kinds={"image", "parquet"},
        pool=pool,
    )
    def screened(
        context: dg.AssetExecutionContext,
        project: dg.ResourceParam[Project],
        photographs: dg.ResourceParam[PhotographSource],
        pictures: dg.ResourceParam[Pictures],
        painters: dg.ResourceParam[Painters],
        detectors: dg.ResourceParam[Detectors],
        images: dg.ResourceParam[Images],
        tables: dg.ResourceParam[Tables],
        progress: dg.ResourceParam[Progress],
        gauge: dg.ResourceParam[Gauge],
        locks: dg.ResourceParam[Locks],
    ) -> dg.MaterializeResult[None]:
        """Backgrounds: your pictures, your annotated training images, painted ones; without validation pictures.

        Refused are validation pictures and their near-duplicates, copies, pictures that are too small, blank ones,
        training images with a mask that cannot be decoded, and pictures in which a detector finds one of the
        categories. A list that differs from the last is the next generation.
        """
        now, run_id = datetime.now(UTC), context.run.run_id
        settings, seed = project.settings.backgrounds, project.settings.project.seed
        stores = Stores(images, tables, progress, gauge, run_id, now)
        requests = background_prompts(settings.painted, seed)
        if todo := unpainted(requests, painters, tables):
            refuse_missing((painters, detectors))  # an hour of painting is worth nothing that cannot be searched then
        with locks.hold(lock_name(run_id)), device_held(project, locks), photographs.open() as source:
            validation, unreadable = _validation_images(pictures, run_id, now)
            _append_validation(validation, source, tables, settings.screening.phash_distance)
            painted = paint_backgrounds(requests, todo, painters, stores)
            guard = validation_guard(tables.read(ValidationImage), settings.screening.phash_distance)
            found = _candidates(pictures, source, painted.paths)
            with searching(detectors, stores) as search:
                result = screen(found, _loader(pictures, source), guard, settings.screening, seed, search)
            refused = [*unreadable, *result.refused]
            append_quarantined(tables, STAGE, (one for one in refused if one.reason != SHOWS_CATEGORY), run_id, now)
            append_shown((one for one in refused if one.reason == SHOWS_CATEGORY), stores)
            tables.append(next_generation(result.kept, tables.read(Background), run_id, now))
        return dg.MaterializeResult(metadata=_metadata(result, refused, len(validation), painted))

    return screened


def validation_guard(images: list[ValidationImage], distance: int) -> ValidationGuard:
    """Return the guard that knows the validation pictures by their perceptual hashes."""
    return ValidationGuard([row.phash for row in images], distance)


def _validation_images(
    pictures: Pictures, run_id: str, now: datetime
) -> tuple[list[ValidationImage], list[RefusedItem]]:
    rows, unreadable = [], []
    for path in pictures.paths("validation"):
        try:
            own = phash(pictures.pixels("validation", path))
        except RefusedItem as refused:
            unreadable.append(refused)
            continue
        row_id = keys.recipe("validation_images", path=path, phash=own)
        rows.append(ValidationImage(validation_image_id=row_id, run_id=run_id, created_at=now, path=path, phash=own))
    return rows, unreadable


def _append_validation(
    validation: list[ValidationImage], source: Photographs | None, tables: Tables, distance: int
) -> None:
    """Store the validation pictures that are new.

    Raises:
        ValidationClash: something was made of one of them already.
    """
    known = tables.ids(ValidationImage)
    new = [row for row in validation if row.validation_image_id not in known]
    if new:
        refuse_clashes(_used(tables, source), validation_guard(new, distance))
    tables.append(new)


def _used(tables: Tables, source: Photographs | None) -> Iterator[tuple[str, str]]:
    """Yield name and hash of what references were cut from, as far as it is still there, and scenes stand on."""
    if source is not None:
        for path, image_id in {row.photograph: row.image_id for row in tables.read(Reference)}.items():
            with suppress(KeyError, RefusedItem):
                yield f"photograph {path}", phash(source.pixels(image_id))
    stood_on = {background_id for (background_id,) in tables.values(Scene, ("background_id",))}
    for row in tables.read(Background):
        if row.background_id in stood_on:
            yield f"background {row.path}", row.phash


def _candidates(pictures: Pictures, source: Photographs | None, drawn: Iterable[str]) -> Iterator[BackgroundCandidate]:
    for image in source.images() if source else ():
        if image.complete:  # the others hold an object that nobody would label
            yield BackgroundCandidate("training", image.path, image.width, image.height, image.image_id)
    for path in pictures.paths("yours"):
        yield BackgroundCandidate("yours", path)
    for path in drawn:
        yield BackgroundCandidate("drawn", path)


def _loader(pictures: Pictures, source: Photographs | None) -> Callable[[BackgroundCandidate], Rgb]:
    def load(candidate: BackgroundCandidate) -> Rgb:
        if candidate.image_id is not None and source is not None:
            for annotation in source.of_image(candidate.image_id):
                source.mask(annotation)  # an object that cannot be masked could not be labelled in a scene
            return source.pixels(candidate.image_id)
        return pictures.pixels(candidate.kind, candidate.path)

    return load


def _metadata(
    result: Screening, refused: list[RefusedItem], validation: int, painted: Paintings
) -> dict[str, int | dg.MetadataValue]:
    kinds = Counter(kept.kind for kept in result.kept)
    screened = Counter(kept.screened for kept in result.kept)
    reasons = Counter(one.reason for one in refused)
    return {
        "kept": len(result.kept),
        "refused": len(refused),
        "validation_images": validation,
        "painted": painted.fresh,
        "unpaintable": painted.unpaintable,
        "owed": painted.owed,
        "by_kind": dg.MetadataValue.json(dict(kinds)),
        "by_screening": dg.MetadataValue.json(dict(screened)),
        "refused_reasons": dg.MetadataValue.json(dict(reasons)),
    }
