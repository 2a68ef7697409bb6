"""A scene graph holds exactly what was asked for, contradicts itself nowhere, and its caption names everything."""

import json

import pytest

from genval_assets.chat.answers import UnreadableAnswer
from genval_assets.layouts.baseline_graph import baseline_graph
from genval_assets.layouts.captions import caption_faults
from genval_assets.layouts.graph import Node, Relation, SceneGraph
from genval_assets.layouts.objects import Thing
from genval_assets.layouts.scene_graph import GraphQuestion

THINGS = (Thing("n1", "mug", "mug"), Thing("n2", "glass", "wine glass"), Thing("n3", "mug", "mug", "a cup"))
QUESTION = GraphQuestion(THINGS, "mug", 4)
CAPTION = "A red mug and a blue mug stand on a shelf. A wine glass is to the left of them."


def answer(**changes) -> dict:
    return {
        "nodes": [
            {"id": "n1", "name": "mug", "attributes": ["red"]},
            {"id": "n3", "name": "mug", "attributes": ["blue", "striped"]},
            {"id": "n2", "name": "wine glass", "attributes": []},
        ],
        "relations": [said("n2", "to the left of", "n1"), said("n1", "next to", "n3")],
        "groups": [["n1", "n3"]],
        "layers": [["n2"], ["n1", "n3"]],
        "caption": CAPTION,
    } | changes


def said(subject: str, predicate: str, other: str, kind: str = "spatial") -> dict:
    return {"subject": subject, "predicate": predicate, "object": other, "kind": kind}


def node(node_id: str, name: str = "mug", *attributes: str) -> dict:
    return {"id": node_id, "name": name, "attributes": list(attributes)}


def reasons(**changes) -> tuple[str, ...]:
    with pytest.raises(UnreadableAnswer) as refused:
        QUESTION.read(json.dumps(answer(**changes)))
    return refused.value.reasons


def test_a_sound_answer_becomes_a_graph_in_the_order_asked_with_one_name_per_relation():
    assert QUESTION.read(f"```json\n{json.dumps(answer())}\n```") == SceneGraph(
        nodes=(
            Node("n1", "mug", "mug", ("red",)),
            Node("n2", "glass", "wine glass"),
            Node("n3", "mug", "mug", ("blue", "striped")),
        ),
        relations=(Relation("n2", "left of", "n1"), Relation("n1", "next to", "n3")),
        caption=CAPTION,
        groups=(("n1", "n3"),),
        layers=(("n2",), ("n1", "n3")),
    )


NODES = answer()["nodes"]


@pytest.mark.parametrize(
    ("nodes", "expected"),
    [
        ([*NODES, node("n9")], {"unknown_id"}),
        ([*NODES, node("n1")], {"duplicate_id"}),
        ([node("n1"), node("n3"), node("n2", "glass")], {"wrong_name"}),
        ([node("n1"), node("n3"), node("n2", "Wine Glass")], {"wrong_name"}),
        ([node("n1", "mug", "red", "red"), *NODES[1:]], {"repeated_attribute"}),
        ([node("n1", "mug", "re\u200bd"), *NODES[1:]], {"unprintable"}),
        ([node("n1", "mug", "  "), *NODES[1:]], {"unprintable"}),
        (NODES[:2], {"missing_node", "unknown_relation_id", "unknown_layer_id"}),
        (NODES + [node(f"x{i}") for i in range(28)], {"too_many_nodes", "unknown_id"}),
    ],
)
def test_nodes_are_exactly_those_asked_for(nodes, expected):
    assert set(reasons(nodes=nodes)) == expected


def test_thirty_nodes_are_read():
    things = tuple(Thing(f"n{i}", "mug", "mug") for i in range(30))
    nodes = [node(thing.node_id) for thing in things]
    text = json.dumps(answer(nodes=nodes, layers=[], groups=[], caption="Thirty mugs. They stand in rows.",
                             relations=[said("n0", "on", "n1")]))  # fmt: skip
    assert len(GraphQuestion(things, "mug", 0).read(text).nodes) == 30


def test_a_name_may_be_as_long_as_the_user_s_is():
    name = "very " * 60 + "mug"
    text = json.dumps(answer(nodes=[node("n1", name)], relations=[], layers=[], groups=[],
                             caption=f"There is a {name}. It stands."))  # fmt: skip
    assert GraphQuestion((Thing("n1", "mug", name),), "mug", 0).read(text).nodes[0].name == name


@pytest.mark.parametrize(
    ("relations", "expected"),
    [
        ([], ("no_relation",)),
        ([said("n1", "left of", "n1")], ("self_relation",)),
        ([said("n1", "left of", "n7")], ("unknown_relation_id",)),
        ([said("n1", "left of", "n2"), said("n1", "on the left of", "n2")], ("duplicate_relation",)),
        ([said("n1", "left of", "n2"), said("n2", "left of", "n1")], ("contradiction",)),
        ([said("n1", "left of", "n2"), said("n1", "right of", "n2")], ("contradiction",)),
        ([said("n1", "above", "n2"), said("n2", "above", "n3"), said("n1", "below", "n3")], ("contradiction",)),
        ([said("n1", "behind", "n2"), said("n1", "in front of", "n2")], ("contradiction",)),
        ([said("n1", "on", "n2"), said("n2", "atop", "n1")], ("contradiction",)),
        ([said("n1", "on", "n2"), said("n1", "below", "n2")], ("contradiction",)),
        ([said("n1", "in", "n2"), said("n2", "in", "n3"), said("n1", "contains", "n3")], ("contradiction",)),
        ([said("n1", "le\u0007ft", "n2")], ("unprintable",)),
    ],
)
def test_relations_are_true_together_and_between_two_nodes(relations, expected):
    assert reasons(relations=relations) == expected


@pytest.mark.parametrize(
    "relations",
    [
        [said("n1", "left of", "n2"), said("n2", "right of", "n1")],
        [said("n1", "left of", "n2"), said("n1", "above", "n2"), said("n1", "in front of", "n2")],
        [said("n1", "left of", "n2"), said("n2", "above", "n3"), said("n3", "left of", "n1")],
        [said("n1", "next to", "n2"), said("n2", "next to", "n1")],
        [said("n1", "on", "n2"), said("n2", "below", "n1"), said("n1", "in", "n2"), said("n2", "contains", "n1")],
        [said("n1", "holding", "n2", "action")],
    ],
)
def test_relations_that_a_picture_can_hold_are_read(relations):
    assert len(QUESTION.read(json.dumps(answer(relations=relations))).relations) == len(relations)


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        ({"layers": [["n1", "n9"]]}, ("unknown_layer_id",)),
        ({"groups": [["n9", "n1"]]}, ("unknown_group_id",)),
        ({"layers": [["n1"], ["n2", "n1"]]}, ("two_layers",)),
        ({"layers": [["n1", "n1"]]}, ("two_layers",)),
    ],
)
def test_layers_and_groups_name_nodes_and_a_node_has_one_layer(change, expected):
    assert reasons(**change) == expected


@pytest.mark.parametrize(
    ("caption", "expected"),
    [
        ("A mug and a mug. A lamp.", ("unmentioned",)),
        ("A red mug stands there. A wine glass is left of it.", ("unmentioned",)),
        ("Two mugs. Two glasses for wine.", ("unmentioned",)),
        ("A muggy day with mugs. A wine glassy look.", ("unmentioned",)),
        ("Two mugs and a wine glass.", ("sentences",)),
        ("Two mugs. A wine glass. One. Two. Three.", ("sentences",)),
        ("Two mugs\u0000. A wine glass.", ("unprintable",)),
        ("...", ("unmentioned", "unmentioned", "sentences")),
    ],
)
def test_a_caption_names_everything_in_two_to_four_sentences(caption, expected):
    assert tuple(fault.reason for fault in caption_faults(caption, ["mug", "wine glass", "mug"])) == expected


@pytest.mark.parametrize(
    ("caption", "names"),
    [
        ("Two Mugs stand there. Beside them are wine-glasses", ["mug", "wine glass", "mug"]),
        ("A mug, at 2.5 m. Another mug! Is that a wine glass?", ["mug", "wine glass", "mug"]),
        ("Scissors lie there. They are red.", ["scissors", "scissors"]),
        ("Moose stand there. Aircraft fly over quizzes.", ["moose", "moose", "aircraft", "aircraft", "quiz", "quiz"]),
        ("Knives and wolves. Berries, people, policemen.", ["knife", "wolf", "berry", "person", "policeman"]),
        ("A Dr. Pepper can stands there. Ok.", ["dr. pepper can"]),
        ("A hot air balloon. A c++ (book) beside.", ["hot-air balloon", "c++ (book)"]),
        ('He said "a mug." Then a 👩‍🚀 came.', ["mug", "👩‍🚀"]),
    ],
)
def test_plurals_hyphens_and_names_with_dots_are_no_fault(caption, names):
    assert caption_faults(caption, names) == []


def test_a_name_within_a_longer_one_is_no_mention():
    names = ["mug", "mug rack", "glass", "wine glass"]
    (one, two) = caption_faults("A mug rack stands there. Beside it is a wine glass.", names)
    assert ("'mug'" in one.detail, "'glass'" in two.detail) == (True, True)


@pytest.mark.parametrize("text", ["", "A mug.", "{}", "[]", json.dumps([answer()]), json.dumps(answer(extra=1))])
def test_another_form_is_refused(text):
    with pytest.raises(UnreadableAnswer):
        QUESTION.read(text)


@pytest.mark.parametrize("field", ["nodes", "relations", "groups", "layers", "caption"])
def test_nothing_has_a_default(field):
    with pytest.raises(UnreadableAnswer, match=field):
        QUESTION.read(json.dumps({key: value for key, value in answer().items() if key != field}))


def test_the_request_tells_objects_as_data_and_faults_when_there_are_some():
    first, again = QUESTION.request(1, []), QUESTION.request(2, ["missing_node: 'n2'"])
    assert json.loads(first.user) == {
        "objects": [
            {"id": "n1", "name": "mug"},
            {"id": "n2", "name": "wine glass"},
            {"id": "n3", "name": "mug", "definition": "a cup"},
        ]
    }
    assert json.loads(again.user)["faults_of_earlier_answers"] == ["missing_node: 'n2'"]
    assert (again.stage, again.category, again.attempt) == ("scene_graphs", "mug", 2)
    others = (QUESTION.request(1, []), GraphQuestion(THINGS, "mug", 5).request(1, []), again)
    assert [other.seed == first.seed for other in others] == [True, False, False]


def test_the_examples_of_the_prompt_are_themselves_read():
    text = QUESTION.request(1, []).system
    for example in text.split("Example. Objects: ")[1:]:
        told, _, answered = example.partition("\n")
        things = tuple(Thing(thing["id"], thing["name"], thing["name"]) for thing in json.loads(told))
        GraphQuestion(things, "c", 0).read(answered.split("\n\n")[0].replace("\n", " "))
    assert text.count("Example. Objects: ") == 2


def test_no_broken_answer_crashes(shared_data):
    lines = (shared_data / "llm_answers" / "malformed_json.jsonl").read_text(encoding="utf-8").splitlines()
    for line in lines:
        with pytest.raises(UnreadableAnswer):
            QUESTION.read(json.loads(line)["input"])
    assert len(lines) == 113


@pytest.mark.parametrize("n", [1, 2, 30])
def test_the_graph_without_a_model_would_be_read_if_a_model_answered_it(n):
    things = tuple(Thing(f"n{i}", f"key{i % 3}", ("mug", "apple", "dr. who mug")[i % 3]) for i in range(n))
    graph = baseline_graph(things)
    as_answered = {
        "nodes": [node(x.node_id, x.name) for x in graph.nodes],
        "relations": [said(r.subject, r.predicate, r.object) for r in graph.relations],
        "groups": [],
        "layers": [],
        "caption": graph.caption,
    }
    assert GraphQuestion(things, "mug", 0).read(json.dumps(as_answered)) == graph


def test_the_graph_without_a_model_is_a_row_of_plain_things():
    graph = baseline_graph(THINGS[:2])
    assert graph.relations == (Relation("n2", "next to", "n1"),)
    assert graph.caption == "The picture shows a mug and a wine glass. They stand next to one another."
    with pytest.raises(ValueError, match="at least one"):
        baseline_graph(())


def test_the_graph_without_a_model_speaks_of_things_as_questions_do():
    things = tuple(Thing(f"n{i}", name, name) for i, name in enumerate(("hourglass", "scissors", "unicycle")))
    assert baseline_graph(things).caption.startswith("The picture shows an hourglass, scissors and a unicycle.")
