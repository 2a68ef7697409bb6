"""What a prompt asked for is read from the words about the object alone, and says only what follows from it."""

import pytest

from genval_assets.negatives.claims import Claim
from genval_assets.negatives.picture import Thing
from genval_assets.negatives.requested import requested_of_words, requested_values, says, whole_says
from tests.negatives.fake_models import WORDS, pictured, positive

RED, BLUE, NOTHING = Thing("mug", {"colour": "red"}), Thing("mug", {"colour": "blue"}), Thing("mug", {})


@pytest.mark.parametrize(
    ("slots", "asked"),
    [
        ({"colour": "navy blue"}, {"colour": "blue"}),
        ({"colour": "light gray"}, {"colour": "light grey"}),
        ({"colour": "bright red"}, {"colour": "red"}),
        ({"texture": "striped"}, {"pattern": "striped"}),
        ({"texture": "spotted", "colour": "white"}, {"pattern": "dotted", "colour": "white"}),
        ({"material": "clear glass"}, {"material": "glass", "transparency": "transparent"}),
        ({"pattern": "plain", "texture": "plain"}, {"pattern": "plain"}),
        ({"texture": "glossy"}, {}),
        ({"colour": "teal"}, {}),
        ({"colour": ""}, {}),
        ({}, {}),
    ],
)
def test_slots_ask_for_values_of_the_vocabulary(slots, asked):
    assert requested_values(slots, WORDS) == asked


@pytest.mark.parametrize(
    "slots",
    [
        {"colour": "red and white"},
        {"pattern": "striped", "texture": "dotted"},
        {"colour": "blue or green"},
        {"colour": "light blue, dark blue"},
    ],
)
def test_two_values_of_a_type_say_nothing(slots):
    assert requested_values(slots, WORDS) == {}


@pytest.mark.parametrize(
    "slots",
    [
        {"lighting": "soft white light", "medium": "black and white film photograph", "mood": "blue"},
        {"subject": "glass mug", "background": "wooden table", "style": "plain", "time_period": "golden fifties"},
        {"pattern": "blue stripes", "texture": "wooden grain"},  # the colour of stripes, a look of wood
        {"colour": "metallic teal"},
        {"texture": "not striped"},
        {"material": "without metal"},
        {"colour": "red-hot"},
    ],
)
def test_words_about_something_else_say_nothing_of_the_object(slots):
    assert requested_values(slots, WORDS) == {}


@pytest.mark.parametrize(
    ("words", "asked"),
    [
        (("red", "striped"), {"colour": "red", "pattern": "striped"}),
        (("dark green", "wooden"), {"colour": "dark green", "material": "wooden"}),
        (("white spotted",), {"pattern": "dotted"}),  # the spots are white, or what is between them
        (("red", "green"), {}),
        (("shiny", "old"), {}),
        ((), {}),
    ],
)
def test_words_of_a_graph_ask_for_values_of_every_type(words, asked):
    assert requested_of_words(words, WORDS) == asked


@pytest.mark.parametrize(
    ("things", "claim", "told"),
    [
        ((RED,), ("mug", "red"), True),
        ((RED,), ("mug", "blue"), False),
        ((RED,), ("mug", "light red"), True),  # it may be light
        ((RED, BLUE), ("mug", "blue"), True),  # one of them is
        ((RED, BLUE), ("mug", "green"), False),  # none of them is
        ((RED, NOTHING), ("mug", "green"), None),  # the other may be
        ((RED, NOTHING), ("mug", "red"), True),
        ((RED,), ("key", "red"), None),
        ((RED,), ("mugs", "blue"), False),
        ((Thing("Coffee mug", {"colour": "red"}),), ("mug", "blue"), False),
        ((RED,), ("coffee mug", "blue"), False),
        ((Thing("smug", {"colour": "red"}),), ("mug", "blue"), None),
        ((Thing("mug rack", {"colour": "red"}),), ("mug", "blue"), None),
        ((Thing("bowl of soup", {"colour": "red"}),), ("bowl", "blue"), False),
        ((Thing("bowl of soup", {"colour": "red"}),), ("soup", "blue"), None),
        ((Thing("bow (weapon)", {"colour": "red"}),), ("bow", "blue"), False),
        ((Thing("coffee_mug", {"colour": "red"}),), ("coffee mug", "blue"), False),
    ],
)
def test_a_claim_is_told_by_what_every_such_thing_was_to_be(things, claim, told):
    noun, value = claim
    assert says(pictured(*things), Claim(noun, "colour", value), WORDS) is told


@pytest.mark.parametrize(
    ("requested", "claim", "told"),
    [
        ({"material": "velvet"}, ("material", "fabric"), True),  # it is both
        ({"material": "fabric"}, ("material", "velvet"), True),  # it may be
        ({"material": "fabric"}, ("material", "glass"), False),
        ({"pattern": "striped"}, ("pattern", "woven"), None),  # stripes can be woven
        ({"pattern": "striped"}, ("pattern", "plain"), False),
        ({"pattern": "striped"}, ("colour", "red"), None),
        ({"colour": "grey"}, ("colour", "gray"), True),
    ],
)
def test_values_that_go_together_do_not_refute_each_other(requested, claim, told):
    assert says(pictured(Thing("mug", requested)), Claim("mug", *claim), WORDS) is told


@pytest.mark.parametrize(
    ("pattern", "told"),
    [({}, False), ({"pattern": "plain"}, False), ({"pattern": "dotted"}, None), ({"pattern": "woven"}, None)],
)
def test_a_patterned_thing_may_have_a_second_colour(pattern, told):
    asked = Thing("mug", {"colour": "red", **pattern})
    assert says(pictured(asked), Claim("mug", "colour", "blue"), WORDS) is told
    assert says(pictured(asked), Claim("mug", "colour", "red"), WORDS) is True


def test_nothing_is_refuted_where_other_things_may_stand_in_the_picture():
    assert says(pictured(RED, complete=False), Claim("mug", "colour", "blue"), WORDS) is None
    assert says(pictured(RED, complete=False), Claim("mug", "colour", "red"), WORDS) is True


KEY = positive("A small green metal key lies on the ground beside nothing else".replace("nothing", "something"), "key")


@pytest.mark.parametrize(
    ("picture", "other", "told"),
    [
        (pictured(RED), positive("A blue mug stands all by itself in the middle of things."), False),
        (pictured(RED), positive("A red mug stands all by itself in the middle of things."), None),
        (pictured(RED), KEY, False),  # there is no key
        (pictured(RED, complete=False), KEY, None),  # there may be one
        (pictured(RED, Thing("key", {})), KEY, None),
        (pictured(RED, Thing("key", {"material": "wooden"})), KEY, False),
    ],
)
def test_another_caption_is_false_by_one_of_its_words_or_by_its_things(picture, other, told):
    assert whole_says(picture, other, WORDS) is told
