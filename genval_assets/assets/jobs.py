"""The `top_up` job: plans and works wave after wave by itself, so that nothing has to be typed to launch it."""

import time
from collections.abc import Collection
from datetime import UTC, datetime

import dagster as dg
from pydantic import Field

from genval_assets.assets.catalog import LINE
from genval_assets.assets.device import device_held
from genval_assets.assets.layout_pool import make_pool
from genval_assets.assets.line import raise_failures, serve
from genval_assets.assets.planning import next_wave
from genval_assets.assets.stage import Ports
from genval_assets.batches import named
from genval_assets.concepts.register import active
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
)
from genval_assets.project import Project
from genval_assets.rows import Category
from genval_assets.runs import CATEGORIES_TAG, PAIRS, in_flight, lock_name, looked_for, report_dead_runs, to_set_up
from genval_assets.topup.attempts import next_turn
from genval_assets.topup.plan import WavePlan


class TopUpConfig(dg.Config):
    """How long to go on."""

    hours: float = Field(
        default=0.0, ge=0, description="Begin no new wave after this many hours. 0: one wave and no more."
    )


def top_up(pool: str | None = None) -> dg.JobDefinition:
    """Return the job that tops up; its runs wait for their turn in Dagster's `pool`, where there is one."""

    @dg.op(pool=pool)
    def top_up_waves(
        context: dg.OpExecutionContext,
        config: TopUpConfig,
        project: dg.ResourceParam[Project],
        tables: dg.ResourceParam[Tables],
        images: dg.ResourceParam[Images],
        latents: dg.ResourceParam[Latents],
        photographs: dg.ResourceParam[PhotographSource],
        concepts: dg.ResourceParam[ConceptSource],
        pictures: dg.ResourceParam[Pictures],
        foregrounds: dg.ResourceParam[Foregrounds],
        variations: dg.ResourceParam[Variations],
        segmenters: dg.ResourceParam[Segmenters],
        chat: dg.ResourceParam[Chat],
        embedders: dg.ResourceParam[Embedders],
        layout_images: dg.ResourceParam[LayoutImages],
        layout_detectors: dg.ResourceParam[Detectors],
        datasets: dg.ResourceParam[Datasets],
        gauge: dg.ResourceParam[Gauge],
        locks: dg.ResourceParam[Locks],
        progress: dg.ResourceParam[Progress],
    ) -> None:
        """Work the next wave, and further ones until the hours are over, the targets reached or the budget spent.

        An op and no asset: it chooses its categories itself, which a partitioned run cannot. It reports the same
        materializations as the chain does.
        """
        ports = Ports(
            tables=tables,
            images=images,
            latents=latents,
            photographs=photographs,
            pictures=pictures,
            foregrounds=foregrounds,
            variations=variations,
            segmenters=segmenters,
            chat=chat,
            embedders=embedders,
            layout_images=layout_images,
            layout_detectors=layout_detectors,
            datasets=datasets,
            gauge=gauge,
        )
        with locks.hold(lock_name(context.run.run_id)), device_held(project, locks):
            _renew_pool(context, project, ports, concepts)
            _work_waves(context, config.hours, project, ports, locks, progress)

    @dg.job(
        name="top_up",
        description="The next wave of the top-up, planned when it starts; nothing needs to be typed. `hours` goes on.",
    )
    def top_up() -> None:
        top_up_waves()

    return top_up


def _renew_pool(context: dg.OpExecutionContext, project: Project, ports: Ports, concepts: ConceptSource) -> None:
    """Make the layout pool where layouts are asked for and it is not of this file and these settings."""
    marks = project.set_up_fingerprint(concepts), project.pairs_fingerprint(concepts)
    if PAIRS in to_set_up(context.instance, *marks):
        metadata = make_pool(project, concepts, ports.photographs, ports.tables, context.run.run_id)
        context.log_event(dg.AssetMaterialization(PAIRS, metadata=metadata))


def _work_waves(
    context: dg.OpExecutionContext, hours: float, project: Project, ports: Ports, locks: Locks, progress: Progress
) -> None:
    end = time.monotonic() + hours * 3600
    tables, settings = ports.tables, project.settings
    failed: dict[str, str] = {}
    served: set[str] = set()
    memory: str | None = None

    def plan(given_up: Collection[str]) -> WavePlan:
        sources = project.sources(ports.foregrounds, tables, looked_for=looked_for(context.instance))
        busy = in_flight(context.instance, besides=context.run.run_id)
        return next_wave(tables, settings.top_up, settings.budget, sources, busy, datetime.now(UTC), given_up)

    while True:
        report_dead_runs(context.instance, locks, datetime.now(UTC))
        turn = next_turn(plan, memory)
        wave, memory = turn.wave, turn.memory
        context.log.info(wave.why)
        if not wave.categories:
            break
        context.instance.add_run_tags(context.run.run_id, {CATEGORIES_TAG: " ".join(wave.categories)})
        categories = named(wave.categories, active(tables.read(Category)))
        failed |= serve(context, categories, set(LINE), project, ports, progress)
        served |= set(wave.categories)
        if time.monotonic() >= end:
            break
    raise_failures(failed, len(served))
