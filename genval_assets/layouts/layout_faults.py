"""What is wrong with a layout, found by rule before it is scored or drawn."""

from collections.abc import Mapping
from itertools import combinations

from genval_assets.layouts.boxes import iou
from genval_assets.layouts.faults import Fault
from genval_assets.layouts.graph import SceneGraph
from genval_assets.layouts.relations import violated
from genval_assets.types import Xywh

LEAST_AREA = 0.002
"""Share of the picture that a box takes at least (our choice)."""
MOST_IOU = 0.9
"""Boxes that overlap more are one box twice (our choice)."""

REASONS = ("missing_node", "unknown_node", "out_of_range", "too_small", "near_identical", "violated_relation")
"""The codes of `layout_faults`."""


def layout_faults(graph: SceneGraph, boxes: Mapping[str, Xywh]) -> list[Fault]:
    """Return what is wrong with the boxes of a graph's nodes, as shares of the picture; empty when nothing is."""
    ids = [node.node_id for node in graph.nodes]
    found = [Fault("missing_node", f"no box for {name!r}") for name in ids if name not in boxes]
    found += [Fault("unknown_node", f"{name[:80]!r} is no object of the graph") for name in boxes if name not in ids]
    placed = {name: boxes[name] for name in ids if name in boxes}
    lying = {name: box for name, box in placed.items() if is_inside(box)}
    found += [
        Fault("out_of_range", f"{name!r} at {_said(box)}: x, y, w, h, x + w and y + h must lie between 0 and 1")
        for name, box in placed.items()
        if name not in lying
    ]
    found += [
        Fault("too_small", f"{name!r} takes {box[2] * box[3]:.4f} of the picture; at least {LEAST_AREA}")
        for name, box in lying.items()
        if box[2] * box[3] < LEAST_AREA
    ]
    return found + _twins(lying) + _violations(graph, lying)


def is_inside(box: Xywh) -> bool:
    """Return whether x, y, w, h, x + w and y + h all lie strictly between 0 and 1 (ACP)."""
    x, y, w, h = box
    return all(0.0 < value < 1.0 for value in (x, y, w, h, x + w, y + h))


def _twins(boxes: Mapping[str, Xywh]) -> list[Fault]:
    return [
        Fault("near_identical", f"{a!r} and {b!r} have almost the same box")
        for a, b in combinations(boxes, 2)
        if iou(boxes[a], boxes[b]) > MOST_IOU
    ]


def _violations(graph: SceneGraph, boxes: Mapping[str, Xywh]) -> list[Fault]:
    return [
        Fault("violated_relation", f"{r.subject!r} is not {r.predicate} {r.object!r}")
        for r in graph.relations
        if r.subject in boxes and r.object in boxes and violated(r.predicate, boxes[r.subject], boxes[r.object])
    ]


def _said(box: Xywh) -> str:
    return "[" + ", ".join(f"{value:.6g}" for value in box) + "]"
