from collections import Counter

import pytest

from genval_assets.compose.choose import Candidate, by_category, choose_objects
from genval_assets.compose.settings import SceneSettings

PRIMARY = Candidate("zebra", "z0")
POOL = [PRIMARY, *(Candidate(category, f"{category}{i}") for category in ("dog", "cat", "zebra") for i in range(1, 9))]
SETTINGS = SceneSettings()


def chosen(seed=0, pool=POOL, deficits=None, uses=None, settings=SETTINGS):
    return choose_objects(PRIMARY, by_category(pool), deficits or {}, uses or {}, seed, settings)


def test_scenes_hold_one_to_ten_objects_equally_often():
    sizes = Counter(1 + len(chosen(seed)) for seed in range(2000))
    assert set(sizes) == set(range(1, 11))
    assert min(sizes.values()) > 140


def test_nobody_joins_twice_nor_does_the_primary_join_itself():
    for seed in range(50):
        others = chosen(seed)
        assert len(set(others)) == len(others)
        assert PRIMARY not in others


def test_categories_join_in_proportion_to_their_deficit():
    drawn = Counter(other.category for seed in range(600) for other in chosen(seed)[:1])
    assert min(drawn["dog"], drawn["cat"], drawn["zebra"]) > 140  # of about 540
    drawn = Counter(c.category for seed in range(600) for c in chosen(seed, deficits={"dog": 30, "cat": 10})[:1])
    assert drawn["dog"] == pytest.approx(3 * drawn["cat"], rel=0.3)
    assert drawn["zebra"] == 0


def test_a_cutout_at_its_most_uses_joins_no_more():
    uses = {candidate.instance_id: 4 for candidate in POOL if candidate.category != "dog"} | {"dog1": 3}
    for seed in range(30):
        assert {other.category for other in chosen(seed, uses=uses)} <= {"dog"}


def test_the_least_used_of_a_category_come_first():
    uses = {f"dog{i}": 2 for i in range(1, 8)} | {"dog8": 1}
    firsts = {chosen(seed, deficits={"dog": 1}, uses=uses)[:1][0] for seed in range(40) if chosen(seed)}
    assert firsts == {Candidate("dog", "dog8")}


def test_the_choice_depends_on_the_seed_and_not_on_the_pools_order():
    assert chosen(3) == chosen(3, pool=POOL[::-1])
    assert len({tuple(chosen(seed)) for seed in range(20)}) > 10


def test_a_small_pool_gives_what_it_has():
    pool = [PRIMARY, Candidate("dog", "dog1")]
    assert {len(chosen(seed, pool=pool)) for seed in range(40)} == {0, 1}
    assert chosen(0, pool=[PRIMARY]) == []
