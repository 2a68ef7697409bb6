import numpy as np

from genval_assets.compose.overlay import overlay


def test_masks_are_tinted_outlined_and_boxed_on_a_copy():
    rgb = np.full((9, 9, 3), 100, dtype=np.uint8)
    mask = np.zeros((9, 9), dtype=bool)
    mask[2:7, 3:6] = True
    drawn = overlay(rgb, [(mask, (1.0, 1.0, 7.0, 7.0), (200, 0, 100))])
    assert (rgb == 100).all()
    assert drawn[4, 4].tolist() == [135, 65, 100]  # 100 + .35 * (200 - 100), 100 - .35 * 100
    assert drawn[2, 3].tolist() == drawn[4, 3].tolist() == [200, 0, 100]  # the mask's outline
    assert drawn[1, 1].tolist() == drawn[7, 7].tolist() == [200, 0, 100]  # the box's first and last pixels
    assert (
        drawn[4, 8].tolist() == drawn[8, 4].tolist() == drawn[0, 4].tolist() == drawn[3, 2].tolist() == [100, 100, 100]
    )


def test_without_objects_the_picture_stays():
    rgb = np.arange(27, dtype=np.uint8).reshape(3, 3, 3)
    assert (overlay(rgb, []) == rgb).all()
