import numpy as np
import pytest

from genval_assets.compose.paste import Paste, resolve
from genval_assets.compose.placement import place

SIZE = (60, 80)


def placed(masks, real=(), depths=None, seed=0, min_visible=0.5, tries=50, size=SIZE):
    depths = list(range(len(masks))) if depths is None else depths
    rng = np.random.default_rng(seed)
    return place(masks, depths, real, size, min_visible=min_visible, tries=tries, rng=rng)


def block(height, width):
    return np.ones((height, width), dtype=bool)


def on_canvas(mask, position, size=SIZE):
    canvas = np.zeros(size, dtype=bool)
    left, top = position
    canvas[top : top + mask.shape[0], left : left + mask.shape[1]] = mask
    return canvas


@pytest.mark.parametrize("seed", range(20))
def test_every_placed_object_stays_visible_whatever_its_depth(seed):
    rng = np.random.default_rng(seed)
    masks = [rng.random((int(h), int(w))) < 0.8 for h, w in rng.integers(10, 40, (7, 2))]
    depths = [int(z) for z in rng.permutation(7)]
    positions = placed(masks, depths=depths, seed=seed)
    standing = sorted((z, Paste(np.zeros((*m.shape, 4), np.uint8), m, *p))
                      for z, m, p in zip(depths, masks, positions, strict=True) if p is not None)  # fmt: skip
    assert all(mask is not None for mask in resolve([one for _, one in standing], SIZE, 0.5).visible)


@pytest.mark.parametrize("seed", range(20))
def test_real_objects_stay_visible(seed):
    real = [on_canvas(block(20, 20), (10, 10)), on_canvas(block(8, 40), (35, 45))]
    masks = [block(25, 25), block(20, 30), block(15, 15)]
    positions = placed(masks, real, seed=seed)
    covered = np.zeros(SIZE, dtype=bool)
    for mask, position in zip(masks, positions, strict=True):
        if position is not None:
            covered |= on_canvas(mask, position)
    assert all((mask & ~covered).sum() / mask.sum() >= 0.5 for mask in real)


def test_an_object_that_finds_no_room_has_no_position():
    assert placed([block(60, 80), block(50, 70)])[1] is None


def test_the_first_object_has_its_place_even_where_real_ones_are_in_its_way():
    real = [np.ones(SIZE, dtype=bool)]
    first, second = placed([block(50, 70), block(50, 70)], real)
    assert first is not None
    assert second is None


def test_a_first_object_in_the_way_goes_where_it_hides_least():
    # a strip on which a block always covers all of the left object or none of it, and some of the right one
    real = [on_canvas(block(1, 2), (0, 0), (1, 10)), on_canvas(block(1, 8), (2, 0), (1, 10))]
    hidden = []
    for seed in range(5):
        (position,) = placed([block(1, 7)], real, seed=seed, size=(1, 10))
        covered = on_canvas(block(1, 7), position, (1, 10))
        hidden.append(max((mask & covered).sum() / mask.sum() for mask in real))
    assert hidden == pytest.approx([6 / 8] * 5)


def test_objects_behind_one_that_stands_need_to_be_seen_themselves():
    # a newcomer at the back may not slip under the object in front
    positions = [placed([block(60, 50), block(10, 10)], depths=[1, 0], seed=seed)[1] for seed in range(10)]
    seen = [on_canvas(block(10, 10), p) for p in positions if p is not None]
    fronts = [placed([block(60, 50)], seed=seed)[0] for seed in range(10)]
    assert len(seen) == 10
    for mask, front in zip(seen, fronts, strict=True):
        assert (mask & ~on_canvas(block(60, 50), front)).sum() >= 50


def test_positions_reach_every_corner_of_the_canvas():
    positions = {placed([block(59, 79)], seed=seed)[0] for seed in range(60)}
    assert positions == {(0, 0), (1, 0), (0, 1), (1, 1)}


def test_an_empty_real_mask_is_in_nobodys_way():
    assert placed([block(5, 5)], [np.zeros(SIZE, dtype=bool)])[0] is not None
