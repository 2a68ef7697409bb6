"""The offline text model exchanges the words it is asked to, errs now and then, and mends most of what comes back."""

from collections import Counter

import numpy as np
import pytest

from genval_assets.negatives.changes import compare
from genval_assets.negatives.positive import Positive, read_positive
from genval_assets.negatives.quota import LEVELS, Quota
from genval_assets.negatives.vocabulary import vocabulary
from genval_assets.negatives.writing import CorrectionQuestion, Faulty, NegativesQuestion
from resources.offline.chat import OfflineChat
from resources.offline.exchanging import Said, Task, new_swap, read_swap, task_of, worded
from resources.offline.slips import RATES, Written, faulty

VOCABULARY = vocabulary()
WORDS = {name: list(values) for name, values in VOCABULARY.values.items()}
MUG = "An opaque striped red mug is shown by itself in front of an even backdrop."
RED = "This picture shows {} mug in the middle of an even studio ground."


def positive(text: str = MUG, *nouns: str) -> Positive:
    return read_positive(text, nouns or ("mug",), VOCABULARY)


def negatives(of: Positive, seed: int = 1, taken: tuple[str, ...] = (), **wanted: int) -> tuple[str, ...]:
    question = NegativesQuestion(of, wanted or Quota().of(len(of.attributes)), taken, VOCABULARY, "mug", seed)
    with OfflineChat().open() as model:
        return question.read(model.ask([question.request(1, ())])[0].text)


def mended(of: Positive, *items: Faulty, seed: int = 1, taken: tuple[str, ...] = ()) -> dict[str, str]:
    question = CorrectionQuestion(of, items, taken, VOCABULARY, "mug", seed)
    with OfflineChat().open() as model:
        return question.read(model.ask([question.request(1, ())])[0].text)


def task(text: str = MUG, *nouns: str) -> Task:
    of = positive(text, *nouns)
    return task_of(
        text, [Said(of.units[one.place].text, one.value, one.type, one.noun) for one in of.attributes], WORDS
    )


def test_as_many_sentences_as_asked_are_written_most_of_them_right():
    of, faults, levels = positive(), 0, Counter()
    for seed in range(60):
        found = [compare(of, sentence, VOCABULARY) for sentence in negatives(of, seed)]
        assert len(found) == 10
        keys = [one.key for one in found if not one.faults]
        faults += 10 - len(set(keys))
        levels.update(LEVELS[len(one.changes)] for one in found if not one.faults)
    assert 0.12 * 600 <= faults <= 0.22 * 600
    assert levels["hard"] > levels["medium"] > 0.7 * 180
    assert levels["easy"] > 0.7 * 180


def test_no_sentence_that_there_is_comes_again_but_by_a_slip():
    of = positive()
    first = negatives(of, 1)
    again = [sentence for seed in range(40) for sentence in negatives(of, seed, taken=first)]
    assert sum(sentence in first for sentence in again) <= 0.01 * len(again)


def test_a_caption_with_few_words_to_exchange_gets_few_sentences():
    of = positive("Somewhere in this picture an opaque mug can be seen by whoever looks.")
    sentences = {sentence for seed in range(5) for sentence in negatives(of, seed)}
    assert len(negatives(of, 1)) == 2
    assert "Somewhere in this picture a translucent mug can be seen by whoever looks." in sentences


def test_where_nothing_can_be_exchanged_the_caption_comes_back_unchanged():
    of = positive("Somewhere in this picture an opaque mug can be seen by whoever looks.")
    taken = tuple(of.text.replace("an opaque", f"a {word}") for word in ("translucent", "transparent"))
    assert negatives(of, 1, taken=taken) == (of.text,)


@pytest.mark.parametrize(
    ("text", "swap", "exchanged"),
    [
        (MUG, {0: "transparent"}, MUG.replace("An opaque", "A transparent")),
        (MUG, {1: "plain", 2: "orange"}, MUG.replace("striped red", "plain orange")),
        (RED.format("a red"), {0: "orange"}, RED.format("an orange")),
        (RED.format("an orange"), {0: "light blue"}, RED.format("a light blue")),
        (RED.format("a light-blue"), {0: "orange"}, RED.format("an orange")),
        (RED.format("a gray"), {0: "white"}, RED.format("a white")),
        (RED.format("a stainless steel"), {0: "wooden"}, RED.format("a wooden")),
        ("Red scissors can be seen in the middle of this even studio ground.", {0: "blue"},
         "Blue scissors can be seen in the middle of this even studio ground."),
        ("A glass wine glass can be seen in the middle of this studio ground.", {0: "wooden"},
         "A wooden wine glass can be seen in the middle of this studio ground."),
    ],
)  # fmt: skip
def test_only_the_word_and_its_article_change(text, swap, exchanged):
    of = task(text, "mug", "scissors", "wine glass")
    assert worded(of, swap) == exchanged
    assert read_swap(of, exchanged) == swap


def test_each_of_two_equal_words_is_exchanged_by_itself():
    text = "The picture shows a red mug together with a red key in one scene."
    of = task(text, "mug", "key")
    assert worded(of, {1: "blue"}) == "The picture shows a red mug together with a blue key in one scene."


def test_words_that_mean_the_same_or_include_it_are_no_choice():
    choices = task("A fabric backpack can be seen in the middle of this studio ground.", "backpack").spots[0].choices
    assert set(choices).isdisjoint({"fabric", "wool", "velvet", "crochet"})
    assert "leather" in choices


def test_a_word_that_means_another_is_found_as_the_caption_has_it_and_not_exchanged_for_what_it_means():
    of = positive(RED.format("a stainless steel"))
    (spot,) = task(of.text).spots
    assert of.text[spot.start : spot.end] == "stainless steel"
    assert "metal" not in spot.choices
    found = [compare(of, sentence, VOCABULARY) for seed in range(5) for sentence in negatives(of, seed)]
    assert sum(not one.faults for one in found) >= 0.7 * len(found)
    assert {one.changes[0].origin for one in found if one.changes} == {"metal"}


def test_what_a_word_of_a_projects_own_means_is_told_by_the_task():
    of = task_of("A teal mug.", [Said("teal", "green", "colour", "mug")], WORDS)
    assert "green" not in of.spots[0].choices


def test_a_sentence_that_differs_in_another_way_is_not_read_as_an_exchange():
    assert read_swap(task(), MUG.replace("mug", "cup")) is None


@pytest.mark.parametrize(
    ("slip", "codes"),
    [
        ("near_word", {"not_in_vocabulary", "same_meaning"}),
        ("other_type", {"other_type"}),
        ("noun", {"other_words"}),
        ("article", {"wrong_article"}),
        ("unchanged", {"no_change"}),
        ("order", {"other_words", "other_type", "wrong_article", "no_change"}),
        ("other_number", set()),
        ("repeated", set()),
    ],
)
def test_each_slip_is_a_fault_of_its_own(slip, codes):
    of, rng = positive(), np.random.default_rng(1)
    for _ in range(10):
        swap = new_swap(task(), 1, set(), rng, {}, {})
        sentence = faulty(Written(task(), swap, ("One that was before.",)), slip, rng)
        found = compare(of, sentence, VOCABULARY)
        if slip == "repeated":
            assert sentence == "One that was before."
        elif slip == "other_number":
            assert (len(found.changes), found.faults) == (2, ())
        else:
            got = {fault.code for fault in found.faults}
            assert got
            assert got <= codes


def test_the_rates_of_slips_make_about_one_sentence_in_six():
    assert 0.15 <= sum(RATES.values()) - RATES["other_number"] <= 0.2


def test_a_word_that_the_picture_shows_is_exchanged_for_another_and_the_rest_is_kept():
    of = positive()
    sentence = MUG.replace("striped red", "dotted blue")
    why = "The picture does show a dotted mug: take another word."
    better = kept = 0
    for seed in range(100):
        got = mended(of, Faulty("s1", sentence, (why,), 2), seed=seed)["s1"]
        found = compare(of, got, VOCABULARY)
        targets = {change.target for change in found.changes}
        better += not found.faults and len(found.changes) == 2 and "dotted" not in targets
        kept += "blue" in targets
    assert 75 <= better <= 97
    assert kept >= 85


def test_a_word_that_was_found_wrong_is_not_taken_again():
    of = positive("Somewhere in this picture an opaque mug can be seen by whoever looks.")
    sentence = of.text.replace("an opaque", "a transparent")
    item = Faulty("s1", sentence, ("It cannot be told that the mug is not transparent.",), 1)
    other = sum("a translucent mug" in mended(of, item, seed=seed)["s1"] for seed in range(100))
    assert 75 <= other <= 97


@pytest.mark.parametrize("exchange", [1, 2, 3])
def test_a_sentence_without_a_change_becomes_one_with_as_many_as_are_asked_for(exchange):
    of = positive()
    right = 0
    for seed in range(50):
        got = mended(of, Faulty("s1", MUG, ("Nothing is exchanged.",), exchange), seed=seed)["s1"]
        found = compare(of, got, VOCABULARY)
        right += not found.faults and len(found.changes) == exchange
    assert right >= 37


def test_every_sentence_of_the_task_gets_an_entry_and_no_two_mended_ones_are_the_same():
    of = positive()
    items = [Faulty(f"s{i}", MUG, ("Nothing is exchanged.",), 1) for i in range(1, 9)]
    got = mended(of, *items)
    assert sorted(got) == [f"s{i}" for i in range(1, 9)]
    right = [sentence for sentence in got.values() if not compare(of, sentence, VOCABULARY).faults]
    assert len(right) == len(set(right)) >= 5


def test_the_same_question_has_the_same_answer():
    of = positive()
    assert negatives(of, 3) == negatives(of, 3) != negatives(of, 4)
    item = Faulty("s1", MUG, ("Nothing is exchanged.",), 2)
    assert mended(of, item, seed=3) == mended(of, item, seed=3)
