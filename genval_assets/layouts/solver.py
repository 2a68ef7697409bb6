"""The layout that needs no model: real pairs' offsets and sizes, relaxed until nothing is wrong."""

from itertools import combinations

import numpy as np

from genval_assets.layouts.boxes import iou
from genval_assets.layouts.graph import SceneGraph
from genval_assets.layouts.layout_faults import LEAST_AREA, layout_faults
from genval_assets.layouts.order import pairs_in_order, ranks
from genval_assets.layouts.relax import may_overlap, relaxed
from genval_assets.layouts.starts import Examples, started
from genval_assets.types import Xywh

STARTS = 4
"""Samples that are relaxed at most; the first that hides nothing is taken, else the one that hides least (ours)."""


def solve(graph: SceneGraph, examples: Examples, seed: int) -> dict[str, Xywh]:
    """Return a box per node without `layout_faults`, as shares of the picture; the last resort (our choice).

    Offsets and sizes of related nodes are sampled from real pairs, by rule where there are none, and relaxed
    (`relax.py`). Where that leaves faults, nodes stand on a diagonal in an order that meets all directional relations.

    Args:
        graph: up to 30 nodes; its directional relations form no cycle.
        examples: the real pairs.
        seed: of everything that is drawn.

    Raises:
        CycleError: no picture can hold all relations.
    """
    rng = np.random.default_rng(seed)
    sound = []
    for _ in range(STARTS):
        boxes = relaxed(graph, started(graph, examples, rng))
        if not layout_faults(graph, boxes):
            if hiding(graph, boxes) == 0:
                return boxes
            sound.append(boxes)
    return min(sound, key=lambda boxes: hiding(graph, boxes)) if sound else in_ranks(graph)


def hiding(graph: SceneGraph, boxes: dict[str, Xywh]) -> float:
    """Return the sum of the IoU of all pairs of boxes that no relation lets overlap."""
    free = {frozenset((r.subject, r.object)) for r in graph.relations if may_overlap(r)}
    return sum(iou(boxes[a], boxes[b]) for a, b in combinations(boxes, 2) if frozenset((a, b)) not in free)


def in_ranks(graph: SceneGraph) -> dict[str, Xywh]:
    """Return boxes of one size, each with a column and a row of its own, so that every order can be met.

    Of 30 nodes, neighbours in column and row overlap by an IoU of .05.

    Raises:
        CycleError: no picture can hold all relations.
    """
    ids = [node.node_id for node in graph.nodes]
    column, row = (ranks(ids, pairs_in_order(graph.relations, axis)) for axis in ("x", "y"))
    side = max(0.95 / len(ids), 1.05 * LEAST_AREA**0.5) - 0.02 / len(ids)
    step = (1 - 0.02 - side) / max(1, len(ids) - 1)
    return {name: (0.01 + column[name] * step, 0.01 + row[name] * step, side, side) for name in ids}
