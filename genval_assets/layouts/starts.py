"""Where the boxes of a graph begin: sizes and offsets of real pairs, by rule where there are none.

Not here: making room for them (`relax.py`).
"""

import math
from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from genval_assets.layouts.graph import Relation, SceneGraph
from genval_assets.types import Xywh

Examples = Callable[[str, str, str], NDArray[np.float64]]
"""(subject's key, predicate, object's key) -> (n, 8): subject's and object's box of real pairs; n may be 0."""

_SIDE = 0.62
"""Side of a box among n, times sqrt(n), where no real pair tells it: together they cover some 38 % (our choice)."""
_TOUCH = 0.04
"""Distance of boxes where a rule places them side by side."""
_EDGE = 0.02
"""Least distance from the picture's edge."""

_Offset = tuple[float, float]
_Size = tuple[float, float]


def no_examples(subject: str, predicate: str, other: str) -> NDArray[np.float64]:  # noqa: ARG001
    """Return no real pairs."""
    return np.zeros((0, 8))


def started(graph: SceneGraph, examples: Examples, rng: np.random.Generator) -> dict[str, Xywh]:
    """Return boxes from sampled pairs: the first node somewhere, each other one as it stands to one already placed."""
    sizes, offsets = _sampled(graph, examples, rng)
    centres: dict[str, _Offset] = {}
    waiting = [graph.nodes[int(i)].node_id for i in rng.permutation(len(graph.nodes))]
    while waiting:
        name = next((n for n in waiting if _anchor(n, graph, centres)), waiting[0])
        waiting.remove(name)
        relation = _anchor(name, graph, centres)
        centres[name] = _spot(name, relation, offsets, centres) if relation else _anywhere(rng)
    boxes = np.array([(x - sizes[n][0] / 2, y - sizes[n][1] / 2, *sizes[n]) for n, (x, y) in centres.items()])
    boxes[:, :2] += _shift(boxes[:, :2].min(axis=0), (boxes[:, :2] + boxes[:, 2:]).max(axis=0))
    return {name: (float(x), float(y), float(w), float(h)) for name, (x, y, w, h) in zip(centres, boxes, strict=True)}


def _shift(low: NDArray[np.float64], high: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the (2,) move that brings everything between `low` and `high` into the picture, or amid it."""
    inward = np.maximum(0.0, _EDGE - low) - np.maximum(0.0, high - (1 - _EDGE))
    move: NDArray[np.float64] = np.where(high - low < 1 - 2 * _EDGE, inward, 0.5 - (low + high) / 2)
    return move


def _anywhere(rng: np.random.Generator) -> _Offset:
    x, y = rng.uniform(0.3, 0.7, 2)
    return float(x), float(y)


def _anchor(name: str, graph: SceneGraph, centres: dict[str, _Offset]) -> Relation | None:
    """Return the first relation between a node and one that is placed."""
    for relation in graph.relations:
        if (relation.subject == name and relation.object in centres) or (
            relation.object == name and relation.subject in centres
        ):
            return relation
    return None


def _spot(name: str, relation: Relation, offsets: dict[Relation, _Offset], centres: dict[str, _Offset]) -> _Offset:
    dx, dy = offsets[relation]  # from the subject to the object
    if name == relation.object:
        x, y = centres[relation.subject]
        return x + dx, y + dy
    x, y = centres[relation.object]
    return x - dx, y - dy


def _sampled(
    graph: SceneGraph, examples: Examples, rng: np.random.Generator
) -> tuple[dict[str, _Size], dict[Relation, _Offset]]:
    """Return a size per node and an offset per relation, from one real pair per relation or by rule."""
    keys = {node.node_id: node.category for node in graph.nodes}
    sizes: dict[str, _Size] = {}
    offsets: dict[Relation, _Offset] = {}
    for relation in graph.relations:
        pairs = examples(keys[relation.subject], relation.predicate, keys[relation.object])
        if len(pairs):
            a, b = np.split(pairs[int(rng.integers(len(pairs)))], 2)
            dx, dy = (b[:2] + b[2:] / 2) - (a[:2] + a[2:] / 2)
            offsets[relation] = (float(dx), float(dy))
            sizes.setdefault(relation.subject, (float(a[2]), float(a[3])))
            sizes.setdefault(relation.object, (float(b[2]), float(b[3])))
    for name in keys:
        sizes.setdefault(name, _usual_size(len(keys), rng))
    for relation in graph.relations:
        if relation not in offsets:
            _contain(relation, sizes)
            offsets[relation] = _usual_offset(relation, sizes, rng)
    return {name: _fitting(size, len(keys)) for name, size in sizes.items()}, offsets


def _fair(n: int) -> float:
    """Return the side that each of n boxes has room for."""
    return min(0.45, _SIDE / math.sqrt(n))


def _usual_size(n: int, rng: np.random.Generator) -> _Size:
    side, shape = _fair(n) * rng.uniform(0.8, 1.15), rng.uniform(0.85, 1.18)
    return float(side * shape), float(side / shape)


def _fitting(size: _Size, n: int) -> _Size:
    """Return a size that n boxes can have: its longer side .6 to 1.5 of a fair share."""
    fair = _fair(n)
    scale = min(1.0, 1.5 * fair / max(size))
    scale = max(scale, 0.6 * fair / max(size))
    w, h = (max(0.06, side * scale) for side in size)
    return w, h


def _contain(relation: Relation, sizes: dict[str, _Size]) -> None:
    """Make what lies in another thing smaller than it."""
    ends = {"in": (relation.subject, relation.object), "surrounding": (relation.object, relation.subject)}
    if relation.predicate in ends:
        inner, outer = ends[relation.predicate]
        w, h = sizes[outer]
        sizes[inner] = (0.6 * w, 0.6 * h)


def _usual_offset(relation: Relation, sizes: dict[str, _Size], rng: np.random.Generator) -> _Offset:
    """Return where the object's centre is from the subject's, by what the predicate says."""
    (sw, sh), (ow, oh) = sizes[relation.subject], sizes[relation.object]
    beside, upright = (sw + ow) / 2 + _TOUCH, (sh + oh) / 2 + _TOUCH
    jitter = float(rng.normal(0, 0.05))
    side = beside if rng.random() < 0.5 else -beside
    known: dict[str, _Offset] = {
        "left of": (beside, jitter),
        "right of": (-beside, jitter),
        "above": (jitter, upright),
        "below": (jitter, -upright),
        "on": (jitter, (sh + oh) / 2 - 0.1 * oh),
        "in": (0.0, 0.0),
        "surrounding": (0.0, 0.0),
        "touching": (side - math.copysign(_TOUCH, side), (sh - oh) / 2),
        "far from": (side * 1.6, jitter),
        "in front of": (side * 0.8, -(abs(oh - sh) / 2 + _TOUCH)),
        "behind": (side * 0.8, abs(oh - sh) / 2 + _TOUCH),
    }
    return known.get(relation.predicate, (side, (sh - oh) / 2))
