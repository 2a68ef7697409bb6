"""Each thing of a caption has its attributes as a true sub-text, and what negatives say of it as false ones, once."""

import random

import pytest

from genval_assets.negatives.changes import compare
from genval_assets.negatives.positive import read_positive
from genval_assets.negatives.sub_texts import sub_texts
from genval_assets.negatives.vocabulary import vocabulary

WORDS = vocabulary()
CAPTION = "A red striped mug stands next to two opaque wine glasses on the wooden table."


def made(caption, names, *exchanges):
    """(label, sentence) of all sub-texts; each exchange makes one negative of the caption."""
    positive = read_positive(caption, names, WORDS)
    negatives = []
    for pairs in exchanges:
        sentence = caption
        for before, after in pairs.items():
            sentence = sentence.replace(before, after, 1)
        negatives.append(compare(positive, sentence, WORDS))
    return [(one.label, one.sentence) for one in sub_texts(positive, negatives)]


def test_every_noun_has_one_true_sub_text_and_each_negative_gives_false_ones_to_what_it_changes():
    assert made(
        CAPTION,
        ("mug", "wine glass", "table"),
        {"A red": "An orange"},
        {"A red": "An orange", "wooden": "stone"},
        {"striped": "plain", "opaque": "transparent", "wooden": "stone"},
    ) == [
        (1, "A picture of a red striped mug."),
        (0, "A picture of an orange striped mug."),
        (0, "A picture of a red plain mug."),
        (1, "A picture of opaque wine glasses."),
        (0, "A picture of transparent wine glasses."),
        (1, "A picture of a wooden table."),
        (0, "A picture of a stone table."),
    ]


def test_sub_texts_keep_noun_and_adjectives_apart_and_mean_values_where_the_caption_has_synonyms():
    positive = read_positive("A gray polka-dot wine glass stands on the floor over there.", ("wine glass",), WORDS)
    (only,) = sub_texts(positive, [])
    assert (only.noun, only.adjectives, only.label) == ("wine glass", ("grey", "dotted"), 1)
    assert only.sentence == "A picture of a grey dotted wine glass."


def test_two_things_of_one_name_have_a_true_sub_text_each():
    caption = "A red striped mug stands next to a blue mug and a blue mug."
    assert made(caption, ("mug",), {"red": "green"}, {"blue": "pink"}) == [
        (1, "A picture of a red striped mug."),
        (1, "A picture of a blue mug."),
        (0, "A picture of a green striped mug."),
        (0, "A picture of a pink mug."),
    ]


@pytest.mark.parametrize(
    ("caption", "exchange", "false"),
    [
        # the second mug is exactly that
        ("A red mug stands next to a red striped mug over there.", {"striped": "plain"}, ["a red plain mug"]),
        ("A red plain mug stands next to a red striped mug there.", {"striped": "dotted"}, ["a red dotted mug"]),
        (
            "Two red dotted mugs stand next to a red striped mug there.",
            {"red striped": "blue striped"},
            ["a blue striped mug"],
        ),
    ],
)
def test_a_false_sub_text_is_of_the_thing_that_was_changed(caption, exchange, false):
    assert [said for label, said in made(caption, ("mug",), exchange) if label == 0] == [
        f"A picture of {one}." for one in false
    ]


def faultless(compared):
    """A negative that was accepted although another thing of the name has the target: `compare` refuses it by words."""
    return type(compared)(compared.sentence, compared.changes, ())


@pytest.mark.parametrize(
    ("caption", "before", "after"),
    [
        ("A red mug stands next to a blue mug over there today.", "red", "blue"),
        ("A red mug stands next to a striped blue mug over there.", "red", "blue"),
        ("A red striped mug stands next to a striped blue mug there.", "red", "blue"),
        ("A red mug stands next to two blue mugs over there today.", "red", "blue"),
    ],
)
def test_what_holds_of_another_thing_of_that_name_is_never_false(caption, before, after):
    positive = read_positive(caption, ("mug",), WORDS)
    refused = compare(positive, caption.replace(before, after, 1), WORDS)
    assert [fault.code for fault in refused.faults] == ["already_there"]
    assert {one.label for one in sub_texts(positive, [faultless(refused)])} == {1}


def test_a_false_sub_text_that_shares_some_words_with_another_thing_stays():
    caption = "A red striped mug stands next to a blue mug over there."
    positive = read_positive(caption, ("mug",), WORDS)
    claimed = faultless(compare(positive, caption.replace("red", "blue", 1), WORDS))
    assert "A picture of a blue striped mug." in [
        one.sentence for one in sub_texts(positive, [claimed]) if not one.label
    ]


def test_what_another_kind_of_thing_is_may_well_be_false_of_this_one():
    caption = "A wooden table stands next to a metal box over there."
    assert (0, "A picture of a wooden box.") in made(caption, ("table", "box"), {"metal": "wooden"})


def test_several_of_a_kind_take_no_article():
    caption = "Two white mice sit next to three black knives and red menus."
    assert made(caption, ("mouse", "knife", "menu")) == [
        (1, "A picture of white mice."),
        (1, "A picture of black knives."),
        (1, "A picture of red menus."),
    ]


def test_nouns_in_a_row_are_one_thing():
    caption = "A black wall clock hangs above two white kitchen mice over there."
    names = ("clock", "wall", "mouse", "kitchen")
    assert made(caption, names, {"black": "orange", "A orange": "An orange"}) == [
        (1, "A picture of a black wall clock."),
        (0, "A picture of an orange wall clock."),
        (1, "A picture of white kitchen mice."),
    ]


def test_scissors_and_what_is_not_counted_take_no_article():
    caption = "A pair of red scissors lies on white bread and a metal pair of tongs."
    assert made(caption, ("scissors", "bread", "pair of tongs")) == [
        (1, "A picture of red scissors."),
        (1, "A picture of white bread."),
        (1, "A picture of a metal pair of tongs."),
    ]


def test_a_noun_of_the_models_own_in_the_plural_takes_no_article():
    positive = read_positive(
        "A mug stands next to red plates and a white dress there.", ("mug",), WORDS, ("plates", "dress")
    )
    assert [one.sentence for one in sub_texts(positive, [])] == [
        "A picture of red plates.",
        "A picture of a white dress.",
    ]


def test_sub_texts_are_made_of_accepted_negatives_only():
    positive = read_positive(CAPTION, ("mug", "wine glass", "table"), WORDS)
    with pytest.raises(ValueError, match="has faults: not_in_vocabulary"):
        sub_texts(positive, [compare(positive, CAPTION.replace("red", "navy"), WORDS)])


@pytest.mark.parametrize("seed", range(20))
def test_no_combination_comes_twice_and_none_is_both_true_and_false(seed):
    rng = random.Random(seed)
    positive = read_positive(CAPTION, ("mug", "wine glass", "table"), WORDS)
    negatives = []
    for _ in range(12):
        sentence = CAPTION
        for before in rng.sample(["red", "striped", "wooden"], rng.randint(1, 3)):
            sentence = sentence.replace(before, rng.choice(WORDS.values[WORDS.type_of(before)]))
        compared = compare(positive, sentence, WORDS)
        negatives += [compared] * (not compared.faults)
    found = [(one.noun, one.adjectives) for one in sub_texts(positive, negatives)]
    assert len(found) == len(set(found))
    assert [one.sentence for one in sub_texts(positive, negatives) if one.label] == [
        "A picture of a red striped mug.",
        "A picture of opaque wine glasses.",
        "A picture of a wooden table.",
    ]
