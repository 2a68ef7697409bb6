"""Boxes moved until relations hold and things hide one another little: springs, orders and elbows. Our choice.

Not here: where the boxes come from (`starts.py`).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from genval_assets.layouts.graph import Relation, SceneGraph
from genval_assets.layouts.layout_faults import LEAST_AREA
from genval_assets.layouts.order import pairs_in_order
from genval_assets.types import Xywh

STEPS = 240
"""At most. Of 200 random graphs each, half of those with 6 nodes rest after 31 steps, with 30 after 91."""
EDGE = 0.01
"""Least distance of a box from the picture's edge."""
GAP = 0.012
"""Distance that boxes keep where nothing asks them to touch."""
AHEAD = 0.03
"""Least distance between centres that a directional relation is moved to."""
FADE = 0.92
"""Factor on the springs from step to step: orders and room have the last word."""
SHRINK_EVERY, SHRINK = 30, 0.93
"""Where there is no room, all boxes become smaller."""
LEAST_SIDE = {6: 0.15, 30: 0.055}
"""Nodes up to -> side that no box is made smaller than: with few nodes, 77 of 512 px can still be recognised."""
TUCK = 0.2
"""Where a relation brings two boxes together, they overlap along an axis by this share of the shorter side at most."""
_CLOSE = frozenset({"on", "touching", "in front of", "behind"})
_WITHIN = frozenset({"in", "surrounding"})
F64 = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Demands:
    """What a graph demands of n boxes, in the order of its nodes."""

    apart: NDArray[np.bool_]  # (n, n): the one should not lie within the other
    close: NDArray[np.bool_]  # (n, n, 1): these two may overlap a little
    order: F64  # (n, n, 2): 1 where the row's centre lies further left, further up, -1 where the column's does, else 0
    later: F64  # (n, n, 1): -1 where the row comes after the column, else 1: two boxes on one spot part by it
    related: NDArray[np.intp]  # (m, 2): subject and object of each relation
    wanted: F64  # (m, 2): from the subject's centre to the object's


def relaxed(graph: SceneGraph, boxes: Mapping[str, Xywh]) -> dict[str, Xywh]:
    """Return the boxes, moved and where needed made smaller.

    Related ones try to keep the offset that they have; orders and room come first. Ends after `STEPS`, also where the
    demands cannot all be met: `layout_faults` tells.

    Args:
        graph: what is demanded.
        boxes: node id -> box as shares of the picture, one per node.
    """
    ids = [node.node_id for node in graph.nodes]
    corner = np.array([boxes[name][:2] for name in ids])
    size = np.array([boxes[name][2:] for name in ids])
    centre = corner + size / 2
    demands = _demands(graph, ids, centre)
    size = np.minimum(size, 1 - 4 * EDGE)
    for step in range(STEPS):
        centre = _inside(centre + _springs(demands, centre) * FADE**step, size)
        push = _orders(demands, centre) + _elbows(demands, centre, size)
        if np.abs(push).max(initial=0.0) < 1e-4:
            break
        centre = _inside(centre + push, size)
        if step % SHRINK_EVERY == SHRINK_EVERY - 1:
            size = _smaller(size)
    return {name: _box(centre[i], size[i]) for i, name in enumerate(ids)}


def may_overlap(relation: Relation) -> bool:
    """Return whether a relation brings two things so close that their boxes may overlap."""
    return relation.kind == "action" or relation.predicate in _CLOSE | _WITHIN


def _demands(graph: SceneGraph, ids: Sequence[str], centre: F64) -> Demands:
    at = {name: i for i, name in enumerate(ids)}
    apart = ~np.eye(len(ids), dtype=np.bool_)
    close = np.zeros_like(apart)
    ahead = np.zeros((len(ids), len(ids), 2), dtype=np.bool_)
    for relation in graph.relations:
        i, j = at[relation.subject], at[relation.object]
        close[i, j] = close[j, i] = close[i, j] or may_overlap(relation)
        if relation.predicate in _WITHIN:
            apart[i, j] = apart[j, i] = False
    for first, second in pairs_in_order(graph.relations, "x"):
        ahead[at[first], at[second], 0] = True
    for first, second in pairs_in_order(graph.relations, "y"):
        ahead[at[first], at[second], 1] = True
    order = ahead.astype(np.float64) - ahead.transpose(1, 0, 2)
    later = np.where(np.tri(len(ids), k=-1, dtype=np.bool_), -1.0, 1.0)
    related = np.array([[at[r.subject], at[r.object]] for r in graph.relations], dtype=np.intp).reshape(-1, 2)
    wanted = centre[related[:, 1]] - centre[related[:, 0]]
    return Demands(apart, close[..., None], order, later[..., None], related, wanted)


def _springs(demands: Demands, centre: F64) -> F64:
    """Return the (n, 2) moves towards the wanted offsets, a sixth of the way for each end."""
    subject, other = demands.related.T
    off = demands.wanted - (centre[other] - centre[subject])
    move = np.zeros_like(centre)
    np.add.at(move, other, off / 6)
    np.subtract.at(move, subject, off / 6)
    return move / np.maximum(1, np.bincount(demands.related.ravel(), minlength=len(centre)))[:, None]


def _orders(demands: Demands, centre: F64) -> F64:
    """Return the (n, 2) moves that bring centres into the order demanded."""
    delta = centre[None] - centre[:, None]
    short = np.where(demands.order > 0, np.maximum(0.0, AHEAD - delta), 0.0)
    move: F64 = (short.sum(axis=0) - short.sum(axis=1)) / 2
    return move


def _elbows(demands: Demands, centre: F64, size: F64) -> F64:
    """Return the (n, 2) moves that part overlapping boxes along the axis on which they overlap less."""
    delta = centre[None] - centre[:, None]
    spare = np.where(demands.close, -TUCK * np.minimum(size[None], size[:, None]), GAP)
    deep = (size[None] + size[:, None]) / 2 + spare - np.abs(delta)
    meet = demands.apart & (deep[..., 0] > 0) & (deep[..., 1] > 0)
    eased = np.where(demands.order != 0, deep / 2, deep)  # what is left of another gives way sideways
    across = eased[..., 0] <= eased[..., 1]
    axis = np.stack([meet & across, meet & ~across], axis=2)
    towards = np.where(delta != 0, np.sign(delta), demands.later)
    towards = np.where(demands.order != 0, demands.order, towards)
    move: F64 = -(axis * deep * towards).sum(axis=1) * 0.35  # half each, and less: all boxes move at once
    return move


def _smaller(size: F64) -> F64:
    """Return the sizes, all smaller, none under the least."""
    least = next((side for most, side in LEAST_SIDE.items() if len(size) <= most), 0.0)
    shrunk = size * SHRINK
    enough = (shrunk.max(axis=1) >= least) & (shrunk.prod(axis=1) >= 1.2 * LEAST_AREA)
    return np.where(enough[:, None], shrunk, size)


def _inside(centre: F64, size: F64) -> F64:
    clipped: F64 = np.clip(centre, size / 2 + EDGE, 1 - size / 2 - EDGE)
    return clipped


def _box(centre: F64, size: F64) -> Xywh:
    x, y = (float(value) for value in centre - size / 2)
    return x, y, float(size[0]), float(size[1])
