"""What a stage of the chain is: its work on a batch, what it says of each category then, and the ports it may use."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from genval_assets.assets.previews import Metadata
from genval_assets.batches import Batch
from genval_assets.model_ports import (
    Chat,
    Detectors,
    Embedders,
    Foregrounds,
    Gauge,
    LayoutImages,
    Segmenters,
    Variations,
)
from genval_assets.ports import Datasets, Images, Latents, PhotographSource, Pictures, Tables
from genval_assets.project import Project


@dataclass(frozen=True)
class Ports:
    """What the stages of one run may reach."""

    tables: Tables
    images: Images
    latents: Latents
    photographs: PhotographSource
    pictures: Pictures
    foregrounds: Foregrounds
    variations: Variations
    segmenters: Segmenters
    chat: Chat
    embedders: Embedders
    layout_images: LayoutImages
    layout_detectors: Detectors
    datasets: Datasets
    gauge: Gauge


@dataclass(frozen=True)
class Checked:
    """The outcome of one check for one category."""

    name: str
    passed: bool
    metadata: Metadata


@dataclass(frozen=True)
class Report:
    """What a stage says of one finished category."""

    metadata: Metadata
    checks: tuple[Checked, ...] = ()


@dataclass(frozen=True)
class Stage:
    """One asset of the chain. `work` serves the whole batch; `report` is asked afterwards, for living categories."""

    name: str
    work: Callable[[Batch, Project, Ports, int], None]
    report: Callable[[Batch, Project, Ports], Mapping[str, Report]] | None = None  # None: what the work has told


def reported(stage: Stage, batch: Batch, project: Project, ports: Ports) -> Mapping[str, Report]:
    """Return what a stage says of the batch's living categories, by key."""
    if stage.report is None:
        told = batch.told.get(stage.name, {})
        return {key: Report(dict(told[key])) for key in batch.keys if key in told}
    return stage.report(batch, project, ports)
