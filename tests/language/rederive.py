"""Every question about a scene answered once more, from its annotations and its graph, by code of its own.

Shares nothing with `genval_assets.language`: texts are read by the expressions below, one per template, and each answer
is worked out from boxes, categories and the graph's JSON. `faults` takes the rows of any run.
"""

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from genval_assets.layout_rows import QuestionAnswer, StoredGraph
from genval_assets.rows import Annotation, Scene
from tests.language.said_words import BASIC, grey, is_colour, spoken, tokens

SAME_WORD = {"under": "below", "inside": "in", "beside": "next to", "to the left of": "left of", "on top of": "on"}
ODD_PLURALS = {"person": "people", "mouse": "mice", "knife": "knives", "goose": "geese", "sheep": "sheep",
               "fish": "fish", "goldfish": "goldfish"}  # fmt: skip
BOX = r"\[(?:0\.\d{3}|1\.000)(?:, (?:0\.\d{3}|1\.000)){3}\]"
SAYS = r"the (?P<s>THING) VERB (?P<r>[a-z ]+) the (?P<o>THING)"

FORMS: Mapping[str, tuple[str, str, str]] = {  # template -> task, question, answer
    "where_is": ("localisation", r"Where VERB the (?P<t>THING)\?", r"At (?P<b>BOX)\."),
    "where_region": (
        "localisation",
        r"Which part of the picture (?:does|do) the (?P<t>THING) fill\?",
        r"The part within (?P<b>BOX)\.",
    ),
    "where_frame": ("localisation", r"Give the box that frames the (?P<t>THING)\.", r"The box is (?P<b>BOX)\."),
    "at_seen": (
        "localisation",
        r"What can be seen at (?P<b>BOX)\?",
        r"One can see (?:an? )?(?P<t>THING) there\.",
    ),
    "at_framed": ("localisation", r"Say what the box (?P<b>BOX) frames\.", r"It frames (?:an? )?(?P<t>THING)\."),
    "at_kind": (
        "localisation",
        r"There is an object within (?P<b>BOX)\. Of what kind is it\?",
        r"Its kind is (?P<t>NAME)\.",
    ),
    "colour_is": ("attribute", r"What colour VERB the (?P<t>NAME)\?", r"The (?P<u>NAME) VERB (?P<c>\w+)\."),
    "colour_name": ("attribute", r"Name the colour of the (?P<t>NAME)\.", r"The colour is (?P<c>\w+)\."),
    "colour_object_at": (
        "attribute",
        r"Which colour does the object at (?P<b>BOX) have\?",
        r"Its colour is (?P<c>\w+)\.",
    ),
    "colour_thing_at": (
        "attribute",
        r"Of what colour VERB the (?P<t>NAME) framed by (?P<b>BOX)\?",
        r"The (?P<u>NAME) VERB (?P<c>\w+)\.",
    ),
    "count_there": (
        "attribute",
        r"How many (?P<k>KINDS) are there\?",
        r"There (?P<v>is|are) (?P<n>\d+) (?P<l>KINDS)\.",
    ),
    "count_number": (
        "attribute",
        r"What is the number of (?P<k>KINDS) in the picture\?",
        r"The number is (?P<n>\d+)\.",
    ),
    "count_tell": ("attribute", r"Count the (?P<k>KINDS) that can be seen\.", r"I count (?P<n>\d+)\."),
    "count_shown": (
        "attribute",
        r"How many (?P<k>KINDS) does the picture show\?",
        r"The picture shows (?P<n>\d+) (?P<l>KINDS)\.",
    ),
    "compare_more": (
        "attribute",
        r"Are there more (?P<k>KINDS) than (?P<m>KINDS)\?",
        r"(?P<a>Yes|No), there (?P<v>is|are) (?P<n>\d+) (?P<l>KINDS) and (?P<o>\d+) (?P<p>KINDS)\.",
    ),
    "compare_outnumber": (
        "attribute",
        r"Do the (?P<k>KINDS) outnumber the (?P<m>KINDS)\?",
        r"(?P<a>Yes|No), the picture shows (?P<n>\d+) (?P<l>KINDS) and (?P<o>\d+) (?P<p>KINDS)\.",
    ),
    "relation_placed": (
        "relation",
        r"How VERB the (?P<s>THING) placed in relation to the (?P<o>THING)\?",
        f"T{SAYS[1:]}\\.",
    ),
    "relation_where": (
        "relation",
        r"Where VERB the (?P<s>THING) with respect to the (?P<o>THING)\?",
        f"T{SAYS[1:]}\\.",
    ),
    "relation_describe": (
        "relation",
        r"Tell the place of the (?P<s>THING) by that of the (?P<o>THING)\.",
        f"T{SAYS[1:]}\\.",
    ),
    "confirm_true": ("relation", f"Is it true that {SAYS}\\?", f"(?P<a>Yes|No), {SAYS}\\."),
    "confirm_right": ("relation", f"Would one be right to say that {SAYS}\\?", f"(?P<a>Yes|No), {SAYS}\\."),
}


class Wrong(Exception):
    """The row says something that cannot be worked out again."""


@dataclass(frozen=True)
class World:
    """What is annotated, read from the rows."""

    nodes: dict  # id -> the graph's JSON of it, of annotated nodes only
    boxes: dict  # id -> x1, y1, x2, y2 px
    size: tuple[int, int]  # width, height
    unsure: set  # categories that may have more in the picture
    relations: set  # (subject, predicate, object), spatial
    colours: Mapping[str, str | None] | None  # of pixels; None: not looked at


def faults(
    rows: Sequence[QuestionAnswer],
    annotations: Sequence[Annotation],
    stored: StoredGraph,
    scene: Scene,
    colours: Mapping[str, str | None] | None = None,
) -> list[str]:
    """Return what is wrong with the questions of one scene; empty when every answer comes out again.

    `colours`: the term that each node's pixels bear, where somebody looked; else what was asked for is believed.
    """
    world = read_world(annotations, stored, scene, colours)
    found = []
    for row in rows:
        try:
            check(row, world)
        except Wrong as wrong:
            found.append(f"{row.template} {row.question!r} {row.answer!r}: {wrong}")
    if len({row.index for row in rows}) < len(rows) or len({row.question for row in rows}) < len(rows):
        found.append("a question or an index comes twice")
    return found


def read_world(annotations, stored, scene, colours) -> World:
    graph = json.loads(stored.graph)
    plain = [a for a in annotations if a.iscrowd == 0]
    boxes = {a.node_id: (a.x, a.y, a.x + a.w, a.y + a.h) for a in plain}
    lost = {n["category"] for n in graph["nodes"] if n["node_id"] not in boxes}
    crowds = {a.category for a in annotations if a.iscrowd}
    return World(
        nodes={n["node_id"]: n for n in graph["nodes"] if n["node_id"] in boxes},
        boxes=boxes,
        size=(scene.width, scene.height),
        unsure=lost | crowds | set(scene.not_exhaustive or []),
        relations={
            (r["subject"], SAME_WORD.get(r["predicate"], r["predicate"]), r["object"])
            for r in graph["relations"]
            if r.get("kind", "spatial") == "spatial"
        },
        colours=colours,
    )


def check(row: QuestionAnswer, world: World) -> None:
    if row.template not in FORMS:
        raise Wrong("unknown template")
    task, question, answer = FORMS[row.template]
    if row.task != task or len(row.question.splitlines()) != 1 or len(row.answer.splitlines()) != 1:
        raise Wrong("another task, or more than one line")
    if not row.nodes or not set(row.nodes) <= set(world.nodes) or len(set(row.nodes)) < len(row.nodes):
        raise Wrong("about something that is not annotated, or twice about one thing")
    check_grounding(row, world)
    asked, told = read(question, row.question, row, world), read(answer, row.answer, row, world)
    kind = row.template.partition("_")[0]
    if len(row.nodes) != {"where": 1, "at": 1, "colour": 1, "relation": 2, "confirm": 2}.get(kind, len(row.nodes)):
        raise Wrong("about another number of nodes")
    {"where": where, "at": at, "colour": colour, "count": count, "compare": compare}.get(kind, relation)(
        row, asked, told, world
    )


def read(form: str, text: str, row: QuestionAnswer, world: World) -> dict[str, str]:
    """Return the parts of a text, names among those of the row's own nodes."""
    nodes = [world.nodes[n] for n in row.nodes]
    names = {spoken(n["name"]) for n in nodes}
    things = names | {f"{c} {name}" for name in names for c in BASIC}
    kinds = {k for name in names for k in plurals(name) | {name}}
    words = {mark: one_of(said) for mark, said in (("THING", things), ("NAME", names), ("KINDS", kinds))}
    words |= {"BOX": BOX, "VERB": "(?:is|are)"}
    match = re.fullmatch(re.sub("|".join(words), lambda mark: words[mark[0]], form), text)
    if match is None:
        raise Wrong(f"{text!r} does not read as its template")
    return match.groupdict()


def one_of(said: set[str]) -> str:
    return "(?:" + "|".join(map(re.escape, sorted(said, key=len, reverse=True))) + ")"


def where(row, asked, told, world) -> None:
    (node,) = row.nodes
    only_one(asked["t"], node, world)
    same_box(json.loads(told["b"]), node, world)


def at(row, asked, told, world) -> None:
    (node,) = row.nodes
    same_box(json.loads(asked["b"]), node, world)
    alone(node, world)
    rest = said_colour(told["t"], node, world)
    if rest is not None and rest != known_colour(node, world):
        raise Wrong(f"{node} is not known to be {rest}")


def colour(row, asked, told, world) -> None:
    (node,) = row.nodes
    if "b" in asked:
        same_box(json.loads(asked["b"]), node, world)
        alone(node, world)
    else:
        only_one(asked["t"], node, world)
    for part in (asked.get("t"), told.get("u")):
        if part is not None and part != spoken(world.nodes[node]["name"]):
            raise Wrong(f"{part!r} is another thing")
    if told["c"] != known_colour(node, world):
        raise Wrong(f"{node} is {known_colour(node, world)}")


def count(row, asked, told, world) -> None:
    number = counted(asked["k"], row.nodes, world)
    if int(told["n"]) != number:
        raise Wrong(f"there are {number}")
    in_number(told.get("v"), told.get("l"), number, row.nodes[0], world)


def compare(row, asked, told, world) -> None:
    first = [n for n in row.nodes if world.nodes[n]["category"] == world.nodes[row.nodes[0]]["category"]]
    rest = row.nodes[len(first) :]
    if first + rest != row.nodes or not rest:
        raise Wrong("not two categories, one after the other")
    numbers = counted(asked["k"], first, world), counted(asked["m"], rest, world)
    if (int(told["n"]), int(told["o"])) != numbers or (told["a"] == "Yes") != (numbers[0] > numbers[1]):
        raise Wrong(f"there are {numbers}")
    in_number(told.get("v"), told["l"], numbers[0], first[0], world)
    in_number(None, told["p"], numbers[1], rest[0], world)


def relation(row, asked, told, world) -> None:
    subject, other = row.nodes
    only_one(told["s"], subject, world)
    only_one(told["o"], other, world)
    if (subject, told["r"], other) not in world.relations:
        raise Wrong("the graph knows no such relation")
    if not true_of_boxes(told["r"], world.boxes[subject], world.boxes[other]):
        raise Wrong("the boxes do not show it")
    straight = (asked["s"], asked["o"]) == (told["s"], told["o"])
    if row.template.startswith("relation"):
        if not straight:
            raise Wrong("the answer is about another pair")
        return
    reverse = (asked["s"], asked["o"]) == (told["o"], told["s"])
    if asked["r"] != told["r"] or not (straight or reverse):
        raise Wrong("the question is about another pair or relation")
    if (told["a"] == "Yes") != (straight or true_of_boxes(asked["r"], world.boxes[other], world.boxes[subject])):
        raise Wrong("yes is no")


def check_grounding(row, world) -> None:
    boxes = json.loads(row.grounding)
    if len(boxes) != len(row.nodes):
        raise Wrong("not one box per node")
    for box, node in zip(boxes, row.nodes, strict=True):
        same_box(box, node, world)


def same_box(box, node, world) -> None:
    x1, y1, x2, y2 = box
    if not (0 <= x1 < x2 <= 1 and 0 <= y1 < y2 <= 1):
        raise Wrong(f"{box} is no box")
    for said, edge, side in zip(box, world.boxes[node], world.size * 2, strict=True):
        if abs(said * side - edge) > 0.000501 * side or abs(said * 1000 - round(said * 1000)) > 1e-6:
            raise Wrong(f"{node} is not at {box}")


def alone(node, world) -> None:
    """Refuse a box that fits another object as well: half of what both cover is common to them."""
    a = world.boxes[node]
    for other, b in world.boxes.items():
        wide, high = min(a[2], b[2]) - max(a[0], b[0]), min(a[3], b[3]) - max(a[1], b[1])
        common = wide * high if wide > 0 and high > 0 else 0
        if other != node and 3 * common >= area(a) + area(b):  # common / (sum - common) >= 1 / 2
            raise Wrong(f"{other} fills the box as well")


def only_one(phrase: str, node: str, world: World) -> None:
    """Refuse a phrase that is not this node's, or may be another's."""
    if world.nodes[node]["category"] in world.unsure:
        raise Wrong(f"another {phrase!r} may stand in the picture")
    shade = said_colour(phrase, node, world)
    if shade is not None and shade != known_colour(node, world):
        raise Wrong(f"{node} is not known to be {shade}")
    for other in world.nodes:
        if other != node and could_be(other, tokens(world.nodes[node]["name"]), shade, world):
            raise Wrong(f"{phrase!r} may be {other}")


def could_be(other: str, name: list[str], shade: str | None, world: World) -> bool:
    theirs = tokens(world.nodes[other]["name"])
    known = known_colour(other, world)
    shorter, longer = sorted((name, theirs), key=len)
    if longer[len(longer) - len(shorter) :] != shorter:
        return False
    extra = name[: max(0, len(name) - len(theirs))]  # what the phrase's name says beyond the other's
    asked = {t for a in world.nodes[other]["attributes"] for t in tokens(a)}
    for token in extra:
        if not is_colour(token) and token not in asked:
            return False
        if is_colour(token) and known not in (None, grey(token)):
            return False
    return shade is None or known in (None, shade)


def said_colour(phrase: str, node: str, world: World) -> str | None:
    name = spoken(world.nodes[node]["name"])
    if phrase == name:
        return None
    shade, _, rest = phrase.partition(" ")
    if rest != name or shade not in BASIC:
        raise Wrong(f"{phrase!r} is not {node}")
    return shade


def known_colour(node: str, world: World) -> str | None:
    asked = [grey(t) for a in world.nodes[node]["attributes"] for t in tokens(a) if is_colour(t)]
    if len(asked) != 1 or asked[0] not in BASIC or any(is_colour(t) for t in tokens(world.nodes[node]["name"])):
        return None
    return asked[0] if world.colours is None or world.colours[node] == asked[0] else None


def counted(kinds: str, nodes: Sequence[str], world: World) -> int:
    category, name = (world.nodes[nodes[0]][key] for key in ("category", "name"))
    if kinds not in plurals(spoken(name)):
        raise Wrong(f"{kinds!r} are not {name!r}")
    members = {n for n, said in world.nodes.items() if said["category"] == category}
    if set(nodes) != members or category in world.unsure:
        raise Wrong("not all of them are named, or known")
    for other in set(world.nodes) - members:
        if could_be(other, tokens(name), None, world):
            raise Wrong(f"{other} may be one of them")
    return len(members)


def in_number(verb: str | None, noun: str | None, number: int, node: str, world: World) -> None:
    name = spoken(world.nodes[node]["name"])
    one = {name, f"object of the kind {name}"}
    if verb is not None and (verb == "is") != (number == 1):
        raise Wrong("the verb has another number")
    if noun is not None and noun not in (one if number == 1 else plurals(name)):
        raise Wrong(f"{noun!r} is another number or thing")


def plurals(name: str) -> set[str]:
    noun, remark = re.fullmatch(r"(?s)(.*?)( \([^()]*\))?", name).groups("")
    head, last = re.fullmatch(r"(?s)(.*?)([^ -]*)", noun).groups()
    formed = {f"{noun}s", f"{noun}es", f"{noun[:-1]}ies", head + ODD_PLURALS.get(last, f"{last}s")}
    return {f"object of the kind {name}", f"objects of the kind {name}"} | {f"{form}{remark}" for form in formed}


def true_of_boxes(said: str, s, o) -> bool:
    """Work a relation out from the corners of two boxes."""
    across, down = ((o[i] + o[i + 2] - s[i] - s[i + 2]) / 2 for i in (0, 1))
    wide, high = ((o[i + 2] - o[i] + s[i + 2] - s[i]) / 8 for i in (0, 1))  # a quarter of the mean side
    both = [min(s[i + 2], o[i + 2]) - max(s[i], o[i]) for i in (0, 1)]
    common = max(both[0], 0) * max(both[1], 0)
    if said in ("left of", "right of"):
        return (across if said == "left of" else -across) >= wide > 0
    if said in ("above", "below"):
        return (down if said == "above" else -down) >= high > 0
    if said == "on":
        tall = o[3] - o[1]
        rests = o[1] - tall / 10 - 1e-9 <= s[3] <= o[1] + tall / 2 + 1e-9
        return rests and down > 0 and both[0] * 2 >= s[2] - s[0]
    if said == "in":
        return area(s) < area(o) and common >= 0.8 * area(s) - 1e-9
    if said == "next to":
        long = [((b[2] - b[0]) ** 2 + (b[3] - b[1]) ** 2) ** 0.5 for b in (s, o)]
        gap = (min(both[0], 0) ** 2 + min(both[1], 0) ** 2) ** 0.5
        level = 4 * both[1] >= min(s[3] - s[1], o[3] - o[1])
        return gap <= sum(long) / 2 and level and 2 * common <= min(area(s), area(o))
    return False


def area(box) -> float:
    return (box[2] - box[0]) * (box[3] - box[1])
