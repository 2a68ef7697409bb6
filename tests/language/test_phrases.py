import pytest

from genval_assets.language.facts import SceneFacts, SeenObject
from genval_assets.language.phrases import colour_word, fullest_phrase, true_colour, unique_phrases


def thing(node_id, words, seen=None, category=None):
    """`red,striped mug`: attributes, then the name."""
    attributes, _, name = words.rpartition("|")
    asked = tuple(attributes.split(",")) if attributes else ()
    return SeenObject(node_id, category or name, name, asked, (0.0, 0.0, 10.0, 10.0), seen)


def unique(first, *others, ignored=()):
    """The phrases that mean the first thing alone."""
    facts = SceneFacts(100, 100, (first, *others), frozenset(ignored), ())
    return [phrase.text for phrase in unique_phrases(facts, first)]


RED = thing("n1", "red|mug", "red")


@pytest.mark.parametrize(
    ("words", "colour"),
    [
        ("red|mug", "red"),
        ("striped,Red|mug", "red"),
        ("dark red|mug", "red"),
        ("gray|mug", "grey"),
        ("striped|mug", None),
        ("red,blue|mug", None),
        ("red and white|mug", None),
        ("blue-green|mug", None),
        ("red,golden|mug", None),
        ("turquoise|mug", None),
        ("reddened|mug", None),
        ("red|orange", None),
        ("red|green bean", None),
    ],
)
def test_an_object_was_asked_for_in_one_basic_colour_or_in_none(words, colour):
    assert colour_word(thing("n1", words)) == colour


def test_a_colour_is_true_only_when_the_pixels_bear_the_same_term():
    assert [true_colour(thing("n1", "red|mug", seen)) for seen in ("red", "pink", "orange", None)] == [
        "red", None, None, None,
    ]  # fmt: skip


def test_of_attributes_only_a_true_colour_is_said():
    assert fullest_phrase(thing("n1", "striped,red|dining_table", "red")).text == "red dining table"
    assert fullest_phrase(thing("n1", "striped,red|mug", "blue")).text == "mug"


def test_a_lone_mug_is_the_mug_and_the_red_mug():
    assert unique(RED, thing("n2", "|plate")) == ["mug", "red mug"]


def test_beside_a_mug_of_another_colour_only_the_colour_tells():
    assert unique(RED, thing("n2", "blue|mug", "blue")) == ["red mug"]


@pytest.mark.parametrize(
    "other",
    [
        thing("n2", "|mug"),  # may be red
        thing("n2", "|mug", "blue"),  # looks blue, but nobody asked for that
        thing("n2", "blue|mug", "red"),  # came out red
        thing("n2", "blue|mug", "purple"),  # came out as something else
        thing("n2", "blue|mug"),  # nobody looked
        thing("n2", "red|mug", "red"),
        thing("n2", "red,striped|mug", "red"),
        thing("n2", "striped|mug", "blue"),
    ],
)
def test_beside_a_mug_that_may_be_red_no_phrase_means_the_red_one(other):
    assert unique(RED, other) == []
    assert "mug" not in unique(other, RED)


def test_the_longer_name_of_another_kind_takes_the_shorter_one():
    bear, teddy = thing("n1", "|bear"), thing("n2", "|teddy bear")
    assert unique(bear, teddy) == []
    assert unique(teddy, bear) == ["teddy bear"]


def test_an_attribute_that_makes_another_kinds_name_takes_that_name():
    toy, teddy = thing("n1", "teddy|bear"), thing("n2", "|teddy bear")
    assert unique(teddy, toy) == []
    assert unique(toy, teddy) == []


def test_a_colour_in_a_name_counts_as_one():
    named = thing("n1", "|red mug")
    assert unique(named, thing("n2", "striped,red|mug", "red")) == []
    assert unique(named, thing("n2", "blue|mug", "blue")) == ["red mug"]
    assert unique(named, thing("n2", "|mug", "blue")) == []


def test_case_and_invisible_characters_tell_nothing_apart():
    assert unique(thing("n1", "|Mug"), thing("n2", "|mug", category="m")) == []
    assert unique(thing("n1", "|mug"), thing("n2", "|m\u200dug", category="m")) == []


def test_where_another_one_may_stand_unannotated_nothing_is_unique():
    assert unique(RED, ignored=["mug"]) == []
    assert unique(RED, ignored=["plate"]) == ["mug", "red mug"]
