"""Random scenes as rows: duplicates, equal phrases, regions to ignore, lost nodes, thin boxes and hostile names."""

import random
from collections.abc import Callable
from dataclasses import dataclass

from genval_assets.keys import category_key
from genval_assets.language.facts import SceneFacts, scene_facts
from genval_assets.language.questions import Asked, grounding_json, question_answers
from genval_assets.layout_rows import QuestionAnswer, StoredGraph
from genval_assets.layouts.graph import Node, Relation, SceneGraph, graph_json
from genval_assets.rows import Annotation, Row, Scene

PLAIN = (
    "mug", "plate", "bear", "teddy bear", "person", "scissors", "box", "knife", "orange", "apple", "dining_table",
    "cherry", "broccoli", "red mug", "goose", "sheep", "UFO", "bow (weapon)", "bow (ribbon)",
)  # fmt: skip
HOSTILE = (
    "{thing}", "{0} {box.__class__}", "%s %(box)s", "mug? Yes", 'cup" is left of the "jar', "<image>", "line\nbreak",
    "sep\u2028arated", "nul\x00l", "[0.100, 0.200, 0.300, 0.400]", "鴨", "a", "the the", "mug.",
    "plate left of the mug", "C:\\path\\n", "mu\u200dg rack", "objects of the kind mug", "3 mugs and 2 plates",
    "e\u0301clair",
)  # fmt: skip
ATTRIBUTES = (
    "red", "blue", "green", "grey", "gray", "black", "striped", "wooden", "dark red", "turquoise", "teddy", "small",
    "blue-green", "{colour}", "white",
)  # fmt: skip
SEEN = ("red", "blue", "green", "grey", "black", "white", "brown", None)
PREDICATES = (
    "left of", "right of", "above", "below", "on", "in", "next to", "under", "inside", "beside", "behind", "holding",
    "to the left of", "on top of", "in front of", "{relation}",
)  # fmt: skip


@dataclass(frozen=True)
class Told:
    """One scene, and what was asked about it."""

    scene: Scene
    stored: StoredGraph
    annotations: list[Annotation]
    colours: dict[str, str | None]
    facts: SceneFacts
    rows: list[QuestionAnswer]


def random_scene(seed: int, make_row: Callable[..., Row]) -> Told:
    rng = random.Random(seed)
    names = rng.sample(PLAIN, 3) + rng.sample(HOSTILE, rng.randint(0, 2))
    nodes = tuple(node(f"n{i}", rng.choice(names), rng) for i in range(1, rng.randint(2, 9)))
    width, height = rng.choice([(100, 80), (512, 512), (1024, 768), (2400, 1600)])
    annotations = [a for n in nodes for a in annotated(n, width, height, rng, make_row)]
    graph = SceneGraph(nodes, relations_of([n.node_id for n in nodes], annotations, rng), "caption")
    not_exhaustive = [nodes[0].category] if rng.random() < 0.1 else None
    scene = make_row(Scene, canvas="layout", width=width, height=height, not_exhaustive=not_exhaustive)
    colours = {a.node_id: seen_colour(graph.node(a.node_id), rng) for a in annotations if not a.iscrowd}
    facts = scene_facts(scene, graph, annotations, colours)
    stored = make_row(StoredGraph, graph=graph_json(graph), objects_from="list")
    rows = [row_of(i, asked, make_row) for i, asked in enumerate(question_answers(facts, seed))]
    return Told(scene, stored, annotations, colours, facts, rows)


def relations_of(ids: list[str], annotations: list[Annotation], rng: random.Random) -> tuple[Relation, ...]:
    """Relate nodes at random: by any word, or by the side on which the one stands of the other, as layouts intend."""
    left = {a.node_id: a.x for a in annotations}
    found = []
    for subject, other in [rng.sample(ids, 2) for _ in ids if len(ids) > 1]:
        word = rng.choice(PREDICATES)
        if rng.random() < 0.5 and {subject, other} <= set(left):
            word = "left of" if left[subject] < left[other] else "right of"
        found.append(Relation(subject, word, other, "action" if rng.random() < 0.1 else "spatial"))
    return tuple(found)


def node(node_id: str, name: str, rng: random.Random) -> Node:
    attributes = tuple(rng.sample(ATTRIBUTES, rng.choice([0, 1, 1, 1, 2, 3])))
    return Node(node_id, category_key(name), name, attributes)


def annotated(n: Node, width: int, height: int, rng: random.Random, make_row: Callable[..., Row]) -> list[Annotation]:
    fate = rng.random()
    if fate < 0.03:  # nothing at all is left of it
        return []
    w, h = (max(1, round(side * rng.uniform(0.05, 0.4))) for side in (width, height))
    if fate > 0.97:
        w = 1
    x, y = rng.randint(0, width - w), rng.randint(0, height - h)
    place = {"x": float(x), "y": float(y), "w": float(w), "h": float(h), "area_px": w * h}
    return [make_row(Annotation, node_id=n.node_id, category=n.category, iscrowd=int(fate < 0.08), **place)]


def seen_colour(n: Node, rng: random.Random) -> str | None:
    said = [a for a in n.attributes if a in SEEN]
    return said[0] if said and rng.random() < 0.75 else rng.choice(SEEN)


def row_of(index: int, asked: Asked, make_row: Callable[..., Row]) -> QuestionAnswer:
    return make_row(
        QuestionAnswer,
        index=index,
        task=asked.task,
        template=asked.template,
        question=asked.question,
        answer=asked.answer,
        nodes=list(asked.nodes),
        grounding=grounding_json(asked),
    )
