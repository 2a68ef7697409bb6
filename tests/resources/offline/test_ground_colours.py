"""How far colours are from the ground of their rows, and pictures with ground where something stood."""

import numpy as np

from resources.offline.ground_colours import distance_from_ground, lab_of, with_ground_instead


def grained(*tones: int, height: int = 12) -> np.ndarray:
    """Grey columns of these tones, ten px each, with grain."""
    flat = np.repeat(np.array(tones), 10)[None, :, None].repeat(height, axis=0).repeat(3, axis=2)
    return (flat + np.random.default_rng(0).integers(-3, 4, flat.shape)).astype(np.uint8)


def test_ground_is_near_and_a_thing_is_far():
    rgb = grained(100, 100, 200, 100)
    ground = np.ones(rgb.shape[:2], dtype=bool)
    ground[:, 10:30] = False
    apart = distance_from_ground(lab_of(rgb), ground, lab_of(rgb), ground)
    assert np.median(apart[:, 10:20]) < 1
    assert apart[:, 20:30].min() > 5


def test_ground_that_goes_on_behind_a_thing_is_known_from_farther_away():
    rgb, wide = grained(100, 200, 100), grained(200, 100, 200, 100)
    ground, ground_of_strip = np.zeros(rgb.shape[:2], dtype=bool), np.ones(wide.shape[:2], dtype=bool)
    ground[:, :10] = True
    ground_of_strip[:, 20:] = False
    narrow = distance_from_ground(lab_of(rgb), ground, lab_of(rgb), ground)
    apart = distance_from_ground(lab_of(rgb), ground, lab_of(wide), ground_of_strip)
    assert np.median(narrow[:, 10:20]) > 5
    assert np.median(apart[:, 10:20]) < 1


def test_rows_without_ground_are_infinitely_far():
    rgb = grained(100, 100)
    ground = np.zeros(rgb.shape[:2], dtype=bool)
    ground[:3] = True
    apart = distance_from_ground(lab_of(rgb), ground, lab_of(rgb), ground)
    assert np.isfinite(apart[:4]).all()
    assert np.isinf(apart[4:]).all()


def test_what_is_painted_over_has_the_tones_of_the_ground_beside_it_and_the_rest_stays():
    rgb = grained(60, 60, 250, 120, 120, height=20)
    away = np.zeros(rgb.shape[:2], dtype=bool)
    away[:, 20:30] = True
    painted = with_ground_instead(rgb, away, ~away)
    assert np.array_equal(painted[~away], rgb[~away])
    assert painted[:, 20:30].max() < 130
    assert painted[:, 20:30].min() > 50
    assert painted[:, 20].mean() < painted[:, 29].mean() - 20


def test_without_ground_or_without_anything_to_paint_over_the_picture_stays():
    rgb, none = grained(60, 120), np.zeros((12, 20), dtype=bool)
    assert np.array_equal(with_ground_instead(rgb, ~none, none), rgb)
    assert np.array_equal(with_ground_instead(rgb, none, ~none), rgb)
