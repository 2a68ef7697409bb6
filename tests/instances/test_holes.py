"""Holes of an object: what was drawn there, or the ground seen through it."""

import numpy as np
import pytest

from genval_assets.instances.holes import filled

GREY, WHITE, RED = (128, 128, 128), (250, 250, 250), (200, 20, 20)
SIDE = 40


def scene(hole, colour, *, wall=(8, 32), alpha=255, clear=0):
    """A red square on grey, with a hole of (top, bottom, left, right) that was drawn in a colour and came out clear."""
    drawn = np.full((SIDE, SIDE, 3), GREY, np.uint8)
    rgba = np.zeros((SIDE, SIDE, 4), np.uint8)
    drawn[wall[0] : wall[1], wall[0] : wall[1]] = RED
    rgba[wall[0] : wall[1], wall[0] : wall[1]] = (*RED, alpha)
    top, bottom, left, right = hole
    drawn[top:bottom, left:right] = colour
    rgba[top:bottom, left:right] = (90, 90, 90, clear)  # under alpha 0 the decoder makes colours up
    return rgba, drawn


def test_a_pale_part_that_came_out_clear_is_filled_with_what_was_drawn():
    rgba, drawn = scene((16, 24, 14, 26), WHITE)
    result = filled(rgba, drawn)
    assert (result[8:32, 8:32, 3] == 255).all()
    assert (result[16:24, 14:26, :3] == WHITE).all()
    untouched = np.ones((SIDE, SIDE), bool)
    untouched[16:24, 14:26] = False
    assert (result[untouched] == rgba[untouched]).all()


def test_a_real_hole_shows_the_ground_and_stays():
    rgba, drawn = scene((16, 24, 14, 26), GREY)
    assert (filled(rgba, drawn) == rgba).all()


@pytest.mark.parametrize(("step", "opaque"), [(40, False), (41, True)])
def test_a_hole_counts_as_drawn_from_a_clear_difference_to_the_ground_on(step, opaque):
    rgba, drawn = scene((16, 24, 14, 26), (128, 128, 128 + step))
    assert (filled(rgba, drawn)[20, 20, 3] == 255) == opaque


def test_of_two_holes_each_is_judged_by_itself():
    rgba, drawn = scene((12, 18, 12, 18), WHITE)
    rgba[22:28, 22:28, 3] = 0
    drawn[22:28, 22:28] = GREY
    result = filled(rgba, drawn)
    assert (result[15, 15, 3], result[25, 25, 3]) == (255, 0)


def test_a_bay_is_no_hole():
    rgba, drawn = scene((16, 24, 20, 32), WHITE)  # open to the right
    assert (filled(rgba, drawn) == rgba).all()


@pytest.mark.parametrize("turns", range(4))
def test_a_hole_at_the_frame_is_open(turns):
    rgba, drawn = (np.rot90(one, turns) for one in scene((0, 10, 10, 20), WHITE, wall=(0, 32)))
    assert (filled(rgba, drawn) == rgba).all()


def test_the_soft_rim_of_a_hole_becomes_as_opaque_as_its_surroundings():
    rgba, drawn = scene((16, 24, 16, 24), WHITE, alpha=240)
    rgba[15, 16:24, 3] = 180
    result = filled(rgba, drawn)
    assert (result[8:32, 8:32, 3] == 240).all()
    assert (result[15, 16:24, :3] == RED).all()  # the rim was decoded: it keeps its colour


def test_a_thin_wall_does_not_let_the_filling_out():
    rgba, drawn = scene((9, 31, 9, 31), WHITE)
    result = filled(rgba, drawn)
    assert (result[8:32, 8:32, 3] == 255).all()
    assert (result[..., 3] > 0).sum() == 24 * 24


def test_clear_glass_is_left_alone():
    rgba, drawn = scene((16, 24, 14, 26), WHITE, alpha=60)
    assert (filled(rgba, drawn) == rgba).all()


def test_pinholes_are_left_to_the_gate():
    small, drawn = scene((16, 19, 16, 21), WHITE)  # 15 px
    large, drawn_large = scene((16, 20, 16, 20), WHITE)  # 16 px
    assert (filled(small, drawn) == small).all()
    assert filled(large, drawn_large)[17, 17, 3] == 255


def test_an_object_that_fills_the_frame_shows_no_ground_to_compare_with():
    rgba, drawn = scene((16, 24, 14, 26), WHITE, wall=(0, SIDE))
    assert (filled(rgba, drawn) == rgba).all()


def test_an_empty_frame_stays_empty():
    rgba = np.zeros((SIDE, SIDE, 4), np.uint8)
    assert (filled(rgba, np.full((SIDE, SIDE, 3), 128, np.uint8)) == 0).all()


def test_the_given_frame_is_not_changed():
    rgba, drawn = scene((16, 24, 14, 26), WHITE)
    before = rgba.copy()
    filled(rgba, drawn)
    assert (rgba == before).all()
