import pytest

from genval_assets.language.facts import SeenObject, box_text, can_be_pointed_at, corners, scene_facts
from genval_assets.layouts.graph import Node, Relation, SceneGraph
from genval_assets.rows import Annotation, Scene

GRAPH = SceneGraph(
    (Node("n1", "mug", "Mug", ("red", "small")), Node("n2", "plate", "plate"), Node("n3", "cup", "cup")),
    (Relation("n1", "on", "n2"), Relation("n3", "left of", "n1")),
    "A red mug on a plate, and a cup.",
)


@pytest.fixture
def facts_of(make_row):
    def of(*annotations, not_exhaustive=None, width=200, height=100):
        scene = make_row(Scene, canvas="layout", width=width, height=height, not_exhaustive=not_exhaustive)
        boxes = [dict(zip("xywh", box, strict=True)) for _, _, box, _ in annotations]
        rows = [
            make_row(Annotation, node_id=node, category=category, iscrowd=crowd, **box)
            for (node, category, _, crowd), box in zip(annotations, boxes, strict=True)
        ]
        return scene_facts(scene, GRAPH, rows, {"n1": "red", "n2": None, "n3": "blue"})

    return of


MUG = ("n1", "mug", (10.0, 20.0, 50.0, 40.0), 0)
PLATE = ("n2", "plate", (0.0, 50.0, 200.0, 50.0), 0)
CUP = ("n3", "cup", (100.0, 0.0, 10.0, 10.0), 0)


def test_what_is_annotated_is_seen_with_what_was_asked_for(facts_of):
    facts = facts_of(MUG, PLATE, CUP)
    assert facts.objects[0] == SeenObject("n1", "mug", "Mug", ("red", "small"), (10.0, 20.0, 50.0, 40.0), "red")
    assert [seen.colour for seen in facts.objects] == ["red", None, "blue"]
    assert facts.relations == GRAPH.relations
    assert facts.ignored == frozenset()


def test_facts_are_the_same_in_whatever_order_annotations_are_read(facts_of):
    assert facts_of(CUP, PLATE, MUG) == facts_of(MUG, PLATE, CUP)


def test_a_node_without_annotation_is_no_fact_and_leaves_its_category_in_doubt(facts_of):
    facts = facts_of(MUG, PLATE)
    assert [seen.node_id for seen in facts.objects] == ["n1", "n2"]
    assert facts.relations == (Relation("n1", "on", "n2"),)
    assert facts.ignored == {"cup"}


def test_a_region_to_ignore_is_no_object_and_leaves_its_category_in_doubt(facts_of):
    facts = facts_of(MUG, PLATE, CUP, (None, "spoon", (0.0, 0.0, 5.0, 5.0), 1))
    assert [seen.node_id for seen in facts.objects] == ["n1", "n2", "n3"]
    assert facts.ignored == {"spoon"}
    crowd_of_node = ("n3", "cup", (100.0, 0.0, 10.0, 10.0), 1)
    assert facts_of(MUG, PLATE, crowd_of_node).ignored == {"cup"}


def test_a_category_that_is_not_annotated_everywhere_is_in_doubt(facts_of):
    assert facts_of(MUG, PLATE, CUP, not_exhaustive=["plate"]).ignored == {"plate"}


def test_an_object_that_the_graph_does_not_know_is_an_error(facts_of):
    with pytest.raises(KeyError, match="n9"):
        facts_of(("n9", "mug", (0.0, 0.0, 1.0, 1.0), 0))


def test_boxes_are_corners_as_shares_with_three_decimals(facts_of):
    facts = facts_of(MUG, PLATE, CUP, width=300, height=110)
    assert corners(facts, facts.objects[0]) == (0.033, 0.182, 0.2, 0.545)
    assert box_text(corners(facts, facts.objects[0])) == "[0.033, 0.182, 0.200, 0.545]"
    assert box_text((0.0, 0.5, 1.0, 1.0)) == "[0.000, 0.500, 1.000, 1.000]"


def test_an_object_without_area_at_three_decimals_cannot_be_pointed_at(facts_of):
    thin = ("n1", "mug", (801.0, 10.0, 1.0, 40.0), 0)
    facts = facts_of(thin, PLATE, CUP, width=2400)
    assert [can_be_pointed_at(facts, seen) for seen in facts.objects] == [False, True, True]
