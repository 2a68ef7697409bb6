"""Negatives against what was really drawn: each exchanged word must be false of the picture."""

import json
from dataclasses import replace

import pytest

from genval_assets.evaluation.negative_truth import Stored, Told, false_of, valid, validity
from genval_assets.types import DrawnLook

MUG = DrawnLook("mug", "red", "white", "striped", "ceramic")
PLAIN = replace(MUG, pattern="plain")
KITE = DrawnLook("kite", "blue", "yellow", "plain", "fabric")
CHAIR = DrawnLook("chair", "brown", "white", "plain", "wood")
GOBLET = DrawnLook("wine glass", "purple", "white", "plain", "glass")
DUCK = DrawnLook("duck", "yellow", "red", "dotted", "rubber")
BANANA = DrawnLook("banana", "yellow", "red", "plain", "organic")


@pytest.mark.parametrize(
    ("look", "type", "target", "is_false"),
    [
        (MUG, "colour", "blue", True),
        (MUG, "colour", "red", False),
        (MUG, "colour", "light red", False),
        (MUG, "colour", "dark blue", True),
        (MUG, "colour", "white", False),  # the second colour shows in the stripes
        (PLAIN, "colour", "white", True),
        (MUG, "colour", "beige", None),
        (MUG, "pattern", "striped", False),
        (MUG, "pattern", "plain", True),
        (PLAIN, "pattern", "plain", False),
        (PLAIN, "pattern", "floral", True),
        (PLAIN, "pattern", "woven", True),
        (KITE, "pattern", "woven", False),
        (MUG, "pattern", "zigzag", None),
        (MUG, "material", "ceramic", False),
        (MUG, "material", "stone", True),
        (CHAIR, "material", "wooden", False),
        (CHAIR, "material", "rattan", False),  # nothing in a drawing says that it is not
        (CHAIR, "material", "metal", True),
        (KITE, "material", "velvet", False),
        (KITE, "material", "leather", True),
        (KITE, "material", "wooden", True),
        (GOBLET, "material", "glass", False),
        (GOBLET, "material", "plastic", True),
        (DUCK, "material", "plastic", True),
        (DUCK, "material", "rubber", False),
        (BANANA, "material", "wooden", True),
        (MUG, "material", "bronze", None),
        (GOBLET, "transparency", "transparent", False),
        (GOBLET, "transparency", "translucent", False),
        (GOBLET, "transparency", "opaque", True),
        (MUG, "transparency", "opaque", False),
        (MUG, "transparency", "transparent", True),
        (MUG, "transparency", "translucent", True),
        (MUG, "transparency", "murky", None),
        (MUG, "size", "large", None),
    ],
)
def test_a_word_is_false_of_a_picture_where_the_drawn_thing_has_it_not(look, type, target, is_false):  # noqa: A002
    assert false_of([look], Told(type, target, "thing")) is is_false


@pytest.mark.parametrize(
    ("noun", "target", "is_false"),
    [
        ("mug", "blue", True),
        ("mugs", "blue", True),
        ("mug", "red", False),
        ("kite", "blue", False),
        ("cup", "blue", False),  # perhaps another word for a kite: in doubt it is true
        ("cup", "green", True),
        ("mug", "beige", None),
    ],
)
def test_of_several_things_those_that_the_noun_names_count_or_all_where_it_names_none(noun, target, is_false):
    assert false_of([MUG, KITE], Told("colour", target, noun)) is is_false


def test_of_a_picture_of_nothing_every_word_is_false():
    assert false_of([], Told("colour", "red", "mug")) is True


def negative(level: str, *changes: tuple[str, str], positive: str = "p", subject: str = "mug") -> Stored:
    said = [{"type": type, "origin": "?", "target": target, "noun": "mug"} for type, target in changes]  # noqa: A001
    return Stored(positive, subject, level, json.dumps(said))


BLUE, RED, DOTTED, STRIPED = ("colour", "blue"), ("colour", "red"), ("pattern", "dotted"), ("pattern", "striped")
BEIGE, STONE = ("colour", "beige"), ("material", "stone")


@pytest.mark.parametrize(
    ("found", "is_valid"),
    [
        (negative("hard", BLUE), True),
        (negative("hard", RED), False),
        (negative("medium", BLUE, DOTTED), True),
        (negative("medium", BLUE, STRIPED), False),
        (negative("easy", BLUE, DOTTED, STONE), True),
        (negative("easy", BEIGE, DOTTED, STONE), None),
        (negative("easy", BEIGE, STRIPED, STONE), False),
        (negative("hard", BLUE, DOTTED), False),
        (negative("medium", BLUE), False),
        (negative("hard"), False),
        (negative("easy", BLUE, DOTTED, STONE, BLUE), False),
        (negative("None", BLUE), False),
    ],
)
def test_a_negative_is_valid_when_each_of_its_one_to_three_words_is_false_and_its_level_says_how_many(found, is_valid):
    assert valid(found, [MUG]) is is_valid


def test_validity_tells_levels_and_types_apart_and_counts_a_negative_for_each_type_that_it_exchanges():
    rows = validity(
        [
            negative("hard", BLUE),
            negative("hard", RED),
            negative("medium", BLUE, STRIPED),
            negative("medium", BLUE, DOTTED, positive="q"),
            negative("hard", BEIGE),
            negative("hard", RED, subject="of a photograph", positive="r"),
            negative("trivial"),
        ],
        {"mug": MUG},
    )
    assert [(r.scope, r.name, r.positives, r.negatives, r.valid, r.truth) for r in rows] == [
        ("all", "all", 2, 4, 0.5, "simulated"),
        ("level", "hard", 1, 2, 0.5, "simulated"),
        ("level", "medium", 2, 2, 0.5, "simulated"),
        ("attribute", "colour", 2, 4, 0.75, "simulated"),
        ("attribute", "pattern", 2, 2, 0.5, "simulated"),
    ]
    assert all(0 <= r.low < r.valid < r.high <= 1 for r in rows)


def test_ten_negatives_of_one_caption_are_no_ten_captions():
    one = [negative("hard", BLUE)] * 10
    ten = [negative("hard", BLUE, positive=str(i)) for i in range(10)]
    assert validity(one, {"mug": MUG})[0].low == pytest.approx(0.206549, abs=1e-5)  # 1 / (1 + 1.96^2)
    assert validity(ten, {"mug": MUG})[0].low == pytest.approx(0.722467, abs=1e-5)  # 10 / (10 + 1.96^2)


def test_where_no_truth_is_known_there_are_counts_and_no_shares():
    found = [negative("hard", BLUE), negative("hard", RED), negative("hard", RED, positive="q")]
    rows = validity(found, {})
    assert [(r.scope, r.name, r.positives, r.negatives) for r in rows] == [
        ("all", "all", 2, 3), ("level", "hard", 2, 3), ("attribute", "colour", 2, 3),
    ]  # fmt: skip
    assert {(r.valid, r.low, r.high, r.truth) for r in rows} == {(None, None, None, "unknown")}


def test_without_negatives_there_are_no_rows():
    assert validity([], {"mug": MUG}) == []
    assert validity([negative("trivial")], {"mug": MUG}) == []
