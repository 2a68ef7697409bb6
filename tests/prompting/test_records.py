"""What a picture shows of its prompt is told by words: spelling, endings and exactness make no false difference."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from genval_assets.prompting.records import Comparison, compare, corrected, states
from genval_assets.prompting.slots import FACTORS


@pytest.mark.parametrize(
    ("wanted", "seen"),
    [
        ("blue", "navy blue"),
        ("blue", "navy"),
        ("red", "Crimson"),
        ("grey", "gray"),
        ("striped", "stripes"),
        ("striped", "red-and-white stripes"),
        ("dotted", "polka dots"),
        ("dotted", "spotted"),
        ("checkered", "chequered"),
        ("glossy", "shiny"),
        ("matte", "matt finish"),
        ("wooden", "wood"),
        ("three-quarter view", "Three quarter"),
        ("light from the left", "lit from the left"),
        ("slightly worn", "worn"),
        ("well-used", "used"),
        ("white", "white, no stripes"),
    ],
)
def test_the_same_value_in_other_words_is_kept(wanted, seen):
    assert compare({"slot": wanted}, {"slot": seen}) == Comparison(kept=("slot",))


@pytest.mark.parametrize(
    ("wanted", "seen"),
    [
        ("blue", "red"),
        ("green", "grey"),
        ("red", "reddish-brown"),
        ("red", "ring-shaped"),
        ("light from the left", "from the right"),
        ("striped", "plain"),
        ("striped", "no stripes"),
        ("red", "not red"),
        ("blue", "not navy"),
        ("dark red", "dark blue"),
    ],
)
def test_another_value_is_missing(wanted, seen):
    assert compare({"slot": wanted}, {"slot": seen}) == Comparison(missing=("slot",))


@pytest.mark.parametrize(
    ("wanted", "seen"), [("navy blue", "blue"), ("crimson", "red"), ("smooth", "not striped"), ("x", "")]
)
def test_a_description_that_says_less_than_was_asked_for_decides_nothing(wanted, seen):
    assert compare({"slot": wanted}, {"slot": seen}) == Comparison(unknown=("slot",))


def test_a_slot_that_nobody_described_is_unknown_and_the_subject_is_not_compared():
    slots = {"subject": "mug", "mood": "calm", "colour": "red", "time_period": "1970s", "texture": "matte"}
    seen = {"Color": "yellow", "time period": "1970s", "texture": "matte", "subject": "cup", "size": "big"}
    assert compare(slots, seen) == Comparison(kept=("time_period", "texture"), missing=("colour",), unknown=("mood",))


def test_the_record_of_a_picture_that_differs_says_what_it_shows():
    slots = {"subject": "banana", "colour": "purple", "texture": "matte", "mood": "calm"}
    assert corrected(slots, {"color": " bright  yellow ", "texture": "matt", "mood": ""}) == {
        "subject": "banana",
        "colour": "bright yellow",
        "texture": "matte",
        "mood": "calm",
    }
    assert corrected(slots, {}) == slots


@pytest.mark.parametrize(("slot", "value"), [(slot, value) for slot, values in FACTORS.items() for value in values])
def test_of_the_built_in_values_each_shows_itself_and_none_of_its_neighbours(slot, value):
    neighbours = [other for other in FACTORS[slot] if other != value]
    assert compare({slot: value}, {slot: value}).kept == (slot,)
    assert [other for other in neighbours if compare({slot: value}, {slot: other}).kept] == []


@given(
    st.dictionaries(st.text(max_size=8), st.text(max_size=12)),
    st.dictionaries(st.text(max_size=8), st.text(max_size=12)),
)
def test_whatever_is_described_each_slot_is_in_one_place_and_a_corrected_record_shows_no_difference(slots, seen):
    found = compare(slots, seen)
    assert sorted((*found.kept, *found.missing, *found.unknown)) == sorted(set(slots) - {"subject"})
    assert compare(corrected(slots, seen), seen).missing == ()


def test_a_text_states_a_value_whose_words_it_holds():
    text = "A single glossy red mug, lit from the left, high-resolution"
    assert states(text, "light from the left")
    assert states(text, "red")
    assert not states(text, "light from the right")
    assert not states("A crimson mug", "navy")
