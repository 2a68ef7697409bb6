import numpy as np
import pytest

from genval_assets.compose.colours import colour_name, name_of


@pytest.mark.parametrize(
    ("name", "rgb"),
    [
        ("black", (10, 10, 12)), ("white", (250, 250, 248)), ("grey", (128, 128, 128)), ("red", (200, 20, 30)),
        ("red", (139, 0, 0)), ("orange", (255, 140, 0)), ("yellow", (255, 215, 0)), ("green", (0, 128, 0)),
        ("blue", (30, 60, 200)), ("blue", (0, 0, 128)), ("purple", (128, 0, 128)), ("pink", (255, 192, 203)),
        ("pink", (255, 105, 180)), ("brown", (139, 69, 19)), ("brown", (210, 180, 140)),
    ],
)  # fmt: skip
def test_well_known_colours_bear_their_names(name, rgb):
    assert name_of(np.array([rgb], dtype=np.uint8)) == name


def test_the_name_is_the_majoritys_within_the_mask():
    rgb = np.zeros((4, 4, 3), dtype=np.uint8)
    rgb[:, :3] = (200, 20, 30)
    rgb[:, 3] = (0, 128, 0)
    assert colour_name(rgb, np.ones((4, 4), dtype=bool)) == "red"
    assert colour_name(rgb, np.arange(16).reshape(4, 4) % 4 >= 3) == "green"


def test_an_object_that_a_coarse_grid_would_miss_is_still_named():
    rgb = np.zeros((1000, 1000, 3), dtype=np.uint8)
    mask = np.zeros((1000, 1000), dtype=bool)
    rgb[503, 7], mask[503, 7] = (0, 128, 0), True
    assert colour_name(rgb, mask) == "green"


def test_an_empty_mask_has_no_colour():
    with pytest.raises(ValueError, match="no pixel"):
        colour_name(np.zeros((2, 2, 3), dtype=np.uint8), np.zeros((2, 2), dtype=bool))
