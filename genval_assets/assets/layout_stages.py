"""The stages of Auto Cherry-Picker in the chain: scene graphs, layouts, their scenes, and questions about them."""

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence

from genval_assets.assets.catalog import KEPT_CHECK
from genval_assets.assets.graphs import wanted_of, write_missing_graphs
from genval_assets.assets.laying import lay_out
from genval_assets.assets.layout_drawing import draw_layouts, planned_layouts
from genval_assets.assets.layout_previews import layout_metadata
from genval_assets.assets.layout_scenes import Storing, end_retired, keep_best
from genval_assets.assets.layout_scoring import score_pictures
from genval_assets.assets.questions import ask_questions
from genval_assets.assets.stage import Checked, Ports, Report, Stage
from genval_assets.batches import Batch, by_category
from genval_assets.layout_rows import LayoutScene, QuestionAnswer, StoredGraph, StoredLayout
from genval_assets.project import Project
from genval_assets.rows import Annotation, Scene

FEW, LEAST = 10, 0.1
"""Of fewer layouts that ended the check says nothing; of more, at least this share must be kept (our choice)."""


def _graphs(batch: Batch, project: Project, ports: Ports, _candidates: int) -> None:
    write_missing_graphs(batch, project.settings.layouts, ports.chat, ports.photographs, ports.layout_images.can_draw)


def _layouts(batch: Batch, project: Project, ports: Ports, _candidates: int) -> None:
    settings = project.settings.layouts
    lay_out(batch, wanted_of(batch, settings, ports.layout_images.can_draw), settings.clis_l, ports.chat)


def _layout_scenes(batch: Batch, project: Project, ports: Ports, _candidates: int) -> None:
    settings = project.settings.layouts
    planned = end_retired(batch, planned_layouts(batch, wanted_of(batch, settings, ports.layout_images.can_draw)))
    draw_layouts(batch, planned, ports.layout_images, ports.images, settings.images)
    score_pictures(batch, planned, ports.images, ports.chat)
    storing = Storing(ports.images, project.settings.scenes.lossless)
    keep_best(batch, planned, storing, ports.segmenters, ports.layout_detectors, settings.clis_i)


def _questions(batch: Batch, project: Project, ports: Ports, _candidates: int) -> None:
    settings = project.settings.layouts
    if settings.graphs and settings.questions:
        ask_questions(batch, ports.images)


def _report_graphs(batch: Batch, _project: Project, _ports: Ports) -> Mapping[str, Report]:
    rows = by_category(batch.tables.read(StoredGraph, batch.keys))
    return {
        key: Report(
            {
                "graphs": len(rows[key]),
                "baseline": sum(row.origin == "baseline" for row in rows[key]),
                "newest": rows[key][-1].caption if rows[key] else "none: [layouts] graphs is 0, or it has its target",
            }
        )
        for key in batch.keys
    }


def _report_layouts(batch: Batch, _project: Project, _ports: Ports) -> Mapping[str, Report]:
    rows = by_category(batch.tables.read(StoredLayout, batch.keys))
    reports = {}
    for key in batch.keys:
        outcomes = Counter(row.outcome for row in rows[key])
        scored = [row.clis_l for row in rows[key] if row.clis_l is not None]
        reports[key] = Report(
            {
                "layouts": len(rows[key]),
                "rejected": outcomes["rejected"],
                "without_evidence": len(rows[key]) - len(scored),
                "by_solver": sum(row.origin == "solver" for row in rows[key]),
                **({"mean_clis_l": sum(scored) / len(scored)} if scored else {}),
            }
        )
    return reports


def _report_layout_scenes(batch: Batch, _project: Project, ports: Ports) -> Mapping[str, Report]:
    ends = by_category(batch.tables.read(LayoutScene, batch.keys))
    scenes = {row.scene_id: row for row in batch.tables.read(Scene, batch.keys) if row.layout_image_id is not None}
    annotations: dict[str, list[Annotation]] = defaultdict(list)
    for row in batch.tables.read(Annotation, batch.keys):
        if row.scene_id in scenes:
            annotations[row.scene_category].append(row)
    reports = {}
    for key in batch.keys:
        own = [scenes[end.scene_id] for end in ends[key] if end.scene_id in scenes]
        metadata = layout_metadata(ends[key], own, annotations[key], ports.images)
        reports[key] = Report(metadata, (_kept_check(ends[key]),))
    return reports


def _kept_check(ends: Sequence[LayoutScene]) -> Checked:
    outcomes = Counter(end.outcome for end in ends)
    decided = outcomes["kept"] + outcomes["rejected"]  # errors count in no rate
    passed = decided < FEW or outcomes["kept"] >= LEAST * decided
    return Checked(KEPT_CHECK, passed, {"layouts": decided, "kept": outcomes["kept"]})


def _report_questions(batch: Batch, _project: Project, _ports: Ports) -> Mapping[str, Report]:
    rows = by_category(batch.tables.read(QuestionAnswer, batch.keys))
    return {
        key: Report(
            {
                "pairs": len(rows[key]),
                "scenes": len({row.scene_id for row in rows[key]}),
                "newest": f"{rows[key][-1].question} {rows[key][-1].answer}" if rows[key] else "none",
            }
        )
        for key in batch.keys
    }


LAYOUT_STAGES = (
    Stage("scene_graphs", _graphs, _report_graphs),
    Stage("layouts", _layouts, _report_layouts),
    Stage("layout_scenes", _layout_scenes, _report_layout_scenes),
    Stage("question_answers", _questions, _report_questions),
)
