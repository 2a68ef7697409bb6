import pytest

from genval_assets.language.placing import shown
from genval_assets.layouts.graph import Relation

TABLE = (0.0, 60.0, 100.0, 40.0)
BOX = (20.0, 20.0, 20.0, 20.0)


def says(predicate, subject, other, kind="spatial"):
    return shown(Relation("n1", predicate, "n2", kind), subject, other)


@pytest.mark.parametrize(
    ("predicate", "subject", "said"),
    [
        ("left of", (0.0, 20.0, 20.0, 20.0), "left of"),
        ("to the left of", (15.0, 20.0, 20.0, 20.0), "left of"),  # centres a quarter of a mean side apart
        ("left of", (15.5, 20.0, 20.0, 20.0), None),
        ("left of", (40.0, 20.0, 20.0, 20.0), None),
        ("right of", (25.0, 20.0, 20.0, 20.0), "right of"),
        ("right of", (24.0, 20.0, 20.0, 20.0), None),
        ("right of", (0.0, 20.0, 20.0, 20.0), None),
        ("above", (20.0, 0.0, 20.0, 20.0), "above"),
        ("above", (20.0, 16.0, 20.0, 20.0), None),
        ("above", (20.0, 40.0, 20.0, 20.0), None),
        ("under", (20.0, 40.0, 20.0, 20.0), "below"),
        ("below", (20.0, 0.0, 20.0, 20.0), None),
    ],
)
def test_sides_are_said_when_the_centres_are_clearly_apart(predicate, subject, said):
    assert says(predicate, subject, BOX) == said


@pytest.mark.parametrize(
    ("subject", "said"),
    [
        ((40.0, 40.0, 20.0, 20.0), "on"),  # its lower edge is the table's upper one
        ((40.0, 36.0, 20.0, 20.0), "on"),  # a tenth of the table above it
        ((40.0, 35.0, 20.0, 20.0), None),
        ((40.0, 60.0, 20.0, 20.0), "on"),  # half way down
        ((40.0, 61.0, 20.0, 20.0), None),
        ((90.0, 40.0, 20.0, 20.0), "on"),  # half of its width is over the table
        ((91.0, 40.0, 20.0, 20.0), None),
        ((0.0, 70.0, 100.0, 10.0), "on"),
        ((40.0, 80.0, 20.0, 5.0), None),  # in the table's lower half
    ],
)
def test_on_is_said_of_what_rests_on_the_upper_half(subject, said):
    assert says("on top of", subject, TABLE) == said


@pytest.mark.parametrize(
    ("subject", "said"),
    [
        ((24.0, 24.0, 10.0, 10.0), "in"),
        ((32.0, 24.0, 10.0, 10.0), "in"),  # 8 of 10 px within
        ((33.0, 24.0, 10.0, 10.0), None),
        ((10.0, 10.0, 40.0, 40.0), None),
        ((20.0, 20.0, 20.0, 20.0), None),  # not the smaller one
    ],
)
def test_in_is_said_of_what_is_mostly_contained(subject, said):
    assert says("inside", subject, BOX) == said


@pytest.mark.parametrize(
    ("subject", "said"),
    [
        ((40.0, 20.0, 20.0, 20.0), "next to"),
        ((68.0, 20.0, 20.0, 20.0), "next to"),  # gap 28, mean diagonal 28.28
        ((69.0, 20.0, 20.0, 20.0), None),
        ((45.0, 35.0, 20.0, 20.0), "next to"),  # a quarter of the height in common
        ((45.0, 36.0, 20.0, 20.0), None),
        ((20.0, 45.0, 20.0, 20.0), None),  # below
        ((30.0, 20.0, 20.0, 20.0), "next to"),  # half covered
        ((29.0, 20.0, 20.0, 20.0), None),
        ((25.0, 25.0, 5.0, 5.0), None),  # within
    ],
)
def test_next_to_is_said_of_near_boxes_side_by_side(subject, said):
    assert says("beside", subject, BOX) == said
    assert says("next to", BOX, subject) == said


@pytest.mark.parametrize("predicate", ["behind", "in front of", "holding", "touching", "far from", "{relation}", ""])
def test_what_boxes_cannot_show_is_not_said(predicate):
    assert says(predicate, (0.0, 20.0, 20.0, 20.0), BOX) is None


def test_actions_are_not_said_even_if_they_sound_spatial():
    assert says("left of", (0.0, 20.0, 20.0, 20.0), BOX, kind="action") is None
