"""What is known of one kept scene, for questions about it: objects with a mask, and what stays unlabelled."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from genval_assets.layouts.graph import Relation, SceneGraph
from genval_assets.rows import Annotation, Scene
from genval_assets.types import Xywh

DECIMALS = 3
"""Of box edges in questions and answers (ACP, appendix A.3)."""

Corners = tuple[float, float, float, float]
"""x1, y1, x2, y2 as shares of the picture, rounded to `DECIMALS`."""


@dataclass(frozen=True)
class SeenObject:
    """One node of the graph that the picture shows and that is annotated."""

    node_id: str
    category: str  # partition key
    name: str  # the category's name: data
    attributes: tuple[str, ...]  # as they were asked for; whether they hold is not known
    box: Xywh  # px, of the visible mask
    colour: str | None  # the term of `compose.colours.COLOURS` that the mask's pixels bear; None: not looked at


@dataclass(frozen=True)
class SceneFacts:
    """All that questions about one scene may be made of."""

    width: int  # px
    height: int
    objects: tuple[SeenObject, ...]  # in the graph's order
    ignored: frozenset[str]  # keys of categories of which something may stand in the picture without annotation
    relations: tuple[Relation, ...]  # as they were asked for, between objects; whether they hold is not known


def scene_facts(
    scene: Scene, graph: SceneGraph, annotations: Sequence[Annotation], colours: Mapping[str, str | None]
) -> SceneFacts:
    """Return the facts of a scene that was drawn from a graph.

    A category is ignored when it has a region that training ignores, is not annotated everywhere, or has a node
    without annotation: nobody knows whether the picture shows that one.

    Args:
        scene: the picture.
        graph: that it was drawn from.
        annotations: all of the scene.
        colours: colour term of each annotated node's pixels, by node id.

    Raises:
        KeyError: an annotated object is no node of the graph, or has no colour in `colours`.
    """
    boxes = {a.node_id: (a.x, a.y, a.w, a.h) for a in annotations if not a.iscrowd and a.node_id is not None}
    objects = tuple(
        SeenObject(n.node_id, n.category, n.name, n.attributes, boxes[n.node_id], colours[n.node_id])
        for n in sorted(map(graph.node, boxes), key=graph.nodes.index)
    )
    unseen = {n.category for n in graph.nodes if n.node_id not in boxes}
    regions = {a.category for a in annotations if a.iscrowd}
    return SceneFacts(
        width=scene.width,
        height=scene.height,
        objects=objects,
        ignored=frozenset(unseen | regions | set(scene.not_exhaustive or ())),
        relations=tuple(r for r in graph.relations if r.subject in boxes and r.object in boxes),
    )


def corners(facts: SceneFacts, seen: SeenObject) -> Corners:
    """Return the box of an object as questions, answers and grounding give it."""
    x, y, w, h = seen.box
    edges = (x / facts.width, y / facts.height, (x + w) / facts.width, (y + h) / facts.height)
    x1, y1, x2, y2 = (round(edge, DECIMALS) for edge in edges)
    return x1, y1, x2, y2


def can_be_pointed_at(facts: SceneFacts, seen: SeenObject) -> bool:
    """Return whether the rounded box still has an area; that of a very thin object may not."""
    x1, y1, x2, y2 = corners(facts, seen)
    return x1 < x2 and y1 < y2


def box_text(box: Corners) -> str:
    """Return a box as text: [0.100, 0.250, 0.500, 1.000]."""
    return f"[{', '.join(f'{edge:.{DECIMALS}f}' for edge in box)}]"
