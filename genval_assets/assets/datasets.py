"""Wiring of `category_dataset` and `training_dataset`: rows become sets that a trainer reads."""

from collections.abc import Collection, Sequence
from datetime import UTC, datetime
from pathlib import PurePosixPath
from typing import Any

import dagster as dg

from genval_assets.assets.catalog import AFTER_THE_WAVE, OWNERS
from genval_assets.assets.cost import metered
from genval_assets.batches import Batch
from genval_assets.concepts.register import active
from genval_assets.export.build import ExportedSet, export_set
from genval_assets.export.content import SetContent, composed_for
from genval_assets.export.numbering import export_rows
from genval_assets.export.settings import ExportSettings
from genval_assets.ports import Datasets, Locks, Photographs, PhotographSource, Tables
from genval_assets.project import Project
from genval_assets.rows import Annotation, Background, Category, Export, Instance, Scene, Verdict
from genval_assets.runs import lock_name

STAGE = "category_dataset"


def save_category_datasets(
    batch: Batch, photographs: PhotographSource, datasets: Datasets, settings: ExportSettings, image_folder: str
) -> None:
    """Write one complete set per category of the batch: its own scenes, all their annotations."""
    own = settings.model_copy(update={"include_real": False})
    with photographs.open() as source, metered(batch, STAGE, model="export", items=len(batch.alive)):
        everything = gather(batch.tables, source, image_folder, batch.keys)
        for category in batch.each(STAGE):
            with batch.attempt(STAGE, category):
                content = composed_for(everything, category.category)
                exported = export_set(f"categories/{category.category}", content, own)
                folder = datasets.write(exported.name, exported.files, exported.links)
                batch.tell(STAGE, category, set_metadata(exported, folder))


def gather(
    tables: Tables,
    source: Photographs | None,
    image_folder: str,
    scene_categories: Collection[str] | None = None,
    *,
    include_real: bool = False,
) -> SetContent:
    """Return the rows of all scenes with all accepted instances, or of the scenes composed for some categories."""
    scenes = tables.read(Scene, scene_categories)
    wanted = {scene.scene_id for scene in scenes}
    annotations = [row for row in tables.read(Annotation) if row.scene_id in wanted]
    verdicts = tables.read(Verdict)
    pooled = {row.instance_id for row in annotations}
    if scene_categories is None:
        pooled |= {row.instance_id for row in verdicts if row.outcome == "accepted"}
    return SetContent(
        categories=tuple(active(tables.read(Category)).values()),
        scenes=tuple(scenes),
        annotations=tuple(annotations),
        instances=tuple(row for row in tables.read(Instance) if row.instance_id in pooled),
        verdicts=tuple(row for row in verdicts if row.instance_id in pooled),
        backgrounds=tuple(tables.read(Background)),
        image_folder=image_folder,
        **_real(source, scenes, include_real=include_real),
    )


def _real(source: Photographs | None, scenes: Sequence[Scene], *, include_real: bool) -> dict[str, Any]:
    """Return the training images that were pasted onto or, with `include_real`, all of them with what is in them."""
    if source is None:
        return {}
    if not include_real:
        used = sorted({scene.image_id for scene in scenes if scene.image_id is not None})
        return {"source_images": tuple(source.image(image_id) for image_id in used)}
    images = tuple(source.images())
    found = tuple(one for image in images for one in source.of_image(image.image_id))
    return {"source_images": images, "source_annotations": found}


def set_metadata(exported: ExportedSet, folder: str) -> dict[str, dg.MetadataValue | int]:
    """Return what people see of a set in the UI."""
    return {
        "folder": dg.MetadataValue.text(folder),
        "images": len(exported.numbered.images),
        "annotations": len(exported.numbered.annotations),
        "unscreened_backgrounds": exported.facts.unscreened,
    }


@dg.asset(
    deps=["category_dataset"],
    group_name="datasets",
    owners=OWNERS,
    tags={"system": "genval"},
    kinds={"json"},
    automation_condition=AFTER_THE_WAVE,
)
def training_dataset(
    context: dg.AssetExecutionContext,
    project: dg.ResourceParam[Project],
    photographs: dg.ResourceParam[PhotographSource],
    tables: dg.ResourceParam[Tables],
    datasets: dg.ResourceParam[Datasets],
    locks: dg.ResourceParam[Locks],
) -> dg.MaterializeResult[None]:
    """Everything composed so far as one set, with the real images merged in if the settings say so."""
    run_id, settings = context.run.run_id, project.settings.export
    with locks.hold(lock_name(run_id)), photographs.open() as source:
        content = gather(tables, source, project.image_folder, include_real=settings.include_real)
        exported = export_set(settings.name, content, settings)
        folder = datasets.write(exported.name, exported.files, exported.links)
        rows = export_rows(exported.numbered, PurePosixPath(folder).name, run_id, datetime.now(UTC))
        known = tables.ids(Export)
        tables.append([row for row in rows if row.export_id not in known])
    return dg.MaterializeResult(metadata=set_metadata(exported, folder))
