"""Scene graphs and layouts as values: what should be in a picture, how it hangs together, and where it stands.

Not here: how a model's answer becomes one (`scene_graph.py`, `layout.py`).
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

import msgspec

from genval_assets.types import Xywh

MOST_NODES = 30
"""Of one graph (our choice)."""

Boxes = Mapping[str, Xywh]
"""Node id -> box as shares of the picture: left, top, width, height, all edges strictly inside (0, 1)."""


@dataclass(frozen=True)
class Node:
    """One thing that should be in the picture."""

    node_id: str  # n1, n2, …: unique within the graph
    category: str  # partition key
    name: str  # the category's name
    attributes: tuple[str, ...] = ()  # adjectives in the order in which they are said: red, striped

    @property
    def phrase(self) -> str:
        """The thing in words, without an article: what its box is drawn from."""
        return " ".join((*self.attributes, self.name))


@dataclass(frozen=True)
class Relation:
    """How one thing stands to another: the subject is `predicate` the object."""

    subject: str  # node ids
    predicate: str  # such as `left of`, `on`, `holding`
    object: str
    kind: Literal["spatial", "action"] = "spatial"


@dataclass(frozen=True)
class SceneGraph:
    """What one picture should show (ACP, section 3.1)."""

    nodes: tuple[Node, ...]
    relations: tuple[Relation, ...]
    caption: str  # two to four plain sentences that mention every node
    groups: tuple[tuple[str, ...], ...] = ()  # node ids that belong together
    layers: tuple[tuple[str, ...], ...] = ()  # node ids by depth, back to front; all in one layer where empty

    def node(self, node_id: str) -> Node:
        """Return one node.

        Raises:
            KeyError: the graph has none of that id.
        """
        for node in self.nodes:
            if node.node_id == node_id:
                return node
        raise KeyError(node_id)

    def depth(self, node_id: str) -> int:
        """Return the layer of a node, 0 at the back; 0 for one that no layer names."""
        return next((depth for depth, layer in enumerate(self.layers) if node_id in layer), 0)

    @property
    def back_to_front(self) -> list[Node]:
        """The nodes by depth, those of one layer in their order: how they are drawn."""
        return sorted(self.nodes, key=lambda node: self.depth(node.node_id))


def graph_json(graph: SceneGraph) -> str:
    """Return a graph as it is stored."""
    return msgspec.json.encode(graph).decode()


def read_graph(stored: str) -> SceneGraph:
    """Return a graph that was stored.

    Raises:
        msgspec.ValidationError: it is none.
    """
    return msgspec.json.decode(stored, type=SceneGraph)


def boxes_json(boxes: Boxes) -> str:
    """Return boxes as they are stored."""
    return msgspec.json.encode(dict(boxes)).decode()


def read_boxes(stored: str) -> dict[str, Xywh]:
    """Return boxes that were stored.

    Raises:
        msgspec.ValidationError: they are none.
    """
    return msgspec.json.decode(stored, type=dict[str, Xywh])
