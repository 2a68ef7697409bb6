"""The offline eye separates what stands on a plain ground, whatever the ground, and notices remains and the frame."""

import numpy as np
import pytest

from resources.offline.seen import boxed, parts_of, sight

GROUND = (215, 180, 190)


def plain(height: int = 40, width: int = 60, ground: tuple[int, int, int] = GROUND) -> np.ndarray:
    return np.full((height, width, 3), ground, dtype=np.uint8)


def grainy(height: int, width: int) -> np.ndarray:
    levels = np.random.default_rng(0).integers(40, 90, (height, width, 1))
    return np.repeat(levels, 3, axis=2).astype(np.uint8)


@pytest.mark.parametrize("ground", [(236, 236, 236), (128, 128, 128), (32, 32, 32), GROUND])
def test_the_mask_is_what_differs_from_the_ground(ground):
    picture = plain(ground=ground)
    picture[10:20, 5:30] = [250, 20, 20]
    view = sight(picture)
    assert boxed(view.mask) == (slice(10, 20), slice(5, 30))
    assert view.mask.sum() == 250


def test_an_empty_picture_shows_nothing():
    view = sight(plain())
    assert not view.mask.any()
    assert view.smeared == 0
    assert parts_of(view.mask, 0.1) == ()


def test_the_ground_is_found_though_things_cover_most_of_the_frame():
    picture = plain(40, 40)
    picture[:, 4:] = grainy(40, 36)
    view = sight(picture)
    assert view.mask[:, 4:].all()
    assert not view.mask[:, :4].any()


def test_the_sides_tell_how_much_of_each_edge_is_covered():
    picture = plain(40, 60)
    picture[0:10, 15:30] = 20
    picture[20:40, 0:5] = 20
    assert sight(picture).sides == (0.5, 0.25, 0.0, pytest.approx(5 / 60))


def test_a_patch_of_one_colour_is_a_smear_and_grain_is_not():
    picture = plain()
    picture[5:25, 5:25] = grainy(20, 20)
    assert sight(picture).smeared == 0
    picture[10:20, 40:50] = [170, 150, 160]
    view = sight(picture)
    assert view.smears[11:19, 41:49].all()
    assert not view.smears[5:25, 5:25].any()
    assert view.smeared == pytest.approx(64 / 500)


def test_a_speck_of_one_colour_is_no_smear():
    picture = plain()
    picture[5:25, 5:25] = grainy(20, 20)
    picture[30:34, 30:34] = [170, 150, 160]  # 4 px have nothing but their own colour around them
    assert sight(picture).smeared == 0


def test_burnt_out_and_pitch_black_pixels_are_no_smear():
    picture = plain()
    picture[5:15, 5:15] = 255
    picture[20:30, 5:15] = 0
    assert sight(picture).smeared == 0


def test_parts_come_largest_first_and_dust_is_left_out():
    mask = np.zeros((20, 40), dtype=bool)
    mask[1:4, 1:4] = True  # 9 px
    mask[6:16, 10:30] = True  # 200 px
    mask[18, 38] = True
    assert [int(part.sum()) for part in parts_of(mask, 0.02)] == [200, 9]
    assert [int(part.sum()) for part in parts_of(mask, 0.5)] == [200]
