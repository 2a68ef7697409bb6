"""Promises of choosing and cutting out real instances."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from genval_assets.instances.references import ReferenceSettings, cut_out, occlusion, order_references, unusable
from genval_assets.types import SourceAnnotation, SourceImage

IMAGE = SourceImage(image_id=1, path="a.jpg", width=100, height=80)


def annotation(annotation_id=1, image_id=1, area=1600.0, box=(10.0, 10.0, 40.0, 40.0), *, iscrowd=False):
    return SourceAnnotation(annotation_id, image_id, 7, box, area, iscrowd, b"[]")


def mask(x, y, w, h):
    drawn = np.zeros((80, 100), dtype=bool)
    drawn[y : y + h, x : x + w] = True
    return drawn


def frame_shaped(x, y, w, h, thickness):
    ring = mask(x, y, w, h)
    ring[y + thickness : y + h - thickness, x + thickness : x + w - thickness] = False
    return ring


@pytest.mark.parametrize(
    ("drawn", "reason"),
    [
        (mask(10, 10, 32, 32), None),
        (mask(10, 10, 32, 31), "too_small"),
        (mask(0, 0, 0, 0), "empty_mask"),
        (mask(2, 2, 40, 40), None),
        (mask(1, 10, 40, 40), "cut_by_frame"),
        (mask(10, 1, 40, 40), "cut_by_frame"),
        (mask(59, 10, 40, 40), "cut_by_frame"),
        (mask(10, 39, 40, 40), "cut_by_frame"),
        (mask(58, 38, 40, 40), None),
        (frame_shaped(5, 5, 80, 60, 4), "sparse"),  # 1,056 of 4,800 px: .22
        (frame_shaped(5, 5, 80, 60, 6), None),  # 1,536 of 4,800 px: .32
        (np.ones((10, 10), dtype=bool), "wrong_mask_size"),
    ],
)
def test_an_instance_is_a_source_or_says_why_not(drawn, reason):
    assert unusable(annotation(), IMAGE, drawn, ReferenceSettings()) == reason


def test_a_crowd_is_never_a_source():
    assert unusable(annotation(iscrowd=True), IMAGE, mask(10, 10, 40, 40), ReferenceSettings()) == "crowd"


def ids(annotations):
    return [a.annotation_id for a in order_references(annotations)]


def test_every_photographs_best_comes_before_any_second_best():
    assert ids([
        annotation(1, image_id=1, area=900), annotation(2, image_id=1, area=1500), annotation(3, image_id=1, area=1600),
        annotation(4, image_id=2, area=100), annotation(5, image_id=3, area=1200), annotation(6, image_id=3, area=300),
    ]) == [3, 5, 4, 2, 6, 1]  # fmt: skip


def test_of_equal_areas_the_one_that_fills_its_box_comes_first():
    wide, full = annotation(1, 1, box=(0.0, 0.0, 80.0, 40.0)), annotation(2, 2, box=(0.0, 0.0, 40.0, 40.0))
    assert ids([wide, full]) == [2, 1]


def test_a_degenerate_box_comes_last():
    assert ids([annotation(1, 1, box=(5.0, 5.0, 0.0, 40.0)), annotation(2, 2, area=1.0)]) == [2, 1]


@given(st.permutations([annotation(i, image_id=i % 3, area=float(i % 4) * 100) for i in range(10)]))
def test_the_order_of_the_file_does_not_matter(shuffled):
    assert ids(shuffled) == ids(sorted(shuffled, key=lambda a: a.annotation_id))
    assert sorted(ids(shuffled)) == list(range(10))


def test_a_cut_out_is_tight_with_the_photographs_colours_inside_and_none_outside():
    pixels = np.arange(80 * 100 * 3, dtype=np.uint32).reshape(80, 100, 3).astype(np.uint8)
    ring = frame_shaped(20, 30, 40, 10, 3)
    cut = cut_out(pixels, ring)
    assert (cut.x, cut.y, cut.rgba.shape) == (20, 30, (10, 40, 4))
    inside = ring[30:40, 20:60]
    assert (cut.rgba[inside][:, :3] == pixels[30:40, 20:60][inside]).all()
    assert (cut.rgba[inside][:, 3] == 255).all()
    assert (cut.rgba[~inside] == 0).all()
    assert cut.area_px == 40 * 10 - 34 * 4
    assert cut.fill == pytest.approx(264 / 400)


@pytest.mark.parametrize("wrong", [np.zeros((80, 100), dtype=bool), np.ones((80, 99), dtype=bool)])
def test_a_mask_that_is_empty_or_of_another_size_is_an_error(wrong):
    with pytest.raises(ValueError, match="non-empty mask"):
        cut_out(np.zeros((80, 100, 3), dtype=np.uint8), wrong)


def drawn(*rows: str) -> np.ndarray:
    return np.array([[c == "#" for c in row] for row in rows])


@pytest.mark.parametrize(
    ("own", "other", "share"),
    [
        (("#..#", "#..#", "####"), (".##.", ".##.", "...."), 4 / 12),  # its middle is hidden
        (("####", "####", "####", "####"), (".##.", ".##.", "....", "...."), 0.0),  # what lies within is not in front
        (("#..#", "#..#", "####"), (".#..", "....", "...."), 1 / 12),
        (("##..", "##..", "....", "...."), ("..##", "..##", "....", "...."), 0.0),  # a neighbour
        (("....", "....", "....", "...."), ("####", "####", "####", "####"), 0.0),
    ],
)
def test_an_object_that_others_hide_is_told_by_what_covers_its_hull(own, other, share):
    assert occlusion(drawn(*own), [drawn(*other)]) == pytest.approx(share)
