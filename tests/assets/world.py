"""A small project of fakes on an ephemeral Dagster instance, and the ways in which people launch its chain."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path

import dagster as dg
import pytest

from genval_assets.assets.catalog import LINE
from genval_assets.compose.settings import SceneSettings
from genval_assets.config import GenvalSettings, InstanceSettings
from genval_assets.definitions import ASSETS
from genval_assets.project import Project
from genval_assets.runs import LINE_OP
from genval_assets.topup.settings import TopUpSettings
from genval_assets.types import Concept
from tests.assets.fake_layouts import BoxPainter
from tests.assets.fake_models import Blocks, NoDetectors, PixelEmbedders, Spotter
from tests.assets.fake_studio import Studio
from tests.assets.fake_varying import BoxSegmenters, CountingGauge, DictLatents, Mirror
from tests.assets.fakes import (
    Album,
    DictDatasets,
    DictImages,
    DictLocks,
    ListConcepts,
    ListGolden,
    ListProgress,
    ListTables,
    ListWarehouse,
    NoTruth,
    OnePicture,
    RuleChat,
)

RANGE = ("dagster/asset_partition_range_start", "dagster/asset_partition_range_end")
SCENES = SceneSettings(max_objects=2, longest_side=128, min_side_px=4, tries=5)


def settings(*sources: str, target: int = 2, **top_up: int) -> GenvalSettings:
    """Return settings that ask for little, so that tests are quick."""
    return GenvalSettings(
        instances=InstanceSettings(sources=sources or ("foreground",)),
        scenes=SCENES,
        top_up=TopUpSettings(target=target, **top_up),
    )


@dataclass
class World:
    """Everything a run reaches. Every fake can be looked at, and told to fail."""

    instance: dg.DagsterInstance
    settings: GenvalSettings = field(default_factory=settings)
    concepts: ListConcepts = field(default_factory=ListConcepts)
    photographs: Album = field(default_factory=Album)
    validation_photographs: Album = field(default_factory=Album)
    tables: ListTables = field(default_factory=ListTables)
    images: DictImages = field(default_factory=DictImages)
    pictures: OnePicture = field(default_factory=OnePicture)
    latents: DictLatents = field(default_factory=DictLatents)
    foregrounds: Studio = field(default_factory=Studio)
    variations: Mirror = field(default_factory=Mirror)
    segmenters: BoxSegmenters = field(default_factory=BoxSegmenters)
    painters: Blocks = field(default_factory=Blocks)
    detectors: NoDetectors | Spotter = field(default_factory=NoDetectors)
    layout_images: BoxPainter = field(default_factory=BoxPainter)
    layout_detectors: NoDetectors | Spotter = field(default_factory=NoDetectors)
    gauge: CountingGauge = field(default_factory=CountingGauge)
    chat: RuleChat = field(default_factory=RuleChat)
    datasets: DictDatasets = field(default_factory=DictDatasets)
    locks: DictLocks = field(default_factory=DictLocks)
    progress: ListProgress = field(default_factory=ListProgress)
    published: ListWarehouse = field(default_factory=ListWarehouse)
    golden: ListGolden = field(default_factory=ListGolden)
    embedders: PixelEmbedders = field(default_factory=PixelEmbedders)
    truth: NoTruth = field(default_factory=NoTruth)

    @property
    def project(self) -> Project:
        return Project(Path("/nowhere"), self.settings)

    def resources(self) -> dict[str, object]:
        fakes = {name: value for name, value in vars(self).items() if name not in ("settings", "instance")}
        fakes |= {"project": self.project}
        return {**fakes, "rehearsal_foregrounds": self.foregrounds}

    def materialize(self, assets: Sequence[str], **more) -> dg.ExecuteInProcessResult:
        """Materialize some of the project's assets in one run; a failed run is returned, not raised."""
        return dg.materialize(
            ASSETS, selection=list(assets), instance=self.instance, resources=self.resources(),
            raise_on_error=False, **more,
        )  # fmt: skip

    def set_up(self) -> "World":
        """Register the concepts and screen the background, so that the chain's upstreams are materialized."""
        assert self.materialize(["concept_list", "backgrounds"]).success
        return self

    def serve_one(self, category: str, assets: Sequence[str] = LINE, **config) -> dg.ExecuteInProcessResult:
        return self.materialize(assets, partition_key=category, run_config=line_config(**config))

    def serve_range(self, first: str, last: str, **tags: str) -> dg.ExecuteInProcessResult:
        return self.materialize(LINE, tags={RANGE[0]: first, RANGE[1]: last, **tags})

    def serve_batch(self, *categories: str, assets: Sequence[str] = LINE, **config) -> dg.ExecuteInProcessResult:
        """Launch one run for scattered categories, anchored at the first."""
        return self.serve_one(categories[0], assets, categories=list(categories), **config)

    def materialized(self, asset: str) -> set[str]:
        return set(self.instance.get_materialized_partitions(dg.AssetKey(asset)))

    def errors_of(self, result: dg.ExecuteInProcessResult) -> str:
        """Return what the failed steps of a run say."""
        return "\n".join(e.step_failure_data.error.to_string() for e in result.all_events if e.is_step_failure)

    def log_of(self, result: dg.ExecuteInProcessResult) -> str:
        return "\n".join(record.user_message for record in self.instance.all_logs(result.run_id))


def line_config(**config: object) -> dict[str, object]:
    return {"ops": {LINE_OP: {"config": config}}} if config else {}


def names_only(*names: str) -> ListConcepts:
    """Return a list of names without a photograph: all of them rare, in alphabetical order."""
    return ListConcepts([Concept(name) for name in names])


@pytest.fixture
def make_world() -> Iterator[Callable[..., World]]:
    """Make a project of fakes, not yet set up, on an instance of its own that ends with the test."""
    with ExitStack() as stack:
        yield lambda **given: World(stack.enter_context(dg.DagsterInstance.ephemeral()), **given)
