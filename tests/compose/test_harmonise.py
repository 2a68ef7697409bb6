import cv2
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from genval_assets.compose.colours import colour_name
from genval_assets.compose.harmonise import feathered, harmonised, poisson, reinhard
from genval_assets.compose.paste import Paste, object_mask, paint
from genval_assets.compose.settings import SceneSettings


def disc(colour, side=40, left=30, top=30, grain=0, alpha=255) -> Paste:
    """Return a round object of one colour, with some grain."""
    rng = np.random.default_rng(5)
    y, x = np.mgrid[:side, :side] - (side - 1) / 2
    rgb = np.clip(np.array(colour) + rng.normal(0, grain, (side, side, 3)), 0, 255).astype(np.uint8)
    rgba = np.dstack((rgb, np.where(x * x + y * y < (side / 2) ** 2, alpha, 0).astype(np.uint8)))
    return Paste(rgba, object_mask(rgba, alpha // 2), left, top)


def picture(colour, side=100, grain=0) -> np.ndarray:
    rng = np.random.default_rng(6)
    return np.clip(np.array(colour) + rng.normal(0, grain, (side, side, 3)), 0, 255).astype(np.uint8)


def lab(rgb: np.ndarray) -> np.ndarray:
    return cv2.cvtColor(rgb, cv2.COLOR_RGB2LAB).astype(float)


def test_lightness_moves_by_the_strength_towards_the_surroundings():
    one, ground = disc((140, 140, 140)), picture((180, 180, 180))
    adapted = reinhard(one, ground, 0.6, 2.0)
    before, after, goal = (lab(p[..., :3])[20, 20, 0] for p in (one.rgba, adapted, ground[30:70, 30:70]))
    assert after == pytest.approx(before + 0.6 * (goal - before), abs=1)


def test_without_strength_an_object_stays_within_a_level_of_itself():
    one = disc((140, 120, 100), grain=10)
    adapted = reinhard(one, picture((40, 60, 80)), 0.0, 2.0)
    assert np.abs(adapted[..., :3].astype(int) - one.rgba[..., :3])[one.mask].mean() < 2


@pytest.mark.parametrize(("grain", "factor"), [(60, 2.0), (0, 0.5)])
def test_contrast_at_most_doubles_and_at_most_halves(grain, factor):
    one = disc((128, 128, 128), grain=10)
    adapted = reinhard(one, picture((128, 128, 128), grain=grain), 1.0, 2.0)
    before, after = (lab(rgba[..., :3])[one.mask][:, 0].std() for rgba in (one.rgba, adapted))
    assert after / before == pytest.approx(factor, rel=0.08)


def test_a_flat_ground_does_not_flatten_a_nearly_flat_object():
    one = disc((128, 128, 128))
    one.rgba[::2, :, :3] = 130  # a standard deviation of 1 level, the floor
    adapted = reinhard(one, picture((128, 128, 128)), 1.0, 10.0)
    before, after = (lab(rgba[..., :3])[19:21, 20, 0] for rgba in (one.rgba, adapted))
    assert before[1] - before[0] == after[1] - after[0] == 2


def test_only_the_picture_around_the_object_counts():
    ground = picture((180, 180, 180))
    far, under = ground.copy(), ground.copy()
    far[:5, :] = (255, 0, 0)
    under[44:56, 44:56] = (0, 255, 0)
    one = disc((140, 140, 140), side=30, left=45, top=45)
    plain = reinhard(one, ground, 0.6, 2.0)
    assert (reinhard(one, far, 0.6, 2.0) == plain).all()
    one = disc((140, 140, 140))
    assert (reinhard(one, under, 0.6, 2.0) == reinhard(one, ground, 0.6, 2.0)).all()


def test_an_object_that_fills_the_picture_stays_as_it_is():
    rgba = np.full((20, 20, 4), 255, dtype=np.uint8)
    one = Paste(rgba, object_mask(rgba, 127), 0, 0)
    assert reinhard(one, picture((10, 10, 10), side=20), 0.6, 2.0) is rgba


def test_a_harmonised_white_object_in_a_dark_scene_is_still_white():
    one, ground = disc((245, 245, 245)), picture((30, 60, 30))
    adapted = reinhard(one, ground, 0.6, 2.0)
    assert colour_name(adapted[..., :3], one.mask) == "white"


@settings(max_examples=50, deadline=None)
@given(
    st.tuples(*[st.integers(0, 255)] * 3),
    st.tuples(*[st.integers(0, 255)] * 3),
    st.sampled_from(["reinhard", "poisson"]),
    st.sampled_from([30, 70]),
)
def test_harmonising_keeps_the_colour_name_and_touches_nothing_else(own, around, method, side):
    one, ground = disc(own, side=side, left=10, top=10, grain=15), picture(around, grain=15)
    adapted = harmonised(one, ground, SceneSettings(harmonise=method))
    assert colour_name(adapted[..., :3], one.mask) == colour_name(one.rgba[..., :3], one.mask)
    assert (adapted[..., 3] == one.rgba[..., 3]).all()
    scene = ground.copy()
    paint(scene, Paste(adapted, one.mask, one.left, one.top))
    outside = np.ones((100, 100), dtype=bool)
    outside[one.window] = one.rgba[..., 3] == 0
    assert (scene[outside] == ground[outside]).all()


def test_poisson_gives_a_grey_object_the_tint_of_its_surroundings_where_it_lies():
    one, ground = disc((128, 128, 128), grain=3), picture((134, 128, 126))
    ground[:, 50:] = (120, 128, 134)
    adapted = poisson(one, ground).astype(int)
    left, right = adapted[20, 6], adapted[20, 33]
    assert left[0] - left[2] > 3
    assert right[2] - right[0] > 3


def test_poisson_leaves_objects_at_the_border_alone():
    one = disc((128, 128, 128), left=0)
    assert poisson(one, picture((140, 128, 120))) is one.rgba


def test_harmonise_none_changes_nothing():
    one = disc((200, 20, 30))
    assert harmonised(one, picture((10, 10, 10)), SceneSettings(harmonise="none")) is one.rgba


def test_a_feathered_rim_is_softer_and_the_rest_is_as_before():
    one = disc((200, 20, 30))
    soft = feathered(one.rgba)
    assert (soft[..., 3] <= one.rgba[..., 3]).all()
    assert (soft[..., :3] == one.rgba[..., :3]).all()
    assert 100 < soft[20, 0, 3] < 200  # the outermost pixel of the disc
    assert soft[20, 20, 3] == 255
    assert (soft[one.rgba[..., 3] == 0][:, 3] == 0).all()
