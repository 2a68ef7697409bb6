"""The scene graph that needs no model: plain things in a row."""

from collections.abc import Sequence
from itertools import pairwise

from genval_assets.language.nouns import with_article
from genval_assets.layouts.graph import Node, Relation, SceneGraph
from genval_assets.layouts.objects import Thing


def baseline_graph(things: Sequence[Thing]) -> SceneGraph:
    """Return the graph of things without attributes, each `next to` the one before it. Our choice.

    Raises:
        ValueError: there is no thing.
    """
    if not things:
        raise ValueError("a scene graph needs at least one thing")
    nodes = tuple(Node(thing.node_id, thing.category, thing.name) for thing in things)
    relations = tuple(Relation(b.node_id, "next to", a.node_id) for a, b in pairwise(nodes))
    return SceneGraph(nodes, relations, _caption([thing.name for thing in things]))


def _caption(names: Sequence[str]) -> str:
    said = [with_article(name) for name in names]
    listed = f"{', '.join(said[:-1])} and {said[-1]}" if len(said) > 1 else said[0]
    ending = "They stand next to one another." if len(said) > 1 else "Nothing else stands beside it."
    return f"The picture shows {listed}. {ending}"
