import numpy as np
import pytest

from resources.offline.scenery import PLACES, paint_place


@pytest.mark.parametrize("place", PLACES)
def test_places_are_painted_in_small_pictures_too_however_narrow_a_strip_of_sea_is(place):
    for seed in range(100):
        picture, horizon = paint_place(place, np.random.default_rng(seed), 128, 128)
        assert picture.shape == (128, 128, 3)
        assert 0 < horizon < 128
