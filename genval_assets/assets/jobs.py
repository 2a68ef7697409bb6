"""The `top_up` job: plans and works wave after wave by itself, so that nothing has to be typed to launch it."""

import time
from collections.abc import Collection
from datetime import UTC, datetime

import dagster as dg
from pydantic import Field

from genval_assets.assets.catalog import LINE
from genval_assets.assets.line import raise_failures, serve
from genval_assets.assets.planning import next_wave
from genval_assets.assets.stages import Ports
from genval_assets.batches import named
from genval_assets.concepts.register import active
from genval_assets.ports import (
    Chat,
    Datasets,
    Embedders,
    Foregrounds,
    Images,
    Locks,
    PhotographSource,
    Pictures,
    Progress,
    Tables,
)
from genval_assets.project import Project
from genval_assets.rows import Category
from genval_assets.runs import CATEGORIES_TAG, in_flight, lock_name, looked_for, report_dead_runs
from genval_assets.topup.attempts import next_turn
from genval_assets.topup.plan import WavePlan


class TopUpConfig(dg.Config):
    """How long to go on."""

    hours: float = Field(
        default=0.0, ge=0, description="Begin no new wave after this many hours. 0: one wave and no more."
    )


@dg.op
def top_up_waves(
    context: dg.OpExecutionContext,
    config: TopUpConfig,
    project: dg.ResourceParam[Project],
    tables: dg.ResourceParam[Tables],
    images: dg.ResourceParam[Images],
    photographs: dg.ResourceParam[PhotographSource],
    pictures: dg.ResourceParam[Pictures],
    foregrounds: dg.ResourceParam[Foregrounds],
    chat: dg.ResourceParam[Chat],
    embedders: dg.ResourceParam[Embedders],
    datasets: dg.ResourceParam[Datasets],
    locks: dg.ResourceParam[Locks],
    progress: dg.ResourceParam[Progress],
) -> None:
    """Work the next wave, and further ones until the hours are over, the targets reached or the budget spent.

    An op and no asset: it chooses its categories itself, which a partitioned run cannot. It reports the same
    materializations as the chain does.
    """
    ports = Ports(tables, images, photographs, pictures, foregrounds, chat, embedders, datasets)
    end = time.monotonic() + config.hours * 3600
    failed: dict[str, str] = {}
    served: set[str] = set()
    memory: str | None = None

    def plan(given_up: Collection[str]) -> WavePlan:
        sources = project.sources(foregrounds, tables, looked_for=looked_for(context.instance))
        busy = in_flight(context.instance, besides=context.run.run_id)
        settings = project.settings
        return next_wave(tables, settings.top_up, settings.budget, sources, busy, datetime.now(UTC), given_up)

    with locks.hold(lock_name(context.run.run_id)):
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


@dg.job(
    name="top_up",
    description="The next wave of the top-up, planned when it starts; nothing needs to be typed. `hours` goes on.",
)
def top_up() -> None:
    """Bring what is under target nearer to it."""
    top_up_waves()
