"""What a prompt asked for is read from the words about the object alone, and says only what follows from it."""

from dataclasses import replace

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
        ({"material": "see-through glass"}, {"material": "glass", "transparency": "transparent"}),
        ({"pattern": "plain", "texture": "plain"}, {"pattern": "plain"}),
        ({"texture": "glossy"}, {}),
        ({"texture": "white polka dots"}, {"pattern": "dotted"}),
        ({"texture": "black spots"}, {"pattern": "dotted"}),
        ({"texture": "fine-stripes"}, {"pattern": "striped"}),
        ({"pattern": "small checks"}, {"pattern": "checkered"}),
        ({"texture": "checkered pattern"}, {"pattern": "checkered"}),
        ({"texture": "printed flowers"}, {}),
        ({"texture": "large flowers"}, {"pattern": "floral"}),
        ({"colour": "red with stripes"}, {"pattern": "striped"}),
        ({"colour": "plain red"}, {"colour": "red", "pattern": "plain"}),
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
        {"subject": "glass mug", "background": "wooden table", "style": "plain", "time_period": "grey fifties"},
        {"pattern": "blue grain", "texture": "wooden grain"},
        {"colour": "metallic teal"},
        {"texture": "not striped"},
        {"material": "faux leather"},
        {"material": "imitation wood"},
        {"material": "fake stone"},
        {"material": "artificial leather"},
        {"material": "synthetic fabric"},
        {"material": "marble effect ceramic"},
        {"material": "glass look"},
        {"material": "leather-like"},
        {"material": "leather-like fabric"},
        {"texture": "floral print"},
        {"colour": "gold paint on red"},
        {"material": "painted wood"},
        {"material": "without metal"},
        {"colour": "red-hot"},
    ],
)
def test_words_about_something_else_say_nothing_of_the_object(slots):
    assert requested_values(slots, WORDS) == {}


@pytest.mark.parametrize(
    ("other", "red"),
    [
        ({"texture": "glossy"}, True),
        ({"texture": "smooth, finely grained"}, True),
        ({"texture": ""}, True),
        ({"texture": "dotted"}, True),  # it excludes no other colour then
        ({"texture": "white polka dots"}, False),
        ({"pattern": "white"}, False),
        ({"material": "brown leather"}, False),
        ({"material": "faux white leather"}, False),
        ({"texture": "marbled"}, False),  # it may be a pattern
        ({"texture": "leopard print"}, False),
        ({"texture": "striped", "pattern": "dots"}, False),
        ({"colour": "red and teal"}, False),
    ],
)
def test_a_colour_is_asked_for_where_the_thing_is_to_have_no_other_that_is_not_told(other, red):
    asked = requested_values({"colour": "red"} | other, WORDS)
    assert asked.get("colour") == ("red" if red else None)


@pytest.mark.parametrize(
    ("words", "asked"),
    [
        (("red", "striped"), {"colour": "red", "pattern": "striped"}),
        (("dark green", "wooden"), {"colour": "dark green", "material": "wooden"}),
        (("white spotted",), {"pattern": "dotted"}),  # the spots are white, or what is between them
        (("red", "white polka dots"), {"colour": "red", "pattern": "dotted"}),
        (("red", "striped", "dotted"), {}),
        (("faux leather",), {}),
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
    assert says(pictured(*things), Claim(noun, "colour", value), (), WORDS) is told


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
    assert says(pictured(Thing("mug", requested)), Claim("mug", *claim), (), WORDS) is told


@pytest.mark.parametrize(
    ("pattern", "told"),
    [({}, False), ({"pattern": "plain"}, False), ({"pattern": "dotted"}, None), ({"pattern": "woven"}, None)],
)
def test_a_patterned_thing_may_have_a_second_colour(pattern, told):
    asked = Thing("mug", {"colour": "red", **pattern})
    assert says(pictured(asked), Claim("mug", "colour", "blue"), (), WORDS) is told
    assert says(pictured(asked), Claim("mug", "colour", "red"), (), WORDS) is True


@pytest.mark.parametrize(
    ("caption", "told"),
    [
        (Claim("mug", "pattern", "dotted"), None),
        (Claim("coffee mug", "pattern", "checkered"), None),
        (Claim("mug", "pattern", "plain"), False),
        (Claim("plate", "pattern", "dotted"), False),
        (Claim("mug", "material", "ceramic"), False),
    ],
)
def test_a_pattern_that_the_caption_alone_knows_of_may_bring_a_second_colour(caption, told):
    asked = pictured(Thing("mug", {"colour": "red", "material": "ceramic"}))
    assert says(asked, Claim("mug", "colour", "white"), (caption,), WORDS) is told
    assert says(asked, Claim("mug", "colour", "red"), (caption,), WORDS) is True
    assert says(asked, Claim("mug", "material", "glass"), (caption,), WORDS) is False


def test_nothing_is_refuted_where_other_things_may_stand_in_the_picture():
    assert says(pictured(RED, complete=False), Claim("mug", "colour", "blue"), (), WORDS) is None
    assert says(pictured(RED, complete=False), Claim("mug", "colour", "red"), (), WORDS) is True


KEY = positive("A small green metal key lies on the ground beside something else", "key")
CUP = positive("A white ceramic cup stands all by itself in the middle of things.", "cup")


@pytest.mark.parametrize(
    ("picture", "other", "told"),
    [
        (pictured(RED), positive("A blue mug stands all by itself in the middle of things."), False),
        (pictured(RED), positive("A red mug stands all by itself in the middle of things."), None),
        (pictured(RED), KEY, None),
        (pictured(Thing("mug", {"colour": "white", "material": "ceramic"})), CUP, None),  # a mug may be called a cup
        (pictured(RED, Thing("key", {})), KEY, None),
        (pictured(RED, Thing("key", {"material": "wooden"})), KEY, False),
        (pictured(RED, Thing("key", {"material": "wooden"}), complete=False), KEY, None),
    ],
)
def test_another_caption_is_false_by_one_of_its_attributes_and_not_by_the_names_of_its_things(picture, other, told):
    assert whole_says(picture, other, (), WORDS) is told


def test_another_caption_may_tell_the_second_colour_of_a_thing_that_is_patterned_by_its_own():
    white = positive("A white mug stands all by itself in the middle of things.")
    assert whole_says(pictured(RED), white, (Claim("mug", "pattern", "dotted"),), WORDS) is None


@pytest.mark.parametrize(
    ("kind", "noun", "told"),
    [
        ("scene", "wine glass", False),
        ("scene", "wine glasses", False),
        ("scene", "glass", None),
        ("instance", "glass", False),
    ],
)
def test_a_scene_is_known_by_the_whole_names_of_its_categories_alone(kind, noun, told):
    glass = Thing("wine glass", {"colour": "red", "pattern": "plain"})
    shown = replace(pictured(glass, names=("wine glass",)), kind=kind)
    assert says(shown, Claim(noun, "colour", "blue"), (), WORDS) is told
