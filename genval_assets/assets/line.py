"""The per-category chain: one op that takes any set of categories through every selected stage.

Each stage is a plain function over a `Batch`; a model is opened once per stage, however many categories there are.
The chain only loops over stages. It logs one materialization per finished category and yields nothing: an output
would be recorded without a partition.

Not here: what a stage does (its own module), which categories come next (`topup/`, `sensors/`).
"""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime

import dagster as dg

from genval_assets.assets.candidates import STAGE as CANDIDATES
from genval_assets.assets.catalog import CHAIN, LINE_CHECKS
from genval_assets.assets.device import device_held, refuse_missing
from genval_assets.assets.judging import STAGE as VERDICTS
from genval_assets.assets.prompts import STAGE as PROMPTS
from genval_assets.assets.scenes import STAGE as SCENES
from genval_assets.assets.stage import Ports, Report, reported
from genval_assets.assets.stages import STAGES
from genval_assets.batches import Batch, BatchConfig, named, requested_keys, stop_on_interrupt
from genval_assets.concepts.register import active
from genval_assets.layouts.layout import STAGE as LAYOUTS
from genval_assets.layouts.scene_graph import STAGE as GRAPHS
from genval_assets.layouts.seeing import STAGE as LAYOUT_SCENES
from genval_assets.model_ports import (
    Chat,
    Detectors,
    Embedders,
    Foregrounds,
    Gauge,
    LayoutImages,
    Openable,
    Segmenters,
    Variations,
)
from genval_assets.negatives.positive import STAGE as NEGATIVES
from genval_assets.ports import Datasets, Images, Latents, Locks, PhotographSource, Pictures, Progress, Tables
from genval_assets.project import Project
from genval_assets.rows import Category
from genval_assets.runs import LINE_OP, lock_name


def instance_line(pool: str | None = None) -> dg.AssetsDefinition:
    """Return the chain; its runs wait for their turn in Dagster's `pool`, where there is one."""

    @dg.multi_asset(
        name=LINE_OP,
        specs=CHAIN,
        check_specs=LINE_CHECKS,
        can_subset=True,
        backfill_policy=dg.BackfillPolicy.single_run(),
        pool=pool,
    )
    def chain(
        context: dg.AssetExecutionContext,
        config: BatchConfig,
        project: dg.ResourceParam[Project],
        tables: dg.ResourceParam[Tables],
        images: dg.ResourceParam[Images],
        latents: dg.ResourceParam[Latents],
        photographs: dg.ResourceParam[PhotographSource],
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
    ) -> Iterator[dg.Output[None]]:
        """Bring each category of the run to its plan: references, prompts, candidates, verdicts, scenes, dataset."""
        yield from ()
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
        selected = {key.to_user_string() for key in context.selected_asset_keys}
        with locks.hold(lock_name(context.run.run_id)), device_held(project, locks):
            wanted = named(requested_keys(context.partition_keys, config), active(tables.read(Category)))
            failed = serve(context, wanted, selected, project, ports, progress, candidates=config.candidates)
        raise_failures(failed, len(wanted))

    return chain


def serve(
    context: dg.AssetExecutionContext | dg.OpExecutionContext,
    categories: tuple[Category, ...],
    selected: set[str],
    project: Project,
    ports: Ports,
    progress: Progress,
    *,
    candidates: int = 0,
) -> dict[str, str]:
    """Take the categories through the selected stages; report each stage's finished categories as materialized.

    Returns the categories that failed, with the stage and the error; the others are done.

    Raises:
        ModelUnavailable: a model that the stages need is not there; nothing was begun.
    """
    _refuse_without_models(project, ports, selected)
    batch = Batch(
        run_id=context.run.run_id,
        now=datetime.now(UTC),
        categories=categories,
        tables=ports.tables,
        log=context.log.info,
        progress=progress,
        gauge=ports.gauge,
    )
    with _canceled_if_stopped(context), stop_on_interrupt(batch.stopping):
        for stage in STAGES:
            if stage.name in selected:
                batch.stop_here()
                stage.work(batch, project, ports, candidates)
                for key, report in reported(stage, batch, project, ports).items():
                    _log(context, stage.name, key, report)
    return batch.failed


def _refuse_without_models(project: Project, ports: Ports, selected: set[str]) -> None:
    """End the run before its first item where a model cannot be opened that something of the run may need.

    Raises:
        ModelUnavailable: it says what to do, for every model that is missing.
    """
    instances = project.settings.instances
    sources = set(instances.sources)
    drawn, laid_out = bool(sources & {"foreground", "variation"}), project.settings.layouts.graphs > 0
    stages: list[tuple[Openable, bool, set[str]]] = [  # a model, whether the settings ask for it, and where it opens
        (ports.chat, "foreground" in sources, {PROMPTS}),
        (ports.chat, bool(set(instances.judge.sources) & sources), {VERDICTS}),
        (ports.foregrounds, "foreground" in sources, {PROMPTS, CANDIDATES, VERDICTS}),
        (ports.variations, "variation" in sources, {CANDIDATES}),
        (ports.segmenters, "variation" in sources, {CANDIDATES}),
        (ports.embedders, "variation" in sources, {CANDIDATES}),
        (ports.embedders, drawn and instances.rethink.keep_share < 1, {SCENES}),
        (ports.chat, laid_out, {GRAPHS, LAYOUTS, LAYOUT_SCENES}),
        (ports.layout_images, laid_out, {LAYOUT_SCENES}),
        (ports.segmenters, laid_out, {LAYOUT_SCENES}),
        (ports.layout_detectors, laid_out, {LAYOUT_SCENES}),
        (ports.chat, project.settings.hard_negatives.pictures > 0, {NEGATIVES}),
    ]
    refuse_missing(model for model, asked, opened in stages if asked and opened & selected)


@contextmanager
def _canceled_if_stopped(context: dg.AssetExecutionContext | dg.OpExecutionContext) -> Iterator[None]:
    """Let a run that somebody stopped end as canceled; Dagster calls it failed unless its own UI stopped it."""
    try:
        yield
    except dg.DagsterExecutionInterruptedError:
        context.instance.report_run_canceling(context.run)
        raise


def raise_failures(failed: Mapping[str, str], n_served: int) -> None:
    """End the run as failed if any category did.

    Raises:
        dagster.Failure: it names the categories that failed.
    """
    if failed:
        lines = "\n".join(f"{key}: {error}" for key, error in failed.items())
        raise dg.Failure(
            f"{len(failed)} of {n_served} categories failed, the others are done:\n{lines}",
            metadata={"failed": ", ".join(failed)},
            allow_retries=False,
        )


def _log(context: dg.AssetExecutionContext | dg.OpExecutionContext, stage: str, key: str, report: Report) -> None:
    """Record that an asset's partition is up to date, with what people see of it, and its checks."""
    context.log_event(dg.AssetMaterialization(stage, partition=key, metadata=report.metadata))
    for check in report.checks:
        evaluation = dg.AssetCheckEvaluation(
            asset_key=dg.AssetKey(stage),
            check_name=check.name,
            passed=check.passed,
            severity=dg.AssetCheckSeverity.WARN,
            metadata=check.metadata,
            partition=key,
        )
        context.log_event(evaluation)  # type: ignore[arg-type]  # an op takes it too; its annotation lags
