"""Of the valid pictures that a category has above its target the best are composed; the rest stays valid and waits."""

import itertools
from dataclasses import replace

import dagster as dg
import pytest

from genval_assets.assets import scenes
from genval_assets.assets.catalog import LINE, SCENES_CHECK
from genval_assets.concepts.register import active
from genval_assets.instances.in_force import in_force
from genval_assets.rows import Annotation, Category, Failure, NotSelected, Scene, Verdict
from genval_assets.topup.owed import owes
from genval_assets.types import Concept, Tally
from tests.assets.fakes import Album, ListConcepts
from tests.assets.world import World, names_only, settings

GREY = (1.0, 1.0, 1.0)
BEFORE = LINE[: LINE.index("composite_scenes")]
SCENES = LINE[LINE.index("composite_scenes") :]


@pytest.fixture
def world(make_world):
    """Two categories with a target of 4, of whose names the embedder knows that they are grey."""
    world = make_world(concepts=names_only("ant", "bee"), settings=settings(target=4)).set_up()
    world.embedders.words = {"ant": GREY, "bee": GREY}
    return world


def tally(world: World, category: str = "ant") -> Tally:
    return next(one for one in world.tables.tallies() if one.category == category)


def composed(world: World) -> set[str]:
    return {scene.instance_id for scene in world.tables.read(Scene)}


def left_out(world: World) -> dict[str, NotSelected]:
    return {row.instance_id: row for row in world.tables.read(NotSelected)}


def accepted(world: World) -> list[Verdict]:
    return [verdict for verdict in in_force(world.tables.read(Verdict)) if verdict.outcome == "accepted"]


def aim(world: World, target: int, category: str = "ant") -> None:
    """Change a category's target, as a new generation of the concept list does."""
    for key, old in active(world.tables.read(Category)).items():
        again = {"category_row_id": f"{key} {old.generation + 1}", "generation": old.generation + 1}
        world.tables.append([replace(old, **again, target=target if key == category else old.target)])


def scenes_check(result: dg.ExecuteInProcessResult) -> dg.AssetCheckEvaluation:
    found = [
        event.event_specific_data
        for event in result.all_events
        if event.event_type == dg.DagsterEventType.ASSET_CHECK_EVALUATION
    ]
    return next(one for one in found if one.check_name == SCENES_CHECK)


def test_up_to_the_target_every_picture_is_used_and_nothing_is_embedded(world):
    assert world.serve_one("ant", candidates=4).success
    assert len(composed(world)) == 4
    assert (world.embedders.opened, left_out(world)) == (0, {})


def test_above_the_target_the_share_that_the_settings_name_is_used_best_first(world):
    assert world.serve_one("ant", candidates=10).success
    rows = left_out(world)
    assert (len(composed(world)), len(rows), world.embedders.opened) == (7, 3, 1)
    assert composed(world) | rows.keys() == {verdict.instance_id for verdict in accepted(world)}
    assert {(row.target, row.needed, row.of, row.round, row.s_img) for row in rows.values()} == {(4, 4, 10, 1, None)}
    ranked = sorted(rows.values(), key=lambda row: row.rank)
    assert [row.rank for row in ranked] == [8, 9, 10]
    assert ranked[0].s_txt > ranked[1].s_txt > ranked[2].s_txt
    metadata = world.instance.get_latest_materialization_event(dg.AssetKey("composite_scenes"))
    assert metadata.asset_materialization.metadata["not_selected"].value == 3


def test_never_fewer_are_used_than_the_target_needs(world):
    aim(world, 9)
    assert world.serve_one("ant", candidates=10).success
    assert (len(composed(world)), [row.needed for row in left_out(world).values()]) == (9, [9])


def test_real_instances_and_those_of_earlier_rounds_count_before_a_round_is_said_to_be_needed(make_world):
    concepts = ListConcepts([Concept("ant", instance_count=2, image_count=2)])
    world = make_world(concepts=concepts, settings=settings(target=8)).set_up()
    world.embedders.words = {"ant": GREY}
    assert world.serve_one("ant", candidates=4).success
    assert not left_out(world)
    assert world.serve_one("ant", candidates=10).success
    assert {(row.round, row.needed, row.of) for row in left_out(world).values()} == {(2, 2, 10)}
    assert len(composed(world)) == 4 + 7


def test_what_is_left_out_is_valid_and_owed_nothing(world):
    result = world.serve_one("ant", candidates=10)
    one = tally(world)
    assert (one.accepted, one.effective, one.scenes, one.not_selected, owes(one)) == (10, 10, 7, 3, 0)
    assert scenes_check(result).passed
    assert {verdict.outcome for verdict in world.tables.read(Verdict)} == {"accepted"}
    assert world.serve_one("ant").success
    assert (world.embedders.opened, len(composed(world))) == (1, 7)


def test_it_may_join_the_scenes_of_others(world):
    assert world.serve_one("ant", candidates=10).success
    assert left_out(world).keys() & {row.instance_id for row in world.tables.read(Annotation)}


def test_once_the_target_rises_it_is_owed_again_and_composed_as_far_as_it_is_needed(world):
    world.serve_one("ant", candidates=10)
    before, best = composed(world), min(left_out(world).values(), key=lambda row: row.rank)
    aim(world, 8)
    assert (tally(world).not_selected, owes(tally(world))) == (0, 3)
    result = world.serve_one("ant")
    assert result.success
    assert composed(world) == before | {best.instance_id}
    assert sorted((row.target, row.rank) for row in world.tables.read(NotSelected)) == [
        (4, 8), (4, 9), (4, 10), (8, 9), (8, 10),
    ]  # fmt: skip
    assert (tally(world).not_selected, owes(tally(world)), scenes_check(result).passed) == (2, 0, True)
    assert tally(world).drawn == 10
    aim(world, 10)
    assert world.serve_one("ant").success
    assert len(composed(world)) == 10
    assert (world.embedders.opened, owes(tally(world))) == (2, 0)


def test_what_has_a_scene_keeps_it_whatever_another_embedder_says(world):
    world.embedders.words = {"ant": (1.0, 0.0, 0.0)}
    world.serve_one("ant", candidates=10)
    before = composed(world)
    aim(world, 5)
    world.embedders.words = {"ant": (0.0, 1.0, 1.0)}
    assert world.serve_one("ant").success
    assert composed(world) > before
    assert not {row.instance_id for row in world.tables.read(NotSelected) if row.target == 5} & composed(world)
    assert owes(tally(world)) == 0


def test_once_the_target_falls_what_was_left_out_stays_so(world):
    aim(world, 8)
    world.serve_one("ant", candidates=10)
    aim(world, 2)
    assert (tally(world).not_selected, owes(tally(world))) == (2, 0)
    assert world.serve_one("ant").success
    assert (len(composed(world)), world.embedders.opened) == (8, 1)


def test_what_a_person_rejects_is_made_up_for_by_what_was_left_out(world):
    """Nothing new is drawn while valid pictures lie unused."""
    world.serve_one("ant", candidates=10)
    victims = [verdict for verdict in accepted(world) if verdict.instance_id in composed(world)][:5]
    said = {"outcome": "rejected", "stage": "person", "reasons": ["incomplete"]}
    world.tables.append([replace(one, verdict_id=f"{one.verdict_id} person", **said) for one in victims])
    assert owes(tally(world)) >= 2
    while owes(tally(world)):
        assert world.serve_one("ant").success
    one = tally(world)
    assert (one.accepted, one.drawn) == (5, 10)
    assert one.scenes >= 4


def test_cut_outs_are_never_left_out(make_world):
    concepts = ListConcepts([Concept("ant", source_id=1, image_count=2)])
    world = make_world(settings=settings("cutout", target=1), concepts=concepts, photographs=Album({1: 2})).set_up()
    assert world.serve_one("ant", candidates=6).success
    assert len(composed(world)) == len(accepted(world)) > 4
    assert (world.embedders.opened, left_out(world)) == (0, {})


def test_of_a_name_that_the_embedder_does_not_know_the_real_crops_decide(make_world):
    concepts = ListConcepts([Concept("ant", source_id=1, image_count=2)])
    world = make_world(settings=settings(target=4), concepts=concepts, photographs=Album({1: 2})).set_up()
    assert world.serve_one("ant", candidates=10).success
    rows = sorted(left_out(world).values(), key=lambda row: row.rank)
    assert [(row.rank, row.s_txt) for row in rows] == [(8, None), (9, None), (10, None)]
    assert rows[0].s_img > rows[1].s_img > rows[2].s_img


def test_with_nothing_to_compare_with_all_are_used(world):
    world.embedders.words = {}
    assert world.serve_one("ant", candidates=10).success
    assert (len(composed(world)), left_out(world)) == (10, {})
    assert owes(tally(world)) == 0


def test_a_share_of_one_switches_the_filter_off(make_world):
    everything = settings(target=4)
    rethink = everything.instances.rethink.model_copy(update={"keep_share": 1.0})
    instances = everything.instances.model_copy(update={"rethink": rethink})
    world = make_world(concepts=names_only("ant"), settings=everything.model_copy(update={"instances": instances}))
    world.embedders.words = {"ant": GREY}
    assert world.set_up().serve_one("ant", candidates=10).success
    assert (len(composed(world)), world.embedders.opened) == (10, 0)


def test_the_model_is_opened_once_for_all_categories_and_sees_those_that_need_it(world):
    aim(world, 10, "bee")
    result = world.serve_batch("ant", "bee", candidates=10)
    assert result.success, world.errors_of(result)
    assert (world.embedders.opened, world.embedders.seen) == (1, 10)
    assert {row.category for row in left_out(world).values()} == {"ant"}


class Killed(BaseException):
    """Nothing of ours catches it."""


def killed_and_resumed(world: World, monkeypatch, kill_at: int) -> World:
    """End a run that composes at its so-manieth scene, and run it again."""
    world.embedders.words = {"ant": GREY, "bee": GREY}
    assert world.serve_batch("ant", "bee", assets=BEFORE, candidates=10).success
    make, count = scenes.SceneMaker.make, itertools.count()

    def make_until_killed(self, order, source):
        if next(count) == kill_at:
            raise Killed
        return make(self, order, source)

    with monkeypatch.context() as patch:
        patch.setattr(scenes, "SCENES_PER_FLUSH", 1)
        patch.setattr(scenes.SceneMaker, "make", make_until_killed)
        assert not world.serve_batch("ant", "bee", assets=SCENES).success
        assert len(composed(world)) == kill_at
        assert world.serve_batch("ant", "bee", assets=SCENES).success
    return world


@pytest.mark.parametrize("kill_at", [0, 3, 9])
def test_a_run_killed_while_it_composes_goes_on_with_the_same_pictures(make_world, monkeypatch, kill_at):
    def made(world: World) -> tuple[list[tuple], list[tuple]]:
        rows = [(row.not_selected_id, row.rank, row.s_txt) for row in world.tables.read(NotSelected)]
        assert (len(rows), world.embedders.opened) == (6, 1)
        return rows, [(one.category, one.index, one.instance_id, one.image) for one in world.tables.read(Scene)]

    one, other = (make_world(concepts=names_only("ant", "bee"), settings=settings(target=4)).set_up() for _ in range(2))
    other.embedders.words = {"ant": GREY, "bee": GREY}
    assert other.serve_batch("ant", "bee", candidates=10).success
    assert made(killed_and_resumed(one, monkeypatch, kill_at)) == made(other)


def test_a_lost_cut_out_fails_its_category_alone(world):
    world.serve_batch("ant", "bee", assets=BEFORE, candidates=10)
    world.images.lost = {verdict.cutout for verdict in accepted(world) if verdict.category == "bee"}
    assert not world.serve_batch("ant", "bee", assets=SCENES).success
    assert [(row.category, row.stage) for row in world.tables.read(Failure)] == [("bee", "composite_scenes")]
    assert {row.category for row in left_out(world).values()} == {"ant"}
    assert len(composed(world)) == 7
