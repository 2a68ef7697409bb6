"""The offline models understand prompts in many words."""

import pytest

from resources.offline.studio import KINDS
from resources.offline.wording import kind_named, plural_of, read_wording


@pytest.mark.parametrize(
    "text",
    ["a single mug", "one mug", "exactly one blue mug", "a lone mug", "a mug by itself", "an individual mug",
     "a solitary mug", "mug, no other objects", "a mug, alone"],
)  # fmt: skip
def test_singular_cues_are_heard(text):
    assert read_wording(text).single


@pytest.mark.parametrize("text", ["a mug", "mug", "the mug", "a photo of a mug", "mug in stone"])
def test_an_article_is_no_singular_cue(text):
    assert not read_wording(text).single


@pytest.mark.parametrize(
    "text",
    ["the whole object in view", "a mug, fully visible", "entire object", "full view", "complete and not cropped",
     "nothing cut off", "within the frame", "Full-Body shot", "shown in its entirety"],
)  # fmt: skip
def test_cues_for_the_whole_object_are_heard(text):
    assert read_wording(text).whole


@pytest.mark.parametrize(
    "text",
    ["on a plain background", "isolated", "against a white background", "transparent background", "a cut-out",
     "on a seamless backdrop", "no background", "plain grey backdrop, neutral background"],
)  # fmt: skip
def test_cues_for_a_plain_ground_are_heard(text):
    assert read_wording(text).plain


def test_not_cropped_is_no_close_up_but_cropped_is():
    assert not read_wording("a mug, not cropped").close
    assert read_wording("a mug, cropped").close
    assert read_wording("close up of a mug").close


@pytest.mark.parametrize("text", ["two mugs", "several cups", "a pair of ducks", "butterflies", "a group of mug"])
def test_more_than_one_is_heard(text):
    assert read_wording(text).several


def test_a_pair_of_scissors_is_one_thing():
    assert not read_wording("a single pair of scissors").several
    assert read_wording("two scissors").several


@pytest.mark.parametrize(
    ("text", "kinds"),
    [
        ("a coffee mug", ("mug",)),
        ("A WINE GLASS beside a banana", ("wine glass", "banana")),
        ("hot air balloon", ("hot-air balloon",)),
        ("a hot-air balloon", ("hot-air balloon",)),
        ("a key in high-key lighting", ("key",)),
        ("a lamp, key light from the left", ("lamp",)),
        ("a rubber duck", ("duck",)),
        ("a monkey", ()),
        ("mug and cup and mug", ("mug",)),
        ("watching a fishing boat", ()),
    ],
)
def test_the_things_named_are_found_in_order(text, kinds):
    assert read_wording(text).kinds == kinds


@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_is_known_by_its_name_and_its_plural(kind):
    assert kind_named(kind) == kind
    assert kind_named(kind.upper().replace(" ", "_")) == kind
    assert read_wording(f"a {kind}").kinds == (kind,)
    if plural_of(kind) != kind:
        many = read_wording(plural_of(kind))
        assert many.kinds == (kind,)
        assert many.several


def test_parentheses_of_a_category_name_are_not_part_of_it():
    assert kind_named("mug (drinkware)") == "mug"
    assert kind_named("zebra") is None


@pytest.mark.parametrize(
    ("text", "colour", "second"),
    [
        ("a red mug on a plain white background", "red", None),
        ("a crimson mug with ivory dots", "red", "white"),
        ("a mug on a white backdrop", None, None),
        ("a navy-free mug", None, None),
        ("a golden key", "yellow", None),
        ("a black and white umbrella on a solid blue background", "black", "white"),
    ],
)
def test_colours_of_the_object_are_read_and_those_of_the_ground_are_not(text, colour, second):
    wording = read_wording(text)
    assert (wording.colour, wording.second) == (colour, second)


def test_pattern_material_pose_view_and_light_are_read():
    wording = read_wording(
        "a polka-dot porcelain teapot, upside down, facing right, bird's-eye view, lit from the left"
    )
    assert (wording.pattern, wording.material, wording.angle) == ("dotted", "ceramic", 180.0)
    assert (wording.flip, wording.elevation, wording.azimuth) == (True, 0.34, 180.0)


def test_a_silent_prompt_says_nothing():
    wording = read_wording("mug")
    assert wording == read_wording("  MUG ")
    assert not any([wording.single, wording.whole, wording.plain, wording.several, wording.close, wording.scene])
    assert [wording.colour, wording.pattern, wording.material, wording.angle, wording.flip] == [None] * 5
