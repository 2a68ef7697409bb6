"""Wiring of `reference_instances`: the usable real instances of each category, cut out by their masks."""

from collections import Counter
from collections.abc import Iterator
from contextlib import suppress

import dagster as dg

from genval_assets import keys
from genval_assets.backgrounds.hashes import ValidationGuard, phash
from genval_assets.batches import Batch
from genval_assets.instances.references import CutOut, ReferenceSettings, cut_out, occlusion, order_references, unusable
from genval_assets.ports import Images, Photographs, PhotographSource
from genval_assets.rows import Category, Reference
from genval_assets.types import Mask, RefusedItem, SourceAnnotation

STAGE = "reference_instances"
TRIED_PER_KEPT = 4
"""How many instances of a frequent category are looked at for each that may be kept (our choice)."""


def cut_references(
    batch: Batch,
    photographs: PhotographSource,
    images: Images,
    settings: ReferenceSettings,
    guard: ValidationGuard,
) -> None:
    """Cut out each category's usable real instances, best first, up to the limit; what is stored stays."""
    stored: dict[str, list[Reference]] = {c.category: [] for c in batch.categories}
    for row in batch.tables.read(Reference, batch.keys):
        stored[row.category].append(row)
    with photographs.open() as source:
        for category in batch.each(STAGE):
            with batch.attempt(STAGE, category):
                _one_category(batch, category, source, images, settings, guard, stored[category.category])


def _one_category(
    batch: Batch,
    category: Category,
    source: Photographs | None,
    images: Images,
    settings: ReferenceSettings,
    guard: ValidationGuard,
    stored: list[Reference],
) -> None:
    reasons: Counter[str] = Counter()
    new: list[Reference] = []
    if source is not None and category.source_id is not None:
        room = settings.per_category - len(stored)
        known = {row.annotation_id for row in stored}
        tried = order_references(source.of_category(category.source_id))[: settings.per_category * TRIED_PER_KEPT]
        for annotation, found in _usable(batch, category, source, tried, known, settings, guard, reasons):
            if len(new) == room:
                break
            new.append(_row(batch, category, source, annotation, found, len(stored) + len(new), images))
    batch.tables.append(new)
    batch.tell(
        STAGE,
        category,
        {
            "references": len(stored) + len(new),
            "new": len(new),
            "unusable": dg.MetadataValue.json(dict(reasons.most_common())),
        },
    )


def _usable(
    batch: Batch,
    category: Category,
    source: Photographs,
    tried: list[SourceAnnotation],
    known: set[int],
    settings: ReferenceSettings,
    guard: ValidationGuard,
    reasons: Counter[str],
) -> Iterator[tuple[SourceAnnotation, CutOut]]:
    """Yield what can be cut out, best first; the rest is counted by reason, or quarantined where it is at fault."""
    for annotation in tried:
        if annotation.annotation_id in known:
            continue
        batch.stop_here()
        try:
            mask = source.mask(annotation)
            reason = unusable(annotation, source.image(annotation.image_id), mask, settings)
            if reason is None and occlusion(mask, _neighbours(source, annotation)) > settings.max_occlusion:
                reason = "occluded"
            pixels = None if reason else source.pixels(annotation.image_id)
        except RefusedItem as refused:
            batch.quarantine(STAGE, category.category, refused)
            reasons[refused.reason] += 1
            continue
        if pixels is not None and guard.is_validation(phash(pixels)):
            reason = "validation_image"
        if reason or pixels is None:
            reasons[str(reason)] += 1
            continue
        yield annotation, cut_out(pixels, mask)


def _neighbours(source: Photographs, annotation: SourceAnnotation) -> Iterator[Mask]:
    """Yield the masks of the other objects whose boxes meet the annotation's; crowds are no single objects."""
    x, y, w, h = annotation.box
    for other in source.of_image(annotation.image_id):
        ox, oy, ow, oh = other.box
        apart = ox >= x + w or x >= ox + ow or oy >= y + h or y >= oy + oh
        if other.annotation_id != annotation.annotation_id and not other.iscrowd and not apart:
            with suppress(RefusedItem):  # what cannot be decoded says nothing of this one
                yield source.mask(other)


def _row(
    batch: Batch,
    category: Category,
    source: Photographs,
    annotation: SourceAnnotation,
    found: CutOut,
    index: int,
    images: Images,
) -> Reference:
    photograph = source.image(annotation.image_id)
    height, width = found.rgba.shape[:2]
    return Reference(
        reference_id=keys.recipe(
            "reference_instances",
            category=category.category,
            photograph=photograph.path,
            annotation_id=annotation.annotation_id,
            segmentation=annotation.segmentation.decode(),
        ),
        run_id=batch.run_id,
        created_at=batch.now,
        category=category.category,
        index=index,
        annotation_id=annotation.annotation_id,
        image_id=annotation.image_id,
        photograph=photograph.path,
        photograph_width=photograph.width,
        photograph_height=photograph.height,
        x=float(found.x),
        y=float(found.y),
        w=float(width),
        h=float(height),
        area_px=found.area_px,
        fill=found.fill,
        image=images.put([found.rgba])[0],
    )
