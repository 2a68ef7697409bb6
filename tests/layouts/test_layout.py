"""A layout has one box for each node, inside the picture, large enough, each its own, and its relations hold."""

import json

import pytest

from genval_assets.chat.answers import UnreadableAnswer
from genval_assets.layouts.boxes import iou
from genval_assets.layouts.graph import Node, Relation, SceneGraph
from genval_assets.layouts.layout import LayoutQuestion
from genval_assets.layouts.layout_faults import layout_faults

GRAPH = SceneGraph(
    (Node("n1", "mug", "mug", ("red",)), Node("n2", "lamp", "lamp")),
    (Relation("n1", "left of", "n2"), Relation("n2", "above", "n1")),
    "A red mug. A lamp is above it.",
    layers=(("n2",), ("n1",)),
)
GOOD = {"n1": (0.1, 0.5, 0.3, 0.3), "n2": (0.5, 0.1, 0.3, 0.3)}
QUESTION = LayoutQuestion(GRAPH, "mug", 2)


def reasons(**boxes) -> list[str]:
    return [fault.reason for fault in layout_faults(GRAPH, {**GOOD, **boxes})]


def answered(*boxes: tuple[str, list]) -> str:
    return json.dumps({"boxes": [{"id": name, "box": box} for name, box in boxes]})


def test_a_sound_layout_has_no_fault():
    assert reasons() == []


@pytest.mark.parametrize(
    "box",
    [
        (0.0, 0.5, 0.3, 0.3),
        (0.1, 0.0, 0.3, 0.3),
        (-0.1, 0.5, 0.3, 0.3),
        (0.75, 0.5, 0.25, 0.3),
        (0.1, 0.5, 0.3, 0.5),
        (0.1, 0.5, 0.0, 0.3),
        (0.1, 0.5, 0.3, -0.3),
        (0.1, 0.5, 1.0, 0.3),
    ],
)
def test_every_edge_lies_strictly_inside_the_picture(box):
    assert reasons(n1=box) == ["out_of_range"]


@pytest.mark.parametrize(("side", "found"), [(0.0447, ["too_small"]), (0.0448, [])])
def test_a_box_takes_a_five_hundredth_of_the_picture_at_least(side, found):
    assert reasons(n1=(0.1, 0.5, side, side)) == found


def test_no_two_boxes_are_almost_the_same():
    graph = SceneGraph(GRAPH.nodes, (), "")
    assert iou((0.1, 0.1, 0.4, 0.4), (0.1, 0.1, 0.4, 0.2)) == pytest.approx(0.5)
    for height, found in ((0.372, ["near_identical"]), (0.356, [])):  # IoU .93 and .89
        boxes = {"n1": (0.1, 0.1, 0.4, 0.4), "n2": (0.1, 0.1, 0.4, height)}
        assert [fault.reason for fault in layout_faults(graph, boxes)] == found


def test_relations_hold_between_centres():
    assert reasons(n1=(0.6, 0.5, 0.3, 0.3)) == ["violated_relation"]
    assert reasons(n1=(0.45, 0.5, 0.3, 0.3)) == []
    assert reasons(n1=(0.6, 0.05, 0.3, 0.3)) == ["violated_relation", "violated_relation"]


def test_each_node_has_a_box_and_nothing_else_has():
    assert [f.reason for f in layout_faults(GRAPH, {"n1": GOOD["n1"]})] == ["missing_node"]
    assert reasons(n3=(0.1, 0.1, 0.1, 0.1)) == ["unknown_node"]
    assert [f.reason for f in layout_faults(GRAPH, {})] == ["missing_node", "missing_node"]


def test_an_answer_is_read_in_the_order_of_the_nodes():
    text = answered(("n2", list(GOOD["n2"])), ("n1", list(GOOD["n1"])))
    assert list(QUESTION.read(f"Here it is:\n{text}").items()) == list(GOOD.items())


@pytest.mark.parametrize(
    ("boxes", "expected"),
    [
        ([("n1", [0.1, 0.5, 0.3, 0.3])], ("missing_node",)),
        ([("n1", [0.1, 0.5, 0.3, 0.3]), ("n2", [0.5, 0.1, 0.3, 0.3]), ("n2", [0.6, 0.1, 0.3, 0.3])], ("box_twice",)),
        ([("n1", [0.1, 0.5, 0.3, 0.3]), ("n2", [0.8, 0.1, 0.3, 0.3])], ("out_of_range",)),
        ([("n1", [0.7, 0.5, 0.2, 0.2]), ("n2", [0.1, 0.1, 0.3, 0.3])], ("violated_relation",)),
        ([("n1", [51, 256, 154, 154]), ("n2", [256, 51, 154, 154])], ("in_pixels",)),
        ([("n1", [0.1, 0.5, 0.3])], ("unreadable",)),
        ([("n1", [0.1, 0.5, 0.3, "0.3"])], ("unreadable",)),
        ([("n1", [0.1, 0.5, 0.3, True])], ("unreadable",)),
        ([("n1", [0.1, 0.5, 0.3, float("nan")])], ("unreadable",)),
        ([], ("no_boxes",)),
    ],
)
def test_faults_go_back_by_name(boxes, expected):
    with pytest.raises(UnreadableAnswer) as refused:
        QUESTION.read(answered(*boxes))
    assert refused.value.reasons == expected


def test_the_request_tells_the_graph_as_data():
    request = QUESTION.request(2, ["missing_node: no box for 'n2'"])
    assert json.loads(request.user) == {
        "caption": "A red mug. A lamp is above it.",
        "objects": [{"id": "n1", "what": "red mug"}, {"id": "n2", "what": "lamp"}],
        "relations": [["n1", "left of", "n2"], ["n2", "above", "n1"]],
        "groups": [],
        "layers": [["n2"], ["n1"]],
        "faults_of_earlier_answers": ["missing_node: no box for 'n2'"],
    }
    assert (request.stage, request.category, request.attempt, request.temperature) == ("layouts", "mug", 2, 0.7)
    assert QUESTION.request(1, []).temperature == 0.0
    assert (
        len({QUESTION.request(i, []).seed for i in (1, 2, 3)} | {LayoutQuestion(GRAPH, "mug", 3).request(1, []).seed})
        == 4
    )


def test_the_examples_of_the_prompt_are_themselves_read():
    text = QUESTION.request(1, []).system
    for example in text.split("Example. ")[1:]:
        told, _, rest = example.partition('\n{"boxes"')
        task = json.loads(told.replace("\n", " "))
        graph = SceneGraph(
            tuple(Node(each["id"], "key", each["what"]) for each in task["objects"]),
            tuple(Relation(*each) for each in task["relations"]),
            task["caption"],
        )
        LayoutQuestion(graph, "c", 0).read('{"boxes"' + rest.split("\n\n")[0].replace("\n", " "))
    assert text.count("Example. ") == 2
