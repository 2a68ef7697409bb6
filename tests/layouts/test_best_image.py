"""Of a layout's pictures the best is kept, and only if it is good enough; every refusal has a code and words."""

import pytest

from genval_assets.layouts.best_image import best
from genval_assets.layouts.clis_i import NodeTerms, PictureScore, Term
from genval_assets.layouts.settings import ClisISettings

SETTINGS = ClisISettings(floor=70, local_floor=40)


def scored(whole, *nodes, unanswered="") -> PictureScore:
    """A picture whose nodes have the same score in box and crop."""
    terms = [(Term(f"a {i} of {value}", value), Term("", value)) for i, value in enumerate(nodes, 1)]
    return PictureScore(
        Term("", whole), tuple(NodeTerms(f"n{i}", *pair) for i, pair in enumerate(terms, 1)), unanswered
    )


def test_the_highest_score_is_kept_and_of_equals_the_first():
    choice = best([("a", scored(80, 80)), ("b", scored(100, 80)), ("c", scored(80, 100))], SETTINGS)
    assert (choice.picture_id, choice.clis_i, choice.kept, choice.explanation) == ("b", 90, True, "")


@pytest.mark.parametrize(
    ("score", "reasons"),
    [
        (scored(80, 60), ()),  # 70 exactly
        (scored(80, 56), ("under_floor",)),
        (scored(100, 100, 100, 40), ()),  # 40 exactly
        (scored(100, 100, 100, 39), ("local_floor",)),
        (scored(100, 20), ("under_floor", "local_floor")),
        (scored(100, 100, None), ()),  # of which nothing is known sinks nothing
    ],
)
def test_both_floors_are_themselves_good_enough(score, reasons):
    assert best([("a", score)], SETTINGS).reasons == reasons


def test_a_picture_with_a_failing_object_is_passed_over_for_one_without():
    choice = best([("a", scored(100, 100, 100, 20)), ("b", scored(80, 80, 80, 80))], SETTINGS)
    assert (choice.picture_id, choice.kept) == ("b", True)


def test_the_best_says_why_it_fails_with_what_was_said_of_the_object():
    choice = best([("a", scored(60, 20)), ("b", scored(80, 20, 100))], SETTINGS)
    assert (choice.picture_id, choice.clis_i, choice.reasons) == ("b", 70, ("local_floor",))
    assert choice.explanation == "n1 has 20, under 40: 'a 1 of 20'"
    under = best([("a", scored(60, 60))], SETTINGS)
    assert under.explanation == "CLIS-I 60.0 is under 70"


def test_without_pictures_or_readable_answers_there_is_no_best():
    none = best([], SETTINGS)
    assert (none.picture_id, none.clis_i, none.reasons) == (None, None, ("not_drawn",))
    unread = best([("a", scored(None, None)), ("b", scored(None, None))], SETTINGS)
    assert (unread.picture_id, unread.clis_i, unread.reasons) == (None, None, ("unread",))
    assert best([("a", scored(None, None)), ("b", scored(80, 80))], SETTINGS).picture_id == "b"


def test_a_layout_of_which_a_picture_is_owed_is_not_decided():
    with pytest.raises(ValueError, match=r"\['b'\] are not fully examined"):
        best([("a", scored(100, 100)), ("b", scored(80, 80, unanswered="refused"))], SETTINGS)
