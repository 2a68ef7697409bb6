"""The only place that knows everything: assets, checks, sensors, schedule, stores, and the profile's models.

Each concrete store stands in a variable annotated with its port, so that mypy proves that it fits.
"""

import os
from collections.abc import Mapping
from pathlib import Path

import dagster as dg

from genval_assets.assets.agents import agent_prompts
from genval_assets.assets.backgrounds import backgrounds
from genval_assets.assets.checks import CHECKS
from genval_assets.assets.concepts import concept_list
from genval_assets.assets.datasets import training_dataset
from genval_assets.assets.device import POOL
from genval_assets.assets.exports import EXPORTS
from genval_assets.assets.jobs import top_up
from genval_assets.assets.layout_pool import layout_pool
from genval_assets.assets.line import instance_line
from genval_assets.assets.ranking import negative_ranking
from genval_assets.assets.review import golden_labels
from genval_assets.assets.warehouse import warehouse
from genval_assets.config import find_home
from genval_assets.ports import (
    ConceptSource,
    Datasets,
    Images,
    Latents,
    Locks,
    PhotographSource,
    Pictures,
    Progress,
    Tables,
    Warehouse,
)
from genval_assets.profiles import MODELS
from genval_assets.progress import LineProgress
from genval_assets.project import Project, open_project
from resources.annotations import CocoPhotographs
from resources.concepts import ConceptFile
from resources.datasets import DatasetFolders
from resources.images import ImageFiles
from resources.latents import LatentFiles
from resources.locks import RunLocks
from resources.pictures import PictureFolders
from resources.tables import ParquetTables
from resources.warehouse import DuckWarehouse
from sensors.alerts import failure_alert
from sensors.new_concepts import new_concepts
from sensors.rare_classes import rare_classes
from sensors.schedules import nightly


def assets_in(pool: str | None) -> list[dg.AssetsDefinition]:
    """Return all assets; those that open models wait for their turn in Dagster's `pool`, where there is one."""
    with_models = [backgrounds(pool), agent_prompts(pool), instance_line(pool), negative_ranking(pool)]
    return [concept_list, layout_pool, *with_models, golden_labels, training_dataset, *EXPORTS, warehouse]


ASSETS = assets_in(None)


def stores(project: Project) -> Mapping[str, object]:
    """Return the resources that every profile has: the user's files, and those of the home."""
    home, settings = str(project.home), project.settings
    data = settings.data
    annotations, folder, names = data.coco or "", project.image_folder, data.names or ""
    tables: Tables = ParquetTables(home=home)
    images: Images = ImageFiles(home=home, jpeg_quality=settings.scenes.jpeg_quality)
    latents: Latents = LatentFiles(home=home)
    photographs: PhotographSource = CocoPhotographs(annotations=annotations, images=folder)
    val_images = project.val_folder
    validation: PhotographSource = CocoPhotographs(annotations=data.val or "", images=val_images)
    concepts: ConceptSource = ConceptFile(annotations=annotations, images=folder, names=names)
    pictures: Pictures = PictureFolders(
        yours=data.backgrounds or "",
        validation_annotations=data.val or "",
        validation_images=val_images,
        drawn=home,
    )
    datasets: Datasets = DatasetFolders(home=home, sources=list(project.user_paths))
    published: Warehouse = DuckWarehouse(home=home)
    locks: Locks = RunLocks(home=home)
    return {
        "project": project,
        "tables": tables,
        "images": images,
        "latents": latents,
        "photographs": photographs,
        "validation_photographs": validation,
        "concepts": concepts,
        "pictures": pictures,
        "datasets": datasets,
        "published": published,
        "locks": locks,
    }


def definitions_for(project: Project, progress: Progress | None = None) -> dg.Definitions:
    """Return the definitions of one project; `progress` is told what stages do (default: lines in the log)."""
    pool = POOL if project.devices else None
    job = top_up(pool)
    told: Progress = progress or LineProgress(dg.get_dagster_logger("genval").info)
    return dg.Definitions(
        assets=assets_in(pool),
        asset_checks=CHECKS,
        jobs=[job],
        sensors=[
            rare_classes(project.settings.schedule),
            new_concepts(project.settings.schedule),
            failure_alert,
            dg.AutomationConditionSensorDefinition(
                "after_the_wave",
                target=dg.AssetSelection.assets("training_dataset", "warehouse"),
                default_status=dg.DefaultSensorStatus.RUNNING,
                minimum_interval_seconds=project.settings.schedule.interval_seconds,
            ),
        ],
        schedules=[nightly(project, job)],
        resources={**stores(project), **MODELS[project.settings.project.profile](project), "progress": told},
        executor=dg.in_process_executor,
    )


def __getattr__(name: str) -> dg.Definitions:
    """Return `defs` of the project that the environment names; Dagster asks for it when it loads the code."""
    if name == "defs":
        return definitions_for(open_project(find_home(os.environ, Path.cwd(), for_daemon=True)))
    raise AttributeError(name)
