"""Whatever a model says, the work on a caption is bounded, and nothing is accepted that should not be."""

import random
from collections import Counter

import pytest

from genval_assets.chat.ask import ATTEMPTS
from genval_assets.negatives.lists import FILLINGS, MadeList, Rules, make_lists
from genval_assets.negatives.picture import Thing
from genval_assets.negatives.quota import Quota
from genval_assets.negatives.verification import PictureVerifier
from tests.negatives.fake_models import (
    CAPTION,
    SHOWN,
    TEN,
    WORDS,
    Model,
    always,
    captioned,
    mends,
    mug,
    sees,
    writes,
)

CORRECTIONS = 3
ROUNDS = FILLINGS * (1 + CORRECTIONS)
BOUND = {"write": FILLINGS * ATTEMPTS, "mend": FILLINGS * CORRECTIONS * ATTEMPTS, "see": (ROUNDS + 1) * ATTEMPTS}
ASKED = Thing("mug", {"colour": "red", "pattern": "striped", "material": "ceramic"})
NOTHING = Thing("mug", {})
SWAPPED = CAPTION.replace("red striped", "striped red")


def same(sentence):
    """A writer and a mender who have one sentence for everything."""
    return (lambda _task: {"sentences": [sentence] * 10}), (lambda task: mends(task, sentence))


def made(model, thing=NOTHING, mode="both") -> MadeList:
    rules = Rules(Quota(), CORRECTIONS, WORDS, PictureVerifier(mode, WORDS))
    (only,) = make_lists(model, [captioned(thing)], rules)
    counted = model.count()
    assert {name: n for name, n in counted.items() if n > BOUND[name]} == {}
    _is_in_order(only)
    return only


def _is_in_order(one: MadeList) -> None:
    """Assert what holds of every list: chains of attempts, of which the last alone is accepted or rejected."""
    chains: dict[int, list] = {}
    for attempt in one.attempts:
        chains.setdefault(attempt.index, []).append(attempt)
    assert list(chains) == list(range(len(chains)))
    for chain in chains.values():
        assert [a.attempt for a in chain] == list(range(len(chain)))
        assert len(chain) <= 1 + CORRECTIONS
        assert {a.outcome for a in chain[:-1]} <= {"corrected"}
        assert chain[-1].outcome in {"accepted", "rejected"}
    for attempt in one.attempts:
        assert (attempt.outcome == "accepted") == (attempt.compared.faults == ())
        assert (attempt.outcome == "accepted") == (attempt.confirmed_by != ())
    sentences = [a.compared.sentence for a in one.accepted]
    assert len(set(sentences)) == len(sentences)
    assert CAPTION not in sentences
    levels = Counter(a.level for a in one.accepted)
    assert (levels["hard"] <= 4, levels["medium"] <= 3, levels["easy"] <= 3) == (True, True, True)


def faults(one: MadeList) -> set[str]:
    return {fault.code for attempt in one.attempts for fault in attempt.compared.faults}


def test_always_the_same_sentence_is_accepted_once():
    write, mend = same(TEN[0])
    model = Model(write, sees(), mend)
    one = made(model)
    assert [a.compared.sentence for a in one.accepted] == [TEN[0]]
    assert faults(one) == {"repeated"}
    assert Counter(a.outcome for a in one.attempts)["rejected"] == 9
    assert model.count()["see"] == 1  # what is repeated is not looked at


@pytest.mark.parametrize(
    ("sentence", "code"),
    [
        (CAPTION, "no_change"),
        (SWAPPED, "other_type"),
        (mug("scarlet striped ceramic"), "same_meaning"),
        (mug("teal striped ceramic"), "not_in_vocabulary"),
        (CAPTION.replace("middle", "corner"), "other_words"),
        ("Sorry, I cannot do that.", "other_words"),
        (mug("orange striped ceramic").replace("An", "A"), "wrong_article"),
    ],
)
def test_a_sentence_that_never_mends_is_rejected_and_never_looked_at(sentence, code):
    write, mend = same(sentence)
    model = Model(write, sees(), mend)
    one = made(model)
    assert one.accepted == ()
    assert code in faults(one)
    assert len(one.attempts) == 10 * (1 + CORRECTIONS)
    assert model.count() == {"write": 1, "mend": CORRECTIONS}  # what brought nothing is not written a second time


def test_swapped_words_are_not_taken_for_changes():
    write, mend = same(SWAPPED)
    one = made(Model(write, sees(), mend))
    assert {a.outcome for a in one.attempts} == {"corrected", "rejected"}


@pytest.mark.parametrize(
    "write",
    [
        writes(*TEN, mug("pink striped ceramic")),
        writes(),
        lambda _task: "Here are your sentences:",
        lambda _task: "[" * 30_000,
        lambda _task: {"sentences": [""]},
        lambda _task: {"sentences": [None]},
        lambda _task: {"sentences": [{"text": TEN[0]}]},
        lambda _task: {"sentences": list(TEN), "note": "done"},
    ],
    ids=["eleven", "none", "prose", "brackets", "blank", "null", "objects", "more keys"],
)
def test_an_unreadable_writer_is_asked_three_times_and_the_list_is_empty(write):
    model = Model(write, sees())
    one = made(model)
    assert one.attempts == ()
    assert one.unreadable
    assert model.count() == {"write": ATTEMPTS}


@pytest.mark.parametrize(
    "mend",
    [
        lambda task: mends({"mend": task["mend"][1:]}, TEN[4]),
        lambda task: mends({"mend": [*task["mend"], {"id": "s99"}]}, TEN[4]),
        lambda task: mends({"mend": task["mend"][:1] * len(task["mend"])}, TEN[4]),
        lambda _task: {"sentences": list(TEN)},
    ],
    ids=["missing", "extra", "twice", "other form"],
)
def test_corrections_with_other_ids_are_not_guessed_at(mend):
    model = Model(writes(TEN[0], CAPTION, SWAPPED), sees(), mend)
    one = made(model)
    assert [a.compared.sentence for a in one.accepted] == [TEN[0]]
    assert [a.outcome for a in one.attempts] == ["accepted", "rejected", "rejected"]
    assert one.unreadable
    assert model.count()["mend"] == ATTEMPTS


@pytest.mark.parametrize(
    ("see", "code"),
    [
        (always("true"), "true_of_the_picture"),
        (always("unclear"), "not_confirmed"),
        (always("false"), "caption_doubted"),
        (lambda _task: "I see a mug.", "not_confirmed"),
        (
            lambda task: {"claims": [{"id": one["id"], "holds": "false"} for one in task["statements"][1:]]},
            "not_confirmed",
        ),
        (
            lambda task: {"claims": [{"id": f"c{i}", "holds": "false"} for i in range(len(task["statements"]) + 2)]},
            "not_confirmed",
        ),
    ],
    ids=["true", "unclear", "false", "prose", "missing", "extra"],
)
def test_a_careless_look_confirms_nothing(see, code):
    one = made(Model(writes(*TEN), see, lambda task: mends(task, *TEN)))
    assert one.accepted == ()
    assert faults(one) == {code}


@pytest.mark.parametrize("mode", ["both", "vision"])
def test_a_look_that_can_never_be_read_confirms_nothing_whatever_was_requested(mode):
    one = made(Model(writes(*TEN), lambda _task: "I see a mug.", lambda task: mends(task, *TEN)), ASKED, mode)
    assert one.accepted == ()
    assert faults(one) == {"not_confirmed"}


@pytest.mark.parametrize(
    ("see", "number"), [(always("true"), 0), (always("unclear"), 3), (always("false"), 10)], ids=["t", "u", "f"]
)
def test_what_was_requested_counts_beside_a_careless_look_that_does_not_contradict_it(see, number):
    one = made(Model(writes(*TEN), see, lambda task: mends(task, *TEN)), ASKED)
    assert len(one.accepted) == number  # of the ten three exchange no colour, of which a striped mug may have two


def test_the_most_work_is_what_is_written_down():
    """One sentence is good, no other ever mends, no later look can be read, and every question takes three attempts."""
    calls = Counter()

    def late(name, good):
        def says(task):
            calls[name] += 1
            return good(task) if calls[name] % ATTEMPTS == 0 else "wait"

        return says

    words = [w for w in ("blue", "green", "black", "white", "grey", "brown", "pink", "purple") if w not in SHOWN]
    turns = iter(range(10**6))

    def write(task):
        wanted = sum(task["wanted"].values())
        good = (
            [mug("yellow striped ceramic")]
            if wanted == 10
            else [mug(f"{words[next(turns) % len(words)]} floral ceramic")]
        )
        return {"sentences": [*good, *[CAPTION] * (wanted - 1)]}

    def mend(task):
        return mends(task, *[mug(f"{words[next(turns) % len(words)]} dotted wooden") for _ in task["mend"]])

    eyes = late("see", sees())
    model = Model(
        late("write", write), lambda task: eyes(task) if calls["see"] < ATTEMPTS else "wait", late("mend", mend)
    )
    one = made(model)
    assert [a.compared.sentence for a in one.accepted] == [mug("yellow striped ceramic")]
    assert model.count() == {"write": 6, "mend": 18, "see": 24}  # 2 + 6 + 8 questions, three times each


@pytest.mark.parametrize("seed", range(25))
def test_a_writer_who_mixes_words_at_random_gets_nothing_past(seed):
    rng = random.Random(seed)
    pool = [*(value for values in WORDS.values.values() for value in values), "teal", "scarlet", "old", "light blue"]
    true = {*SHOWN, *rng.sample(pool, 6)}
    unclear = set(rng.sample(pool, 6)) - true

    def sentence() -> str:
        look = [word if rng.random() < 0.4 else rng.choice(pool) for word in SHOWN]
        return mug(" ".join(look))

    model = Model(
        lambda task: {"sentences": [sentence() for _ in range(sum(task["wanted"].values()))]},
        sees(true, unclear),
        lambda task: mends(task, *[sentence() for _ in task["mend"]]),
    )
    for attempt in made(model).accepted:
        looks = attempt.compared.sentence.split(" mug ")[0].split(" ")[1:]
        looks = " ".join(looks).replace("light blue", "light_blue").replace("dark ", "dark_").split(" ")
        new = [word.replace("_", " ") for word, old in zip(looks, SHOWN, strict=True) if word != old]
        assert not (set(new) & (true | unclear))
        assert attempt.level == {1: "hard", 2: "medium", 3: "easy"}[len(new)]
