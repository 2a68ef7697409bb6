from datetime import UTC, datetime

import pytest

from genval_assets.compose.backdrop import backdrops
from genval_assets.compose.settings import SceneSettings
from genval_assets.rows import Background


def background(name: str, image_id: int | None = None) -> Background:
    return Background(
        run_id="r", created_at=datetime(2026, 1, 1, tzinfo=UTC), background_id=name, path=name, width=8, height=8,
        kind="yours" if image_id is None else "training", image_id=image_id, phash="0" * 16, screened="unscreened",
    )  # fmt: skip


ROWS = [*(background(f"yours{i}") for i in range(3)), *(background(f"train{i}", image_id=i) for i in range(3))]


def order(seed=0, own=None, rows=ROWS, share=0.5):
    return [b.background_id for b in backdrops(rows, own, seed, SceneSettings(real_canvas_share=share))]


def test_training_images_come_first_at_the_rate_of_the_setting():
    firsts = [order(seed, share=0.25)[0].startswith("train") for seed in range(400)]
    assert sum(firsts) / 400 == pytest.approx(0.25, abs=0.06)


def test_every_background_is_tried_once_and_one_kind_after_the_other():
    for seed in range(10):
        tried = order(seed)
        assert sorted(tried) == sorted(b.background_id for b in ROWS)
        assert len({name[:5] for name in tried[:3]}) == 1


def test_the_photograph_an_object_was_cut_from_is_never_its_background():
    assert all("train1" not in order(seed, own=1) for seed in range(10))


def test_where_one_kind_is_missing_the_other_serves():
    assert sorted(order(rows=ROWS[:3], share=1.0)) == ["yours0", "yours1", "yours2"]
    assert sorted(order(rows=ROWS[3:], share=0.0)) == ["train0", "train1", "train2"]


def test_the_order_depends_on_the_seed_and_not_on_the_order_of_the_rows():
    assert order(4) == order(4, rows=ROWS[::-1])
    assert len({tuple(order(seed)) for seed in range(20)}) > 10
