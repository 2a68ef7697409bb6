"""Which pictures are drawn again: those that show nothing, though a pixel of them may differ."""

import numpy as np
import pytest

pytest.importorskip("torch", reason="pictures are drawn with the extra 'models'")

SIDE = 64  # 4096 pixels


def flat(level: int = 0, channels: int = 3) -> np.ndarray:
    return np.full((SIDE, SIDE, channels), level, np.uint8)


def noise(channels: int = 3) -> np.ndarray:
    return np.random.default_rng(1).integers(0, 256, (SIDE, SIDE, channels), dtype=np.uint8)


def with_alpha(colours: np.ndarray, level: int, pixels: int) -> np.ndarray:
    """Return RGBA, of which so many pixels have the alpha `level`, and the others none."""
    alpha = np.zeros(SIDE * SIDE, np.uint8)
    alpha[:pixels] = level
    return np.dstack([colours, alpha.reshape(SIDE, SIDE)])


def fault(picture: np.ndarray, finite: bool = True) -> str:
    from resources._redraw import fault_of

    return fault_of(picture, finite=finite)


def test_one_pixel_does_not_make_a_black_picture_a_picture():
    picture = flat()
    assert fault(picture) == "of one colour"
    picture[5, 5] = 1
    assert fault(picture) == "of one colour"
    picture[5, 5, 0] = 60
    assert fault(picture) == "of one colour"


@pytest.mark.parametrize("colour", [(0, 0, 0), (255, 0, 0), (10, 200, 90)])
def test_a_colour_is_blank_whatever_it_is(colour):
    assert fault(np.full((SIDE, SIDE, 3), colour, np.uint8)) == "of one colour"


@pytest.mark.parametrize(("step", "said"), [(1, "of one colour"), (3, "")])
def test_a_picture_needs_a_spread_of_a_level_in_one_channel(step, said):
    picture = flat(100)
    picture[: SIDE // 2, :, 2] += step  # half of the pixels: a standard deviation of half a step
    assert fault(picture) == said


@pytest.mark.parametrize(
    ("level", "pixels", "said"),
    [
        (0, 0, "transparent all over"),
        (8, 4096, "transparent all over"),
        (255, 2, "transparent all over"),
        (255, 3, ""),
        (9, 4096, ""),
    ],
)
def test_noise_under_no_alpha_is_no_picture(level, pixels, said):
    assert fault(with_alpha(noise(), level, pixels)) == said


def test_colours_that_nobody_sees_do_not_make_an_object():
    frame = with_alpha(noise(), 255, pixels=1000)
    frame[frame[..., 3] == 255, :3] = 50
    assert fault(frame) == "of one colour"


def test_noise_is_a_picture_unless_it_is_no_number():
    assert fault(noise()) == ""
    assert fault(noise(), finite=False) == "not a number: the network overflowed"
