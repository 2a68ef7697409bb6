"""Minibatches look at every band and every reason in turn, so that rare faults are not forgotten."""

from genval_assets.textgrad.minibatch import Pickable, pick_minibatch

POOL = (
    [Pickable(f"common-{i}", "f", "incomplete") for i in range(50)]
    + [Pickable("rare", "r", "mixed_views")]
    + [Pickable(f"good-{i}", "f") for i in range(20)]
    + [Pickable(f"good-rare-{i}", "r") for i in range(5)]
)


def names(step: int, size: int = 3, seed: int = 0) -> list[str]:
    return [item.name for item in pick_minibatch(POOL, size, step, seed)]


def test_a_minibatch_holds_one_of_each_stratum_the_refused_ones_first():
    for seed in range(5):
        picked = pick_minibatch(POOL, 3, 1, seed)
        assert {item.last_reason for item in picked[:2]} == {"incomplete", "mixed_views"}
        assert len({(item.last_reason, item.band) for item in picked}) == 3


def test_a_reason_seen_once_comes_up_as_often_as_a_frequent_one():
    steps = [names(step) for step in range(1, 9)]
    assert sum("rare" in step for step in steps) == 6  # 24 places shared by 4 strata
    assert sum(name.startswith("common") for step in steps for name in step) == 6


def test_other_items_of_a_stratum_follow_from_step_to_step():
    common = {name for step in range(1, 13) for name in names(step) if name.startswith("common")}
    assert len(common) >= 6


def test_the_choice_depends_on_seed_and_step_alone():
    assert names(2) == [item.name for item in pick_minibatch(POOL[::-1], 3, 2, 0)]
    assert names(2, seed=1) != names(2, seed=0)


def test_no_item_comes_twice_and_a_small_pool_gives_what_it_has():
    assert sorted(names(1, size=100)) == sorted(item.name for item in POOL)
    assert pick_minibatch([], 3, 1, 0) == []
    two = [Pickable("a", "f"), Pickable("b", "f")]
    assert {item.name for item in pick_minibatch(two, 3, 5, 0)} == {"a", "b"}
