"""Wiring of the exports: the merged set in one format each, in the home or in a folder of the user's choice."""

from collections.abc import Iterator
from pathlib import PurePosixPath
from typing import get_args

import dagster as dg
from pydantic import Field

from genval_assets.assets.catalog import OWNERS
from genval_assets.assets.datasets import merged_content, record, set_metadata
from genval_assets.assets.split_check import refuse_leaks, split_check
from genval_assets.export.build import export_as
from genval_assets.export.settings import ExportSettings
from genval_assets.export.words import Format
from genval_assets.ports import Datasets, Locks, PhotographSource, Tables
from genval_assets.project import Project
from genval_assets.runs import lock_name

DATASET = "dataset"
"""Metadata: what the set is called in the table `exports`."""
MOVED_ASIDE = "moved_aside"
"""Metadata: where what the folder held is now."""
FORMATS: tuple[Format, ...] = get_args(Format)
READ_BY = {
    "coco": "COCO instances, one file per split: pycocotools, Detectron2, MMDetection.",
    "lvis": "LVIS v1, one file per split, masks as polygons: lvis-api, Detectron2.",
    "yolo": "data.yaml with labels for segmentation or detection: Ultralytics.",
    "hf": "Parquet shards with the pictures inside: datasets.load_dataset.",
    "imagefolder": "Pictures with metadata.jsonl: Hugging Face's ImageFolder.",
    "webdataset": "Tar shards of pictures and JSON: webdataset.",
    "pool": "RGBA cut-outs with masks, sizes and provenance, for copy-paste while training.",
}


class ExportTo(dg.Config):
    """Where an export goes."""

    folder: str = Field(default="", description="Absolute folder. Empty: data/datasets/exports/<format> in the home.")
    overwrite: bool = Field(
        default=False,
        description="Replace what the folder holds: an earlier export is removed, anything else moved aside.",
    )
    yolo_task: str = Field(default="", description="Labels of yolo, segment or detect. Empty: as genval.toml says.")


def asset_name(wanted: Format) -> str:
    """Return the asset that exports a format."""
    return f"{wanted}_export"


def export_asset(wanted: Format) -> dg.AssetsDefinition:
    """Return the asset that exports all scenes in one format."""

    @dg.asset(
        name=asset_name(wanted),
        description=f"All scenes so far, verified by another reader. {READ_BY[wanted]}",
        deps=["training_dataset"],
        group_name="exports",
        owners=OWNERS,
        tags={"system": "genval"},
        kinds={wanted},
        check_specs=[split_check(asset_name(wanted))],
    )
    def exported(
        context: dg.AssetExecutionContext,
        config: ExportTo,
        project: dg.ResourceParam[Project],
        photographs: dg.ResourceParam[PhotographSource],
        validation_photographs: dg.ResourceParam[PhotographSource],
        tables: dg.ResourceParam[Tables],
        datasets: dg.ResourceParam[Datasets],
        locks: dg.ResourceParam[Locks],
    ) -> Iterator[dg.AssetCheckResult | dg.MaterializeResult[None]]:
        run_id, settings = context.run.run_id, _settings(project.settings.export, config)
        with (
            locks.hold(lock_name(run_id)),
            merged_content(project, tables, photographs, validation_photographs, run_id) as content,
        ):
            done = export_as(wanted, content, settings, datasets.picture)
            yield from refuse_leaks(done.prepared)
            folder, version, aside = config.folder, "", ""
            if folder:
                landed = datasets.write_to(done, folder, overwrite=config.overwrite)
                version, aside = f"{wanted}@{landed.version}", landed.moved_aside
            else:
                folder = datasets.write(done)
                version = PurePosixPath(folder).name
            if wanted != "pool":  # which holds no annotations
                record(tables, done, version, run_id)
        metadata = {**set_metadata(done, folder), DATASET: version, MOVED_ASIDE: aside}
        yield dg.MaterializeResult(metadata=metadata)

    return exported


EXPORTS = [export_asset(wanted) for wanted in FORMATS]


def _settings(settings: ExportSettings, config: ExportTo) -> ExportSettings:
    if not config.yolo_task:
        return settings
    return ExportSettings.model_validate({**settings.model_dump(), "yolo_task": config.yolo_task})
