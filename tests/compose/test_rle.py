import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pycocotools import mask as coco_mask

from genval_assets.compose.rle import area_px, decode, encode, tight_box
from genval_assets.types import RefusedItem


def drawn(*rows: str) -> np.ndarray:
    """Draw a mask by hand: '#' is the object."""
    return np.array([[c == "#" for c in row] for row in rows])


def coco_counts(mask: np.ndarray) -> str:
    return coco_mask.encode(np.asfortranarray(mask.astype(np.uint8)))["counts"].decode()


@pytest.mark.parametrize(
    "mask",
    [
        drawn("."),
        drawn("#"),
        drawn("...", "..."),
        drawn("###", "###"),
        drawn("#..", "..."),
        drawn("...", "..#"),
        drawn("#.#", "#.#"),
        drawn(".#.", "###", ".#."),
        drawn("#.#.#"),
        drawn("#", ".", "#"),
    ],
)
def test_counts_are_the_bytes_pycocotools_writes(mask):
    assert encode(mask, mask.shape) == coco_counts(mask)


@settings(max_examples=200, deadline=None)
@given(st.data())
def test_a_mask_in_its_box_is_coded_as_if_it_lay_on_the_whole_canvas(data):
    rows, columns = data.draw(st.integers(1, 12)), data.draw(st.integers(1, 12))
    left, top, right, bottom = (data.draw(st.integers(0, 4)) for _ in range(4))
    mask = np.random.default_rng(data.draw(st.integers(0, 10**6))).random((rows, columns)) < data.draw(st.floats(0, 1))
    canvas = np.pad(mask, ((top, bottom), (left, right)))
    assert encode(mask, canvas.shape, left, top) == coco_counts(canvas)


def test_long_runs_are_coded_like_pycocotools_does():
    canvas = np.zeros((3000, 2000), dtype=bool)
    canvas[5:2500, 100:1900] = True
    assert encode(canvas[5:2500, 100:1900], canvas.shape, 100, 5) == coco_counts(canvas)


def test_counts_decode_to_the_mask():
    mask = drawn(".##.", "#..#")
    assert (decode(encode(mask, (2, 4)), (2, 4)) == mask).all()


def test_damaged_counts_are_refused():
    with pytest.raises(RefusedItem, match="rle_length"):
        decode(encode(drawn("##", "##"), (2, 2)), (2, 3))


@pytest.mark.parametrize(("left", "top"), [(-1, 0), (0, -1), (2, 0), (0, 2)])
def test_a_mask_beyond_its_canvas_is_refused(left, top):
    with pytest.raises(ValueError, match="does not fit a canvas"):
        encode(drawn("##", "##"), (3, 3), left, top)


def test_box_and_area_are_those_of_the_true_pixels():
    mask = drawn(".....", "..#..", ".##..")
    assert tight_box(mask) == (1, 1, 2, 2)
    assert area_px(mask) == 3
    assert tight_box(drawn("..", "..")) == (0, 0, 0, 0)
