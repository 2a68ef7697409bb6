import json

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pycocotools import mask as coco_mask

from genval_assets.annotated.segmentation import MAX_PIXELS, decode_mask
from genval_assets.types import RefusedItem

# pycocotools' own decode, which only these tests call, is behind numpy
pytestmark = pytest.mark.filterwarnings("ignore:__array__ implementation:DeprecationWarning")

SQUARE = [1, 1, 4, 1, 4, 3, 1, 3]  # 3 wide, 2 high


def decoded(segmentation, height=5, width=6):
    return decode_mask(json.dumps(segmentation).encode(), height, width, "annotation 7")


def drawn(mask):
    return ["".join("#" if pixel else "." for pixel in row) for row in mask]


def refusal(segmentation, height=5, width=6):
    text = segmentation if isinstance(segmentation, bytes) else json.dumps(segmentation).encode()
    with pytest.raises(RefusedItem) as caught:
        decode_mask(text, height, width, "annotation 7")
    return caught.value


def test_a_polygon_is_filled():
    assert drawn(decoded([SQUARE])) == ["......", ".###..", ".###..", "......", "......"]


def test_the_parts_of_a_polygon_are_united():
    parts = [SQUARE, [4, 3, 6, 3, 6, 5, 4, 5]]
    assert drawn(decoded(parts)) == ["......", ".###..", ".###..", "....##", "....##"]


def test_what_overhangs_the_image_is_cut_off():
    assert drawn(decoded([[-3, -3, 2, -3, 2, 2, -3, 2]])) == ["##....", "##....", "......", "......", "......"]


def test_run_lengths_count_down_the_columns():
    assert drawn(decoded({"size": [2, 3], "counts": [1, 2, 3]}, 2, 3)) == [".#.", "#.."]
    assert drawn(decoded({"size": [2, 3], "counts": [0, 1, 0, 2, 3]}, 2, 3)) == ["##.", "#.."]


def test_a_worked_compressed_string_is_read():
    # 6 | 1 | 40 = 8 + 32 * 1 | 4, written as 4 - 1 = 3 | 13, written as 13 - 40 = -27 = 5 + 32 * -1
    mask = decoded({"size": [8, 8], "counts": "61X13UO"}, 8, 8)
    assert np.flatnonzero(mask.T).tolist() == [6, 47, 48, 49, 50]


@given(st.data())
def test_compressed_and_listed_runs_are_read_as_pycocotools_reads_them(data):
    height, width = data.draw(st.integers(1, 40)), data.draw(st.integers(1, 40))
    density = data.draw(st.sampled_from([0.02, 0.5, 0.98, 1.0]))
    rng = np.random.default_rng(data.draw(st.integers(0, 2**32)))
    mask = rng.random((height, width)) < density
    mask[rng.integers(height), rng.integers(width)] = True
    rle = coco_mask.encode(np.asfortranarray(mask, dtype=np.uint8))
    compressed = {"size": [height, width], "counts": rle["counts"].decode()}
    flat = mask.T.ravel()
    edges = np.flatnonzero(np.diff(np.concatenate([[0], flat.view(np.int8), [1 - flat[-1]]])))
    listed = {"size": [height, width], "counts": np.diff(np.concatenate([[0], edges])).tolist()}
    assert np.array_equal(decoded(compressed, height, width), coco_mask.decode(rle))
    assert np.array_equal(decoded(listed, height, width), mask)


def test_runs_of_large_images_are_read_as_pycocotools_reads_them():
    mask = np.zeros((3000, 4000), dtype=np.uint8, order="F")
    mask[100:2900, 700:3999:97] = 1
    rle = coco_mask.encode(mask)
    text = {"size": [3000, 4000], "counts": rle["counts"].decode()}
    assert np.array_equal(decoded(text, 3000, 4000), mask)


HOSTILE = [
    (b"", "segmentation_missing"),
    ([], "segmentation_missing"),
    (None, "segmentation_missing"),
    (b'{"size": [5, 6]', "segmentation_malformed"),
    (b"[[NaN, 1, 2, 2, 3, 3]]", "segmentation_malformed"),
    (b"[[1e999, 1, 2, 2, 3, 3]]", "segmentation_malformed"),
    ([1, 1, 4, 1, 4, 3], "segmentation_malformed"),  # not nested
    ([["1", 1, 4, 1, 4, 3]], "segmentation_malformed"),
    ({"counts": "0"}, "segmentation_malformed"),
    ({"size": [5, 6], "counts": [-5, 35]}, "segmentation_malformed"),
    ({"size": [5, 6], "counts": [10**30]}, "segmentation_malformed"),
    ({"size": [5, 6, 1], "counts": [30]}, "segmentation_malformed"),
    ({"size": [5, 6], "counts": [30], "more": 1}, "segmentation_malformed"),
    (b'{"size": [5, 6], "counts": "\xff\xfe"}', "segmentation_malformed"),
    ([[]], "polygon_corners"),
    ([[1, 1, 3, 3]], "polygon_corners"),  # pycocotools would take it for a box
    ([SQUARE, [1, 1, 3, 3, 2]], "polygon_corners"),
    ([[1, 1, 4, 1, 4, 3, 1]], "polygon_corners"),
    ([[0, 0, 1e9, 0, 1e9, 1e9]], "polygon_far"),
    ([SQUARE, [0, 0, -1e300, 0, 3, 3]], "polygon_far"),
    ([[0, 0, 12.1, 0, 3, 3]], "polygon_far"),
    ([[-6, 0, -1, 0, -1, 3]], "mask_empty"),  # within reach, outside the image
    ({"size": [6, 5], "counts": [30]}, "rle_size"),
    ({"size": [2**30, 2**30], "counts": "0"}, "rle_size"),
    ({"size": [5, 6], "counts": [1, 2]}, "rle_length"),
    ({"size": [5, 6], "counts": [1, 30]}, "rle_length"),
    ({"size": [5, 6], "counts": [31]}, "rle_counts"),
    ({"size": [5, 6], "counts": []}, "rle_length"),
    ({"size": [5, 6], "counts": [30]}, "mask_empty"),
    ({"size": [5, 6], "counts": ""}, "rle_counts"),
    ({"size": [5, 6], "counts": "12"}, "rle_length"),
    ({"size": [5, 6], "counts": "P"}, "rle_counts"),  # a number goes on, and does not
    ({"size": [5, 6], "counts": "o" * 40 + "0"}, "rle_counts"),
    ({"size": [5, 6], "counts": "0 1"}, "rle_counts"),
    ({"size": [5, 6], "counts": "0p"}, "rle_counts"),
    ({"size": [5, 6], "counts": "é"}, "rle_counts"),
    ({"size": [5, 6], "counts": "O"}, "rle_counts"),  # a run of -1
    ({"size": [5, 6], "counts": "0n0P"}, "rle_counts"),  # 0, 30 and half a number
    ({"size": [5, 6], "counts": "p0n0"}, "rle_counts"),
    ({"size": [5, 6], "counts": "P" * 8 + "0n0"}, "rle_counts"),  # 0 in 9 groups: pycocotools would shift too far
]


@pytest.mark.parametrize(("segmentation", "reason"), HOSTILE)
def test_what_cannot_be_decoded_safely_is_refused_by_its_reason(segmentation, reason):
    refused = refusal(segmentation)
    assert (refused.item, refused.reason) == ("annotation 7", reason)


@pytest.mark.parametrize(("height", "width"), [(0, 6), (5, -1), (MAX_PIXELS, 2)])
def test_an_image_of_no_or_of_huge_size_has_no_mask(height, width):
    assert refusal([SQUARE], height, width).reason == "image_size"


def test_a_polygon_that_would_fill_the_memory_is_refused():
    zigzag = [[0, 0, 4000, 4000] * 300]
    assert refusal(zigzag, 4000, 4000).reason == "polygon_long"


def test_a_corner_may_lie_as_far_outside_as_the_image_is_large():
    assert drawn(decoded([[-6, -5, 12, -5, 12, 10, -6, 10]])) == ["######"] * 5


def test_a_refusal_keeps_the_text_it_refused():
    assert refusal([[1, 1, 3, 3]]).raw == "[[1, 1, 3, 3]]"


def test_every_mask_of_real_photographs_is_what_pycocotools_draws(shared_data):
    file = json.loads((shared_data / "coco_sample" / "instances.json").read_text())
    size = {image["id"]: (image["height"], image["width"]) for image in file["images"]}
    for annotation in file["annotations"]:
        height, width = size[annotation["image_id"]]
        shape = annotation["segmentation"]
        rle = coco_mask.frPyObjects(shape, height, width)
        wanted = coco_mask.decode(coco_mask.merge(rle) if isinstance(shape, list) else rle)
        assert np.array_equal(decoded(shape, height, width), wanted), annotation["id"]
    assert len(file["annotations"]) == 616
