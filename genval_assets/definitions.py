"""The only place that knows everything: assets, checks, sensors, schedule, and one set of resources per profile.

Each concrete resource stands in a variable annotated with its port, so that mypy proves that it fits.
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
from genval_assets.assets.jobs import top_up
from genval_assets.assets.line import instance_line
from genval_assets.assets.review import golden_labels
from genval_assets.assets.warehouse import warehouse
from genval_assets.chat.settings import ChatSettings
from genval_assets.config import find_home
from genval_assets.ports import (
    BackgroundPainter,
    Chat,
    ConceptSource,
    Datasets,
    Embedders,
    Foregrounds,
    GoldenSource,
    Images,
    Locks,
    PhotographSource,
    Pictures,
    Progress,
    SealedTruth,
    Tables,
    Warehouse,
)
from genval_assets.progress import LineProgress
from genval_assets.project import Project, open_project
from resources.annotations import CocoPhotographs
from resources.chat_http import ServedChat
from resources.chat_local import LocalChat
from resources.concepts import ConceptFile
from resources.datasets import DatasetFolders
from resources.images import ImageFiles
from resources.locks import RunLocks
from resources.offline.chat import OfflineChat
from resources.offline.embedder import OfflineEmbedders
from resources.offline.foregrounds import OfflineForegrounds
from resources.offline.golden import OfflineGolden
from resources.offline.painter import OfflinePainter
from resources.offline.sealed import SealedTruthFiles
from resources.pictures import PictureFolders
from resources.tables import ParquetTables
from resources.warehouse import DuckWarehouse
from sensors.alerts import failure_alert
from sensors.new_concepts import new_concepts
from sensors.rare_classes import rare_classes
from sensors.schedules import nightly

REHEARSED_PX = 256
"""Side of the frames that the offline models rehearse on: half the time of a candidate's 384, and judged alike."""
ASSETS = [concept_list, backgrounds, agent_prompts, instance_line, golden_labels, training_dataset, warehouse]


def stores(project: Project) -> Mapping[str, object]:
    """Return the resources that every profile has: the user's files, and those of the home."""
    home, settings = str(project.home), project.settings
    data = settings.data
    annotations, folder, names = data.coco or "", project.image_folder, data.names or ""
    tables: Tables = ParquetTables(home=home)
    images: Images = ImageFiles(home=home, jpeg_quality=settings.scenes.jpeg_quality)
    photographs: PhotographSource = CocoPhotographs(annotations=annotations, images=folder)
    concepts: ConceptSource = ConceptFile(annotations=annotations, images=folder, names=names)
    pictures: Pictures = PictureFolders(
        yours=data.backgrounds or "",
        validation_annotations=data.val or "",
        validation_images=data.val_images or data.images or "",
        drawn=home,
    )
    datasets: Datasets = DatasetFolders(home=home)
    published: Warehouse = DuckWarehouse(home=home)
    locks: Locks = RunLocks(home=home)
    return {
        "project": project,
        "tables": tables,
        "images": images,
        "photographs": photographs,
        "concepts": concepts,
        "pictures": pictures,
        "datasets": datasets,
        "published": published,
        "locks": locks,
    }


def offline_models(project: Project) -> Mapping[str, object]:
    """Return the models of the profile `offline`: drawn and by rule, no weights. Simulated.

    Rehearsals of the agents are drawn by another hand than candidates are; golden labels by a third.
    """
    home = str(project.home)
    foregrounds: Foregrounds = OfflineForegrounds(home=home)
    rehearsal_foregrounds: Foregrounds = OfflineForegrounds(
        home=str(project.home / "data" / "rehearsals"), hand="acceptance", frame=REHEARSED_PX
    )
    chat: Chat = chosen_chat(project.settings.chat) or OfflineChat()
    embedders: Embedders = OfflineEmbedders()
    golden: GoldenSource = OfflineGolden(frame=REHEARSED_PX)
    painter: BackgroundPainter = OfflinePainter()
    truth: SealedTruth = SealedTruthFiles(home=home)
    return {
        "foregrounds": foregrounds,
        "rehearsal_foregrounds": rehearsal_foregrounds,
        "chat": chat,
        "embedders": embedders,
        "golden": golden,
        "painter": painter,
        "truth": truth,
    }


def chosen_chat(settings: ChatSettings) -> Chat | None:
    """Return the chat model that the settings name, in any profile; None for the profile's own."""
    if settings.use == "served":
        served: Chat = ServedChat(**settings.served.model_dump(), max_tokens=settings.max_tokens)
        return served
    if settings.use == "local":
        local: Chat = LocalChat(**settings.local.model_dump(), max_tokens=settings.max_tokens)
        return local
    return None


MODELS = {"offline": offline_models}
"""Profile -> its models. `config.py` refuses a profile that is not here."""


def definitions_for(project: Project, progress: Progress | None = None) -> dg.Definitions:
    """Return the definitions of one project; `progress` is told what stages do (default: lines in the log)."""
    told: Progress = progress or LineProgress(dg.get_dagster_logger("genval").info)
    return dg.Definitions(
        assets=ASSETS,
        asset_checks=CHECKS,
        jobs=[top_up],
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
        schedules=[nightly(project, top_up)],
        resources={**stores(project), **MODELS[project.settings.project.profile](project), "progress": told},
        executor=dg.in_process_executor,
    )


def __getattr__(name: str) -> dg.Definitions:
    """Return `defs` of the project that the environment names; Dagster asks for it when it loads the code."""
    if name == "defs":
        return definitions_for(open_project(find_home(os.environ, Path.cwd(), for_daemon=True)))
    raise AttributeError(name)
