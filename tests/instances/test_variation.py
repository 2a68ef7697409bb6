"""Promises of the square that is varied, and of what counts as a new instance."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from genval_assets.instances.variation import (
    Measured,
    box_of,
    cut_out,
    in_box,
    iou,
    phash_distance,
    scaled_mask,
    source_square,
    variation_findings,
)
from genval_assets.models.settings import VariationSettings


def drawn(*rows: str) -> np.ndarray:
    return np.array([[c == "#" for c in row] for row in rows])


def noise(height: int, width: int, seed: int = 0) -> np.ndarray:
    return np.random.default_rng(seed).integers(0, 256, (height, width, 3), dtype=np.uint8)


def test_the_square_holds_the_object_with_its_context_on_each_side():
    photograph = noise(60, 80)
    square = source_square(photograph, (30.0, 20.0, 4.0, 2.0), drawn("####", "#..#"), context_px=5)
    assert square.picture.shape == (14, 14, 3)
    assert (square.x, square.y) == (25, 14)
    assert square.box == (5, 6, 4, 2)
    assert np.argwhere(square.mask).tolist() == [[6, 5], [6, 6], [6, 7], [6, 8], [7, 5], [7, 8]]
    assert (square.picture[6:8, 5:9] == photograph[20:22, 30:34]).all()


def test_outside_the_box_the_photograph_fades_into_a_blur():
    photograph = np.zeros((90, 90, 3), dtype=np.uint8)
    photograph[:, ::2] = 200
    square = source_square(photograph, (35.0, 35.0, 20.0, 20.0), np.ones((20, 20), dtype=bool), context_px=30)
    middle = square.picture[40, :, 0].astype(int)
    contrast = np.abs(np.diff(middle))
    assert (square.x, square.picture.shape[0]) == (5, 80)
    assert set(contrast[30:49]) == {200}  # within the box
    assert 80 < contrast[22:24].mean() < 120  # half of the way
    assert contrast[8:14].max() <= 5  # the fade is over after half of the context


def test_all_four_sides_fade_alike():
    quarter = noise(25, 25)
    photograph = np.block([[[quarter], [quarter[:, ::-1]]], [[quarter[::-1]], [quarter[::-1, ::-1]]]])
    picture = source_square(photograph, (20.0, 20.0, 10.0, 10.0), np.ones((10, 10), dtype=bool), 12).picture
    assert (picture == picture[:, ::-1]).all()
    assert (picture == picture[::-1]).all()


def test_beyond_the_photographs_border_its_outermost_pixels_are_repeated():
    photograph = np.full((20, 30, 3), 50, dtype=np.uint8)
    photograph[:, 0], photograph[4:8, 2:6] = 210, 255
    square = source_square(photograph, (2.0, 4.0, 4.0, 4.0), np.ones((4, 4), dtype=bool), context_px=30)
    assert (square.x, square.y) == (-28, -26)
    assert square.box == (30, 30, 4, 4)
    assert (square.picture[30:34, 30:34] == 255).all()
    assert (square.picture[:, :15] == 210).all()  # no object is mirrored there


def test_without_context_the_square_is_the_box_of_a_square_object():
    photograph = noise(9, 9)
    square = source_square(photograph, (3.0, 2.0, 5.0, 5.0), np.ones((5, 5), dtype=bool), context_px=0)
    assert (square.picture == photograph[2:7, 3:8]).all()


@given(st.integers(0, 40), st.integers(0, 30), st.integers(1, 20), st.integers(1, 20), st.integers(0, 50))
def test_the_object_always_lies_where_the_square_says(x, y, width, height, context_px):
    photograph = noise(50, 60)
    mask = np.ones((height, width), dtype=bool)
    square = source_square(photograph, (x, y, width, height), mask, context_px)
    left, top = int(square.box[0]), int(square.box[1])
    assert (left + square.x, top + square.y, *square.box[2:]) == (x, y, width, height)
    assert min(left, top, *(square.picture.shape[0] - np.array([left + width, top + height]))) >= context_px
    shown = square.picture[top : top + height, left : left + width]
    assert (shown == photograph[y : y + height, x : x + width]).all()
    assert square.mask.sum() == width * height


@pytest.mark.parametrize(
    ("box", "mask", "says"),
    [
        ((-1, 0, 3, 3), np.ones((3, 3), dtype=bool), "within the photograph"),
        ((8, 0, 3, 3), np.ones((3, 3), dtype=bool), "within the photograph"),
        ((0, 8, 3, 3), np.ones((3, 3), dtype=bool), "within the photograph"),
        ((0, 0, 3, 2), np.ones((3, 2), dtype=bool), "a mask of its box"),
        ((0, 0, 3, 2), np.zeros((2, 3), dtype=bool), "a mask of its box"),
    ],
)
def test_a_box_or_a_mask_that_does_not_fit_is_refused(box, mask, says):
    with pytest.raises(ValueError, match=says):
        source_square(noise(10, 10), box, mask, 4)


def test_a_mask_is_scaled_by_what_covers_half_of_a_pixel():
    mask = drawn("####", "###.", "....", ".###")
    assert scaled_mask(mask, 2).tolist() == [[True, True], [False, True]]
    assert scaled_mask(mask, 8).shape == (8, 8)
    assert (scaled_mask(mask, 4) == mask).all()


def test_the_box_of_a_mask_is_tight_and_an_empty_mask_has_none():
    assert box_of(drawn(".....", "..#..", ".#...", ".....")) == (1, 1, 2, 2)
    with pytest.raises(ValueError, match="at least one pixel"):
        box_of(drawn("..", ".."))


@pytest.mark.parametrize(
    ("a", "b", "value"),
    [
        (drawn("##.."), drawn(".##."), 1 / 3),
        (drawn("##.."), drawn("##.."), 1.0),
        (drawn("##.."), drawn("..##"), 0.0),
        (drawn("...."), drawn("...."), 0.0),
    ],
)
def test_iou_is_intersection_over_union(a, b, value):
    assert iou(a, b) == pytest.approx(value)


def test_masks_of_two_sizes_have_no_iou():
    with pytest.raises(ValueError, match="one size"):
        iou(drawn("#"), drawn("##"))


def test_a_cut_out_has_hard_alpha_and_keeps_every_colour():
    rgb = noise(2, 3)
    frame = cut_out(rgb, drawn("#..", ".##"))
    assert frame[..., 3].tolist() == [[255, 0, 0], [0, 255, 255]]
    assert (frame[..., :3] == rgb).all()
    with pytest.raises(ValueError, match="the picture's size"):
        cut_out(rgb, drawn("#"))


def figure(seed: int, x: int = 20, y: int = 20) -> np.ndarray:
    """A textured disc in a frame of 120 px."""
    rows, columns = np.mgrid[:120, :120]
    disc = (rows - y - 30) ** 2 + (columns - x - 30) ** 2 < 30**2
    texture = np.kron(noise(8, 8, seed), np.ones((8, 8, 1), dtype=np.uint8))[:60, :60]
    rgb = np.full((120, 120, 3), 90, dtype=np.uint8)
    rgb[y : y + 60, x : x + 60] = texture
    return cut_out(rgb, disc)


def test_hashed_is_what_stands_in_the_sources_box_at_its_scale():
    source, mask = noise(20, 20), np.zeros((20, 20), dtype=bool)
    mask[4:10, 6:16] = True
    mask[4, 6] = False
    made = np.kron(noise(20, 20, seed=1), np.ones((3, 3, 1), dtype=np.uint8))
    made[1::3, 1::3] = 0  # the middle one of nine pixels
    shown = in_box(source, mask, made)
    assert np.array_equal(shown[0], source[4:10, 6:16])
    assert shown[1] == pytest.approx(noise(20, 20, seed=1)[4:10, 6:16] * (8 / 9), abs=0.51)
    assert np.array_equal(in_box(source, mask, source)[1], shown[0])


def test_a_copy_at_another_size_is_still_one():
    frame = figure(1)
    source, mask = np.ascontiguousarray(frame[..., :3]), frame[..., 3] > 0
    large = np.kron(source, np.ones((5, 5, 1), dtype=np.uint8))[:600, :600]
    assert phash_distance(*in_box(source, mask, large)) == 0
    assert phash_distance(*in_box(source, mask, np.ascontiguousarray(source[::2, ::2]))) <= 4
    assert phash_distance(*in_box(source, mask, figure(2)[..., :3])) >= 7


FAR = Measured(iou=0.8, phash_distance=12, similarity=0.9)


@pytest.mark.parametrize(
    ("measured", "reasons"),
    [
        (FAR, []),
        (Measured(0.6, 7, 0.969), []),
        (Measured(0.59, 12, 0.9), ["moved"]),
        (Measured(0.8, 6, 0.9), ["copy"]),
        (Measured(0.8, 12, 0.97), ["copy"]),
        (Measured(0.8, 0, 1.0), ["copy"]),
        (Measured(0.1, 3, 0.99), ["moved", "copy"]),
    ],
)
def test_a_new_instance_lies_where_its_source_did_and_is_no_copy(measured, reasons):
    assert [reason for reason, _ in variation_findings(measured, VariationSettings())] == reasons


def test_findings_say_what_was_measured_and_what_would_do():
    found = variation_findings(Measured(0.1234, 3, 0.98765), VariationSettings(min_iou=0.5))
    assert found == (
        ("moved", "IoU 0.12 with the source's mask; at least 0.5"),
        ("copy", "3 bits of the hash differ; at least 7, and similarity 0.988; below 0.97"),
    )
