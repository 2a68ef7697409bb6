"""The stages of the chain in their order: what each does for a batch, and what it says of each category then."""

from collections import defaultdict
from collections.abc import Mapping
from itertools import groupby

from genval_assets.assets.backgrounds import validation_guard
from genval_assets.assets.candidates import Owed, owed_candidates
from genval_assets.assets.catalog import SCENES_CHECK, YIELD_CHECK
from genval_assets.assets.datasets import save_category_datasets
from genval_assets.assets.drawing import draw_prompts
from genval_assets.assets.finishing import Finishing
from genval_assets.assets.judging import judge_candidates, validation_of
from genval_assets.assets.layout_stages import LAYOUT_STAGES
from genval_assets.assets.negative_stage import NEGATIVE_STAGE
from genval_assets.assets.planning import record_plans
from genval_assets.assets.previews import scene_metadata, verdict_metadata
from genval_assets.assets.prompts import Writing, write_missing_prompts
from genval_assets.assets.references import cut_references
from genval_assets.assets.scenes import compose_scenes
from genval_assets.assets.selecting import left_out_instances
from genval_assets.assets.stage import Checked, Ports, Report, Stage
from genval_assets.assets.varying import Varying, cut_variants, draw_variations
from genval_assets.batches import Batch, by_category
from genval_assets.instances.in_force import in_force
from genval_assets.project import Project
from genval_assets.rows import Annotation, Instance, Prompt, Scene, ValidationImage, Verdict
from genval_assets.topup.owed import CUTOUT, VARIATION, owes, unused


def _references(batch: Batch, project: Project, ports: Ports, _candidates: int) -> None:
    distance = project.settings.backgrounds.screening.phash_distance
    guard = validation_guard(batch.tables.read(ValidationImage), distance)
    cut_references(batch, ports.photographs, ports.images, project.settings.instances.references, guard)


def _prompts(batch: Batch, project: Project, ports: Ports, candidates: int) -> None:
    _plan(batch, project, ports, candidates)
    agents, instances = project.agents(batch.tables), project.settings.instances
    writing = Writing(
        ports.foregrounds, agents.prompt, validation_of(project, ports.chat, agents.judge), instances.rethink
    )
    write_missing_prompts(batch, owed_candidates(batch), writing)


def _candidates(batch: Batch, project: Project, ports: Ports, candidates: int) -> None:
    _plan(batch, project, ports, candidates)
    owed = {source: list(some) for source, some in groupby(sorted(owed_candidates(batch), key=_source), key=_source)}
    settings = project.settings.instances
    if cut := owed.pop(CUTOUT, []):
        cut_variants(batch, cut, ports.images, settings.variants)
    if varied := owed.pop(VARIATION, []):
        varying = Varying(ports.variations, ports.segmenters, ports.embedders, ports.photographs, settings.variation)
        draw_variations(batch, varied, varying, ports.images)
    if drawn := [one for some in owed.values() for one in some]:
        draw_prompts(batch, drawn, ports.foregrounds, ports.images, ports.latents)


def _source(one: Owed) -> str:
    return one.source


def _plan(batch: Batch, project: Project, ports: Ports, candidates: int) -> None:
    """Write the batch's plans, once per run: the first stage that needs them does."""
    if not batch.planned:
        sources = project.sources(ports.foregrounds, batch.tables, looked_for=batch.keys)
        record_plans(batch, project.settings.top_up, project.settings.budget, sources, candidates)
        batch.planned = True


def _verdicts(batch: Batch, project: Project, ports: Ports, _candidates: int) -> None:
    validation = validation_of(project, ports.chat, project.agents(batch.tables).judge)
    judge_candidates(batch, ports.images, validation, Finishing(ports.foregrounds, ports.latents))


def _scenes(batch: Batch, project: Project, ports: Ports, _candidates: int) -> None:
    settings = project.settings
    left_out = left_out_instances(batch, ports.embedders, ports.images, settings.instances.rethink.keep_share)
    compose_scenes(batch, ports.photographs, ports.pictures, ports.images, settings.scenes, left_out)


def _dataset(batch: Batch, project: Project, ports: Ports, _candidates: int) -> None:
    save_category_datasets(batch, ports.photographs, ports.datasets, project.settings.export, project.image_folder)


def _report_prompts(batch: Batch, _project: Project, _ports: Ports) -> Mapping[str, Report]:
    rows = by_category(batch.tables.read(Prompt, batch.keys))
    return {
        key: Report(
            {
                "prompts": len(rows[key]),
                "baseline": sum(row.origin == "baseline" for row in rows[key]),
                "newest": rows[key][-1].text if rows[key] else "none: no foreground model is among the sources",
            }
        )
        for key in batch.keys
    }


def _report_candidates(batch: Batch, _project: Project, _ports: Ports) -> Mapping[str, Report]:
    rows = by_category(batch.tables.read(Instance, batch.keys))
    tallies = {tally.category: tally for tally in batch.tables.tallies()}
    return {
        key: Report(
            {
                "candidates": len(rows[key]),
                "new": sum(row.run_id == batch.run_id for row in rows[key]),
                "sources": ", ".join(sorted({row.source for row in rows[key]})) or "none",
                "rounds": max((row.round for row in rows[key]), default=0),
                "still_owed": owes(tallies[key]),
            }
        )
        for key in batch.keys
    }


def _report_verdicts(batch: Batch, project: Project, ports: Ports) -> Mapping[str, Report]:
    verdicts = by_category(in_force(batch.tables.read(Verdict, batch.keys)))
    instances = {row.instance_id: row for row in batch.tables.read(Instance, batch.keys)}
    floor = project.settings.top_up.min_yield
    reports = {}
    for key in batch.keys:
        metadata = verdict_metadata(verdicts[key], instances, ports.images)
        share = metadata.get("yield")
        passed = not isinstance(share, float) or share >= floor
        reports[key] = Report(metadata, (Checked(YIELD_CHECK, passed, {"floor": floor, "yield": share or 0.0}),))
    return reports


def _report_scenes(batch: Batch, _project: Project, ports: Ports) -> Mapping[str, Report]:
    scenes = by_category(batch.tables.read(Scene, batch.keys))
    wanted = {row.scene_id for rows in scenes.values() for row in rows}
    annotations: dict[str, list[Annotation]] = defaultdict(list)
    for row in batch.tables.read(Annotation, batch.keys):
        if row.scene_id in wanted:
            annotations[row.scene_category].append(row)
    tallies = {tally.category: tally for tally in batch.tables.tallies()}
    reports = {}
    for key in batch.keys:
        idle = unused(tallies[key])
        lacking = tallies[key].accepted - tallies[key].scenes - tallies[key].refused - idle
        check = Checked(SCENES_CHECK, lacking <= 0, {"without_scene": lacking})
        metadata = scene_metadata(scenes[key], annotations[key], ports.images) | {"not_selected": idle}
        reports[key] = Report(metadata, (check,))
    return reports


STAGES = (
    Stage("reference_instances", _references),
    Stage("optimized_prompts", _prompts, _report_prompts),
    Stage("raw_instances", _candidates, _report_candidates),
    Stage("validated_instances", _verdicts, _report_verdicts),
    Stage("composite_scenes", _scenes, _report_scenes),
    *LAYOUT_STAGES,
    NEGATIVE_STAGE,
    Stage("category_dataset", _dataset),
)
