"""Which background a scene tries first, and which never."""

import pytest

from genval_assets.compose.backdrop import backdrops
from genval_assets.compose.settings import SceneSettings
from genval_assets.rows import Background


@pytest.fixture
def training(make_row):
    return [make_row(Background, background_id=f"t{n}", kind="training", image_id=n) for n in range(6)]


@pytest.fixture
def others(make_row):
    return [
        make_row(Background, background_id=f"{kind[0]}{n}", kind=kind, image_id=None)
        for kind in ("yours", "drawn")
        for n in range(3)
    ]


def order(rows, seed: int, own_image_id: int | None = None, share: float = 0.5) -> list[str]:
    settings = SceneSettings(real_canvas_share=share)
    return [row.background_id for row in backdrops(rows, own_image_id, seed, settings)]


def test_every_background_comes_once_one_kind_before_the_other(training, others):
    for seed in range(20):
        ids = order([*training, *others], seed)
        assert sorted(ids) == sorted(row.background_id for row in [*training, *others])
        is_training = [one.startswith("t") for one in ids]
        assert is_training in ([True] * 6 + [False] * 6, [False] * 6 + [True] * 6)


@pytest.mark.parametrize(("share", "expected"), [(0.0, 0), (1.0, 400)])
def test_the_share_of_training_images_is_kept_at_its_ends(training, others, share, expected):
    firsts = [order([*training, *others], seed, share=share)[0] for seed in range(400)]
    assert sum(first.startswith("t") for first in firsts) == expected


def test_the_share_of_training_images_is_kept_on_average(training, others):
    """A quarter of 400 is 100, plus or minus 26 in 997 of 1,000 times."""
    firsts = [order([*training, *others], seed, share=0.25)[0] for seed in range(400)]
    assert 74 <= sum(first.startswith("t") for first in firsts) <= 126


def test_the_photograph_that_the_object_was_cut_from_never_comes(training, others):
    for seed in range(20):
        assert "t3" not in order([*training, *others], seed, own_image_id=3)
    assert order(training[3:4], 0, own_image_id=3) == []


def test_a_drawn_object_may_stand_on_any_background(training, others):
    assert len(order([*training, *others], 1, own_image_id=None)) == 12


@pytest.mark.parametrize("share", [0.0, 1.0])
def test_where_one_kind_is_missing_the_other_serves(training, others, share):
    assert len(order(training, 1, share=share)) == 6
    assert len(order(others, 1, share=share)) == 6
    assert order([], 1, share=share) == []


def test_the_order_depends_on_the_seed_and_not_on_the_order_given(training, others):
    rows = [*training, *others]
    assert order(rows, 7) == order(rows[::-1], 7)
    assert len({order(rows, seed)[0] for seed in range(60)}) == 12


def test_every_background_has_the_same_chance_within_its_kind(others):
    firsts = [order(others, seed)[0] for seed in range(600)]
    assert all(70 <= firsts.count(row.background_id) <= 130 for row in others)
