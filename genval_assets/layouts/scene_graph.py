"""The text model's scene graphs (ACP, section 3.1): what it is asked, and the one form of answer that is accepted."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Annotated, Literal

from pydantic import Field

from genval_assets.chat.answers import Answered, read_answer
from genval_assets.chat.ask import worded
from genval_assets.keys import seed_of
from genval_assets.layouts.faults import refuse
from genval_assets.layouts.graph import Node, Relation, SceneGraph
from genval_assets.layouts.graph_faults import graph_faults
from genval_assets.layouts.objects import Thing
from genval_assets.layouts.relations import canonical
from genval_assets.types import ChatRequest

STAGE = "scene_graphs"
Id = Annotated[str, Field(min_length=1, max_length=20)]
Words = Annotated[str, Field(min_length=1, max_length=40)]
Ids = Annotated[tuple[Id, ...], Field(min_length=1, max_length=60)]


class NodeAnswer(Answered):
    """One object."""

    id: Id
    name: str  # as it was given, so of any length
    attributes: tuple[Words, ...] = Field(max_length=3, description="Adjectives such as red or striped; may be empty.")


class RelationAnswer(Answered):
    """How one object stands to another: the subject is `predicate` the object."""

    subject: Id
    predicate: Words
    object: Id
    kind: Literal["spatial", "action"]


class GraphAnswer(Answered):
    """The permitted answer."""

    nodes: tuple[NodeAnswer, ...] = Field(min_length=1, max_length=60)
    relations: tuple[RelationAnswer, ...] = Field(max_length=120)
    groups: tuple[Ids, ...] = Field(max_length=30, description="Ids of objects that belong together; may be empty.")
    layers: tuple[Ids, ...] = Field(max_length=30, description="Ids by depth, back to front.")
    caption: str = Field(min_length=1, max_length=3000, description="Two to four plain sentences.")


@cache
def graph_prompt() -> str:
    """Return the system prompt of the agent that writes scene graphs."""
    return files("genval_assets.layouts").joinpath("graph_agent.txt").read_text(encoding="utf-8")


@dataclass(frozen=True)
class GraphQuestion:
    """How the things of one list could make a picture. Fits `chat.ask.Question`."""

    things: tuple[Thing, ...]
    category: str  # partition key of the one it is for
    index: int  # of the graph within the category

    def request(self, attempt: int, faults: Sequence[str]) -> ChatRequest:
        """Return the question; with `faults`, what was wrong with the earlier answers."""
        return ChatRequest(
            stage=STAGE,
            system=graph_prompt(),
            user=worded({"objects": [_told(thing) for thing in self.things]}, faults),
            answer_schema=GraphAnswer,
            seed=seed_of("graph", self.category, self.index, attempt),
            temperature=0.7,  # the same things should not always make the same picture
            category=self.category,
            attempt=attempt,
        )

    def read(self, text: str) -> SceneGraph:
        """Return the graph of a raw answer, its nodes in the order of the things, its predicates canonical.

        Raises:
            UnreadableAnswer: the answer has another form, or faults, whose codes it carries (`graph_faults.REASONS`).
        """
        answer = read_answer(text, GraphAnswer)
        graph = _as_graph(answer, {thing.node_id: thing.category for thing in self.things})
        refuse(graph_faults(graph, self.things))
        order = [thing.node_id for thing in self.things]
        nodes = tuple(sorted(graph.nodes, key=lambda node: order.index(node.node_id)))
        return SceneGraph(nodes, graph.relations, graph.caption, graph.groups, graph.layers)


def _told(thing: Thing) -> dict[str, str]:
    told = {"id": thing.node_id, "name": thing.name}
    return told | {"definition": thing.definition} if thing.definition else told


def _as_graph(answer: GraphAnswer, categories: dict[str, str]) -> SceneGraph:
    """Return an answer as a graph, faults and all; a node of an unknown id has no category."""
    nodes = (Node(n.id, categories.get(n.id, ""), n.name, n.attributes) for n in answer.nodes)
    relations = (Relation(r.subject, canonical(r.predicate), r.object, r.kind) for r in answer.relations)
    return SceneGraph(tuple(nodes), tuple(relations), " ".join(answer.caption.split()), answer.groups, answer.layers)
