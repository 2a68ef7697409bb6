"""A caption is accepted only if its attributes can be exchanged; everything that forbids it goes back to the model."""

import json

import numpy as np
import pytest

from genval_assets.chat.answers import UnreadableAnswer
from genval_assets.negatives.picture import Pictured
from genval_assets.negatives.positive import PositiveAnswer, PositiveQuestion, positive_prompt, read_positive
from genval_assets.negatives.vocabulary import vocabulary

WORDS = vocabulary()
GOOD = "A red striped mug stands next to a light blue bowl on the floor."


def read(text, *claimed, names=("mug", "bowl")):
    return read_positive(text, names, WORDS, claimed)


def codes(text, *claimed, names=("mug", "bowl")) -> tuple[str, ...]:
    with pytest.raises(UnreadableAnswer) as refused:
        read(text, *claimed, names=names)
    return refused.value.reasons


def test_an_accepted_caption_is_taken_apart():
    positive = read("A  red striped mug stands next to a\nlight blue bowl on the wooden table. ", "Table")
    assert positive.text == "A red striped mug stands next to a light blue bowl on the wooden table."
    assert positive.nouns == ("mug", "bowl", "table")
    assert [(one.type, one.value, one.noun) for one in positive.attributes] == [
        ("colour", "red", "mug"),
        ("pattern", "striped", "mug"),
        ("colour", "light blue", "bowl"),
        ("material", "wooden", "table"),
    ]


def test_a_stored_caption_is_read_again_from_all_its_nouns():
    positive = read("An SUV with red wheels stands next to a striped mug outside.", "wheels", names=("SUV", "mug"))
    assert read_positive(positive.text, positive.nouns, WORDS) == positive


@pytest.mark.parametrize(("words", "code"), [(9, "too_short"), (10, None), (25, None), (26, "too_long")])
def test_ten_to_twenty_five_words_are_accepted_and_marks_are_none(words, code):
    caption = "(A) red, striped mug: " + " ".join(["well-worn"] * (words - 4)) + " !"
    if code is None:
        assert len(read(caption).attributes) == 2
    else:
        assert codes(caption) == (code,)


@pytest.mark.parametrize(
    ("caption", "expected"),
    [
        ("A red mug stands next to a bowl. It is on the floor.", ("several_sentences",)),
        ("Look! A red mug stands next to a bowl on the floor", ("several_sentences",)),
        ("A mug stands next to a bowl on the floor today.", ("no_attribute",)),
        (
            "A red cup stands next to a plate on the floor.",
            ("no_attribute", "attribute_without_noun", "thing_not_named"),
        ),
        ("A red mug without a handle stands next to a bowl.", ("denial",)),
        ("A red mug that isn’t small stands next to a bowl.", ("denial",)),
        ("A red mug and no big bowl stand on the floor.", ("denial",)),
        ("A red non stick mug stands beside a bowl out there.", ("denial",)),
        ("A red mug stands next to a non-blue bowl over there.", ("attribute_without_noun",)),
        ("A orange mug stands next to a bowl on the floor.", ("wrong_article",)),
        ("A red mug stands next to a bowl that is blue.", ("attribute_without_noun",)),
        ("A red mug stands next to a blue-handled bowl made here.", ("attribute_without_noun",)),
        ("A red mug stands next to a bowl on a wooden table.", ("attribute_without_noun",)),
    ],
)
def test_what_forbids_a_caption_is_told_as_codes(caption, expected):
    assert codes(caption) == expected


def test_a_full_stop_within_a_name_ends_no_sentence():
    assert len(read("A white St. Bernard lies next to a mug on the floor.", names=("St. Bernard",)).attributes) == 1


def test_a_denial_within_a_name_denies_nothing():
    caption = "A red no no pan stands next to a tree outside there."
    assert read(caption, names=("no no pan",)).attributes[0].noun == "no no pan"
    assert codes(caption, names=("pan",)) == ("denial",)


def test_a_hyphened_word_that_begins_like_a_denial_denies_nothing():
    (attribute,) = read("A red non-stick pan stands next to a tree outside there.", names=("pan",)).attributes
    assert (attribute.value, attribute.noun) == ("red", "pan")


def test_one_of_the_pictures_things_is_named_and_a_noun_of_the_models_own_is_not_enough():
    caption = "A red mug stands on the wooden table in a bright room."
    assert len(read(caption, "table", names=("bowl", "mug")).attributes) == 2
    assert codes(caption, "mug", "table", names=("bowl",)) == ("thing_not_named",)


@pytest.mark.parametrize(
    ("claimed", "code"),
    [
        ("glass", "value_as_noun"),
        ("cloth", "value_as_noun"),
        ("red mug", "value_as_noun"),
        ("tall red mug", "value_as_noun"),
        ("stone wall", "value_as_noun"),
        ("logo", "value_as_noun"),
        ("wine glass", None),
        ("cups", "noun_not_in_caption"),
        ("", "noun_not_in_caption"),
    ],
)
def test_a_noun_that_would_hide_a_value_or_is_not_there_is_refused(claimed, code):
    caption = "A tall red mug stands next to a wine glass on a cloth by a mug."
    reasons = codes(caption, "mug", claimed) if code else ()
    assert (code in reasons) if code else read_positive(caption.replace("a cloth", "it"), ["mug"], WORDS, [claimed])


def test_a_name_of_the_picture_may_be_a_value():
    caption = "A transparent glass stands next to a striped orange on the floor."
    said = [(one.value, one.noun) for one in read(caption, "glass", names=("Glass", "orange")).attributes]
    assert said == [("transparent", "glass"), ("striped", "orange")]


def test_the_message_names_what_was_seen_and_what_would_be_accepted():
    with pytest.raises(UnreadableAnswer) as refused:
        read("A orange lamp.")
    for words in ("3 words; accepted: 10 to 25", "'a orange'", "'orange'", "none of 'mug', 'bowl'"):
        assert words in str(refused.value)


def test_the_question_reads_the_models_nouns_as_claims():
    pictured = Pictured("i1", "instance", "mug", ("mug",), np.zeros((8, 8, 3), np.uint8), (), True, 0)
    question = PositiveQuestion(pictured, WORDS)
    assert question.read(json.dumps({"caption": GOOD, "nouns": ["bowl"]})).nouns == ("mug", "bowl")
    with pytest.raises(UnreadableAnswer) as refused:
        question.read(json.dumps({"caption": GOOD, "nouns": ["bowl", "lamp"]}))
    assert refused.value.reasons == ("noun_not_in_caption",)


@pytest.mark.parametrize(
    ("bowl", "says"),
    [
        ("a black-and-white bowl", "'black-and-white' joins a word of the lists to another by a hyphen"),
        ("a bowl on a wooden table", "No listed noun stands closely after 'wooden'"),
        ("a blue cup, bowl", "No listed noun stands closely after 'blue'"),
        ("a bowl that is blue", "'blue' does not stand before a noun"),
        ("a bowl made of plastic there", "'plastic' does not stand before a noun"),
        ("a bowl painted brightly red there", "'red' does not stand before a noun"),
        ("a blue and a bowl", "'blue' does not stand before a noun"),
        ("a bowl of stainless steel", "'stainless steel' counts as 'metal'."),
        ("a canvas bag", "No listed noun stands closely after 'canvas'"),
        ("a canvas bag", "'canvas' counts as 'fabric'."),
    ],
)
def test_it_is_told_why_a_word_has_no_noun(bowl, says):
    with pytest.raises(UnreadableAnswer) as refused:
        read(f"A red mug stands in front of {bowl} over there.", names=("mug", "bowl"))
    assert refused.value.reasons == ("attribute_without_noun",)
    assert says in str(refused.value)


def test_only_the_causes_that_there_are_are_told():
    with pytest.raises(UnreadableAnswer) as refused:
        read("A red mug stands in front of a bowl that is blue.")
    assert str(refused.value).count(".") == 1


def test_a_listed_noun_that_is_another_word_for_a_value_is_told_what_it_counts_as():
    with pytest.raises(UnreadableAnswer, match=r"Under nouns, 'cloth' is or holds.*'cloth' counts as 'fabric'\."):
        read("A red mug stands next to a bowl on a white cloth.", "cloth")


def test_clear_sky_and_golden_bread_say_nothing_of_colour_or_transparency():
    positive = read("A golden brown loaf lies beside a red mug under a clear blue sky.", "loaf", "sky")
    assert [(one.value, one.noun) for one in positive.attributes] == [
        ("brown", "loaf"),
        ("red", "mug"),
        ("blue", "sky"),
    ]


def test_the_prompt_states_what_captions_are_refused_for():
    for demand in ("10 to 25", "hyphen", "black and white", "made of plastic", "painted red", "whole name", "eight"):
        assert demand in positive_prompt()
    (longest,) = PositiveAnswer.model_fields["nouns"].metadata
    assert longest.max_length == 8
    assert WORDS.meaning("canvas") == "fabric"  # the prompt's example
