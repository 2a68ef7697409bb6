"""Cut-outs go on where they ended when new source objects are found: none is made twice, and none is refused."""

import errno

import pytest

from genval_assets.rows import Failure, Instance, TopUp, Verdict
from genval_assets.types import Concept
from tests.assets.fakes import Album, ListConcepts
from tests.assets.world import World, names_only, settings


@pytest.fixture
def world(make_world) -> World:
    """Two source objects, all six of whose cut-outs are made."""
    ants = [Concept("ant", source_id=1, image_count=2, instance_count=2)]
    cutting = settings("cutout", target=50)
    world = make_world(settings=cutting, concepts=ListConcepts(ants), photographs=Album({1: 2})).set_up()
    assert world.serve_one("ant").success
    return world


def cut_outs(world: World) -> list[tuple[str, int]]:
    """Return (source object, seed) of each candidate by index: the seed is drawn from object and variant."""
    return [(str(row.reference_id), row.seed) for row in world.tables.read(Instance)]


def test_a_plan_says_of_how_many_source_objects_it_was_made(world):
    world.photographs = Album({1: 4})
    assert world.serve_one("ant").success
    plans = sorted(world.tables.read(TopUp), key=lambda plan: plan.round)
    assert [(p.first_index, p.count, p.source_objects) for p in plans] == [(0, 6, 2), (6, 6, 4)]


def test_a_plan_for_a_model_is_made_of_no_source_object(make_world):
    world = make_world(concepts=names_only("ant")).set_up()
    assert world.serve_one("ant").success
    assert {(plan.source, plan.source_objects) for plan in world.tables.read(TopUp)} == {("offline", None)}


@pytest.mark.parametrize("objects", [3, 4, 9])
def test_new_source_objects_are_varied_and_old_ones_not_again(world, objects):
    before = cut_outs(world)
    world.photographs = Album({1: objects})
    assert world.serve_one("ant").success
    after = cut_outs(world)
    assert after[:6] == before
    assert len(after) == len(set(after)) == 3 * objects
    assert len({row.instance_id for row in world.tables.read(Instance)}) == 3 * objects
    per_object = [reference for reference, _ in after]
    assert {per_object.count(reference) for reference in per_object} == {3}


def test_a_plan_that_was_cut_off_is_finished_as_planned_whatever_was_found_since(world):
    whole = cut_outs(world)
    for kind in (Instance, Verdict):
        rows = world.tables.rows[kind]
        world.tables.rows[kind] = {key: row for key, row in rows.items() if row.index < 2}
    world.photographs = Album({1: 4})
    assert world.serve_one("ant", ["reference_instances"]).success
    assert world.serve_one("ant", ["raw_instances"]).success
    assert cut_outs(world)[:6] == whole


def test_what_another_profile_s_model_was_to_draw_lapses_by_name_and_is_planned_anew(make_world):
    world = make_world(concepts=names_only("ant")).set_up()
    assert world.serve_one("ant", ["reference_instances", "optimized_prompts"]).success
    planned = world.tables.read(TopUp)[0]
    world.foregrounds.source = "layer_diffusion"
    assert world.serve_one("ant").success
    lapsed = [v for v in world.tables.read(Verdict) if v.outcome == "error"]
    assert {(v.source, v.index) for v in lapsed} == {("offline", i) for i in range(planned.count)}
    assert {v.explanation for v in lapsed} == {
        "it was planned for the source 'offline'; this profile draws 'layer_diffusion'"
    }
    assert world.foregrounds.opened == 0
    assert world.serve_one("ant").success
    assert {row.source for row in world.tables.read(Instance)} == {"layer_diffusion"}
    assert world.serve_one("ant").success
    assert world.foregrounds.opened == 1


def test_each_candidate_names_the_model_revision_and_settings_that_drew_it(make_world):
    world = make_world(concepts=names_only("ant")).set_up()
    assert world.serve_one("ant").success
    assert {row.settings for row in world.tables.read(Instance)} == {'{"how": "disc@1"}'}


def test_a_full_disk_ends_the_run_at_once(make_world):
    world = make_world(concepts=names_only("ant", "bee")).set_up()

    def full(pictures, *, lossless=True):
        raise OSError(errno.ENOSPC, "no room")

    world.images.put = full
    assert not world.serve_batch("ant", "bee").success
    assert [sorted(set(batch)) for batch in world.foregrounds.batches] == [["ant"], ["ant", "bee"]], "none comes again"
    assert world.tables.count(Failure) == {}
