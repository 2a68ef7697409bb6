"""Wiring of `category_dataset` and `training_dataset`: rows become sets that a trainer reads."""

from collections.abc import Collection, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import PurePosixPath

import dagster as dg

from genval_assets.assets.backgrounds import validation_guard
from genval_assets.assets.caption_content import gather_captions
from genval_assets.assets.catalog import AFTER_THE_WAVE, OWNERS
from genval_assets.assets.cost import metered
from genval_assets.assets.quarantine import append_quarantined
from genval_assets.assets.real_images import RealImages, real_images, refuse_other_categories, still_named
from genval_assets.assets.split_check import refuse_leaks, split_check
from genval_assets.backgrounds.hashes import ValidationGuard
from genval_assets.batches import Batch
from genval_assets.concepts.register import active
from genval_assets.export.build import ExportedSet, export_set
from genval_assets.export.candidates import Candidates, candidates
from genval_assets.export.content import SetContent, composed_for, one_scene_each
from genval_assets.export.numbering import export_rows
from genval_assets.export.settings import CATEGORY_SETS, ExportSettings, SplitSettings
from genval_assets.instances.in_force import accepted_ids, in_force, refused_ids, spoilt_scenes
from genval_assets.layout_rows import LayoutImage, QuestionAnswer
from genval_assets.ports import Datasets, Locks, Photographs, PhotographSource, Tables
from genval_assets.project import Project
from genval_assets.rows import (
    Annotation,
    Background,
    Category,
    Export,
    Instance,
    Reference,
    Scene,
    ValidationImage,
    Verdict,
)
from genval_assets.runs import lock_name

STAGE = "category_dataset"
MERGED = "training_dataset"
NO_REAL_IMAGES = RealImages()


def save_category_datasets(
    batch: Batch, photographs: PhotographSource, datasets: Datasets, settings: ExportSettings, image_folder: str
) -> None:
    """Write one complete set per category of the batch: its own scenes, all their annotations, in one split."""
    own = settings.model_copy(update={"include_real": False, "include_val": False, "splits": SplitSettings()})
    with photographs.open() as source, metered(batch, STAGE, model="export", items=len(batch.alive)):
        everything = gather(batch.tables, source, image_folder, batch.keys)
        for category in batch.each(STAGE):
            with batch.attempt(STAGE, category):
                content = composed_for(everything, category.category)
                exported = export_set(f"{CATEGORY_SETS}/{category.category}", content, own, datasets.picture)
                folder = datasets.write(exported)
                batch.tell(STAGE, category, set_metadata(exported, folder))


def gather(
    tables: Tables,
    source: Photographs | None,
    image_folder: str,
    scene_categories: Collection[str] | None = None,
    real: RealImages = NO_REAL_IMAGES,
) -> SetContent:
    """Return the rows of all scenes with all accepted instances, or of the scenes made for some categories.

    Scenes that show an instance which is refused now are told apart: they are no part of a set.

    Args:
        tables: the record.
        source: the user's annotation file; None where there is none.
        image_folder: absolute; where the paths of the user's images begin.
        scene_categories: what the scenes were made for; None for all scenes, and all accepted instances.
        real: images to merge into the set.
    """
    stored, drawn = tables.read(Scene, scene_categories), tables.read(Annotation, scene_categories)
    inside = None if scene_categories is None else {row.category for row in drawn if row.instance_id is not None}
    verdicts = in_force(tables.read(Verdict, inside))
    spoilt = spoilt_scenes(((row.scene_id, row.instance_id) for row in drawn), refused_ids(verdicts))
    scenes = one_scene_each(scene for scene in stored if scene.scene_id not in spoilt)
    wanted = {scene.scene_id for scene in scenes}
    annotations = [row for row in drawn if row.scene_id in wanted]
    pooled = {row.instance_id for row in annotations}
    if scene_categories is None:
        pooled |= accepted_ids(verdicts)
    pictures = {scene.layout_image_id for scene in scenes if scene.layout_image_id is not None}
    canvases = {scene.image_id for scene in scenes if scene.image_id is not None}
    found = still_named(source, canvases)
    categories, instances = active(tables.read(Category)), tables.read(Instance, inside)
    return SetContent(
        categories=tuple(categories.values()),
        scenes=tuple(scenes),
        spoilt_scenes=tuple(scene for scene in stored if scene.scene_id in spoilt),
        annotations=tuple(annotations),
        instances=tuple(row for row in instances if row.instance_id in pooled),
        verdicts=tuple(row for row in verdicts if row.instance_id in pooled),
        references=tuple(tables.read(Reference, inside)),
        backgrounds=tuple(tables.read(Background)),
        layout_images=tuple(
            row for row in tables.read(LayoutImage, scene_categories) if row.layout_image_id in pictures
        ),
        questions=tuple(row for row in tables.read(QuestionAnswer, scene_categories) if row.scene_id in wanted),
        **vars(gather_captions(tables, source, scene_categories)),
        source_images=tuple(found.values()),
        gone_images=tuple(sorted(canvases - found.keys())),
        real_images=real.images,
        real_annotations=real.annotations,
        real_refused=real.refused,
        candidates=candidates(verdicts, instances, categories) if scene_categories is None else Candidates(),
        image_folder=image_folder,
    )


def set_metadata(exported: ExportedSet, folder: str) -> dict[str, dg.MetadataValue | int]:
    """Return what people see of a set in the UI."""
    left_out = exported.facts.left_out
    return {
        "folder": dg.MetadataValue.text(folder),
        "images": len(exported.numbered.images),
        "annotations": len(exported.numbered.annotations),
        "drawn_from_layouts": exported.facts.layout_scenes,
        "question_answer_pairs": exported.facts.questions,
        "captions": exported.facts.negatives.captions,
        "hard_negatives": exported.facts.negatives.negatives,
        "unscreened_backgrounds": exported.facts.unscreened,
        "left_out": dg.MetadataValue.json(
            {
                **vars(left_out),
                "real_images": dict(left_out.real_images),
                "val_images": dict(left_out.val_images),
                "captions": dict(exported.facts.negatives.left_out),
            }
        ),
    }


@contextmanager
def merged_content(
    project: Project, tables: Tables, photographs: PhotographSource, validation: PhotographSource, run_id: str
) -> Iterator[SetContent]:
    """Give the rows of all scenes, with the user's own images if the settings say so; refused ones are quarantined.

    Raises:
        OtherCategories: the validation file means other categories by its ids.
    """
    settings, now = project.settings.export, datetime.now(UTC)
    with photographs.open() as source, validation.open() as held_out:
        real, held = NO_REAL_IMAGES, NO_REAL_IMAGES
        if settings.include_real and source is not None:
            distance = project.settings.backgrounds.screening.phash_distance
            real = real_images(source, validation_guard(tables.read(ValidationImage), distance))
        if settings.include_val and held_out is not None:
            refuse_other_categories(held_out.concepts(), active(tables.read(Category)).values())
            held = real_images(held_out, ValidationGuard())
        append_quarantined(tables, MERGED, (*real.refused, *held.refused), run_id, now)
        yield replace(
            gather(tables, source, project.image_folder, real=real),
            val_images=held.images,
            val_annotations=held.annotations,
            val_refused=held.refused,
            val_folder=project.val_folder,
        )


def record(tables: Tables, exported: ExportedSet, dataset: str, run_id: str) -> None:
    """Append one row per annotation of the set `dataset`, but those that are there."""
    known = tables.ids(Export)
    rows = export_rows(exported.numbered, dataset, run_id, datetime.now(UTC))
    tables.append([row for row in rows if row.export_id not in known])


@dg.asset(
    deps=["category_dataset"],
    group_name="datasets",
    owners=OWNERS,
    tags={"system": "genval"},
    kinds={"json"},
    automation_condition=AFTER_THE_WAVE,
    check_specs=[split_check(MERGED)],
)
def training_dataset(
    context: dg.AssetExecutionContext,
    project: dg.ResourceParam[Project],
    photographs: dg.ResourceParam[PhotographSource],
    validation_photographs: dg.ResourceParam[PhotographSource],
    tables: dg.ResourceParam[Tables],
    datasets: dg.ResourceParam[Datasets],
    locks: dg.ResourceParam[Locks],
) -> Iterator[dg.AssetCheckResult | dg.MaterializeResult[None]]:
    """All scenes so far as one set, with the real images merged in if the settings say so.

    Left out are real images that cannot be exported whole, validation pictures, and scenes on training images that
    the annotation file no longer names.
    """
    run_id, settings = context.run.run_id, project.settings.export
    with (
        locks.hold(lock_name(run_id)),
        merged_content(project, tables, photographs, validation_photographs, run_id) as content,
    ):
        exported = export_set(settings.name, content, settings, datasets.picture)
        yield from refuse_leaks(exported.prepared)
        folder = datasets.write(exported)
        record(tables, exported, PurePosixPath(folder).name, run_id)
    yield dg.MaterializeResult(metadata=set_metadata(exported, folder))
