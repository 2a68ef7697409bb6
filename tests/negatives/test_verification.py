"""A negative is confirmed only by what was requested or what is seen, and by neither against the other."""

import json

import pytest

from genval_assets.negatives.changes import compare
from genval_assets.negatives.claims import MOST_CLAIMS, ClaimsAnswer, Look, look
from genval_assets.negatives.picture import Thing
from genval_assets.negatives.verification import Case, PictureVerifier
from tests.negatives.fake_models import (
    CAPTION,
    SHOWN,
    TEN,
    WORDS,
    Model,
    NoModel,
    always,
    captioned,
    in_turn,
    mug,
    pictured,
    positive,
    refuse,
    sees,
    unreached,
)

ASKED = Thing("mug", {"colour": "red", "pattern": "striped", "material": "ceramic"})
NOTHING = Thing("mug", {})


def looker(see) -> Model:
    return Model(refuse, see, refuse)


def opinions(model, mode, *sentences, thing=ASKED, others=(), seen=None, complete=True, caption=CAPTION):
    """What a verifier thinks of sentences about one mug."""
    one = captioned(thing, complete=complete, caption=caption)
    compared = tuple(compare(one.positive, sentence, WORDS) for sentence in sentences)
    assert not [c.faults for c in compared if c.faults]
    return PictureVerifier(mode, WORDS).opinions(model, [Case(one, compared, others, seen or {})])[0]


def codes(opinion) -> list[str]:
    return [fault.code for fault in opinion.faults]


BLUE = mug("blue striped ceramic")
UNPATTERNED, BLUE_UNPATTERNED = mug("red ceramic"), mug("blue ceramic")
TRUE, FALSE, UNCLEAR = sees(("blue", *SHOWN)), sees(), sees(unclear=("blue",))
RED, BLUE_ASKED = Thing("mug", {"colour": "red"}), Thing("mug", {"colour": "blue"})


@pytest.mark.parametrize(
    ("mode", "thing", "see", "code", "by"),
    [
        ("both", RED, FALSE, None, ("requested", "vision")),
        ("both", RED, UNCLEAR, "not_confirmed", ()),  # shades between two names are what `unclear` is for
        ("both", RED, TRUE, "true_of_the_picture", ()),
        ("both", NOTHING, FALSE, None, ("vision",)),
        ("both", NOTHING, UNCLEAR, "not_confirmed", ()),
        ("both", NOTHING, TRUE, "true_of_the_picture", ()),
        ("both", BLUE_ASKED, FALSE, "true_of_the_picture", ()),
        ("both", BLUE_ASKED, UNCLEAR, "true_of_the_picture", ()),
        ("both", BLUE_ASKED, TRUE, "true_of_the_picture", ()),
        ("vision", BLUE_ASKED, FALSE, None, ("vision",)),
        ("vision", RED, UNCLEAR, "not_confirmed", ()),
        ("vision", RED, TRUE, "true_of_the_picture", ()),
        ("requested", RED, refuse, None, ("requested",)),
        ("requested", NOTHING, refuse, "not_confirmed", ()),
    ],
)
def test_no_source_may_say_true_and_one_must_say_false(mode, thing, see, code, by):
    one = opinions(looker(see), mode, BLUE_UNPATTERNED, thing=thing, caption=UNPATTERNED).compared[0]
    assert (codes(one), one.confirmed_by) == ([code] if code else [], by)


@pytest.mark.parametrize("mode", ["both", "requested"])
def test_no_request_refutes_a_second_colour_of_a_thing_that_the_caption_calls_striped(mode):
    see = refuse if mode == "requested" else UNCLEAR
    one = opinions(looker(see), mode, BLUE, thing=RED).compared[0]
    assert codes(one) == ["not_confirmed"]


@pytest.mark.parametrize(
    ("requested", "new"),
    [
        ({"material": "ceramic"}, "red striped wooden"),
        ({"pattern": "striped"}, "red floral ceramic"),
    ],
)
def test_what_is_no_colour_may_be_refuted_by_the_request_where_the_look_is_unclear(requested, new):
    see = sees(unclear=("wooden", "floral"))
    one = opinions(looker(see), "both", mug(new), thing=Thing("mug", requested)).compared[0]
    assert (codes(one), one.confirmed_by) == ([], ("requested",))


@pytest.mark.parametrize(
    ("see", "found"),
    [
        (sees(), []),
        (sees(("blue", *SHOWN)), ["true_of_the_picture"]),
        (sees(unclear=("floral",)), ["not_confirmed"]),
        (sees(("blue", *SHOWN), unclear=("floral",)), ["true_of_the_picture", "not_confirmed"]),
    ],
)
def test_every_exchanged_word_must_be_false(see, found):
    one = opinions(looker(see), "vision", mug("blue floral ceramic"), thing=NOTHING).compared[0]
    assert sorted(codes(one)) == sorted(found)


def test_what_confirms_one_of_the_words_is_named():
    see, thing = sees(unclear=("wooden",)), Thing("mug", {"material": "ceramic"})
    one = opinions(looker(see), "both", mug("blue striped wooden"), thing=thing).compared[0]
    assert (codes(one), one.confirmed_by) == ([], ("requested", "vision"))


def test_the_model_is_told_what_is_wrong_in_words():
    see = sees(("orange", *SHOWN), unclear=("floral",))
    one = opinions(looker(see), "vision", mug("orange floral ceramic")).compared[0]
    assert [fault.why for fault in one.faults] == [
        "The picture does show an orange mug: take another word.",
        "It cannot be told that the picture does not show a floral mug: take a word that its mug clearly is not.",
    ]


def test_all_words_of_a_picture_are_one_question_and_each_is_asked_once():
    model = looker(sees())
    opinions(model, "both", *TEN)
    (task,) = model.tasks(ClaimsAnswer)
    said = [one["says"] for one in task["statements"]]
    colours = ("blue", "green", "yellow", "orange", "black")
    words = (*colours, "floral", "dotted", "checkered", "wooden", "glass", "leather", "plastic", "metal")
    articles = {word: "an" if word == "orange" else "a" for word in (*words, *SHOWN)}
    assert sorted(said) == sorted(f"There is {article} {word} mug." for word, article in articles.items())


def test_true_and_false_statements_are_mixed_by_the_pictures_seed():
    def order(seed):
        model = looker(always("false"))
        look(model, [Look(pictured(seed=seed), [f"There is thing {n}." for n in range(20)])])
        return [one["says"] for one in model.tasks(ClaimsAnswer)[0]["statements"]]

    assert order(1) == order(1)
    assert order(1) != order(2)
    assert order(1) != [f"There is thing {n}." for n in range(20)]


def test_more_statements_than_fit_make_two_questions():
    model = looker(always("true"))
    statements = [f"There is thing {n}." for n in range(MOST_CLAIMS + 1)]
    (seen,) = look(model, [Look(pictured(), statements)])
    assert [len(task["statements"]) for task in model.tasks(ClaimsAnswer)] == [MOST_CLAIMS, 1]
    assert seen.sights == dict.fromkeys(statements, "true")


def test_what_was_seen_is_not_asked_again():
    first = opinions(looker(sees(unclear=("blue",))), "both", BLUE)
    assert first.seen == {
        "There is a blue mug.": "unclear",
        **{f"There is a {word} mug.": "true" for word in SHOWN},
    }
    model = looker(sees())
    second = opinions(model, "both", BLUE, mug("green striped ceramic"), seen=first.seen)
    assert [one["says"] for one in model.tasks(ClaimsAnswer)[0]["statements"]] == ["There is a green mug."]
    assert second.seen == {**first.seen, "There is a green mug.": "false"}
    opinions(NoModel(), "both", BLUE, seen=first.seen)


@pytest.mark.parametrize("answer", ["no idea", {"claims": [{"id": "c1", "holds": "false"}]}, {"claims": []}])
@pytest.mark.parametrize(
    ("mode", "thing"), [("vision", ASKED), ("both", ASKED), ("both", Thing("mug", {"colour": "blue"}))]
)
def test_an_answer_that_cannot_be_read_confirms_nothing(answer, mode, thing):
    model = looker(lambda _task: answer)
    found = opinions(model, mode, mug("green ceramic"), mug("red wooden"), thing=thing, caption=UNPATTERNED)
    assert [codes(one) for one in found.compared] == [["not_confirmed"]] * 2
    assert found.seen == {}  # the next round asks again
    assert len(model.asked) == 3


def test_what_is_requested_is_refused_without_a_look_that_can_be_read():
    found = opinions(looker(lambda _task: "no idea"), "both", BLUE, thing=BLUE_ASKED)
    assert codes(found.compared[0]) == ["true_of_the_picture"]


def test_an_unreached_model_leaves_no_opinion():
    found = opinions(looker(unreached), "both", BLUE)
    assert (found.compared, found.unanswered) == ((), "connection refused")


def test_pictures_are_asked_about_together():
    model = looker(sees())
    cases = [Case(one := captioned(NOTHING, seed=n), (compare(one.positive, BLUE, WORDS),)) for n in range(8)]
    found = PictureVerifier("vision", WORDS).opinions(model, cases)
    assert [codes(one.compared[0]) for one in found] == [[]] * 8
    assert model.batches == [4, 4]


def test_requested_attributes_need_no_model():
    of_one_colour = tuple(sentence for sentence in TEN if " red " in sentence)
    found = opinions(NoModel(), "requested", *of_one_colour)
    assert [(codes(one), one.confirmed_by) for one in found.compared] == [([], ("requested",))] * 3
    found = opinions(NoModel(), "requested", *TEN, complete=False)
    assert {code for one in found.compared for code in codes(one)} == {"not_confirmed"}


@pytest.mark.parametrize(
    ("mode", "thing", "see"),
    [
        ("vision", NOTHING, sees(("striped", "ceramic"))),  # the caption's red is not there
        ("vision", RED, sees(("striped", "ceramic"))),
        ("both", NOTHING, sees(("striped", "ceramic"))),
        ("both", BLUE_ASKED, sees(("striped", "ceramic"), unclear=("red",))),
        ("requested", BLUE_ASKED, refuse),
    ],
)
def test_a_caption_that_seems_false_confirms_no_negative(mode, thing, see):
    model, sentences = looker(see), (mug("red wooden"), mug("green wooden"))
    found = opinions(model, mode, *sentences, thing=thing, caption=UNPATTERNED)
    assert [codes(one) for one in found.compared] == [["caption_doubted"]] * 2
    assert found.doubted


@pytest.mark.parametrize(
    ("thing", "see"),
    [
        (NOTHING, sees(SHOWN)),
        (NOTHING, sees((), unclear=SHOWN)),
        (RED, sees(("striped", "ceramic"))),  # it was to be red
        (BLUE_ASKED, sees(SHOWN)),  # it was to be blue, but is seen to be red
    ],
)
def test_a_caption_is_not_doubted_against_a_source_that_says_it_is_true(thing, see):
    assert not opinions(looker(see), "both", mug("green floral ceramic"), thing=thing).doubted


@pytest.mark.parametrize(
    ("see", "found"), [(sees(unclear=("green",)), ["not_confirmed"]), (sees(), [])], ids=["unclear", "false"]
)
def test_a_request_that_was_not_met_refutes_nothing(see, found):
    # it was to be blue, is seen to be red, and may be green
    one = opinions(looker(see), "both", mug("green striped ceramic"), thing=BLUE_ASKED).compared[0]
    assert (codes(one), one.confirmed_by) == (found, () if found else ("vision",))


def test_a_request_of_one_type_that_was_not_met_refutes_words_of_another():
    # it was to be floral and is seen to be striped; of its material nothing else is known than what was requested
    thing = Thing("mug", {"pattern": "floral", "material": "ceramic"})
    see = sees(unclear=("wooden",))
    one = opinions(looker(see), "both", mug("red striped wooden"), thing=thing).compared[0]
    assert (codes(one), one.confirmed_by) == ([], ("requested",))


def test_a_doubt_of_the_model_is_looked_at_once_more():
    model = looker(in_turn(sees(("striped", "ceramic")), sees(SHOWN)))
    found = opinions(model, "vision", BLUE)
    assert (codes(found.compared[0]), found.doubted) == ([], False)
    assert [one["says"] for one in model.tasks(ClaimsAnswer)[1]["statements"]] == ["There is a red mug."]
    assert found.seen["There is a red mug."] == "true"


def test_a_doubt_that_the_request_alone_raises_is_not_looked_at_again():
    model = looker(sees(("ceramic",), unclear=("red",)))
    assert opinions(model, "both", BLUE_UNPATTERNED, thing=BLUE_ASKED, caption=UNPATTERNED).doubted
    assert len(model.asked) == 1


def test_a_doubt_that_was_confirmed_is_remembered():
    model = looker(sees(("striped", "ceramic")))
    found = opinions(model, "vision", BLUE)
    assert len(model.asked) == 2
    assert opinions(NoModel(), "vision", BLUE, seen=found.seen).doubted


KEY = positive("A small green metal key and a blue mug lie on the ground.", "key", "mug")
CUP = positive("A white ceramic cup stands all by itself in the middle.", "cup")


@pytest.mark.parametrize(
    ("mode", "thing", "holds", "code", "by"),
    [
        ("both", RED, "false", None, ("requested", "vision")),
        ("both", RED, "unclear", None, ("requested",)),
        ("both", RED, "true", "true_of_the_picture", ()),
        ("vision", RED, "false", None, ("vision",)),
        ("vision", RED, "unclear", "not_confirmed", ()),
        ("requested", RED, "true", None, ("requested",)),
    ],
)
def test_another_pictures_caption_is_judged_as_a_whole(mode, thing, holds, code, by):
    one = opinions(looker(of_whole(KEY, holds)), mode, thing=thing, others=(KEY,), caption=UNPATTERNED).others[0]
    assert (codes(one), one.confirmed_by) == ([code] if code else [], by)


def of_whole(other, holds):
    """Eyes that say one thing of another picture's caption, and that all else is true."""

    def see(task):
        said = [(one["id"], holds if one["says"] == other.text else "true") for one in task["statements"]]
        return {"claims": [{"id": i, "holds": holds} for i, holds in said]}

    return see


@pytest.mark.parametrize(
    ("mode", "see"), [("both", of_whole(CUP, "unclear")), ("both", lambda _task: "no idea"), ("requested", refuse)]
)
def test_a_mug_may_be_called_a_cup(mode, see):
    thing = Thing("mug", {"colour": "white", "material": "ceramic"})
    one = opinions(looker(see), mode, thing=thing, others=(CUP,), caption=mug("white ceramic")).others[0]
    assert codes(one) == ["not_confirmed"]


def test_a_look_that_cannot_be_read_confirms_no_other_caption():
    one = opinions(looker(lambda _task: "no idea"), "both", thing=RED, others=(KEY,), caption=UNPATTERNED).others[0]
    assert codes(one) == ["not_confirmed"]


def test_several_mugs_are_asked_about_as_one_kind():
    one = captioned(caption="Two red striped mugs stand close to one another in the middle.")
    model = looker(sees(("red", "striped")))
    sentence = "Two blue striped mugs stand close to one another in the middle."
    PictureVerifier("vision", WORDS).opinions(model, [Case(one, (compare(one.positive, sentence, WORDS),))])
    asked = json.loads(model.asked[0].user)["statements"]
    assert {one["says"] for one in asked} == {"There is a blue mug.", "There is a red mug.", "There is a striped mug."}
