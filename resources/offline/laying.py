"""Layouts by rule, simulated: the relations' usual offsets, made room for. It errs now and then, as models do."""

import json
from collections.abc import Mapping

import numpy as np

from genval_assets.keys import seed_of
from genval_assets.layouts.graph import Node, Relation, SceneGraph
from genval_assets.layouts.layout_faults import is_inside
from genval_assets.layouts.layout_forms import BoxAnswer, LayoutAnswer
from genval_assets.layouts.order import pairs_in_order
from genval_assets.layouts.solver import solve
from genval_assets.layouts.starts import no_examples
from genval_assets.types import ChatRequest, Xywh

ERRS, ERRS_WHEN_TOLD = 0.12, 0.03
"""Share of answers with a fault: of first ones, and of those that follow one; our choice."""
CROWDED, CROWDING = 0.15, 1.14
"""Share of layouts whose boxes are larger by this factor than room was made for, so that they touch or overlap."""
TINY = 0.03


def lay_out(request: ChatRequest) -> LayoutAnswer:
    """Return a layout of the request's graph; the same request has the same layout."""
    rng = np.random.default_rng(seed_of("layout by rule", request.user, request.seed))
    graph = _told_graph(json.loads(request.user))
    boxes = solve(graph, no_examples, int(rng.integers(2**31)))
    if rng.random() < CROWDED:
        boxes = {name: _larger(box) for name, box in boxes.items()}
    errs = ERRS if request.attempt == 1 else ERRS_WHEN_TOLD
    if rng.random() < errs:
        boxes = _with_fault(boxes, graph, rng)
    return LayoutAnswer(boxes=tuple(BoxAnswer(id=name, box=_rounded(box)) for name, box in boxes.items()))


def _told_graph(task: Mapping[str, list[Mapping[str, str]]]) -> SceneGraph:
    nodes = tuple(Node(told["id"], "", told["what"]) for told in task["objects"])
    relations = tuple(Relation(subject, predicate, other) for subject, predicate, other in task["relations"])
    return SceneGraph(nodes, relations, "")


def _larger(box: Xywh) -> Xywh:
    """Return a box larger about its centre, where the picture has room for it."""
    x, y, w, h = box
    grown = (x - w * (CROWDING - 1) / 2, y - h * (CROWDING - 1) / 2, w * CROWDING, h * CROWDING)
    return grown if is_inside(grown) else box


def _with_fault(boxes: Mapping[str, Xywh], graph: SceneGraph, rng: np.random.Generator) -> dict[str, Xywh]:
    """Return the boxes with one fault: a relation turned round, a box beyond the edge, a tiny one, or one too few."""
    names = list(boxes)
    victim = names[int(rng.integers(len(names)))]
    x, y, w, h = boxes[victim]
    ordered = [pair for axis in ("x", "y") for pair in pairs_in_order(graph.relations, axis)]
    fault = int(rng.integers(0 if ordered else 1, 4))
    if fault == 0:
        first, second = ordered[int(rng.integers(len(ordered)))]
        return {**boxes, first: boxes[second], second: boxes[first]}
    if fault == 1:
        return {**boxes, victim: (1.02 - w, y, w, h)}
    if fault == 2:
        return {**boxes, victim: (x, y, TINY, TINY)}
    return {name: box for name, box in boxes.items() if name != victim}


def _rounded(box: Xywh) -> Xywh:
    x, y, w, h = (round(value, 3) for value in box)
    return x, y, w, h
