"""Scene graphs by rule, simulated: things at hidden spots, relations that are true of these, a caption by template.

It errs now and then, as a text model does, and less once it was told.
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from genval_assets.keys import seed_of
from genval_assets.language.nouns import with_article
from genval_assets.layouts.scene_graph import GraphAnswer, NodeAnswer, RelationAnswer
from genval_assets.types import ChatRequest
from resources.offline.studio import COLOURS, KINDS, PATTERNS
from resources.offline.wording import kind_named
from resources.offline.world_scenes import FLYING

ERRS, ERRS_WHEN_TOLD = 0.08, 0.02
"""Share of answers with a fault: of first ones, and of those that follow one; our choice."""
COLOURED, PATTERNED, MATERIAL = 0.85, 0.3, 0.1
"""Share of things of which colour, pattern, material are said."""
MATERIALS = {"ceramic": "ceramic", "metal": "metal", "wood": "wooden", "plastic": "plastic"}
"""What a kind is made of, as an adjective; others are left unsaid."""
SURROUNDINGS = (
    "on a kitchen table", "on a wooden desk", "on the floor of a room", "in a workshop", "in a garden",
    "in a green meadow", "at the beach", "in a quiet street",
)  # fmt: skip
VERBS = {
    "left of": "is to the left of", "right of": "is to the right of", "above": "is above", "below": "is below",
    "next to": "is next to", "in front of": "is in front of", "behind": "is behind",
}  # fmt: skip


@dataclass(frozen=True)
class Spot:
    """A thing and where it would stand; nobody is told, but what is said of it is true."""

    node: NodeAnswer
    x: float
    y: float
    depth: int  # 0 is the back
    flies: bool

    @property
    def phrase(self) -> str:
        """The thing in words."""
        return " ".join((*self.node.attributes, self.node.name))


def graph_things(request: ChatRequest) -> GraphAnswer:
    """Return a scene graph of the request's things; the same request has the same graph."""
    rng = np.random.default_rng(seed_of("graph by rule", request.user, request.seed))
    spots = _spots([(thing["id"], thing["name"]) for thing in json.loads(request.user)["objects"]], rng)
    relations = _relations(spots, rng)
    answer = GraphAnswer(
        nodes=tuple(spot.node for spot in spots),
        relations=tuple(relations),
        groups=((spots[0].node.id, spots[1].node.id),) if len(spots) > 2 and rng.random() < 0.3 else (),
        layers=_layers(spots),
        caption=_caption(spots, relations, rng),
    )
    errs = ERRS if request.attempt == 1 else ERRS_WHEN_TOLD
    return _with_fault(answer, spots, rng) if rng.random() < errs else answer


def _spots(things: Sequence[tuple[str, str]], rng: np.random.Generator) -> list[Spot]:
    spots: list[Spot] = []
    for node_id, name in things:
        kind = kind_named(name)
        used = {word for spot in spots if spot.node.name == name for word in spot.node.attributes}
        node = NodeAnswer(id=node_id, name=name, attributes=_attributes(kind, used, rng))
        x, y = rng.random(2)
        spots.append(Spot(node, float(x), float(y), int(rng.integers(3)), kind in FLYING))
    return spots


def _attributes(kind: str | None, used: set[str], rng: np.random.Generator) -> tuple[str, ...]:
    """Return what is said of a thing; twins get colours of their own as long as there are any."""
    known = KINDS[kind] if kind else None
    colours = list(dict.fromkeys(known.colours)) if known else list(COLOURS)
    fresh = [colour for colour in colours if colour not in used] or colours
    colour, pattern = fresh[int(rng.integers(len(fresh)))], PATTERNS[int(rng.integers(1, len(PATTERNS)))]
    says = rng.random(3) < (COLOURED if not used else 1.0, PATTERNED, MATERIAL)
    words = [colour] if says[0] else []
    if known and known.patterned and says[1]:
        words.append(pattern)
    if known and known.material in MATERIALS and says[2]:
        words.append(MATERIALS[known.material])
    return tuple(words)


def _relations(spots: Sequence[Spot], rng: np.random.Generator) -> list[RelationAnswer]:
    """Return a relation of each thing to an earlier one, and sometimes one more."""
    related: dict[tuple[int, int], RelationAnswer] = {}
    for i in range(1, len(spots)):
        j = int(rng.integers(i))
        related[i, j] = _relation(spots[i], spots[j], rng)
    if len(spots) > 2 and rng.random() < 0.3:
        i, j = sorted((int(k) for k in rng.choice(len(spots), 2, replace=False)), reverse=True)
        related.setdefault((i, j), _relation(spots[i], spots[j], rng))
    return list(related.values())


def _relation(a: Spot, b: Spot, rng: np.random.Generator) -> RelationAnswer:
    subject, other = (a, b) if rng.random() < 0.5 else (b, a)
    if subject.flies != other.flies:
        predicate = "above" if subject.flies else "below"
    else:
        across = "left of" if subject.x < other.x else "right of"
        down = "above" if subject.y < other.y else "below"
        deep = "in front of" if subject.depth > other.depth else "behind"
        deep = deep if subject.depth != other.depth else across
        predicate = (across, "next to", down, deep)[int(rng.choice(4, p=(0.45, 0.3, 0.1, 0.15)))]
    return RelationAnswer(subject=subject.node.id, predicate=predicate, object=other.node.id, kind="spatial")


def _layers(spots: Sequence[Spot]) -> tuple[tuple[str, ...], ...]:
    by_depth = [tuple(spot.node.id for spot in spots if spot.depth == depth) for depth in range(3)]
    return tuple(layer for layer in by_depth if layer)


def _caption(spots: Sequence[Spot], relations: Sequence[RelationAnswer], rng: np.random.Generator) -> str:
    """Return two to four sentences: everything with its attributes, then how some of it stands."""
    phrases = {spot.node.id: spot.phrase for spot in spots}
    said = [with_article(phrase) for phrase in phrases.values()]
    listed = f"{', '.join(said[:-1])} and {said[-1]}" if len(said) > 1 else said[0]
    place = SURROUNDINGS[int(rng.integers(len(SURROUNDINGS)))] if rng.random() < 0.5 else ""
    opening = ("The picture shows", "There is", "This is a photograph of")[int(rng.integers(3))]
    sentences = [f"{opening} {listed}"]
    sentences += [f"The {phrases[r.subject]} {VERBS[r.predicate]} the {phrases[r.object]}" for r in relations[:2]]
    if place:
        sentences.append(f"The picture was taken {place}")
    elif len(sentences) == 1:
        sentences.append("It can be seen as a whole")
    return ". ".join(sentences) + "."


def _with_fault(answer: GraphAnswer, spots: Sequence[Spot], rng: np.random.Generator) -> GraphAnswer:
    """Return the answer with one fault: a thing forgotten, related to itself, or left out of the caption."""
    victim = spots[int(rng.integers(len(spots)))].node
    fault = int(rng.integers(3)) if len(spots) > 1 else 1
    if fault == 0:
        return answer.model_copy(update={"nodes": tuple(node for node in answer.nodes if node.id != victim.id)})
    if fault == 1:
        itself = RelationAnswer(subject=victim.id, predicate="next to", object=victim.id, kind="spatial")
        return answer.model_copy(update={"relations": (*answer.relations, itself)})
    others = [spot for spot in spots if spot.node.name != victim.name]
    caption = _caption(others, (), rng) if others else "The picture shows some things. They stand beside one another."
    return answer.model_copy(update={"caption": caption})
