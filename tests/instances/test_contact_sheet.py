"""Promises of contact sheets and previews."""

from io import BytesIO

import numpy as np
import pytest
from PIL import Image

from genval_assets.instances.contact_sheet import CAPTION_PX, GAP_PX, OUTLINES, PAPER, Tile, contact_sheet, preview_jpeg
from genval_assets.instances.ground import GROUNDS, contrasting_ground, flattened


def tile(*, accepted=True, side=40, colour=(200, 30, 30), caption="ok", masked=True):
    rgba = np.zeros((side, side, 4), dtype=np.uint8)
    rgba[5:-5, 5:-5] = (*colour, 255)
    return Tile(rgba, rgba[..., 3] > 0 if masked else None, accepted, caption)


def colours(sheet):
    return {tuple(int(v) for v in colour) for colour in sheet.reshape(-1, 3)}


@pytest.mark.parametrize("accepted", [True, False, None])
def test_the_outline_says_what_became_of_the_candidate(accepted):
    sheet = contact_sheet([tile(accepted=accepted)], columns=3, tile_px=64)
    assert OUTLINES[accepted] in colours(sheet)
    assert not {OUTLINES[other] for other in OUTLINES if other is not accepted} & colours(sheet)


def test_without_a_mask_no_outline_is_drawn():
    assert not set(OUTLINES.values()) & colours(contact_sheet([tile(masked=False)], 1, 64))


@pytest.mark.parametrize(
    ("count", "columns", "across", "down"), [(0, 3, 1, 1), (1, 3, 1, 1), (3, 3, 3, 1), (4, 3, 3, 2), (7, 3, 3, 3)]
)
def test_tiles_fill_rows_of_the_given_columns(count, columns, across, down):
    sheet = contact_sheet([tile()] * count, columns, tile_px=32)
    assert sheet.shape == (down * (32 + CAPTION_PX + GAP_PX), across * (32 + GAP_PX), 3)


def test_a_caption_is_one_line_within_its_tile():
    long = contact_sheet([tile(caption="alpha_painted_background " * 3), tile(caption="")], 2, tile_px=64)
    second_caption = long[66:, 66:]
    assert (second_caption == PAPER).all()
    assert not (long[66:, :64] == PAPER).all()


def test_captions_beyond_ascii_are_replaced():
    assert np.array_equal(contact_sheet([tile(caption="猫\n")], 1, 64), contact_sheet([tile(caption="??")], 1, 64))


@pytest.mark.parametrize("shape", [(0, 0), (1, 300), (300, 1)])
def test_extreme_shapes_are_drawn(shape):
    rgba = np.full((*shape, 4), 255, dtype=np.uint8)
    assert contact_sheet([Tile(rgba, np.ones(shape, dtype=bool), False, "x")], 1, 32).shape[1] == 32 + GAP_PX


@pytest.mark.parametrize("colour", [(0, 0, 0), (255, 255, 255), (128, 128, 128), (40, 40, 40), (70, 100, 80)])
def test_the_ground_never_swallows_the_object(colour):
    ground = np.array(contrasting_ground(tile(colour=colour).rgba), dtype=int)
    assert np.abs(ground - np.array(colour)).max() > 80


def test_an_object_without_visible_pixels_gets_the_first_ground():
    assert contrasting_ground(np.zeros((3, 3, 4), dtype=np.uint8)) == GROUNDS[0]


def test_flattening_blends_by_alpha():
    rgba = np.array([[[200, 100, 0, 0], [200, 100, 0, 255], [200, 100, 0, 51]]], dtype=np.uint8)
    assert flattened(rgba, (100, 100, 100)).tolist() == [[[100, 100, 100], [200, 100, 0], [120, 100, 80]]]


def test_a_preview_keeps_its_limit_even_for_noise():
    noise = np.random.default_rng(0).integers(0, 256, (600, 800, 3), dtype=np.uint8)
    encoded = preview_jpeg(noise)
    assert len(encoded) <= 30_000
    with Image.open(BytesIO(encoded)) as picture:
        assert picture.format == "JPEG"
        assert picture.width / picture.height == pytest.approx(4 / 3, rel=0.03)


def test_a_preview_that_fits_keeps_its_size():
    plain = np.full((600, 800, 3), 200, dtype=np.uint8)
    with Image.open(BytesIO(preview_jpeg(plain))) as picture:
        assert picture.size == (800, 600)


def test_a_limit_that_nothing_fits_is_an_error():
    with pytest.raises(ValueError, match="fits 100 bytes"):
        preview_jpeg(np.zeros((40, 40, 3), dtype=np.uint8), limit_bytes=100)
