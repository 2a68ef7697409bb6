"""What keys, ids and seeds promise: one category one key, safe anywhere, and the same work the same id."""

import csv
import re
import subprocess
import sys
from types import MappingProxyType

import pytest
from hypothesis import given
from hypothesis import strategies as st

from genval_assets.keys import (
    KEY_LENGTH,
    ClashingNames,
    MeaninglessName,
    category_key,
    clean_name,
    look,
    recipe,
    refuse_clashes,
    seed_of,
)

HOSTILE = (
    "../../x", "a/b", "a\\b", "x" * 300, "line\nbreak", "O'Brien\"; drop table categories; --",
    "<script>alert(1)</script>", "{{7*7}}",
    "斑马", "斑马线", "Zebra", "zebra", ".hidden", "..hidden", "~root", "$(id)", "%2e%2e%2f1", "a\x00b",
    "-rf", "hot dog", "hot_dog", "hot-dog", "bat_(animal)", "_a_", "a", "A b", "zebra-1a2b3c4d5e",
    "a" * KEY_LENGTH, "a" * (KEY_LENGTH + 1),
)  # fmt: skip

NAMES = st.text(st.characters(exclude_categories=["Cs"]), max_size=80).filter(
    lambda text: any(c.isalpha() or c.isdecimal() for c in text)
)


@pytest.mark.parametrize("name", HOSTILE)
def test_a_hostile_name_has_a_key_that_is_safe_as_a_path_a_tag_and_a_word(name):
    assert re.fullmatch(r"[a-z0-9_]{1,60}(-[0-9a-f]{10})?", category_key(name))


def test_hostile_names_have_keys_of_their_own():
    assert len({category_key(name) for name in HOSTILE}) == len(HOSTILE)


@given(NAMES)
def test_any_name_has_a_safe_key_on_one_line(name):
    key = category_key(name)
    assert re.fullmatch(r"[a-z0-9_]{1,60}(-[0-9a-f]{10})?", key)
    assert key not in {".", ".."}
    assert key.split() == [key]


@given(st.lists(NAMES, max_size=40))
def test_names_that_differ_have_keys_that_differ(names):
    cleaned = {clean_name(name) for name in names}
    assert len({category_key(name) for name in cleaned}) == len(cleaned)


@given(st.from_regex(r"[a-z0-9_]{0,20}[a-z0-9]", fullmatch=True))
def test_a_name_that_is_a_slug_is_its_own_key(name):
    assert category_key(name) == name


def test_keys_that_were_given_out_stay_as_they_are():
    """The hash of a name is part of people's data: these values must never change."""
    assert category_key("bat_(animal)") == "bat_animal-b33492e641"
    assert category_key("斑马") == "x-329b1290d7"


def test_a_taken_key_goes_to_nobody_else():
    second = category_key("cat", taken={"cat"})
    third = category_key("cat", taken={"cat", second})
    assert second.startswith("cat-")
    assert third.startswith("cat-")
    assert len({"cat", second, third}) == 3


def test_nfc_and_nfd_twins_are_one_name():
    assert clean_name("cafe\u0301") == clean_name("caf\u00e9")
    assert category_key("cafe\u0301") == category_key("caf\u00e9")


def test_a_clean_name_is_composed_and_has_no_white_space_around_it():
    assert clean_name("  cafe\u0301\u00a0\n") == "caf\u00e9"
    assert clean_name("hot  dog") == "hot  dog"


@given(NAMES)
def test_cleaning_twice_is_cleaning_once(name):
    assert clean_name(clean_name(name)) == clean_name(name)
    assert look(clean_name(name)) == look(name)


@pytest.mark.parametrize("name", ["", " ", "\n\t", "---", "../..", "___", "\u200b", "\x00", "\u0301", "«»"])
def test_a_name_without_letter_or_digit_is_refused_and_quoted(name):
    with pytest.raises(MeaninglessName, match=re.escape(repr(name))):
        clean_name(name)


@pytest.mark.parametrize("name", ["cat\ud800", "\udc80cat", "\ud83d\ude00 cat"])
def test_a_lone_surrogate_is_refused_not_replaced(name):
    with pytest.raises(MeaninglessName, match="lone surrogate"):
        category_key(name)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Cat", "cat"),
        ("cafe\u0301", "caf\u00e9"),
        ("\ufb01sh", "fish"),
        ("STRASSE", "straße"),
        ("hot dog", "hot  dog"),
        ("hot\ndog", "hot dog"),
        ("cat", "ca\u200bt"),
        ("cat", "\u202ecat"),
        ("cat", "cat"),
        ("\u1fb3", "\u03b1\u0345"),  # casefolding undoes the composition
    ],
)
def test_names_that_look_the_same_are_refused_and_both_listed(one, other):
    with pytest.raises(ClashingNames, match=re.escape(f"{one!r} and {other!r}")):
        refuse_clashes([one, "zebra", other])


def test_every_clash_is_listed_at_once():
    with pytest.raises(ClashingNames, match="'Cat' and 'cat'; 'Cat' and 'CAT'; 'dog' and 'Dog'"):
        refuse_clashes(["Cat", "cat", "CAT", "dog", "Dog"])


def test_names_that_merely_resemble_each_other_are_kept():
    refuse_clashes(["hot dog", "hot_dog", "hot-dog", "hotdog", "bat_(animal)", "bat_(club)", "斑马", "斑马线"])


def test_all_lvis_names_have_keys_of_their_own(shared_data):
    with (shared_data / "categories" / "lvis_v1_train_categories.csv").open(encoding="utf-8") as file:
        names = [row["name"] for row in csv.DictReader(file)]
    refuse_clashes(names)
    assert len({category_key(name) for name in names}) == 1203


def test_a_recipe_does_not_depend_on_the_order_of_its_ingredients():
    assert recipe("t", a=1, b={"x": 1, "y": 2}) == recipe("t", b={"y": 2, "x": 1}, a=1)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ({"a": 1}, {"a": "1"}),
        ({"a": 1}, {"a": True}),
        ({"a": None}, {}),
        ({"a": "b", "c": ""}, {"a": "", "c": "b"}),
        ({"a": ["x", "y"]}, {"a": ["xy"]}),
        ({"a": ["x", "y"]}, {"a": ["y", "x"]}),
        ({"a": "\ud800"}, {"a": "\udc00"}),
        ({"a": "\ud800"}, {"a": "?"}),
    ],
)
def test_other_ingredients_are_another_row(one, other):
    assert recipe("t", **one) != recipe("t", **other)


def test_another_table_is_another_row():
    assert recipe("prompts", a=1) != recipe("instances", a=1)


def test_an_id_is_twenty_hex_digits_and_stays_the_same_for_ever():
    assert recipe("instances", category="zebra", index=3, settings={"feather": 1.5}) == "8a53cd4a33e4af17b817"


def test_a_read_only_mapping_is_a_mapping():
    assert recipe("t", a=MappingProxyType({"x": 1})) == recipe("t", a={"x": 1})


@pytest.mark.parametrize("number", [float("nan"), float("inf")])
def test_a_recipe_without_a_value_is_refused(number):
    with pytest.raises(ValueError, match="JSON"):
        recipe("t", a=number)


@given(st.lists(st.text() | st.integers(), max_size=4))
def test_a_seed_fits_31_bits(parts):
    assert 0 <= seed_of(*parts) < 2**31


def test_seeds_do_not_depend_on_the_process():
    code = "from genval_assets.keys import seed_of, recipe; print(seed_of('zebra', 7), recipe('t', a='斑马'))"
    lines = {subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout}
    assert lines == {f"{seed_of('zebra', 7)} {recipe('t', a='斑马')}\n"}


def test_the_parts_of_a_seed_do_not_run_together():
    assert len({seed_of("ab", "c"), seed_of("a", "bc"), seed_of("abc"), seed_of("1"), seed_of(1)}) == 5
