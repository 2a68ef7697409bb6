"""How a sentence differs from its caption is told by its words: so many exchanged values, or why it is no negative."""

import random

import pytest

from genval_assets.negatives.changes import Change, compare
from genval_assets.negatives.positive import read_positive
from genval_assets.negatives.sentence import units
from genval_assets.negatives.vocabulary import vocabulary

WORDS = vocabulary()
CAPTION = "A red striped mug stands next to a light blue wine glass on the wooden table, near an opaque TV."
#          0 1   2       3   4      5    6  7 8          9          10 11  12     13   14 15  16 17     18
POSITIVE = read_positive(CAPTION, ("mug", "wine glass", "TV"), WORDS, ("table",))


def against(*exchanges, positive=POSITIVE):
    """The caption with some pieces of its text in place of others."""
    sentence = positive.text
    for before, after in exchanges:
        assert before in sentence
        sentence = sentence.replace(before, after, 1)
    return compare(positive, sentence, WORDS)


def codes(compared) -> tuple[str, ...]:
    return tuple(fault.code for fault in compared.faults)


def test_changes_are_typed_and_name_place_and_noun():
    compared = against(("A red", "An orange"), ("light blue", "dark green"), ("wooden", "leather"))
    assert compared.changes == (
        Change("colour", "red", "orange", "mug", 1),
        Change("colour", "light blue", "dark green", "wine glass", 8),
        Change("material", "wooden", "leather", "table", 12),
    )
    assert compared.faults == ()
    assert compared.key == ((1, "orange"), (8, "dark green"), (12, "leather"))


@pytest.mark.parametrize(
    ("exchange", "change"),
    [
        (("red", "dark grey"), Change("colour", "red", "dark grey", "mug", 1)),
        (("striped", "logo"), Change("pattern", "striped", "logo", "mug", 2)),
        (("an opaque", "a transparent"), Change("transparency", "opaque", "transparent", "tv", 17)),
        (("light blue", "dark blue"), Change("colour", "light blue", "dark blue", "wine glass", 8)),
    ],
)
def test_one_value_in_place_of_another_is_one_change(exchange, change):
    compared = against(exchange)
    assert (compared.changes, compared.faults) == ((change,), ())


@pytest.mark.parametrize(
    ("exchanges", "expected"),
    [
        ([], ["no_change"]),
        ([("A red", "a red")], ["no_change"]),
        ([("red", "blue"), ("striped", "dotted"), ("light blue", "pink"), ("wooden", "stone")], ["too_many_changes"]),
        ([("mug", "cup"), ("red", "blue")], ["other_words"]),
        ([("red", "big blue")], ["other_words"]),
        ([("red ", "")], ["other_words"]),
        ([("red striped mug", "red mug"), ("wooden", "stone")], ["other_words"]),
        ([("table,", "table")], ["other_words"]),
        ([("TV.", "TV!")], ["other_words"]),
        ([("TV.", "TV")], ["other_words"]),
        ([("red", "blue"), ("TV", "tv")], ["other_words"]),
        ([("red", "Blue")], ["other_words"]),
        ([("red", "blue"), ("table,", "table ,")], ["other_words"]),
        ([("red", "blue"), ("wine glass", "wine-glass")], ["other_words"]),
        ([("red", "blue"), ("next to a", "next to the")], ["other_words"]),
        ([("red", ",")], ["other_words"]),
        ([("red", "blue_")], ["other_words"]),
        ([("red", "b\N{ZERO WIDTH SPACE}lue")], ["other_words"]),
        ([("red striped", "striped red")], ["other_type"]),
        ([("red", "plastic")], ["other_type"]),
        ([("red", "wood")], ["other_type"]),
        ([("red", "shiny")], ["not_in_vocabulary"]),
        ([("red", "navy")], ["not_in_vocabulary"]),
        ([("red", "navy blue")], ["not_in_vocabulary"]),
        ([("red", "dark gray")], ["not_in_vocabulary"]),
        ([("light blue", "dark-green")], ["not_in_vocabulary"]),
        ([("red", "blue-striped")], ["not_in_vocabulary"]),
        ([("wooden", "wine glass")], ["not_in_vocabulary"]),
        ([("red", "crimson")], ["same_meaning"]),
        ([("red", "dark red")], ["same_meaning"]),
        ([("light blue", "blue")], ["same_meaning"]),
        ([("light blue", "light-blue")], ["same_meaning"]),
        ([("wooden", "rattan")], ["same_meaning"]),
        ([("an opaque", "an transparent")], ["wrong_article"]),
        ([("A red", "A orange")], ["wrong_article"]),
        ([("A red", "An red")], ["no_change", "wrong_article"]),
        ([("mug stands", "stands mug")], ["other_words"]),
        ([("red", "shiny"), ("striped", "wooden"), ("TV", "set")], ["not_in_vocabulary", "other_type", "other_words"]),
    ],
)
def test_what_forbids_a_sentence_is_told_as_codes(exchanges, expected):
    assert list(codes(against(*exchanges))) == expected


def test_nothing_of_a_faulty_exchange_is_listed_as_a_change():
    compared = against(("red", "navy"), ("striped", "dotted"), ("wooden", "rattan"))
    assert compared.changes == (Change("pattern", "striped", "dotted", "mug", 2),)


def test_a_hyphen_is_taken_where_the_captions_word_has_one():
    positive = read_positive("A light-blue mug stands beside a red bowl on the floor.", ("mug", "bowl"), WORDS)
    for written in ("light-red", "light red"):
        compared = against(("light-blue", written), positive=positive)
        assert compared.changes == (Change("colour", "light blue", "light red", "mug", 1),)
        assert compared.faults == ()
    assert codes(against(("light-blue", "light-gray"), positive=positive)) == ("not_in_vocabulary",)
    (fault,) = against(("red", "dark-green"), positive=positive).faults
    assert fault.code == "not_in_vocabulary"
    assert "is written 'dark green'" in fault.why


def test_an_article_before_a_word_that_takes_both_is_the_captions():
    text = "A red mug stands beside an LEGO box and a herb there."
    positive = read_positive(text, ("mug",), WORDS)
    assert codes(against(("red", "blue"), positive=positive)) == ()
    assert codes(against(("red", "blue"), ("an LEGO", "a LEGO"), positive=positive)) == ("other_words",)
    assert codes(against(("red", "blue"), ("a herb", "an herb"), positive=positive)) == ("other_words",)


def test_a_compound_is_changed_as_a_whole():
    positive = read_positive("A black wall clock hangs above a red mug over there.", ("clock", "mug", "wall"), WORDS)
    compared = against(("black", "white"), positive=positive)
    assert compared.changes == (Change("colour", "black", "white", "wall clock", 1),)


def test_a_synonym_in_the_caption_means_its_value():
    positive = read_positive("A crimson mug and a gray bowl stand on the floor there.", ("mug", "bowl"), WORDS)
    assert against(("crimson", "green"), positive=positive).changes == (Change("colour", "red", "green", "mug", 1),)
    assert codes(against(("gray", "grey"), positive=positive)) == ("same_meaning",)
    assert codes(against(("crimson", "dark red"), positive=positive)) == ("same_meaning",)


@pytest.mark.parametrize(
    ("exchanges", "expected"),
    [
        ([("red and", "green and")], ()),
        ([("red and", "blue and")], ("already_there",)),
        ([("red and", "white and")], ("already_there",)),
        ([("red and", "crimson and")], ("same_meaning",)),
        ([("red and", "light white and")], ("already_there",)),
        ([("red and white", "white and red")], ("already_there",)),
        ([("red and white", "green and dark green")], ("already_there",)),
        ([("red and", "dark blue and")], ("already_there",)),
        ([("red and", "pink and")], ()),
        ([("pink bowl", "red bowl")], ()),
        ([("red and", "pink and"), ("pink bowl", "red bowl")], ()),
    ],
)
def test_a_target_that_things_of_that_name_have_anyway_is_refused(exchanges, expected):
    caption = "A red and white mug stands beside two blue mugs and a pink bowl."
    positive = read_positive(caption, ("mug", "bowl"), WORDS)
    assert codes(against(*exchanges, positive=positive)) == expected


def test_it_is_told_what_the_things_are_called_already():
    positive = read_positive("Two white zebras and a black zebra stand on the dry grass.", ("zebra",), WORDS)
    (fault,) = against(("black", "white"), positive=positive).faults
    assert "the caption already calls the zebras white" in fault.why
    (fault,) = against(("white", "red"), ("black", "dark red"), positive=positive).faults
    assert "the sentence also calls the zebra dark red" in fault.why


def test_a_word_of_the_caption_is_named_as_it_stands_there_with_what_it_counts_as():
    positive = read_positive("A stainless steel mug stands on the floor over there today.", ("mug",), WORDS)
    (fault,) = against(("stainless steel", "shiny"), positive=positive).faults
    assert "'shiny' stands in place of 'stainless steel'" in fault.why
    assert "'stainless steel' counts as 'metal'" in fault.why


def test_a_value_that_is_said_of_no_noun_may_not_be_exchanged():
    positive = read_positive("A red mug stands on a table made of glass bowl after bowl.", ("mug", "bowl"), WORDS)
    loose = type(positive)(positive.text, positive.nouns, positive.units, positive.attributes[:1])
    assert codes(against(("glass", "stone"), positive=loose)) == ("other_words",)
    assert codes(against(("glass", "stone"), positive=positive)) == ()


def test_a_word_that_names_a_thing_of_the_caption_replaces_no_value():
    positive = read_positive("A red mug stands beside an orange on the floor over there.", ("mug", "orange"), WORDS)
    compared = against(("A red", "An orange"), positive=positive)
    assert codes(compared) == ("not_in_vocabulary",)
    assert "is the name of a thing" in compared.faults[0].why


@pytest.mark.parametrize(
    ("exchanges", "words"),
    [
        ([], ["'red', 'striped', 'light blue', 'wooden', 'opaque' exchanged"]),
        ([("mug", "cup"), ("next to", "beside")], ["'mug' became 'cup'", "'next to' became 'beside'"]),
        ([("mug", "shiny mug"), ("the wooden", "wooden")], ["'shiny' was added, 'the' was left out; accepted"]),
        ([("stands ", "")], ["'stands' was left out"]),
        ([("mug stands", "shiny mug stands")], ["'shiny' was added"]),
        ([("red", "shiny")], ["'shiny' stands in place of 'red'", "another colour (black, white, grey, blue,"]),
        ([("red", "crimson")], ["'crimson' stands in place of 'red'", "means the same", "'crimson' counts as 'red'"]),
        ([("wooden", "canvas")], ["another word for 'fabric'", "'canvas' counts as 'fabric'"]),
        ([("light blue", "dark-green")], ["is written 'dark green'"]),
        ([("red", "navy")], ["'navy'", "another word for 'blue'"]),
        ([("red", "plastic")], ["'plastic' stands in place of 'red'", "is a material"]),
        ([("A red", "A orange")], ["'a orange'"]),
        ([("red", "blue"), ("TV", "tv")], ["'A blue striped mug stands next to a light blue wine glass on"]),
    ],
)
def test_a_fault_says_what_was_seen_and_what_would_be_accepted(exchanges, words):
    (fault,) = against(*exchanges).faults
    assert [word for word in words if word not in fault.why] == []


def test_the_words_that_would_be_accepted_are_none_that_mean_the_same():
    (fault,) = against(("wooden", "shiny")).faults
    assert "wooden," not in fault.why
    assert "rattan" not in fault.why


def test_a_sentence_of_other_words_altogether_is_told_in_a_few():
    compared = compare(POSITIVE, "Dogs run and cats sleep while many birds sing loudly all day long here today.", WORDS)
    assert codes(compared) == ("other_words",)
    assert len(compared.faults[0].why) < 400


def test_blanks_are_made_single_and_letters_composed_before_sentences_are_compared():
    compared = compare(POSITIVE, f"  {CAPTION.replace('red', 'blue').replace(' ', '  ')} ", WORDS)
    assert compared.faults == ()
    assert compared.sentence == CAPTION.replace("red", "blue")


# properties: captions of our own, drawn from a seed

THINGS = ["mug", "wine glass", "table", "umbrella", "SUV", "teddy bear", "bowls"]
FILLING = ["stands near", "is placed beside", "leans against", "lies, half hidden, under"]


def drawn_caption(rng):
    """A caption of two or three things with one or two values each, and what stands at which place."""
    things = rng.sample(THINGS, rng.choice([2, 3]))
    said = [
        [rng.choice(WORDS.values[kind]) for kind in rng.sample(["colour", "material", "pattern"], rng.choice([1, 2]))]
        for _ in things
    ]
    phrases = [phrase(values, thing) for values, thing in zip(said, things, strict=True)]
    text = f" {rng.choice(FILLING)} ".join(phrases) + " in a bright room today."
    return text[0].upper() + text[1:], said, things


def phrase(values, thing):
    an = "" if thing == "bowls" else "an " if values[0] in {"orange", "opaque"} else "a "
    return an + " ".join([*values, thing])


def drawn_positive(rng):
    while True:
        text, said, things = drawn_caption(rng)
        if 10 <= len(text.split()) <= 25:
            return read_positive(text, things, WORDS), said, things


def exchanged_by_hand(positive, said, things, rng, number):
    """The caption with `number` values exchanged, and what was: told while it is made, not from the sentences."""
    places = rng.sample([(i, j) for i, values in enumerate(said) for j in range(len(values))], number)
    new = [list(values) for values in said]
    for i, j in places:
        kind = WORDS.type_of(said[i][j])
        targets = [v for v in WORDS.values[kind] if not WORDS.same_or_entailed(v, said[i][j])]
        new[i][j] = rng.choice(targets)
    sentence = positive.text[0].lower() + positive.text[1:]
    for i, thing in enumerate(things):
        sentence = sentence.replace(phrase(said[i], thing), phrase(new[i], thing), 1)
    told = {(WORDS.type_of(said[i][j]), said[i][j], new[i][j], things[i].lower()) for i, j in places}
    return sentence[0].upper() + sentence[1:], told


@pytest.mark.parametrize("seed", range(60))
def test_so_many_exchanged_values_are_exactly_so_many_changes(seed):
    rng = random.Random(seed)
    positive, said, things = drawn_positive(rng)
    number = rng.randint(1, min(3, len(positive.attributes)))
    sentence, told = exchanged_by_hand(positive, said, things, rng, number)
    compared = compare(positive, sentence, WORDS)
    assert compared.faults == ()
    assert {(one.type, one.origin, one.target, one.noun) for one in compared.changes} == told
    assert len(compared.changes) == number
    assert compared.sentence != positive.text


@pytest.mark.parametrize("seed", range(60))
def test_any_other_edit_of_a_negative_is_refused(seed):
    rng = random.Random(seed)
    positive, said, things = drawn_positive(rng)
    sentence, _ = exchanged_by_hand(positive, said, things, rng, 1)
    words = sentence.split(" ")
    at = rng.randrange(len(words) - 1)
    plain = rng.choice([i for i, word in enumerate(words) if WORDS.type_of(word.lower()) is None])
    swapped = [*words[:at], words[at + 1], words[at], *words[at + 2 :]]
    edits = {
        "inserted": [*words[:at], rng.choice(["shiny", "red", "a", ","]), *words[at:]],
        "deleted": [*words[:at], *words[at + 1 :]],
        "replaced": [*words[:plain], rng.choice(["shiny", "red", "zebra"]), *words[plain + 1 :]],
        "swapped": swapped,
        "marked": [*words[:-1], words[-1].replace(".", rng.choice(["!", "", "..", " ."]))],
        "capital": [*words[:-1], words[-1].capitalize()],
    }
    for name, edited in edits.items():
        assert compare(positive, " ".join(edited), WORDS).faults, (name, edited)


@pytest.mark.parametrize("seed", range(20))
def test_a_caption_is_no_negative_of_itself(seed):
    positive, _, _ = drawn_positive(random.Random(seed))
    assert codes(compare(positive, positive.text, WORDS)) == ("no_change",)


@pytest.mark.parametrize("value", [value for values in WORDS.values.values() for value in values])
def test_the_article_follows_every_value(value):
    origin = next(v for v in WORDS.values[WORDS.type_of(value)] if not WORDS.same_or_entailed(v, value))
    before, after = (f"{'an' if v[0] in 'aeiou' else 'a'} {v}" for v in (origin, value))
    positive = read_positive(f"There is {before} mug on top of the shelf over there.", ("mug",), WORDS)
    right = compare(positive, positive.text.replace(before, after), WORDS)
    wrong = compare(positive, positive.text.replace(before, ("a" if after[1] == "n" else "an") + f" {value}"), WORDS)
    assert (codes(right), codes(wrong)) == ((), ("wrong_article",))
    assert units(right.sentence, ["mug"], WORDS)[2].text in {"a", "an"}
