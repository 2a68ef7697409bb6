"""Which of two nodes comes first along an axis of the picture, as directional relations demand it."""

from collections.abc import Iterable, Mapping, Sequence
from graphlib import CycleError, TopologicalSorter
from typing import Literal

from genval_assets.layouts.graph import Relation
from genval_assets.layouts.relations import canonical

Axis = Literal["x", "y", "depth"]
"""x: left first; y: top first; depth: the back first."""

_SUBJECT_FIRST: Mapping[str, tuple[Axis, bool]] = {
    "left of": ("x", True),
    "right of": ("x", False),
    "above": ("y", True),
    "below": ("y", False),
    "behind": ("depth", True),
    "in front of": ("depth", False),
}


def pairs_in_order(relations: Iterable[Relation], axis: Axis) -> list[tuple[str, str]]:
    """Return (first, second) node ids of each relation that speaks of the axis, in order."""
    pairs = []
    for relation in relations:
        direction, subject_first = _SUBJECT_FIRST.get(canonical(relation.predicate), (None, True))
        if direction == axis:
            pair = (relation.subject, relation.object)
            pairs.append(pair if subject_first else pair[::-1])
    return pairs


def cycle(pairs: Sequence[tuple[str, str]]) -> list[str]:
    """Return the nodes of a cycle, its first also last; empty where each can come before the other as demanded."""
    sorter: TopologicalSorter[str] = TopologicalSorter()
    for first, second in pairs:
        sorter.add(second, first)
    try:
        sorter.prepare()
    except CycleError as err:
        return [str(node) for node in err.args[1]]
    return []


def ranks(nodes: Sequence[str], pairs: Sequence[tuple[str, str]]) -> dict[str, int]:
    """Return node -> 0, 1, …: a rank of its own each, in which firsts come before seconds, else as `nodes` lists them.

    Raises:
        CycleError: the pairs demand a cycle.
    """
    listed = {node: i for i, node in enumerate(nodes)}
    before: dict[str, set[str]] = {node: set() for node in nodes}
    for first, second in pairs:
        before[second].add(first)
    ranked: dict[str, int] = {}
    sorter = TopologicalSorter(before)
    sorter.prepare()
    while sorter.is_active():
        for node in sorted(sorter.get_ready(), key=listed.__getitem__):
            ranked[node] = len(ranked)
            sorter.done(node)
    return ranked
