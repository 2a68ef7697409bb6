"""Statements and sub-texts speak of one thing or of several as English does."""

import pytest

from genval_assets.negatives.number import described, is_plural, singular


@pytest.mark.parametrize(
    "noun", ["eyes", "plates", "scissors", "mice", "teeth", "wall clocks", "bowls of soup", "teddy-bears", "bus stops"]
)
def test_several_are_told_by_the_noun_alone(noun):
    assert is_plural(noun)
    assert described(("green",), noun) == f"green {noun}"


@pytest.mark.parametrize(
    "noun",
    ["mug", "dress", "bus", "sheep", "wall clock", "glass of wine", "pair of scissors", "bowl of soup", "wine glass"],
)
def test_one_thing_takes_an_article(noun):
    assert not is_plural(noun)
    assert described(("orange", "plain"), noun) == f"an orange plain {noun}"


@pytest.mark.parametrize("noun", ["bread", "broccoli", "asparagus"])
def test_what_is_not_counted_is_one_thing_without_an_article(noun):
    assert not is_plural(noun)
    assert described(("green",), noun) == f"green {noun}"


def test_the_plural_of_a_known_noun_is_several_whatever_its_form():
    assert not is_plural("menus")
    assert is_plural("menus", ("menu",))
    assert is_plural("wall menus", ("menu", "wall"))
    assert described(("red",), "menus", ("menu",)) == "red menus"
    assert not is_plural("sheep", ("sheep",))


@pytest.mark.parametrize(
    ("noun", "one"),
    [("mugs", "mug"), ("mug", "mug"), ("kitchen knives", "kitchen knife"), ("eyes", "eyes"), ("smugs", "smugs")],
)
def test_of_several_known_things_one_is_meant(noun, one):
    assert singular(noun, ("mug", "knife", "kitchen")) == one
