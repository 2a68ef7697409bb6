"""The pool of real pairs: where they come from, when it is made again, and what a bad row does."""

import json

import pytest

from genval_assets.assets.jobs import top_up
from genval_assets.assets.layout_pool import read_pool
from genval_assets.layout_rows import PoolPair, StoredLayout
from genval_assets.layouts.settings import LayoutSettings, PoolSettings
from genval_assets.rows import Quarantined
from genval_assets.runs import PAIRS, to_set_up
from genval_assets.types import Concept, SourceAnnotation
from tests.assets.fakes import SQUARE, Album, ListConcepts
from tests.assets.world import settings

TWO = [Concept("mug", source_id=1, image_count=1), Concept("tea pot", source_id=2, image_count=1)]


class Table(Album):
    """One image of 96 px: a mug at the left, a tea pot at the right, and a heap that training ignores."""

    def __init__(self) -> None:
        super().__init__({1: 1})
        places = [(1, 1, (5.0, 40.0, 20.0, 20.0), False), (2, 2, (60.0, 40.0, 30.0, 30.0), False),
                  (3, 2, (0.0, 0.0, 96.0, 30.0), True)]  # fmt: skip
        self._annotations = [SourceAnnotation(n, 1, c, box, 400.0, crowd, SQUARE) for n, c, box, crowd in places]

    def images(self):
        return [self.image(1)]


@pytest.fixture
def make_pool(make_world):
    """Make a project with that image, set up; `pool` are settings of the pool."""

    def make(graphs=1, **pool):
        layouts = LayoutSettings(graphs=graphs, pool=PoolSettings(**pool))
        given = settings("cutout").model_copy(update={"layouts": layouts})
        return make_world(concepts=ListConcepts(TWO), photographs=Table(), settings=given).set_up()

    return make


def pairs(world):
    return {(p.subject, p.relation, p.object) for p in world.tables.rows[PoolPair].values()}


def test_pairs_come_from_the_users_own_images_without_regions_to_ignore(make_pool):
    world = make_pool()
    assert world.materialize([PAIRS]).success
    key = next(p.object for p in world.tables.rows[PoolPair].values() if p.subject == "mug")
    assert ("mug", "left of", key) in pairs(world)
    assert {p.image for p in world.tables.rows[PoolPair].values()} == {"1.jpg"}
    assert {p.subject for p in world.tables.rows[PoolPair].values()} == {"mug", key}


def test_the_same_pairs_are_no_new_generation_and_others_are(make_pool):
    world = make_pool()
    world.materialize([PAIRS])
    before = set(world.tables.rows[PoolPair])
    world.materialize([PAIRS])
    assert set(world.tables.rows[PoolPair]) == before
    world.photographs._annotations[0] = SourceAnnotation(1, 1, 1, (5.0, 30.0, 10.0, 20.0), 200.0, False, SQUARE)
    world.materialize([PAIRS])
    assert {p.generation for p in world.tables.rows[PoolPair].values()} == {1, 2}
    pool, generation = read_pool(world.tables)
    assert (generation, len(pool)) == (2, len(before))


def test_a_relation_file_joins_the_pool_and_its_bad_rows_are_quarantined(make_pool, tmp_path):
    good = {"image_id": 7, "obj1": ["Tea Pot", [0.1, 0.1, 0.2, 0.2]], "obj2": ["spoon", [0.6, 0.1, 0.1, 0.1]],
            "relation": "left"}  # fmt: skip
    flat = good | {"image_id": 8, "obj2": ["spoon", [0.6, 0.1, 0.0, 0.1]]}
    file = tmp_path / "relations.json"
    file.write_text(json.dumps([good, flat]))
    world = make_pool(own=False, relations=str(file))
    assert world.materialize([PAIRS]).success
    (pair,) = world.tables.rows[PoolPair].values()
    assert (pair.relation, pair.object, pair.source) == ("left of", "spoon", "relations.json")
    assert pair.subject.startswith("tea_pot"), "the user's own category, whatever its case"
    assert len([row for row in world.tables.rows[Quarantined].values() if row.stage == PAIRS]) == 1


def test_a_file_of_another_form_says_so(make_pool, tmp_path):
    file = tmp_path / "relations.json"
    file.write_text('{"not": "a list"}')
    world = make_pool(own=False, relations=str(file))
    result = world.materialize([PAIRS])
    assert not result.success
    assert "relations.json" in world.errors_of(result)


def test_a_pool_that_lost_all_its_pairs_says_so_instead_of_keeping_the_old_ones(make_pool):
    world = make_pool()
    world.materialize([PAIRS])
    world.photographs._annotations.clear()
    result = world.materialize([PAIRS])
    assert not result.success
    assert "nothing gives a pair of objects any more" in world.errors_of(result)


def test_the_job_that_tops_up_makes_the_pool_that_its_layouts_need(make_pool):
    world = make_pool()
    job = top_up()
    assert job.execute_in_process(instance=world.instance, resources=world.resources(), raise_on_error=False).success
    assert pairs(world)
    assert {row.pool_generation for row in world.tables.rows[StoredLayout].values()} == {1}


def test_a_wave_sets_the_pool_up_once_where_layouts_are_asked_for(make_pool):
    world = make_pool()
    marks = world.project.set_up_fingerprint(world.concepts), world.project.pairs_fingerprint(world.concepts)
    assert to_set_up(world.instance, *marks) == [PAIRS]
    world.materialize([PAIRS])
    assert to_set_up(world.instance, *marks) == []
    assert to_set_up(world.instance, marks[0], "another file") == [PAIRS]
    without = make_pool(graphs=0)
    assert without.project.pairs_fingerprint(without.concepts) == ""
