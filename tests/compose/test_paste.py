import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from genval_assets.compose.paste import Paste, defringed, object_mask, paint, resized, resolve

ALPHA = {"#": 255, "+": 128, "-": 40, ".": 0}


def cutout(*rows: str, colour=(200, 100, 50)) -> np.ndarray:
    """Draw a cut-out by hand: '#' is opaque, '+' half, '-' faint, '.' clear."""
    alpha = np.array([[ALPHA[c] for c in row] for row in rows], dtype=np.uint8)
    return np.dstack((np.full((*alpha.shape, 3), colour, dtype=np.uint8), alpha))


def paste(*rows: str, left=0, top=0, threshold=127, colour=(200, 100, 50)) -> Paste:
    rgba = cutout(*rows, colour=colour)
    return Paste(rgba, object_mask(rgba, threshold), left, top)


def shown(mask) -> list[str] | None:
    return None if mask is None else ["".join("#" if v else "." for v in row) for row in mask]


def test_the_front_object_hides_the_one_behind():
    seen = resolve([paste("###"), paste("###", left=2)], (1, 5), 0.5)
    assert [shown(mask) for mask in seen.visible] == [["##."], ["###"]]
    assert shown(seen.covered) == ["#####"]


def test_an_object_of_which_too_little_shows_is_not_painted():
    seen = resolve([paste("###"), paste("###", left=1)], (1, 5), 0.5)
    assert [shown(mask) for mask in seen.visible] == [None, ["###"]]
    assert shown(seen.covered) == [".###."]


def test_exactly_the_least_share_is_enough():
    seen = resolve([paste("####"), paste("##", left=2)], (1, 4), 0.5)
    assert shown(seen.visible[0]) == ["##.."]


def test_an_object_that_is_left_out_hides_nothing():
    # the front one hides the middle one, which would otherwise hide the one at the back
    seen = resolve([paste("##"), paste("###"), paste("##", left=1)], (1, 3), 0.5)
    assert [shown(mask) for mask in seen.visible] == [["#."], None, ["##"]]


def test_nothing_invisible_is_kept_even_without_a_limit():
    seen = resolve([paste("##"), paste("##")], (1, 2), 0.0)
    assert seen.visible[0] is None


def test_no_objects_leave_the_canvas_uncovered():
    seen = resolve([], (2, 3), 0.5)
    assert seen.visible == ()
    assert not seen.covered.any()
    assert seen.covered.shape == (2, 3)


def test_glass_keeps_its_mask_at_its_own_threshold():
    glass, wall = paste("----", threshold=20), paste("####")
    seen = resolve([wall, glass], (1, 4), 0.0)
    assert shown(seen.visible[1]) == ["####"]
    assert seen.visible[0] is None  # what shows through glass belongs to the glass
    assert not paste("----", threshold=127).mask.any()


@pytest.mark.parametrize(("left", "top"), [(-1, 0), (0, -1), (2, 0), (0, 1)])
def test_an_object_beyond_the_canvas_is_refused(left, top):
    with pytest.raises(ValueError, match="does not lie within"):
        resolve([paste("##", left=left, top=top)], (1, 3), 0.5)


def test_an_empty_mask_is_refused():
    with pytest.raises(ValueError, match="empty mask"):
        resolve([paste("..")], (1, 3), 0.5)


def random_pastes(seed: int, count: int, size: int) -> list[Paste]:
    rng = np.random.default_rng(seed)
    pastes = []
    for _ in range(count):
        height, width = rng.integers(1, size, 2)
        alpha = rng.choice([0, 60, 200, 255], (height, width)).astype(np.uint8)
        alpha[0, 0] = 255
        rgba = np.dstack((rng.integers(0, 256, (height, width, 3), dtype=np.uint8), alpha))
        left, top = int(rng.integers(0, size - width + 1)), int(rng.integers(0, size - height + 1))
        pastes.append(Paste(rgba, object_mask(rgba, 127), left, top))
    return pastes


def slowly_resolved(pastes: list[Paste], size: int, limit: float) -> list[np.ndarray | None]:
    """Restate the rule pixel by pixel: an object is painted if enough of it shows between those painted before it."""
    painted: dict[int, set] = {}
    visible: list = [None] * len(pastes)
    for i in reversed(range(len(pastes))):
        rows, columns = np.nonzero(pastes[i].mask)
        pixels = {(r + pastes[i].top, c + pastes[i].left) for r, c in zip(rows, columns, strict=True)}
        free = {p for p in pixels if not any(p in others for others in painted.values())}
        if len(free) / len(pixels) >= limit:
            painted[i] = pixels
            visible[i] = np.array([[(r, c) in free for c in range(size)] for r in range(size)])
    return visible


@settings(max_examples=60, deadline=None)
@given(st.integers(0, 10**6), st.integers(1, 6), st.sampled_from([0.1, 0.5, 0.9]))
def test_kept_objects_and_masks_equal_the_rule_restated(seed, count, limit):
    pastes = random_pastes(seed, count, 12)
    fast = resolve(pastes, (12, 12), limit).visible
    for one, mask, expected in zip(pastes, fast, slowly_resolved(pastes, 12, limit), strict=True):
        assert (mask is None) == (expected is None)
        if mask is not None:
            canvas = np.zeros((12, 12), dtype=bool)
            canvas[one.window] = mask
            assert (canvas == expected).all()


@settings(max_examples=60, deadline=None)
@given(st.integers(0, 10**6), st.integers(1, 6))
def test_no_pixel_belongs_to_two_objects_and_none_lies_outside_its_object(seed, count):
    pastes = random_pastes(seed, count, 12)
    seen = resolve(pastes, (12, 12), 0.3)
    owners = np.zeros((12, 12), dtype=int)
    for one, mask in zip(pastes, seen.visible, strict=True):
        if mask is not None:
            assert not (mask & ~one.mask).any()
            owners[one.window] += mask
    assert owners.max() == 1
    assert (owners.astype(bool) == seen.covered).all()


def test_opaque_pixels_are_copied_and_soft_ones_mixed():
    canvas = np.full((1, 4, 3), 100, dtype=np.uint8)
    paint(canvas, paste("#+-.", colour=(200, 0, 100)))
    # 100 + (200 - 100) * 128 / 255 = 150.2; 100 - 100 * 40 / 255 = 84.3
    assert canvas[0].tolist() == [[200, 0, 100], [150, 50, 100], [116, 84, 100], [100, 100, 100]]


def test_painting_touches_nothing_outside_the_alpha():
    rng = np.random.default_rng(0)
    before = rng.integers(0, 256, (12, 12, 3), dtype=np.uint8)
    for one in random_pastes(3, 6, 12):
        after = before.copy()
        paint(after, one)
        touched = np.zeros((12, 12), dtype=bool)
        touched[one.window] = one.rgba[..., 3] > 0
        assert (after[~touched] == before[~touched]).all()


def test_clear_pixels_lend_no_colour_when_a_cutout_shrinks():
    rgba = cutout("##..", "##..", "##..", "##..", colour=(255, 0, 0))
    rgba[:, 2:, :3] = (0, 255, 0)  # green where nothing is
    small = resized(rgba, 0.5)
    assert small.shape == (2, 2, 4)
    assert (small[small[..., 3] > 0][:, 1] == 0).all()
    assert (small[small[..., 3] > 0][:, 0] >= 250).all()


def test_faint_glass_keeps_its_colour_when_it_shrinks():
    glass = np.full((40, 40, 4), (120, 180, 90, 30), dtype=np.uint8)
    small = resized(glass, 0.5)
    assert np.abs(small.astype(int) - (120, 180, 90, 30)).max() <= 5


def test_the_smallest_cutout_has_one_pixel():
    assert resized(cutout("##", "##"), 0.01).shape == (1, 1, 4)


def test_a_soft_rim_takes_the_colour_of_the_nearest_solid_pixel():
    rgba = cutout(".+##", ".+##", ".+##", ".+##", colour=(200, 0, 0))
    rgba[:, 1, :3] = (0, 90, 250)  # what it was cut from shines through
    rgba[3, 2, :3] = (180, 0, 0)
    clean = defringed(rgba)
    assert clean[:, 1, :3].tolist() == [[200, 0, 0], [200, 0, 0], [200, 0, 0], [180, 0, 0]]
    assert (clean[..., 3] == rgba[..., 3]).all()
    assert (clean[:, 2:] == rgba[:, 2:]).all()


def test_beyond_the_crop_is_clear():
    rgba = cutout("+##", colour=(200, 0, 0))
    rgba[0, 0, :3] = (0, 90, 250)
    assert defringed(rgba)[0, 0, :3].tolist() == [200, 0, 0]


def test_the_soft_inside_of_glass_keeps_its_colour():
    rgba = np.full((21, 21, 4), (90, 160, 200, 60), dtype=np.uint8)
    rgba[9:12, 9:12] = (250, 240, 10, 255)  # an opaque label in the middle
    assert (defringed(rgba) == rgba).all()
