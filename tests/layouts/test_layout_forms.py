"""A raw layout answer is read whole by a rule that has a name, or refused by name; none is half read."""

import json
import re
from collections import Counter
from contextlib import suppress

import pytest

from genval_assets.chat.answers import UnreadableAnswer
from genval_assets.layouts.graph import Node, SceneGraph
from genval_assets.layouts.layout import LayoutQuestion
from genval_assets.layouts.layout_forms import read_boxes

MUG, RED, BLUE = Node("n1", "mug", "mug"), Node("n2", "mug", "mug", ("red",)), Node("n3", "mug", "mug", ("blue",))
LAMP = Node("n4", "lamp", "lamp", ("tall",))
BOX = "[0.1, 0.2, 0.3, 0.4]"
NUMBERS = (0.1, 0.2, 0.3, 0.4)


def graph(*nodes: Node) -> SceneGraph:
    return SceneGraph(nodes, (), "")


def ids(text: str, *nodes: Node) -> list[str]:
    placed = read_boxes(text, graph(*nodes))
    assert placed.form == "literal_list"
    return [node_id for node_id, _ in placed.boxes]


def reason(text: str, *nodes: Node) -> str:
    with pytest.raises(UnreadableAnswer) as refused:
        read_boxes(text, graph(*(nodes or (MUG,))))
    (code,) = refused.value.reasons
    return code


def test_the_form_asked_for_is_read_by_id():
    placed = read_boxes(f'{{"boxes": [{{"id": "n1", "box": {BOX}}}]}}', graph(MUG))
    assert (placed.form, placed.boxes) == ("json", (("n1", NUMBERS),))


@pytest.mark.parametrize("name", ["a tall lamp", "Tall  Lamp", "the lamp", "lamp"])
def test_a_list_of_pairs_is_read_by_phrase_or_bare_name(name):
    assert read_boxes(f"[('{name}', {BOX})]", graph(LAMP)).boxes == (("n4", NUMBERS),)


@pytest.mark.parametrize(
    "remarks", ["", "\nBackground prompt: A [dark] room", "\nBackground prompt: x\nNegative prompt: \n"]
)
def test_remarks_after_a_list_are_no_part_of_it(remarks):
    assert ids(f'[("a mug", {BOX}),\n ("lamp", (0.5, 0.5, 0.2, 0.2))]{remarks}', LAMP, MUG) == ["n1", "n4"]


def test_a_name_means_one_node_or_nothing():
    assert ids(f"[('a red mug', {BOX}), ('a mug', {BOX})]", MUG, RED) == ["n2", "n1"]
    assert reason(f"[('a mug', {BOX})]", RED, BLUE) == "ambiguous_name"
    assert reason(f"[('a red mug', {BOX}), ('a mug', {BOX})]", RED, BLUE) == "ambiguous_name"
    assert reason(f"[('a mug', {BOX}), ('a mug', {BOX})]", MUG, RED) == "name_twice"
    assert reason(f"[('mugs', {BOX})]", MUG) == "unknown_name"


def test_nodes_of_one_phrase_stand_for_one_another():
    twin = Node("n9", "mug", "mug")
    assert ids(f"[('a mug', {BOX}), ('a lamp', {BOX}), ('mug', {BOX})]", MUG, twin, LAMP) == ["n1", "n4", "n9"]


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("", "prose"),
        ("There is a mug on the left.", "prose"),
        ("[]", "no_boxes"),
        ("[]\nBackground prompt: A room\nNegative prompt: mugs", "no_boxes"),
        ('{"boxes": []}', "no_boxes"),
        ("[('a mug', [20, 30, 100, 100])]", "in_pixels"),
        ("[('a mug', [0.1, 0.2, 0.3, 99])]", "in_pixels"),
        ('{"boxes": [{"id": "n1", "box": [0.1, 0.1, 0.1, -300]}]}', "in_pixels"),
        (f"Sure! [('a mug', {BOX})]", "unreadable"),
        (f"[('a mug', {BOX})] as asked", "unreadable"),
        (f"[('a mug', {BOX})]\nI hope that this helps.", "unreadable"),
        (f"[('a mug', {BOX})\nBackground prompt: x]", "unreadable"),
        (f"Background prompt: x\n[('a mug', {BOX})]", "unreadable"),
        (f"[('a mug', {BOX}", "unreadable"),
        (f"[['a mug', {BOX}]]", "unreadable"),
        (f"[('a mug', {BOX}, 1)]", "unreadable"),
        (f"[(7, {BOX})]", "unreadable"),
        (f"[{{'a mug': {BOX}}}]", "unreadable"),
        (f"[('a mug', {BOX})], 3", "unreadable"),
        (f"[('a mug', {BOX})][0]", "unreadable"),
        ("[__import__('os').getcwd()]", "unreadable"),
        ("[(1 if True else 2)]", "unreadable"),
        ("[" * 3000, "unreadable"),
        ("[" + "-" * 4000 + "1]", "unreadable"),
        ("[('a mug', [0.1, 0.2, 0.3, 0.4])" + " " * 6000 + "]", "unreadable"),
        ("[('a mug', [0.1, 0.2, 0.3])]", "not_numbers"),
        ("[('a mug', [0.1, 0.2, 0.3, '0.4'])]", "not_numbers"),
        ("[('a mug', [0.1, 0.2, 0.3, True])]", "not_numbers"),
        ("[('a mug', 'left')]", "not_numbers"),
        ("[('a mug', [0.1, 0.2, 0.3, 1e999])]", "in_pixels"),
        ("[('a mug', [0.1, 0.2, 0.3, 1" + "0" * 400 + "])]", "in_pixels"),
    ],
)
def test_every_other_form_is_refused_by_name(text, code):
    assert reason(text) == code


@pytest.fixture
def raw_answers(shared_data) -> list[str]:
    lines = (shared_data / "llm_answers" / "lmd_gpt35_layouts.jsonl").read_text(encoding="utf-8").splitlines()
    return [json.loads(line)["response"] for line in lines]


def own_graph(raw: str) -> SceneGraph:
    """Return a graph of the very things that an answer names; of one mug if it names none."""
    names = re.findall(r"'([^']+)'", raw) or ["mug"]
    return graph(*(Node(f"n{i}", "key", re.sub(r"^an? ", "", name)) for i, name in enumerate(names)))


def outcomes(answers: list[str]) -> Counter[str]:
    found: Counter[str] = Counter()
    for raw in answers:
        try:
            LayoutQuestion(own_graph(raw), "c", 0).read(raw)
            found["read"] += 1
        except UnreadableAnswer as err:
            found[err.reasons[0]] += 1
    return found


def test_real_answers_in_pixels_are_all_refused_by_name(raw_answers):
    assert outcomes(raw_answers) == {"in_pixels": 289, "no_boxes": 10}


def in_shares(raw: str) -> str:
    return re.sub(r"\[(\d+), (\d+), (\d+), (\d+)\]", lambda m: str([int(v) / 512 for v in m.groups()]), raw)


def test_the_same_answers_in_shares_are_read_unless_a_box_touches_the_edge(raw_answers):
    shares = [in_shares(raw) for raw in raw_answers]
    assert outcomes(shares) == {"read": 206, "out_of_range": 82, "no_boxes": 10, "near_identical": 1}


def test_what_is_read_of_a_real_answer_is_all_of_it_and_nothing_else(raw_answers):
    read = 0
    for raw in raw_answers:
        written = [tuple(int(v) / 512 for v in found) for found in re.findall(r"(\d+), (\d+), (\d+), (\d+)\]", raw)]
        scene = own_graph(raw)
        with suppress(UnreadableAnswer):
            boxes = LayoutQuestion(scene, "c", 0).read(in_shares(raw))
            assert list(boxes.values()) == written
            assert list(boxes) == [node.node_id for node in scene.nodes]
            read += 1
    assert read == 206


def test_no_broken_answer_crashes(shared_data):
    lines = (shared_data / "llm_answers" / "malformed_json.jsonl").read_text(encoding="utf-8").splitlines()
    for line in lines:
        with pytest.raises(UnreadableAnswer):
            LayoutQuestion(graph(MUG, LAMP), "c", 0).read(json.loads(line)["input"])
    assert len(lines) == 113
