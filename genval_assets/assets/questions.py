"""Wiring of `question_answers`: questions about every kept layout scene that has none, by rule, no model."""

from collections import defaultdict
from collections.abc import Collection, Iterator

from genval_assets import keys
from genval_assets.assets.cost import chunks, metered
from genval_assets.batches import Batch
from genval_assets.compose.colours import colour_name
from genval_assets.compose.rle import decode
from genval_assets.language.facts import scene_facts
from genval_assets.language.questions import grounding_json, question_answers
from genval_assets.layout_rows import LayoutImage, QuestionAnswer, StoredGraph, StoredLayout
from genval_assets.layouts.graph import SceneGraph, read_graph
from genval_assets.ports import Images, Tables
from genval_assets.rows import Annotation, Quarantined, Scene
from genval_assets.types import RefusedItem

STAGE = "question_answers"
SILENT = "scene "
"""How the item of a scene without questions is called in `quarantine`, before its id."""
SCENES_PER_FLUSH = 32


def ask_questions(batch: Batch, images: Images) -> None:
    """Write and store the question-answer pairs of the kept scenes that have none."""
    scenes = _unasked(batch)
    if not scenes:
        return
    graphs = _graphs(batch)
    annotations: dict[str, list[Annotation]] = defaultdict(list)
    for row in batch.tables.read(Annotation, batch.keys):
        annotations[row.scene_id].append(row)
    categories = {category.category: category for category in batch.alive}
    with (
        metered(batch, STAGE, model="by rule") as meter,
        batch.progress.stage(STAGE, len(scenes)) as advance,
    ):
        for some in chunks(scenes, SCENES_PER_FLUSH):
            batch.stop_here()
            rows: list[QuestionAnswer] = []
            for scene in some:
                with batch.attempt(STAGE, categories[scene.category]):
                    graph = graphs[str(scene.layout_image_id)]
                    pairs = list(_pairs(batch, scene, graph, annotations[scene.scene_id], images))
                    rows += pairs
                    if not pairs:
                        batch.quarantine(STAGE, scene.category, nothing_to_ask(scene.scene_id))
            batch.tables.append(rows)
            meter.items += len(some)
            advance(len(some))


def nothing_to_ask(scene_id: str) -> RefusedItem:
    """Return what is stored of a scene of which nothing can be said for certain, so that it is not tried again."""
    return RefusedItem(f"{SILENT}{scene_id}", "nothing_to_ask", "nothing can be said of it for certain")


def asked_scenes(tables: Tables, categories: Collection[str] | None = None) -> set[str]:
    """Return the scenes that have question-answer pairs, or of which nothing can be asked."""
    asked = {str(scene) for (scene,) in tables.values(QuestionAnswer, ("scene_id",), categories)}
    refused = tables.values(Quarantined, ("stage", "item"), categories)
    return asked | {str(item).removeprefix(SILENT) for stage, item in refused if stage == STAGE}


def _unasked(batch: Batch) -> list[Scene]:
    asked = asked_scenes(batch.tables, batch.keys)
    drawn = [row for row in batch.tables.read(Scene, batch.keys) if row.layout_image_id is not None]
    return [row for row in drawn if row.scene_id not in asked]


def _graphs(batch: Batch) -> dict[str, SceneGraph]:
    """Return the graph of each picture, by the picture's id."""
    layouts = batch.tables.values(StoredLayout, ("layout_id", "graph_id"), batch.keys)
    graph_of = {layout: str(graph) for layout, graph in layouts}
    graphs = {row.graph_id: read_graph(row.graph) for row in batch.tables.read(StoredGraph, batch.keys)}
    pictures = batch.tables.values(LayoutImage, ("layout_image_id", "layout_id"), batch.keys)
    return {str(picture): graphs[graph_of[layout]] for picture, layout in pictures}


def _pairs(
    batch: Batch, scene: Scene, graph: SceneGraph, annotations: list[Annotation], images: Images
) -> Iterator[QuestionAnswer]:
    rgb, size = images.get(scene.image)[..., :3], (scene.height, scene.width)
    colours = {
        row.node_id: colour_name(rgb, decode(row.segmentation, size))
        for row in annotations
        if row.node_id is not None and not row.iscrowd
    }
    facts = scene_facts(scene, graph, annotations, colours)
    for index, asked in enumerate(question_answers(facts, keys.seed_of("questions", scene.scene_id))):
        yield QuestionAnswer(
            question_answer_id=keys.recipe("question_answers", scene_id=scene.scene_id, index=index),
            run_id=batch.run_id,
            created_at=batch.now,
            scene_id=scene.scene_id,
            category=scene.category,
            index=index,
            task=asked.task,
            template=asked.template,
            question=asked.question,
            answer=asked.answer,
            nodes=list(asked.nodes),
            grounding=grounding_json(asked),
        )
