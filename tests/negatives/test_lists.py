"""A list takes what is asked for and nothing else: sentences are mended so many times, then rejected, never emitted."""

import pytest

from genval_assets.negatives.claims import ClaimsAnswer
from genval_assets.negatives.lists import Rules, make_lists
from genval_assets.negatives.picture import Thing
from genval_assets.negatives.quota import Quota
from genval_assets.negatives.verification import PictureVerifier
from genval_assets.negatives.writing import CorrectionAnswer, NegativesAnswer
from tests.negatives.fake_models import (
    CAPTION,
    SHOWN,
    TEN,
    WORDS,
    Model,
    captioned,
    in_turn,
    mends,
    mug,
    sees,
    unreached,
    writes,
)

NOTHING = Thing("mug", {})


def rules(mode="both", corrections=3, quota=None) -> Rules:
    return Rules(quota or Quota(), corrections, WORDS, PictureVerifier(mode, WORDS))


def made(model, one=None, **how):
    (only,) = make_lists(model, [one or captioned(NOTHING)], rules(**how))
    return only


def told(made_list) -> list[tuple]:
    """The attempts of a list without their texts."""
    return [
        (a.index, a.attempt, a.level, a.outcome, *[fault.code for fault in a.compared.faults])
        for a in made_list.attempts
    ]


HARD = Quota(2, 0, 0)
BLUE, GREEN, FLORAL = mug("blue striped ceramic"), mug("green striped ceramic"), mug("red floral ceramic")


def test_ten_good_sentences_take_two_questions():
    model = Model(writes(*TEN), sees())
    one = made(model)
    assert model.count() == {"write": 1, "see": 1}
    assert [a.compared.sentence for a in one.accepted] == list(TEN)
    assert [a.level for a in one.accepted] == ["hard"] * 4 + ["medium"] * 3 + ["easy"] * 3
    assert {a.confirmed_by for a in one.accepted} == {("vision",)}
    assert [(a.index, a.attempt, a.outcome) for a in one.attempts] == [(i, 0, "accepted") for i in range(10)]


def test_sentences_keep_the_models_order_whatever_their_level():
    mixed = TEN[::-1]
    assert [a.compared.sentence for a in made(Model(writes(*mixed), sees())).accepted] == list(mixed)


def test_the_writer_is_told_what_is_wanted():
    model = Model(writes(*TEN), sees())
    made(model)
    (task,) = model.tasks(NegativesAnswer)
    assert task["wanted"] == {"1_exchanged": 4, "2_exchanged": 3, "3_exchanged": 3}
    assert (task["caption"], task["sentences_there_are"]) == (CAPTION, [])


def test_a_mended_sentence_stands_in_place_of_the_faulty_one():
    other = GREEN.replace("middle", "corner")
    model = Model(writes(BLUE, other), sees(), lambda task: mends(task, FLORAL))
    one = made(model, quota=HARD)
    assert told(one) == [
        (0, 0, "hard", "accepted"),
        (1, 0, "hard", "corrected", "other_words"),
        (1, 1, "hard", "accepted"),
    ]
    assert [a.compared.sentence for a in one.accepted] == [BLUE, FLORAL]
    (task,) = model.tasks(CorrectionAnswer)
    assert [(m["id"], m["sentence"]) for m in task["mend"]] == [("s1", other)]
    assert task["sentences_there_are"] == [BLUE]


def test_what_the_picture_shows_goes_back_with_that_reason():
    model = Model(writes(BLUE, GREEN), sees(("blue", *SHOWN)), lambda task: mends(task, FLORAL))
    one = made(model, quota=HARD)
    assert told(one) == [
        (0, 0, "hard", "corrected", "true_of_the_picture"),
        (0, 1, "hard", "accepted"),
        (1, 0, "hard", "accepted"),
    ]
    (task,) = model.tasks(CorrectionAnswer)
    assert task["mend"][0]["wrong"] == ["The picture does show a blue mug: take another word."]


def test_a_perfect_sentence_is_not_accepted_where_the_picture_shows_it():
    # the released implementation never looks at the picture
    model = Model(writes(*TEN), lambda task: sees(("blue", "green", "floral", "wooden", *SHOWN))(task))
    one = made(model, corrections=0)
    assert [a.compared.sentence for a in one.accepted] == [
        mug("yellow striped glass"),
        mug("red dotted leather"),
        mug("orange dotted plastic"),
        mug("black checkered metal"),
    ]
    refused = [a for a in one.attempts if a.outcome == "rejected"]
    assert {fault.code for a in refused for fault in a.compared.faults} >= {"true_of_the_picture"}


def test_after_its_last_correction_a_sentence_is_rejected_and_never_emitted():
    # the released implementation writes it out all the same
    bad = mug("velvet velvet velvet")
    model = Model(in_turn({"sentences": [BLUE, bad]}, *[{"sentences": [bad]}] * 5), sees(), lambda t: mends(t, bad))
    one = made(model, quota=HARD)
    first = [(a.attempt, a.outcome) for a in one.attempts if a.index == 1]
    assert first == [(0, "corrected"), (1, "corrected"), (2, "corrected"), (3, "rejected")]
    assert [a.compared.sentence for a in one.accepted] == [BLUE]
    assert all(not a.compared.faults for a in one.accepted)


@pytest.mark.parametrize("corrections", [0, 1, 3])
def test_each_sentence_is_mended_so_many_times_at_most(corrections):
    model = Model(writes(CAPTION), sees(), lambda task: mends(task, CAPTION))
    one = made(model, corrections=corrections)
    assert model.count().get("mend", 0) == corrections
    assert len(one.attempts) == 1 + corrections


def test_a_sentence_that_there_is_already_is_repeated():
    again = f"A blue striped ceramic {CAPTION.removeprefix('A red striped ceramic ')}"
    model = Model(writes(BLUE, again), sees(), lambda task: mends(task, GREEN))
    assert told(made(model, quota=HARD)) == [
        (0, 0, "hard", "accepted"),
        (1, 0, "hard", "corrected", "repeated"),
        (1, 1, "hard", "accepted"),
    ]


def test_a_correction_may_not_repeat_an_accepted_sentence():
    model = Model(writes(BLUE, CAPTION), sees(), lambda task: mends(task, BLUE))
    one = made(model, quota=HARD, corrections=1)
    assert [t for t in told(one) if t[0] == 1] == [
        (1, 0, None, "corrected", "no_change"),
        (1, 1, "hard", "rejected", "repeated"),
    ]


def test_each_level_takes_its_number_and_the_rest_is_sent_for_another_level():
    two = mug("blue floral ceramic")
    model = Model(writes(BLUE, GREEN), sees(), lambda task: mends(task, two))
    one = made(model, quota=Quota(1, 1, 0))
    assert told(one) == [
        (0, 0, "hard", "accepted"),
        (1, 0, "hard", "corrected", "level_full"),
        (1, 1, "medium", "accepted"),
    ]
    (task,) = model.tasks(CorrectionAnswer)
    assert task["mend"][0]["wrong"] == ["There are enough sentences with 1 exchanged."]
    assert task["mend"][0]["exchange"] == 2


def test_corrections_are_wanted_where_levels_lack_them():
    bad = [BLUE.replace("middle", "corner"), "What?", mug("blue floral ceramic").replace("middle", "corner")]
    model = Model(writes(GREEN, *bad, FLORAL), sees(), lambda task: mends(task, CAPTION))
    made(model, quota=Quota(2, 2, 1), corrections=1)
    # two hard ones are there: the first goes to another level, the third keeps its own
    assert [(m["sentence"], m["exchange"]) for m in model.tasks(CorrectionAnswer)[0]["mend"]] == [
        (bad[0], 2),
        (bad[1], 3),
        (bad[2], 2),
    ]


def test_what_a_full_level_does_not_want_is_not_looked_at():
    model = Model(writes(BLUE, CAPTION), sees(), lambda task: mends(task, GREEN))
    one = made(model, quota=Quota(1, 1, 0), corrections=1)
    assert told(one)[-1] == (1, 1, "hard", "rejected", "level_full")
    assert not any("green" in str(task) for task in model.tasks(ClaimsAnswer))


def test_no_question_is_put_twice_with_the_same_seed():
    model = Model(writes(BLUE, CAPTION), sees(), lambda task: mends(task, CAPTION))
    made(model)
    asked = [request for request in model.asked if request.answer_schema is not ClaimsAnswer]
    assert len({request.seed for request in asked}) == len(asked) == 8


def test_a_sentence_that_the_picture_forbids_leaves_its_place_to_the_next():
    model = Model(writes(BLUE, GREEN), sees(("blue", *SHOWN)), lambda task: mends(task, mug("blue floral wooden")))
    one = made(model, quota=Quota(1, 1, 0), corrections=0)
    assert told(one)[:2] == [(0, 0, "hard", "rejected", "true_of_the_picture"), (1, 0, "hard", "accepted")]


def test_what_still_lacks_is_written_once_more():
    model = Model(in_turn({"sentences": TEN[:3]}, {"sentences": TEN[3:6]}), sees())
    one = made(model)
    assert [a.index for a in one.accepted] == [0, 1, 2, 3, 4, 5]
    second = model.tasks(NegativesAnswer)[1]
    assert second["wanted"] == {"1_exchanged": 1, "2_exchanged": 3, "3_exchanged": 3}
    assert second["sentences_there_are"] == list(TEN[:3])


def test_a_short_list_stays_short():
    assert len(made(Model(writes(*TEN[:3]), sees())).accepted) == 3


def test_a_caption_of_few_alternatives_asks_for_no_more_than_there_are():
    caption = "A single transparent mug stands by itself in the very middle."
    opaque = caption.replace("transparent", "opaque")
    model = Model(writes(opaque), sees(("transparent",)))
    one = made(model, captioned(NOTHING, caption=caption))
    assert [a.compared.sentence for a in one.accepted] == [opaque]
    assert model.count() == {"write": 1, "see": 1}
    assert model.tasks(NegativesAnswer)[0]["wanted"] == {"1_exchanged": 1, "2_exchanged": 0, "3_exchanged": 0}


def test_a_caption_of_one_colour_gets_ten_hard_ones():
    caption = "A single red mug stands by itself in the very middle."
    colours = ("black", "white", "grey", "blue", "green", "brown", "pink", "purple", "yellow")
    ten = [caption.replace("red", colour) for colour in colours] + [caption.replace("red", "dark green")]
    one = made(Model(writes(*ten), sees(("red",))), captioned(NOTHING, caption=caption))
    assert [(a.level, a.compared.sentence) for a in one.accepted] == [("hard", sentence) for sentence in ten]


def test_a_doubted_caption_costs_no_corrections_and_has_no_negatives():
    model = Model(writes(*TEN), sees(("striped", "ceramic")))
    one = made(model)
    assert {(a.outcome, a.compared.faults[0].code) for a in one.attempts} == {("rejected", "caption_doubted")}
    assert model.count() == {"write": 1, "see": 2}
    assert one.doubted


def test_a_caption_that_was_looked_at_twice_for_nothing_is_not_doubted():
    model = Model(writes(*TEN), in_turn(sees(("striped", "ceramic")), sees()))
    one = made(model)
    assert (len(one.accepted), one.doubted) == (10, False)


@pytest.mark.parametrize(
    ("see", "forbidden"), [(sees(("blue", *SHOWN)), [BLUE]), (sees(unclear=("blue",)), [BLUE]), (sees(), [])]
)
def test_sentences_that_the_picture_forbids_need_not_come_again_and_others_may(see, forbidden):
    model = Model(writes(BLUE, GREEN.replace("middle", "corner")), see, lambda task: mends(task, FLORAL))
    made(model, quota=Quota(3, 0, 0), corrections=1)
    accepted = [] if forbidden else [BLUE]
    assert model.tasks(CorrectionAnswer)[0]["sentences_there_are"] == accepted + forbidden


@pytest.mark.parametrize("which", ["write", "mend", "see"])
def test_an_unreached_model_leaves_the_caption_owed_and_the_others_whole(which):
    def fails_for_keys(says):
        return lambda task: unreached(task) if "key" in str(task) else says(task)

    key = "A red striped ceramic key lies by itself in the very middle of things."
    other = captioned(Thing("key", {}), caption=key, names=("key",), seed=2)
    says = {
        "write": lambda t: {"sentences": [t["caption"]] if "key" in t["caption"] else list(TEN)},
        "mend": lambda t: mends(t, t["caption"].replace("red", "blue")),
        "see": sees(),
    }
    says[which] = fails_for_keys(says[which])
    first, second = make_lists(Model(**says), [other, captioned(NOTHING)], rules())
    assert (first.attempts, first.unanswered) == ((), "connection refused")
    assert len(second.accepted) == 10


def test_an_answer_that_cannot_be_read_ends_the_work_on_the_list():
    model = Model(writes(BLUE, CAPTION), sees(), lambda _task: "no idea")
    one = made(model, quota=HARD)
    assert told(one) == [(0, 0, "hard", "accepted"), (1, 0, None, "rejected", "no_change")]
    assert "no idea" in one.unreadable
    assert model.count() == {"write": 1, "see": 1, "mend": 3}


def test_captions_go_through_each_step_together():
    model = Model(writes(*TEN), sees())
    lists = make_lists(model, [captioned(NOTHING, seed=n) for n in range(8)], rules())
    assert [len(one.accepted) for one in lists] == [10] * 8
    assert model.batches == [4, 4, 4, 4]


def test_nothing_is_asked_for_no_captions():
    model = Model(unreached, unreached)
    assert make_lists(model, [], rules()) == []
    assert model.asked == []


def test_a_word_is_looked_at_once_in_all_rounds():
    model = Model(writes(BLUE, CAPTION), sees(), lambda task: mends(task, GREEN))
    made(model, quota=HARD)
    said = [one["says"] for task in model.tasks(ClaimsAnswer) for one in task["statements"]]
    assert len(said) == len(set(said))
    assert "There is a green mug." in said
