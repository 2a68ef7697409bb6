"""The text model's layouts (ACP, section 3.1): what it is asked, and which answers are accepted."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

from genval_assets.chat.ask import worded
from genval_assets.keys import seed_of
from genval_assets.layouts.faults import Fault, refuse
from genval_assets.layouts.graph import SceneGraph
from genval_assets.layouts.layout_faults import layout_faults
from genval_assets.layouts.layout_forms import LayoutAnswer, read_boxes
from genval_assets.types import ChatRequest, Xywh

STAGE = "layouts"


@cache
def layout_prompt() -> str:
    """Return the system prompt of the agent that lays out scene graphs."""
    return files("genval_assets.layouts").joinpath("layout_agent.txt").read_text(encoding="utf-8")


@dataclass(frozen=True)
class LayoutQuestion:
    """Where the nodes of one graph could stand. Fits `chat.ask.Question`."""

    graph: SceneGraph
    category: str  # partition key of the one it is for
    index: int  # of the graph within the category

    def request(self, attempt: int, faults: Sequence[str]) -> ChatRequest:
        """Return the question; with `faults`, what was wrong with the earlier answers."""
        return ChatRequest(
            stage=STAGE,
            system=layout_prompt(),
            user=worded(_told(self.graph), faults),
            answer_schema=LayoutAnswer,
            seed=seed_of("layout", self.category, self.index, attempt),
            temperature=0.0 if attempt == 1 else 0.7,
            category=self.category,
            attempt=attempt,
        )

    def read(self, text: str) -> dict[str, Xywh]:
        """Return node id -> box of a raw answer, in the order of the graph's nodes.

        Raises:
            UnreadableAnswer: no rule reads it (`layout_forms.FORM_REASONS`), a node has two boxes (`box_twice`), or
                the boxes have faults (`layout_faults.REASONS`).
        """
        placed = read_boxes(text, self.graph).boxes
        twice = [name for name, n in Counter(name for name, _ in placed).items() if n > 1]
        found = [Fault("box_twice", f"{name[:80]!r} has more than one box") for name in twice]
        boxes = dict(placed)
        refuse(found + layout_faults(self.graph, boxes))
        return {node.node_id: boxes[node.node_id] for node in self.graph.nodes}


def _told(graph: SceneGraph) -> dict[str, object]:
    """Return what the model is told of a graph."""
    return {
        "caption": graph.caption,
        "objects": [{"id": node.node_id, "what": node.phrase} for node in graph.nodes],
        "relations": [[r.subject, r.predicate, r.object] for r in graph.relations],
        "groups": [list(group) for group in graph.groups],
        "layers": [list(layer) for layer in graph.layers],
    }
