"""Wiring of `backgrounds`: every picture that scenes may be composed on, screened; and the validation pictures."""

from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import suppress
from datetime import UTC, datetime

import dagster as dg

from genval_assets import keys
from genval_assets.assets.catalog import OWNERS
from genval_assets.assets.quarantine import append_quarantined
from genval_assets.backgrounds.clashes import refuse_clashes
from genval_assets.backgrounds.generations import next_generation
from genval_assets.backgrounds.hashes import ValidationGuard, phash
from genval_assets.backgrounds.screening import BackgroundCandidate, Screening, screen
from genval_assets.ports import BackgroundPainter, Images, Locks, Photographs, PhotographSource, Pictures, Tables
from genval_assets.project import Project
from genval_assets.rows import Background, Reference, Scene, ValidationImage
from genval_assets.runs import lock_name
from genval_assets.types import RefusedItem, Rgb

STAGE = "backgrounds"


@dg.asset(
    deps=["concept_list"],
    group_name="sources",
    owners=OWNERS,
    tags={"system": "gen-n-val"},
    kinds={"image", "parquet"},
)
def backgrounds(
    context: dg.AssetExecutionContext,
    project: dg.ResourceParam[Project],
    photographs: dg.ResourceParam[PhotographSource],
    pictures: dg.ResourceParam[Pictures],
    painter: dg.ResourceParam[BackgroundPainter],
    images: dg.ResourceParam[Images],
    tables: dg.ResourceParam[Tables],
    locks: dg.ResourceParam[Locks],
) -> dg.MaterializeResult[None]:
    """Backgrounds: your pictures, your annotated training images, painted ones; without validation pictures.

    Refused are validation pictures and their near-duplicates, copies, pictures that are too small, blank ones, and
    training images with a mask that cannot be decoded. A list that differs from the last is the next generation.
    """
    now, run_id = datetime.now(UTC), context.run.run_id
    with locks.hold(lock_name(run_id)), photographs.open() as source:
        painted = painter.paint(project.settings.backgrounds.painted, project.settings.project.seed)
        drawn = images.put(painted, lossless=False)
        settings = project.settings.backgrounds.screening
        validation, unreadable = _validation_images(pictures, run_id, now)
        known = tables.ids(ValidationImage)
        new = [row for row in validation if row.validation_image_id not in known]
        if new:
            refuse_clashes(_used(tables, source), validation_guard(new, settings.phash_distance))
        tables.append(new)
        guard = validation_guard(tables.read(ValidationImage), settings.phash_distance)
        found = _candidates(pictures, source, drawn)
        result = screen(found, _loader(pictures, source), guard, settings, project.settings.project.seed)
        refused = [*unreadable, *result.refused]
        append_quarantined(tables, STAGE, refused, run_id, now)
        tables.append(next_generation(result.kept, tables.read(Background), run_id, now))
    return dg.MaterializeResult(metadata=_metadata(result, refused, len(validation)))


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


def _candidates(pictures: Pictures, source: Photographs | None, drawn: list[str]) -> Iterator[BackgroundCandidate]:
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


def _metadata(result: Screening, refused: list[RefusedItem], validation: int) -> dict[str, int | dg.MetadataValue]:
    kinds = Counter(kept.kind for kept in result.kept)
    screened = Counter(kept.screened for kept in result.kept)
    reasons = Counter(one.reason for one in refused)
    return {
        "kept": len(result.kept),
        "refused": len(refused),
        "validation_images": validation,
        "by_kind": dg.MetadataValue.json(dict(kinds)),
        "by_screening": dg.MetadataValue.json(dict(screened)),
        "refused_reasons": dg.MetadataValue.json(dict(reasons)),
    }
