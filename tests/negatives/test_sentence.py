"""A sentence is taken apart into nouns, values and words; each value is tied to the noun it is said of, or to none."""

import pytest

from genval_assets.negatives.sentence import attributes, exchanged, hidden_values, same_kind, units, wrong_articles
from genval_assets.negatives.settings import VocabularySettings
from genval_assets.negatives.vocabulary import vocabulary

WORDS = vocabulary()


def drawn(text, *nouns, words=WORDS) -> str:
    """Units by hand: [noun], <value>, ~article; words and marks as they are."""
    form = {"noun": "[{}]", "value": "<{}>", "article": "~{}", "word": "{}", "mark": "{}"}
    return " ".join(form[unit.kind].format(unit.text) for unit in units(text, nouns, words))


def bound(text, *nouns) -> list[tuple[str, str]]:
    return [(one.value, one.noun) for one in attributes(units(text, nouns, WORDS))]


@pytest.mark.parametrize(
    ("text", "nouns", "parts"),
    [
        ("A red mug, shiny.", ["mug"], "~a <red> [mug] , shiny ."),
        ("A wine glass of glass", ["wine glass"], "~a [wine glass] of <glass>"),
        ("A glass glass", ["glass"], "~a [glass] [glass]"),
        ("An orange and an orange bowl", ["orange"], "~an [orange] and ~an [orange] bowl"),
        ("A light orange", ["orange"], "~a light [orange]"),
        ("Red Mugs on shelves", ["mug", "shelf"], "<red> [mugs] on [shelves]"),
        ("A coffee mug", ["mug", "coffee mug"], "~a [coffee mug]"),
        ("A teddy-bear", ["teddy bear"], "~a [teddy-bear]"),
        ("A t shirt", ["T-shirt"], "~a [t shirt]"),
        ("A red bow", ["bow (weapon)"], "~a <red> [bow]"),
        ("Red bows (weapon)", ["bow (weapon)"], "<red> [bows (weapon)]"),
        ("A light-blue or light blue mug", ["mug"], "~a <light-blue> or <light blue> [mug]"),
        ("A dark navy blue mug", ["mug"], "~a <dark navy blue> [mug]"),
        ("A polka-dot, polka dot mug", ["mug"], "~a <polka-dot> , <polka dot> [mug]"),
        ("A light wooden mug", ["mug"], "~a light <wooden> [mug]"),
        ("A light, blue mug", ["mug"], "~a light , <blue> [mug]"),
        ("A red-striped reddish mug", ["mug"], "~a red-striped reddish [mug]"),
        ("A St. Bernard dog.", ["St. Bernard"], "~a [st. bernard] dog ."),
        ("", ["mug"], ""),
    ],
)
def test_nouns_come_before_values_and_the_longest_of_each_counts(text, nouns, parts):
    assert drawn(text, *nouns) == parts


def test_a_projects_own_words_are_values():
    own = vocabulary(VocabularySettings(material=("stained glass",), pattern=("tie-dyed",)))
    assert drawn("A tie dyed stained glass mug", "mug", words=own) == "~a <tie dyed> <stained glass> [mug]"


def test_a_value_carries_its_type_and_what_it_means():
    unit = units("dark-gray", (), WORDS)[0]
    assert (unit.text, unit.type, unit.value) == ("dark-gray", "colour", "dark grey")


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("a red mug", [("red", "mug")]),
        ("a red, striped and wooden mug", [("red", "mug"), ("striped", "mug"), ("wooden", "mug")]),
        ("a red tall shiny mug", [("red", "mug")]),
        ("a red very tall shiny mug", []),
        ("red mugs by a wooden bowl", [("red", "mugs"), ("wooden", "bowl")]),
        ("a blue mug bowl", [("blue", "mug bowl")]),
        (
            "a blue striped mug bowl mug by a red bowl",
            [("blue", "mug bowl mug"), ("striped", "mug bowl mug"), ("red", "bowl")],
        ),
        ("a blue mug, bowl", [("blue", "mug")]),
        ("the mug is red next to a bowl", []),
        ("the mug is red beside bowls", []),
        ("a red and a blue mug", [("blue", "mug")]),
        ("a mug in blue, bowl on it", []),
        ("a red cup and bowl", []),
        ("a red cup, striped bowl", [("striped", "bowl")]),
        ("a red / blue mug", [("blue", "mug")]),
        ("a red tree. Mug", []),
        ("a mug made of wood", []),
    ],
)
def test_a_value_is_said_of_the_noun_it_stands_before_and_of_nothing_across_a_break(text, said):
    assert bound(text, "mug", "bowl") == said


def test_of_nouns_in_a_row_the_last_is_meant():
    text = "a black wall clock hangs there"
    assert bound(text, "clock", "wall") == [("black", "wall clock")]
    assert bound(text, "clock", "wall") == bound(text, "wall clock")


def test_attributes_name_the_place_of_their_unit():
    assert [
        one.place for one in attributes(units("a red wine glass and light blue mugs", ["wine glass", "mug"], WORDS))
    ] == [
        1,
        4,
    ]


@pytest.mark.parametrize("word", ["red-striped", "blue-handled", "off-white", "black-and-white", "polka-dot-covered"])
def test_a_value_behind_a_hyphen_does_not_pass_unnoticed(word):
    parts = units(f"a {word} mug", ["mug"], WORDS)
    assert attributes(parts) == ()
    assert hidden_values(parts, WORDS) == (word,)


def test_hyphened_words_without_a_value_and_hyphened_values_hide_nothing():
    assert hidden_values(units("a well-worn light-blue blue-box", ["blue-box"], WORDS), WORDS) == ()


@pytest.mark.parametrize(
    ("text", "wrong"),
    [
        ("a red mug and an orange mug", ()),
        ("a orange mug and an red mug", ("a orange", "an red")),
        ("An opaque mug beside a used one", ()),
        ("an SUV and a TV", ()),
        ("a SUV", ()),  # nobody can tell from its letters whether it is spelt out
        ("a LEGO box beside an LEGO car, a STOP sign and an UFO", ()),
        ("an STOP sign", ()),
        ("an TV", ("an tv",)),
        ("an BMW", ("an bmw",)),
        ("an suv", ("an suv",)),
        ("a X-ray", ("a x-ray",)),
        ("a herb beside an herb and an herbal tea", ()),
        ("an hero", ("an hero",)),
        ("an hour with a unicorn", ()),
        ('a "orange" mug', ("a orange",)),
        ("a scissors or a paper", ()),
        ("it stands on a.", ("a",)),
    ],
)
def test_an_article_fits_the_sound_after_it(text, wrong):
    assert wrong_articles(units(text, ["SUV", "TV"], WORDS)) == wrong


def test_a_sentence_is_rewritten_unit_by_unit_and_keeps_all_else():
    text = "A light blue  Wine glass, (red)."
    parts = units(text, ["wine glass"], WORDS)
    assert exchanged(text, parts, {}) == text
    named = "An İstanbul mug, red, of St. Bernard's."
    assert exchanged(named, units(named, ["St. Bernard's"], WORDS), {4: "blue"}) == named.replace("red", "blue")
    assert exchanged(text, parts, {0: "An", 1: "orange", 5: "dark green"}) == "An orange  Wine glass, (dark green)."


def test_one_and_several_are_of_one_kind():
    assert same_kind("mug", "mugs")
    assert same_kind("knives", "knife")
    assert not same_kind("mug", "bowl")
