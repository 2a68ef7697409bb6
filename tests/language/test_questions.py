"""What is asked about a scene, and what is not."""

import json
from collections import Counter
from dataclasses import replace

import pytest

from genval_assets.language.candidates import candidates
from genval_assets.language.facts import SceneFacts, SeenObject
from genval_assets.language.questions import MOST_OF_A_TASK, grounding_json, question_answers
from genval_assets.language.templates import templates
from genval_assets.layouts.graph import Relation

SEEDS = range(80)


def thing(node_id, name, box, attributes=(), seen=None):
    return SeenObject(node_id, name, name, tuple(attributes), box, seen)


def scene(*objects, relations=(), ignored=()):
    return SceneFacts(100, 100, objects, frozenset(ignored), tuple(relations))


RED = thing("n1", "mug", (0.0, 10.0, 20.0, 20.0), ["red", "striped"], "red")
BLUE = thing("n2", "mug", (40.0, 10.0, 20.0, 20.0), ["blue"], "blue")
PLATE = thing("n3", "plate", (70.0, 60.0, 30.0, 20.0), ["white"], "grey")
SHEARS = thing("n4", "scissors", (0.0, 60.0, 40.0, 10.0), ["green"], "green")
TABLE = scene(RED, BLUE, PLATE, SHEARS, relations=[Relation("n1", "left of", "n2"), Relation("n3", "right of", "n4")])


def asked(facts, seeds=SEEDS):
    """All that may be asked of a scene, over many seeds: template -> pairs of question and answer."""
    found = {}
    for seed in seeds:
        for one in question_answers(facts, seed):
            found.setdefault(one.template, set()).add((one.question, one.answer))
    return found


def test_where_names_the_box_of_the_only_one():
    assert asked(TABLE)["where_is"] == {
        ("Where is the red mug?", "At [0.000, 0.100, 0.200, 0.300]."),
        ("Where is the blue mug?", "At [0.400, 0.100, 0.600, 0.300]."),
        ("Where is the plate?", "At [0.700, 0.600, 1.000, 0.800]."),  # that it is white was asked for and is not so
        ("Where are the scissors?", "At [0.000, 0.600, 0.400, 0.700]."),
        ("Where are the green scissors?", "At [0.000, 0.600, 0.400, 0.700]."),
    }


def test_what_is_at_a_box_says_the_kind_and_a_true_colour():
    assert asked(TABLE)["at_seen"] == {
        ("What can be seen at [0.000, 0.100, 0.200, 0.300]?", "One can see a red mug there."),
        ("What can be seen at [0.400, 0.100, 0.600, 0.300]?", "One can see a blue mug there."),
        ("What can be seen at [0.700, 0.600, 1.000, 0.800]?", "One can see a plate there."),
        ("What can be seen at [0.000, 0.600, 0.400, 0.700]?", "One can see green scissors there."),
    }


def test_a_box_that_two_objects_fill_is_not_asked_about():
    saucer = thing("n5", "saucer", (70.0, 60.0, 30.0, 40.0))  # half of it is the plate
    assert not [q for q, _ in asked(scene(PLATE, saucer)).get("at_seen", ())]
    larger = replace(saucer, box=(70.0, 59.0, 30.0, 41.0))
    assert len(asked(scene(PLATE, larger))["at_seen"]) == 2


def test_colours_are_asked_where_words_and_pixels_agree():
    found = asked(TABLE)
    assert found["colour_is"] == {("What colour are the scissors?", "The scissors are green.")}
    assert found["colour_name"] == {("Name the colour of the scissors.", "The colour is green.")}
    assert found["colour_thing_at"] == {
        ("Of what colour is the mug framed by [0.000, 0.100, 0.200, 0.300]?", "The mug is red."),
        ("Of what colour is the mug framed by [0.400, 0.100, 0.600, 0.300]?", "The mug is blue."),
        ("Of what colour are the scissors framed by [0.000, 0.600, 0.400, 0.700]?", "The scissors are green."),
    }


@pytest.mark.parametrize(
    ("attributes", "seen"),
    [(["red"], "orange"), (["red"], None), (["red", "blue"], "red"), (["crimson"], "red"), ([], "red")],
)
def test_a_colour_that_is_not_one_sure_word_is_not_asked_for(attributes, seen):
    found = asked(scene(thing("n1", "mug", (0.0, 0.0, 20.0, 20.0), attributes, seen)))
    assert not [template for template in found if template.startswith("colour")]
    assert {answer for _, answer in found["at_seen"]} == {"One can see a mug there."}


def test_counts_are_those_of_the_annotations():
    found = asked(TABLE)
    assert found["count_there"] == {
        ("How many mugs are there?", "There are 2 mugs."),
        ("How many plates are there?", "There is 1 plate."),
        ("How many objects of the kind scissors are there?", "There is 1 object of the kind scissors."),
    }
    assert found["count_tell"] >= {("Count the mugs that can be seen.", "I count 2.")}


def test_a_count_shows_every_counted_object():
    counts = [
        one for seed in SEEDS for one in question_answers(TABLE, seed) if one.question.startswith("How many mugs")
    ]
    assert {one.nodes for one in counts} == {("n1", "n2")}
    assert {one.grounding for one in counts} == {((0.0, 0.1, 0.2, 0.3), (0.4, 0.1, 0.6, 0.3))}


def test_where_more_may_stand_in_the_picture_nothing_is_counted_or_called_the_one():
    found = asked(replace(TABLE, ignored=frozenset(["mug", "plate", "scissors"])))
    assert set(found) == {"at_seen", "at_framed", "at_kind", "colour_object_at", "colour_thing_at"}


def test_what_another_kind_could_be_counted_as_is_not_counted():
    bears = scene(
        thing("n1", "bear", (0.0, 0.0, 20.0, 20.0)),
        thing("n2", "teddy bear", (40.0, 0.0, 20.0, 20.0)),
    )
    assert asked(bears)["count_there"] == {("How many teddy bears are there?", "There is 1 teddy bear.")}
    assert "compare_more" not in asked(bears)


def test_numbers_are_compared_both_ways():
    assert asked(scene(RED, BLUE, PLATE))["compare_more"] == {
        ("Are there more mugs than plates?", "Yes, there are 2 mugs and 1 plate."),
        ("Are there more plates than mugs?", "No, there is 1 plate and 2 mugs."),
    }


def test_equal_numbers_are_not_compared_so_that_yes_is_as_frequent_as_no():
    assert not [template for template in asked(scene(BLUE, PLATE)) if template.startswith("compare")]
    answers = Counter(
        one.answer.split(",")[0]
        for seed in range(400)
        for one in question_answers(scene(RED, BLUE, PLATE), seed)
        if one.template.startswith("compare")
    )
    assert 0.4 <= answers["Yes"] / answers.total() <= 0.6


def test_relations_are_told_as_the_boxes_show_them():
    assert asked(TABLE)["relation_placed"] >= {
        ("How is the red mug placed in relation to the blue mug?", "The red mug is left of the blue mug."),
        ("How is the plate placed in relation to the scissors?", "The plate is right of the scissors."),
    }


def test_a_relation_is_confirmed_and_its_reverse_denied():
    pair = scene(RED, PLATE, relations=[Relation("n1", "left of", "n3")])
    assert asked(pair, range(200))["confirm_true"] == {
        (f"Is it true that the {a} is left of the {b}?", f"{said}, the {mug} is left of the plate.")
        for mug in ("mug", "red mug")
        for a, b, said in ((mug, "plate", "Yes"), ("plate", mug, "No"))
    }


def test_the_verb_follows_the_thing_that_is_asked_about():
    pair = scene(PLATE, SHEARS, relations=[Relation("n3", "right of", "n4")])
    assert ("Is it true that the scissors are right of the plate?", "No, the plate is right of the scissors.") in asked(
        pair, range(200)
    )["confirm_true"]


def test_next_to_has_no_reverse_to_deny():
    pair = scene(BLUE, RED, relations=[Relation("n1", "next to", "n2")])
    answers = {answer for template, pairs in asked(pair).items() if "confirm" in template for _, answer in pairs}
    assert answers == {"Yes, the red mug is next to the blue mug."}


@pytest.mark.parametrize(
    "relation",
    [
        Relation("n1", "right of", "n2"),  # the boxes say otherwise
        Relation("n1", "left of", "n2", "action"),
        Relation("n1", "behind", "n2"),
        Relation("n1", "holding", "n2", "action"),
    ],
)
def test_a_relation_that_the_boxes_do_not_show_is_not_asked(relation):
    assert not [one for one in candidates(scene(RED, BLUE, relations=[relation]), 0) if one.topic == "relation"]


def test_a_relation_is_asked_only_if_both_ends_are_the_only_ones():
    third = thing("n5", "mug", (70.0, 10.0, 20.0, 20.0))
    found = candidates(scene(RED, BLUE, third, PLATE, relations=[Relation("n1", "above", "n3")]), 0)
    assert not [one for one in found if one.topic == "relation"]


def test_an_object_too_thin_for_three_decimals_is_neither_pointed_at_nor_counted():
    thin = thing("n5", "mug", (50.01, 10.0, 0.02, 20.0))
    found = candidates(scene(thin, PLATE, relations=[Relation("n5", "left of", "n3")]), 0)
    assert {seen.node_id for one in found for seen in one.about} == {"n3"}


def test_a_scene_has_at_most_four_questions_of_a_task_and_none_twice():
    row = [thing(f"n{i}", f"thing {chr(97 + i)}", (10.0 * i, 0.0, 8.0, 8.0), ["red"], "red") for i in range(10)]
    relations = [Relation(f"n{i}", "left of", f"n{i + 1}") for i in range(9)]
    for seed in SEEDS:
        found = question_answers(scene(*row, relations=relations), seed)
        assert Counter(one.task for one in found) == dict.fromkeys(("localisation", "attribute", "relation"), 4)
        assert len({one.question for one in found}) == 12
        assert MOST_OF_A_TASK == 4


def test_no_two_questions_of_a_topic_are_about_the_same_objects():
    for seed in SEEDS:
        topics = [
            ("place" if one.task == "localisation" else one.task, frozenset(one.nodes))
            for one in question_answers(TABLE, seed)
            if one.task != "attribute"
        ]
        assert len(topics) == len(set(topics))


def test_the_wording_changes_from_one_question_of_a_kind_to_the_next():
    for seed in SEEDS:
        used = Counter(one.template for one in question_answers(TABLE, seed))
        assert max(used.values()) == 1


def test_the_same_scene_and_seed_ask_the_same_and_another_seed_asks_otherwise():
    assert question_answers(TABLE, 7) == question_answers(TABLE, 7)
    assert len({tuple(question_answers(TABLE, seed)) for seed in SEEDS}) == len(SEEDS)


def test_an_empty_scene_has_no_questions():
    assert question_answers(scene(), 0) == []


@pytest.mark.parametrize("name", ["{thing}", "{0.real}", "{x", "x}}", "%s", "{box} {answer}", "\\g<0>"])
def test_names_with_braces_come_through_as_they_are(name):
    objects = [thing("n1", name, (0.0, 0.0, 20.0, 20.0)), PLATE]
    found = asked(scene(*objects, relations=[Relation("n1", "left of", "n3")]))
    assert (f"Where is the {name}?", "At [0.000, 0.000, 0.200, 0.200].") in found["where_is"]
    assert (f"Where is the {name} with respect to the plate?", f"The {name} is left of the plate.") in found[
        "relation_where"
    ]


def test_names_with_line_breaks_give_questions_of_one_line():
    found = asked(scene(thing("n1", "a\nb\u2028c\rd", (0.0, 0.0, 20.0, 20.0))))
    assert ("Where is the a b c d?", "At [0.000, 0.000, 0.200, 0.200].") in found["where_is"]
    assert all(len(text.splitlines()) == 1 for pairs in found.values() for pair in pairs for text in pair)


def test_grounding_is_stored_as_boxes_in_the_order_of_the_nodes():
    one = next(one for one in question_answers(TABLE, 1) if one.nodes == ("n1", "n2"))
    assert json.loads(grounding_json(one)) == [[0.0, 0.1, 0.2, 0.3], [0.4, 0.1, 0.6, 0.3]]


def test_there_are_at_least_as_many_wordings_as_the_paper_has():
    kinds = Counter(template.kind for template in templates())
    assert kinds["where"] + kinds["at"] >= 5
    assert kinds["colour"] + kinds["colour_at"] >= 3
    assert kinds["count"] >= 4
    assert kinds["relation"] >= 2
    assert kinds["compare"] + kinds["confirm"] >= 1
    assert len({template.id for template in templates()}) == len(templates())
    assert all(len({t.task for t in templates() if t.kind == kind}) == 1 for kind in kinds)
