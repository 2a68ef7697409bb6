"""Trivial negatives are captions of other pictures that say something else, and each is held against the picture."""

import pytest

from genval_assets.negatives.picture import Thing
from genval_assets.negatives.trivial import CANDIDATES, Other, Ring, trivial_negatives
from genval_assets.negatives.verification import PictureVerifier
from tests.negatives.fake_models import (
    CAPTION,
    SHOWN,
    WORDS,
    Model,
    NoModel,
    captioned,
    mug,
    positive,
    refuse,
    unreached,
)

COLOURS = ("black", "white", "grey", "blue", "green", "brown", "pink", "purple", "yellow")
KEYS = [
    Other(f"k{i}", "key", positive(f"A single {c} key lies by itself in the very middle of things.", "key"))
    for i, c in enumerate(COLOURS)
]
MUGS = [
    Other(f"m{i}", "mug", positive(f"A single {c} mug stands by itself in the very middle of things."))
    for i, c in enumerate(COLOURS)
]
OURS = captioned()


def ids(others) -> list[str]:
    return [one.positive_id for one in others]


def test_captions_of_other_categories_come_first():
    chosen = Ring(MUGS + KEYS).candidates(OURS, 12)
    assert [one.category for one in chosen] == ["key"] * 9 + ["mug"] * 3


def test_the_choice_does_not_depend_on_the_order_of_the_captions():
    assert ids(Ring(KEYS).candidates(OURS, 3)) == ids(Ring(KEYS[::-1]).candidates(OURS, 3))


def test_pictures_have_different_ones():
    firsts = {Ring(KEYS).candidates(captioned(seed=n), 1)[0].positive_id for n in range(40)}
    assert len(firsts) > 5


def test_a_new_caption_changes_little():
    new = Other("new", "key", positive("A single red key lies by itself in the very middle of things.", "key"))
    before = ids(Ring(KEYS).candidates(OURS, 5))
    after = ids(Ring([*KEYS, new]).candidates(OURS, 5))
    assert [one for one in after if one != "new"] == before[: len(after) - after.count("new")]


@pytest.mark.parametrize(
    "same",
    [
        CAPTION,
        "There is one striped red ceramic mug that stands close to the middle.",
        "There is one red mug and it stands close to the middle.",  # true of every picture of which ours is
    ],
)
def test_what_says_nothing_else_is_no_candidate(same):
    assert Ring([Other("x", "key", positive(same))]).candidates(OURS, 3) == ()


def test_no_two_say_the_same():
    twins = [Other(f"t{i}", "key", KEYS[0].positive) for i in range(5)]
    assert len(Ring(twins).candidates(OURS, 3)) == 1


def eyes(*false):
    """Eyes for which the first words of some captions are false, and all else is true."""

    def see(task):
        said = [(one["id"], any(word in one["says"] for word in false)) for one in task["statements"]]
        return {"claims": [{"id": i, "holds": "false" if no else "true"} for i, no in said]}

    return see


def test_only_captions_that_are_false_of_the_picture_are_taken():
    model = Model(refuse, eyes("blue key", "green key"), refuse)
    (found,) = trivial_negatives(model, [OURS], Ring(KEYS), 3, PictureVerifier("vision", WORDS))
    assert sorted(one.other.positive_id for one in found.chosen) == ["k3", "k4"]
    assert {one.confirmed_by for one in found.chosen} == {("vision",)}


def test_so_many_are_held_against_the_picture_and_no_more():
    model = Model(refuse, eyes("key"), refuse)
    (found,) = trivial_negatives(model, [OURS], Ring(KEYS), 2, PictureVerifier("vision", WORDS))
    assert ids(one.other for one in found.chosen) == ids(Ring(KEYS).candidates(OURS, 2))
    (request,) = model.asked
    assert sum("key" in line for line in request.user.splitlines()) == CANDIDATES * 2
    assert sum(f"There is a {word} mug." in request.user for word in SHOWN) == 3


def test_without_other_captions_there_are_none_and_nothing_is_asked():
    verifier = PictureVerifier("both", WORDS)
    assert [one.chosen for one in trivial_negatives(NoModel(), [OURS, OURS], Ring([]), 1, verifier)] == [(), ()]
    assert [one.chosen for one in trivial_negatives(NoModel(), [OURS], Ring(KEYS), 0, verifier)] == [()]


@pytest.mark.parametrize(
    ("others", "complete", "by"),
    [
        (MUGS, True, [("requested",)]),
        (MUGS, False, []),
        (KEYS, True, []),  # what is no key by its name may be called one
    ],
)
def test_a_requested_attribute_is_enough_and_a_name_is_not(others, complete, by):
    one = captioned(Thing("mug", {"colour": "red"}), complete=complete, caption=mug("red ceramic"))
    (found,) = trivial_negatives(NoModel(), [one], Ring(others), 1, PictureVerifier("requested", WORDS))
    assert [one.confirmed_by for one in found.chosen] == by


def test_an_unreached_model_decides_nothing():
    model = Model(refuse, unreached, refuse)
    (found,) = trivial_negatives(model, [OURS], Ring(KEYS), 1, PictureVerifier("both", WORDS))
    assert (found.chosen, found.unanswered) == ((), "connection refused")
