"""Polygons keep the mask, and say what they lose."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from pycocotools import mask as rle

from genval_assets.export.polygons import mask_polygons, polygon_iou
from genval_assets.export.written import mask_loss

# pycocotools 2.0.11 hands numpy 2.4 an array class of before numpy 2
pytestmark = pytest.mark.filterwarnings("ignore:__array__ implementation:DeprecationWarning")


def rasterised(mask: np.ndarray) -> np.ndarray:
    rings = [ring.ravel().tolist() for ring in mask_polygons(mask)]
    return rle.decode(rle.merge(rle.frPyObjects(rings, *mask.shape))).astype(bool)


def mask_of(*rows: str) -> np.ndarray:
    return np.array([[c == "#" for c in row] for row in rows])


def compressed(mask: np.ndarray) -> str:
    return rle.encode(np.asfortranarray(mask.astype(np.uint8)))["counts"].decode()


@pytest.mark.parametrize(
    "rows",
    [
        ("#",),
        ("..", ".#"),
        ("####", "####"),
        ("#...", ".#..", "..##"),
        ("#####", "#...#", "#.#.#", "#...#", "#####"),  # an island in a hole
        ("#######", "#.#.#.#", "#######"),
        ("##..##", "......", "##..##"),
    ],
)
def test_drawn_masks_come_back_exactly(rows):
    mask = mask_of(*rows)
    assert np.array_equal(rasterised(mask), mask)


@given(hnp.arrays(bool, st.tuples(st.integers(1, 24), st.integers(1, 24))))
@settings(max_examples=150, deadline=None)
def test_any_mask_comes_back_exactly(mask):
    if mask.any():
        assert np.array_equal(rasterised(mask), mask)


def test_a_hole_is_bridged_into_one_ring_and_parts_are_rings_of_their_own():
    assert len(mask_polygons(mask_of("###", "#.#", "###"))) == 1
    assert len(mask_polygons(mask_of("##.##"))) == 2
    assert mask_polygons(mask_of("...")) == []


def test_vertices_lie_within_their_pixels_in_cocos_frame():
    (ring,) = mask_polygons(np.ones((2, 3), dtype=bool), left=10, top=20)
    assert ring.min(axis=0).tolist() == [10.25, 20.25]
    assert ring.max(axis=0).tolist() == [12.75, 21.75]


def test_iou_is_measured_with_cocos_own_rasteriser():
    square = np.zeros((10, 10), dtype=bool)
    square[2:6, 2:6] = True
    half = np.array([[2, 2], [4, 2], [4, 6], [2, 6]], dtype=float)
    assert polygon_iou([half], compressed(square), 10, 10) == pytest.approx(0.5)
    assert polygon_iou(mask_polygons(square), compressed(square), 10, 10) == 1.0


def test_the_loss_names_the_worst_annotations_first():
    loss = mask_loss({1: 1.0, 2: 0.5, 3: 0.75}, "a rasteriser", worst=1)
    assert (loss.annotations, loss.min_iou, loss.mean_iou, loss.lost) == (3, 0.5, 0.75, 0.75)
    assert loss.worst == ((2, 0.5),)
    assert mask_loss({}, "a rasteriser").min_iou == 1.0
