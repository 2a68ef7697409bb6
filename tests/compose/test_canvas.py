import numpy as np
import pytest

from genval_assets.compose.canvas import RealObject, fit_canvas, remaining_objects


def drawn(*rows: str) -> np.ndarray:
    """Draw a mask by hand: '#' is the object."""
    return np.array([[c == "#" for c in row] for row in rows])


def real(mask, annotation_id=1, iscrowd=False):
    return RealObject(annotation_id, "zebra", mask, iscrowd)


def test_real_objects_lose_the_pixels_that_are_covered():
    (left,), gone = remaining_objects([real(drawn("####", "####"))], drawn("#...", "...."), 0.5)
    assert (left.mask == drawn(".###", "####")).all()
    assert left.visible_share == pytest.approx(7 / 8)
    assert not left.iscrowd
    assert gone == []


def test_a_sliver_becomes_an_ignored_region():
    (left,), _ = remaining_objects([real(drawn("####"))], drawn("###."), 0.5)
    assert left.iscrowd
    assert (left.mask == drawn("...#")).all()


def test_half_of_an_object_is_still_an_example():
    (left,), _ = remaining_objects([real(drawn("####"))], drawn("##.."), 0.5)
    assert not left.iscrowd


def test_a_crowd_stays_a_crowd():
    (left,), _ = remaining_objects([real(drawn("####"), iscrowd=True)], drawn("#..."), 0.5)
    assert left.iscrowd


def test_an_object_that_is_covered_wholly_is_gone():
    hidden = real(drawn("##.."), annotation_id=7)
    left, gone = remaining_objects([hidden, real(drawn("..##"))], drawn("###."), 0.5)
    assert [item.source.source_annotation_id for item in left] == [1]
    assert gone == [hidden]


def test_a_small_picture_stays_as_it_is():
    rgb, objects = np.arange(24, dtype=np.uint8).reshape(2, 4, 3), [real(drawn("#..#", "...."))]
    picture, same = fit_canvas(rgb, objects, 4)
    assert picture is rgb
    assert same == objects


def test_a_large_picture_shrinks_to_its_longest_side_with_its_masks():
    rgb = np.zeros((4, 8, 3), dtype=np.uint8)
    rgb[:, 4:] = 200
    picture, (one,) = fit_canvas(rgb, [real(drawn("....####", "....####", "....#...", "........"))], 4)
    assert picture.shape == (2, 4, 3)
    assert picture[0, :, 0].tolist() == [0, 0, 200, 200]
    assert one.mask.tolist() == [[False, False, True, True], [False, False, False, False]]


def test_an_object_too_fine_for_the_smaller_picture_keeps_a_pixel():
    mask = np.zeros((80, 80), dtype=bool)
    mask[41, 7] = True
    _, (one,) = fit_canvas(np.zeros((80, 80, 3), dtype=np.uint8), [real(mask)], 10)
    assert np.argwhere(one.mask).tolist() == [[5, 0]]


def test_an_empty_mask_stays_empty():
    _, (one,) = fit_canvas(np.zeros((8, 8, 3), dtype=np.uint8), [real(np.zeros((8, 8), dtype=bool))], 4)
    assert not one.mask.any()
