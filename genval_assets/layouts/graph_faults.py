"""What is wrong with a scene graph that was answered, found by rule before it is laid out."""

from collections import Counter
from collections.abc import Iterable, Sequence

from genval_assets.layouts.captions import caption_faults
from genval_assets.layouts.faults import Fault
from genval_assets.layouts.graph import MOST_NODES, Relation, SceneGraph
from genval_assets.layouts.objects import Thing
from genval_assets.layouts.order import Axis, cycle, pairs_in_order

REASONS = (
    "too_many_nodes", "duplicate_id", "unknown_id", "missing_node", "wrong_name", "repeated_attribute", "unprintable",
    "no_relation", "unknown_relation_id", "self_relation", "duplicate_relation", "contradiction", "unknown_layer_id",
    "unknown_group_id", "two_layers", "unmentioned", "sentences",
)  # fmt: skip
"""The codes of `graph_faults`."""
_AXES: tuple[Axis, ...] = ("x", "y", "depth")


def graph_faults(graph: SceneGraph, things: Sequence[Thing]) -> list[Fault]:
    """Return what is wrong with a graph of the things that were asked for; empty when nothing is.

    Relations are expected in their canonical form.
    """
    return [
        *_node_faults(graph, things),
        *_relation_faults(graph),
        *_group_faults(graph),
        *caption_faults(graph.caption, [thing.name for thing in things]),
    ]


def _node_faults(graph: SceneGraph, things: Sequence[Thing]) -> list[Fault]:
    asked = {thing.node_id: thing.name for thing in things}
    ids = [node.node_id for node in graph.nodes]
    found = [Fault("duplicate_id", f"{name!r} is there {n} times") for name, n in Counter(ids).items() if n > 1]
    found += [Fault("unknown_id", f"{name!r} was not asked for") for name in ids if name not in asked]
    found += [Fault("missing_node", f"{name!r} ({asked[name]}) is missing") for name in asked if name not in ids]
    if len(ids) > MOST_NODES:
        found.append(Fault("too_many_nodes", f"{len(ids)} nodes; at most {MOST_NODES}"))
    for node in graph.nodes:
        if node.name != asked.get(node.node_id, node.name):
            found.append(
                Fault("wrong_name", f"{node.node_id!r} is called {asked[node.node_id]!r}, not {node.name[:80]!r}")
            )
        if len(set(node.attributes)) < len(node.attributes):
            found.append(Fault("repeated_attribute", f"{node.node_id!r} has an attribute twice"))
        found += _unprintable(node.attributes)
    return found


def _relation_faults(graph: SceneGraph) -> list[Fault]:
    ids = {node.node_id for node in graph.nodes}
    found: list[Fault] = []
    if len(ids) > 1 and not graph.relations:
        found.append(Fault("no_relation", "relate the objects to one another"))
    for relation in graph.relations:
        unknown = [name for name in (relation.subject, relation.object) if name not in ids]
        found += [Fault("unknown_relation_id", f"{_said(relation)} names {name!r}") for name in unknown]
        if relation.subject == relation.object:
            found.append(Fault("self_relation", f"{_said(relation)} relates an object to itself"))
    found += _unprintable(relation.predicate for relation in graph.relations)
    said = Counter(_said(relation) for relation in graph.relations)
    found += [Fault("duplicate_relation", f"{words} is said {n} times") for words, n in said.items() if n > 1]
    return found + _contradictions(graph.relations)


def _contradictions(relations: Sequence[Relation]) -> list[Fault]:
    between_two = [relation for relation in relations if relation.subject != relation.object]
    orders = {axis: pairs_in_order(between_two, axis) for axis in _AXES}
    orders["y"] += [(r.subject, r.object) for r in between_two if r.predicate == "on"]
    within = [(r.subject, r.object) for r in between_two if r.predicate == "in"]
    within += [(r.object, r.subject) for r in between_two if r.predicate == "surrounding"]
    cycles = [cycle(pairs) for pairs in (*orders.values(), within)]
    return [
        Fault("contradiction", f"no picture can hold all relations between {', '.join(nodes[:-1])}")
        for nodes in cycles
        if nodes
    ]


def _group_faults(graph: SceneGraph) -> list[Fault]:
    ids = {node.node_id for node in graph.nodes}
    layered = [name for layer in graph.layers for name in layer]
    grouped = [name for group in graph.groups for name in group]
    found = [Fault("unknown_layer_id", f"a layer names {name!r}") for name in layered if name not in ids]
    found += [Fault("unknown_group_id", f"a group names {name!r}") for name in grouped if name not in ids]
    twice = [name for name, n in Counter(layered).items() if n > 1]
    return found + [Fault("two_layers", f"{name!r} is in more than one layer") for name in twice]


def _said(relation: Relation) -> str:
    return f"'{relation.subject} {relation.predicate} {relation.object}'"


def _unprintable(texts: Iterable[str]) -> list[Fault]:
    return [
        Fault("unprintable", f"expected words, got {text[:80]!r}")
        for text in texts
        if not text.strip() or not text.isprintable()
    ]
