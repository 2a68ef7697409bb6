"""What is looked at before a night is spent: results that no prompt explains are told apart from possible ones."""

import numpy as np
import pytest

from genval_assets.models.smoke import (
    finds_fault,
    finished_fault,
    flat_fault,
    foreground_fault,
    mask_fault,
    square_picture,
    vectors_fault,
)
from genval_assets.types import Found, Segment

SHAPE = (60, 80)
BOX = (20.0, 20.0, 20.0, 20.0)


def frame(visible: int, alpha: int = 255, side: int = 100) -> np.ndarray:
    """A frame whose first `visible` pixels are a striped object."""
    rgba = np.zeros((side * side, 4), dtype=np.uint8)
    rgba[:visible, 3] = alpha
    rgba[:visible:2, :3] = 200
    return rgba.reshape(side, side, 4)


def segment(x: int, y: int, w: int, h: int, score: float = 0.9) -> Segment:
    mask = np.zeros(SHAPE, dtype=bool)
    mask[y : y + h, x : x + w] = True
    return Segment(mask, score)


@pytest.mark.parametrize("visible", [100, 9_900])
def test_an_object_with_ground_around_it_passes(visible):
    assert foreground_fault(frame(visible)) == ""


def test_clear_glass_passes():
    assert foreground_fault(frame(3_000, alpha=25)) == ""


@pytest.mark.parametrize(
    ("rgba", "why"),
    [
        (frame(0), "alpha is 0 everywhere"),
        (frame(10_000), "alpha is 255 everywhere"),
        (frame(99), "1.0% of the pixels"),
        (frame(9_901), "99.0% of the pixels"),
        (frame(3_000, alpha=24), "0.0% of the pixels"),
        (np.zeros((0, 0, 4), np.uint8), "alpha is empty"),
    ],
)
def test_a_frame_without_an_object_on_clear_ground_is_a_fault(rgba, why):
    assert foreground_fault(rgba).startswith(why)


def test_an_object_of_a_single_tone_is_a_fault():
    rgba = frame(3_000)
    rgba[..., :3] = 7
    assert "flat" in foreground_fault(rgba)


def test_a_black_picture_is_flat_and_one_with_two_tones_is_not():
    assert "varies by 0.0 of 255" in flat_fault(np.zeros((8, 8, 3), np.uint8))
    two = np.zeros((8, 8, 3), np.uint8)
    two[:4, :, 1] = 6  # standard deviation 3
    assert flat_fault(two) == ""
    two[:4, :, 1] = 5
    assert flat_fault(two) != ""


def test_a_finished_frame_keeps_the_size_of_the_quick_one():
    assert finished_fault(frame(3_000), frame(2_000)) == ""
    assert "(90, 90, 4), screened as (100, 100, 4)" in finished_fault(frame(3_000), frame(3_000, side=90))
    assert "alpha is 0" in finished_fault(frame(3_000), frame(0))


def test_the_mask_of_the_thing_in_the_box_passes_also_a_little_beyond_it():
    assert mask_fault(segment(20, 20, 20, 20), BOX, SHAPE) == ""
    assert mask_fault(segment(15, 15, 30, 30), BOX, SHAPE) == ""


@pytest.mark.parametrize(
    ("found", "why"),
    [
        (segment(0, 0, 0, 0), "the mask is empty"),
        (segment(60, 0, 10, 10), "only 0% of the mask"),
        (segment(0, 0, 80, 60), "only 19% of the mask"),  # the ground: 30 x 30 of 80 x 60
        (segment(20, 20, 20, 20, score=float("nan")), "a score of nan"),
        (segment(20, 20, 20, 20, score=1.2), "a score of 1.2"),
        (Segment(np.ones((5, 5), bool), 0.5), "the mask is (5, 5)"),
    ],
)
def test_a_mask_of_something_else_is_a_fault(found, why):
    assert mask_fault(found, BOX, SHAPE).startswith(why)


def test_nine_tenths_of_a_mask_must_lie_near_its_box():
    found = segment(20, 20, 20, 20)  # 400 px
    stray = found.mask.copy()
    stray[0, :44] = True
    assert mask_fault(Segment(stray, 0.9), BOX, SHAPE) == ""
    stray[1, :1] = True
    assert mask_fault(Segment(stray, 0.9), BOX, SHAPE).startswith("only 90%")


def test_finding_nothing_is_no_fault_and_finds_must_be_possible():
    assert finds_fault([], ["mug"], SHAPE) == ""
    assert finds_fault([Found("mug", BOX, 0.4)], ["mug"], SHAPE) == ""
    assert "not asked for (mug)" in finds_fault([Found("cup", BOX, 0.4)], ["mug"], SHAPE)
    assert "a score of -0.1" in finds_fault([Found("mug", BOX, -0.1)], ["mug"], SHAPE)
    assert "not in the picture of 80 x 60" in finds_fault([Found("mug", (80.0, 0.0, 5.0, 5.0), 0.4)], ["mug"], SHAPE)
    assert "not in the picture" in finds_fault([Found("mug", (5.0, 5.0, 0.0, 5.0), 0.4)], ["mug"], SHAPE)


def test_vectors_are_of_length_one_and_differ_where_pictures_do():
    unit = np.array([[1, 0], [0.6, 0.8]], dtype=np.float32)
    assert vectors_fault(unit, 2) == ""
    assert "one row for each" in vectors_fault(unit, 3)
    assert "lengths 2, 2" in vectors_fault(unit * 2, 2)
    assert "lengths nan" in vectors_fault(np.array([[np.nan, 0], [0, 1]], dtype=np.float32), 2)
    assert "same vector" in vectors_fault(unit[[0, 0]], 2)


def test_squares_stand_in_their_boxes_and_each_index_has_a_picture_of_its_own():
    drawn = [square_picture(96, i) for i in range(4)]
    assert len({tuple(rgb[mask][0]) for rgb, _, mask in drawn}) == 4
    for rgb, (x, y, w, h), mask in drawn:
        assert int(mask.sum()) == w * h
        assert mask[int(y), int(x)]
        assert mask[int(y + h) - 1, int(x + w) - 1]
        assert flat_fault(rgb) == ""
        assert len(np.unique(rgb[mask], axis=0)) == 1
