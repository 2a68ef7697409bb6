"""The offline vision model denies only what a picture clearly does not show."""

import json

import numpy as np
import pytest

from genval_assets.negatives.claims import Claim, ClaimsQuestion
from genval_assets.negatives.picture import Pictured
from genval_assets.types import Rgb
from resources.offline.chat import OfflineChat
from resources.offline.checking import check
from resources.offline.scrutiny import looked_at
from resources.offline.studio import KINDS, PATTERNS
from resources.offline.vision import NoPicture
from tests.resources.offline.shown import cut_out, scene

BEAR_NONE = ("wine glass", "scissors")
"""Kinds whose drawings show no pattern, whatever they are asked for."""


def asked(picture: Rgb, *statements: str) -> tuple[str, ...]:
    pictured = Pictured("p", "instance", "mug", ("mug",), picture, (), complete=True, seed=1)
    question = ClaimsQuestion(pictured, statements)
    with OfflineChat().open() as model:
        return question.read(model.ask([question.request(1, ())])[0].text)


@pytest.mark.parametrize(
    ("words", "shown"),
    [
        ("blue", "true"),
        ("white", "true"),  # its second colour
        ("red", "false"),
        ("light blue", "unclear"),
        ("dark red", "false"),
        ("striped", "true"),
        ("stripy", "true"),
        ("plain", "false"),
        ("floral", "false"),
        ("woven", "unclear"),
        ("opaque", "true"),
        ("transparent", "false"),
        ("wooden", "unclear"),
        ("frilly", "unclear"),
        ("striped blue opaque", "true"),
        ("frilly blue", "unclear"),
        ("striped red", "false"),
        ("striped, red", "false"),
        ("red and striped", "false"),
        ("blue and striped", "true"),
        ("frilly red", "false"),
    ],
)
def test_what_is_said_of_a_striped_blue_mug_is_judged_word_by_word(words, shown):
    assert asked(cut_out("mug", "blue", pattern="striped"), f"There is a {words} mug.") == (shown,)


@pytest.mark.parametrize(("colour", "shown"), [("red", "true"), ("green", "false")])
def test_statements_of_one_and_of_several_are_understood(colour, shown):
    assert asked(cut_out("mug", "red"), f"There is a {colour} mug.", f"There are {colour} mugs.") == (shown, shown)
    assert asked(cut_out("scissors", "red"), f"There are {colour} scissors.") == (shown,)


@pytest.mark.parametrize(
    ("words", "shown"),
    [
        ("transparent", "true"),
        ("translucent", "true"),
        ("opaque", "false"),
        ("glass", "true"),
        ("leather", "false"),
        ("striped", "unclear"),
    ],
)
def test_of_glass_the_material_shows_and_no_pattern(words, shown):
    assert asked(cut_out("wine glass", "red"), f"There is a {words} wine glass.") == (shown,)


def test_what_clear_glass_holds_is_not_told_from_its_ground():
    assert asked(cut_out("wine glass", "grey"), "There is a red wine glass.", "There is a green wine glass.") == (
        "unclear",
        "unclear",
    )


@pytest.mark.parametrize("kind", BEAR_NONE)
@pytest.mark.parametrize("colour", ["red", "white", "green", "black"])
def test_nothing_is_said_of_a_pattern_where_the_kind_bears_none(kind, colour):
    statements = tuple(Claim(kind, "pattern", word).text for word in ("striped", "plain", "dotted"))
    assert asked(cut_out(kind, colour, "striped"), *statements) == ("unclear",) * 3


def test_shades_between_two_names_of_colours_are_not_denied():
    statements = [f"There is a {colour} teapot." for colour in ("orange", "brown", "yellow", "blue", "green")]
    assert asked(cut_out("teapot", "orange"), *statements) == ("true", "unclear", "unclear", "false", "false")


@pytest.mark.parametrize(
    ("says", "shown"),
    [
        ("The picture shows a red plain opaque key in the middle of an empty studio ground.", "false"),
        ("Here is a blue striped opaque mug, pictured by itself with some room on every side.", "true"),
        ("A green coffee cup stands in front of an even backdrop.", "false"),
        ("There is a red gizmo.", "unclear"),
        ("A red bowl stands on the mug.", "true"),  # of the bowl it knows nothing, and red it is not the mug
    ],
)
def test_of_a_whole_caption_one_false_word_or_another_kind_is_enough(says, shown):
    assert asked(cut_out("mug", "blue", pattern="striped"), says) == (shown,)


def test_one_thing_of_several_that_is_so_makes_a_statement_true():
    picture = scene(("mug", "red"), ("mug", "blue"), ("chair", "green"))
    statements = [f"There is a {words}." for words in ("red mug", "blue mug", "green mug", "green chair", "red chair")]
    assert asked(picture, *statements) == ("true", "true", "false", "true", "false")


def test_what_cannot_be_recognised_may_be_anything():
    noise = np.random.default_rng(1).integers(0, 256, (64, 64, 3)).astype(np.uint8)
    assert asked(noise, "There is a red mug.", "There is an opaque key.") == ("unclear", "unclear")


def test_hardly_anything_true_is_denied_and_most_false_is():
    denied_true = true = denied_false = false = 0
    colours = ("red", "blue", "green", "yellow", "purple", "black")
    for i, kind in enumerate(kind for kind in KINDS if kind not in BEAR_NONE):
        colour, pattern = colours[i % 6], PATTERNS[i % 4]
        other_colour, other_pattern = colours[(i + 1) % 6], PATTERNS[(i + 1) % 4]
        held = asked(
            cut_out(kind, colour, pattern, seed=i),
            *(f"There is a {word} {kind}." for word in (colour, pattern, "opaque", other_colour, other_pattern)),
        )
        denied_true += held[:3].count("false")
        denied_false += held[3:].count("false")
        true, false = true + 3, false + 2
    assert denied_true <= 0.03 * true
    assert denied_false >= 0.6 * false


def test_a_picture_is_looked_at_once_however_often_it_is_asked_about():
    picture = cut_out("mug", "red")
    other = picture.copy()
    other[0, 0] = 0
    assert looked_at(picture.copy()) is looked_at(picture)
    assert looked_at(other) is not looked_at(picture)


def test_no_picture_is_an_error():
    request = ClaimsQuestion(Pictured("p", "instance", "mug", ("mug",), cut_out("mug", "red"), (), True, 1), ("A.",))
    asked_without = request.request(1, ())
    with pytest.raises(NoPicture, match="got 0"):
        check(type(asked_without)("s", "", json.dumps({"statements": []}), asked_without.answer_schema))
