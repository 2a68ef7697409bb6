"""The second opinion on exported lines: a good one passes, and every way to spoil it is named."""

import copy
import inspect

import pytest

from tests.negatives import recheck
from tests.negatives.recheck import exchanged, faults, tokens

POSITIVE = "A red ceramic mug stands beside an orange striped wine glass on the table."


def change(attribute: str, origin: str, target: str, noun: str) -> dict[str, str]:
    return {"attribute": attribute, "origin": origin, "target": target, "noun": noun}


def good() -> dict:
    """Three negatives of three wanted, and sub-texts of the caption and of the first."""
    return {
        "image_name": "images/mug.png",
        "positive": POSITIVE,
        "negatives": [
            {
                "sentence": "An orange ceramic mug stands beside an orange striped wine glass on the table.",
                "level": "hard",
                "attribute_change": [change("colour", "red", "orange", "mug")],
            },
            {
                "sentence": "A red wooden mug stands beside a light blue striped wine glass on the table.",
                "level": "medium",
                "attribute_change": [
                    change("material", "ceramic", "wooden", "mug"),
                    change("colour", "orange", "light blue", "wine glass"),
                ],
            },
            {
                "sentence": "A green metal mug stands beside an orange dotted wine glass on the table.",
                "level": "easy",
                "attribute_change": [
                    change("colour", "red", "green", "mug"),
                    change("material", "ceramic", "metal", "mug"),
                    change("pattern", "striped", "dotted", "wine glass"),
                ],
            },
        ],
        "trivial": ["A yellow rubber duck floats in a large white bath tub near the wall."],
        "subtext": [
            {"noun": "mug", "adjectives": ["red", "ceramic"], "label": 1, "sentence": "A red ceramic mug."},
            {"noun": "mug", "adjectives": ["orange", "ceramic"], "label": 0, "sentence": "An orange ceramic mug."},
            {
                "noun": "wine glass",
                "adjectives": ["orange", "striped"],
                "label": 1,
                "sentence": "An orange striped wine glass.",
            },
        ],
        "short": False,
        "wanted": 3,
    }


def codes(line: object) -> list[str]:
    return sorted({fault.partition(":")[0] for fault in faults(line)})


def test_a_good_line_has_no_faults():
    assert faults(good()) == []


def test_a_synonym_in_the_caption_is_listed_as_what_it_means():
    line = good()
    line["positive"] = POSITIVE.replace("orange striped", "gray banded")
    line["negatives"] = [
        {
            "sentence": "A red ceramic mug stands beside a white dotted wine glass on the table.",
            "level": "medium",
            "attribute_change": [
                change("colour", "grey", "white", "wine glass"),
                change("pattern", "striped", "dotted", "wine glass"),
            ],
        }
    ]
    line["subtext"] = line["subtext"][:1]
    line["wanted"] = 1
    assert line["positive"].split()[6:8] == ["an", "gray"]
    assert faults(line) == ["article: an gray"]
    line["positive"] = line["positive"].replace("an gray", "a gray")
    assert faults(line) == []


def spoilt(*path: object, to: object) -> dict:
    """The good line with one value exchanged."""
    line = copy.deepcopy(good())
    at = line
    for key in path[:-1]:
        at = at[key]
    at[path[-1]] = to
    return line


FIRST = ("negatives", 0)


@pytest.mark.parametrize(
    ("line", "code"),
    [
        (spoilt("positive", to="A red ceramic mug stands here."), "length"),
        (spoilt("positive", to="A nice mug stands beside an old wine glass on the table."), "no_attribute"),
        (spoilt(*FIRST, "sentence", to=good()["negatives"][0]["sentence"].replace("stands", "lies")), "changes"),
        (spoilt(*FIRST, "sentence", to=good()["negatives"][0]["sentence"].replace("the table", "it")), "other_words"),
        (spoilt(*FIRST, "sentence", to="A" + good()["negatives"][0]["sentence"][2:]), "article"),
        (spoilt(*FIRST, "sentence", to=POSITIVE), "positive"),
        (spoilt(*FIRST, "attribute_change", 0, "noun", to="wine glass"), "changes"),
        (spoilt(*FIRST, "attribute_change", 0, "origin", to="pink"), "changes"),
        (spoilt(*FIRST, "attribute_change", 0, "attribute", to="material"), "type"),
        (spoilt(*FIRST, "attribute_change", to=[]), "level"),
        (spoilt(*FIRST, "level", to="easy"), "level"),
        (spoilt("negatives", 1, to=good()["negatives"][0]), "twice"),
        (spoilt("trivial", to=[POSITIVE.upper()]), "positive"),
        (spoilt("trivial", to=good()["trivial"] * 2), "twice"),
        (spoilt("short", to=True), "short"),
        (spoilt("wanted", to=10), "short"),
        (spoilt("wanted", to=2), "too_many"),
        (spoilt("subtext", 1, to=good()["subtext"][0]), "subtext_twice"),
        (spoilt("subtext", 1, to=good()["subtext"][0] | {"label": 0}), "subtext_label"),
        (spoilt("subtext", 1, "label", to=1), "subtext_label"),
        (spoilt("subtext", 0, "label", to=0), "subtext_label"),
        (spoilt("subtext", 2, "label", to=0), "subtext_label"),
        (spoilt("subtext", 1, "adjectives", to=["pink", "ceramic"]), "subtext_label"),
        (spoilt("subtext", 0, "sentence", to="A ceramic mug."), "subtext_sentence"),
        (spoilt("subtext", 0, "sentence", to="An red ceramic mug."), "article"),
        (spoilt("negatives", to=None), "form"),
        ({}, "form"),
    ],
)
def test_a_spoilt_line_is_refused_for_what_was_spoilt(line, code):
    assert code in codes(line)


def one_change(origin: str, target: str, attribute: str) -> dict:
    """A line with one negative that puts `target` in place of `origin` before the mug."""
    positive = f"A {origin} toy mug stands on the round table in the kitchen."
    return {
        "image_name": "mug.png",
        "positive": positive,
        "negatives": [
            {
                "sentence": positive.replace(f"A {origin}", f"A {target}"),
                "level": "hard",
                "attribute_change": [change(attribute, origin, target, "mug")],
            }
        ],
        "trivial": [],
        "subtext": [],
        "short": False,
        "wanted": 1,
    }


@pytest.mark.parametrize(
    ("origin", "target", "attribute", "found"),
    [
        ("red", "blue", "colour", []),
        ("light blue", "dark blue", "colour", []),
        ("dark grey", "light grey", "colour", []),
        ("light blue", "blue", "colour", ["same_meaning"]),
        ("velvet", "fabric", "material", ["same_meaning"]),
        ("fabric", "velvet", "material", ["same_meaning"]),
        ("transparent", "translucent", "transparency", ["same_meaning"]),
        ("red", "striped", "colour", ["type"]),
        ("red", "striped", "pattern", ["type"]),
        ("red", "turquoise", "colour", ["not_in_vocabulary"]),
        ("red", "crimson", "colour", ["not_in_vocabulary", "same_meaning"]),
        ("red", "red", "colour", ["changes", "positive", "same_meaning"]),
    ],
)
def test_only_another_value_of_the_same_type_may_stand_in_place_of_one(origin, target, attribute, found):
    assert [code for code in codes(one_change(origin, target, attribute)) if code != "already_there"] == found


def test_a_value_that_the_noun_has_anyway_is_refused():
    line = one_change("red", "white", "colour")
    line["positive"] = "A red and white toy mug stands on the table in the kitchen."
    line["negatives"][0]["sentence"] = line["positive"].replace("red", "white")
    assert codes(line) == ["already_there"]


def test_more_of_a_level_than_its_quota_is_refused():
    line = one_change("red", "blue", "colour")
    line["positive"] = "A red plastic striped toy mug stands on the table in the kitchen."
    targets = ("blue", "green", "pink", "white", "black")
    line["negatives"] = [
        {
            "sentence": line["positive"].replace("red", target),
            "level": "hard",
            "attribute_change": [change("colour", "red", target, "mug")],
        }
        for target in targets
    ]
    line["wanted"] = 5
    assert faults(line) == ["quota: 5 hard"]


def test_a_shade_belongs_to_its_colour_and_an_counts_as_a():
    assert tokens("An orange, light-hearted dark navy cup.") == [
        "a", "orange", ",", "light-hearted", "dark navy", "cup", ".",
    ]  # fmt: skip
    assert tokens("A stainless steel sink") == ["a", "stainless steel", "sink"]


def test_values_that_change_places_are_changes_and_not_a_move():
    assert exchanged(["red", ",", "white", "kite"], ["white", ",", "red", "kite"]) == [
        (0, "red", "white"),
        (2, "white", "red"),
    ]
    assert exchanged(["red", "kite"], ["big", "red", "kite"]) is None


def test_the_second_opinion_shares_no_code_with_what_it_judges():
    assert "genval" not in inspect.getsource(recheck)
