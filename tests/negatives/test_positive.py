"""A caption is accepted only if its attributes can be exchanged; everything that forbids it goes back to the model."""

import json

import numpy as np
import pytest

from genval_assets.chat.answers import UnreadableAnswer
from genval_assets.negatives.picture import Pictured
from genval_assets.negatives.positive import PositiveQuestion, read_positive
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
        ("A red mug and no non-stick bowl stand on the floor.", ("denial",)),
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
    caption = "A red non-stick pan stands next to a tree outside there."
    assert read(caption, names=("non-stick pan",)).attributes[0].noun == "non-stick pan"
    assert codes(caption, names=("pan",)) == ("denial",)


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
    for words in ("3 words; accepted: 10 to 25", "'a orange'", "'orange' is said of", "none of 'mug', 'bowl'"):
        assert words in str(refused.value)


def test_the_question_reads_the_models_nouns_as_claims():
    pictured = Pictured("i1", "instance", "mug", ("mug",), np.zeros((8, 8, 3), np.uint8), (), True, 0)
    question = PositiveQuestion(pictured, WORDS)
    assert question.read(json.dumps({"caption": GOOD, "nouns": ["bowl"]})).nouns == ("mug", "bowl")
    with pytest.raises(UnreadableAnswer) as refused:
        question.read(json.dumps({"caption": GOOD, "nouns": ["bowl", "lamp"]}))
    assert refused.value.reasons == ("noun_not_in_caption",)
