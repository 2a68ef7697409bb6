"""The chain serves any set of categories in one run, on an instance whose upstreams were materialized before."""

import os
import signal

import dagster as dg
import pytest

from genval_assets.assets.catalog import KEPT_CHECK, LINE, LISTS_CHECK, SCENES_CHECK, YIELD_CHECK
from genval_assets.rows import Failure, Instance, Prompt, Reference, Scene, TopUp, Verdict
from genval_assets.types import Concept
from tests.assets.fakes import Album, ListConcepts
from tests.assets.world import World, names_only, settings

NAMES = ("ant", "bee", "cat", "dog", "eel")


@pytest.fixture
def world(make_world):
    return make_world(concepts=names_only(*NAMES)).set_up()


def everywhere(world: World) -> dict[str, set[str]]:
    """Return which partitions of each asset of the chain are materialized."""
    return {asset: world.materialized(asset) for asset in LINE}


def all_of(*categories: str) -> dict[str, set[str]]:
    return {asset: set(categories) for asset in LINE}


def test_a_single_partition_goes_through_every_stage_to_its_target(world):
    assert world.serve_one("cat").success
    assert everywhere(world) == all_of("cat")
    (tally,) = [t for t in world.tables.tallies() if t.category == "cat"]
    assert tally.effective >= tally.target == 2
    assert world.tables.count(Scene) == {"cat": tally.accepted}
    assert "annotations/coco.json" in world.datasets.sets["categories/cat"]


def test_a_contiguous_range_is_one_run(world):
    assert world.serve_range("bee", "dog").success
    assert everywhere(world) == all_of("bee", "cat", "dog")
    assert world.foregrounds.opened == 1


def test_a_backfill_of_the_daemon_is_a_range_with_tags(world):
    assert world.serve_range("ant", "bee", **{"dagster/backfill": "abcdefgh"}).success
    assert everywhere(world) == all_of("ant", "bee")


def test_scattered_categories_are_one_run_anchored_at_the_first(world):
    assert world.serve_batch("dog", "ant", "cat").success
    assert everywhere(world) == all_of("dog", "ant", "cat")


def test_models_are_opened_once_per_stage_and_their_batches_filled_across_categories(world):
    world.serve_batch("dog", "ant", "cat")
    assert (world.foregrounds.opened, world.foregrounds.closed, world.chat.opened) == (1, 1, 2)
    assert any(len(set(batch)) > 1 for batch in world.foregrounds.batches)
    assert all(len(batch) == 3 for batch in world.foregrounds.batches[:-1])


def test_a_batch_goes_on_through_the_chain_from_any_stage(world):
    """The trap: without its anchor a batch dies once a partitioned asset upstream of its selection has a partition."""
    assert world.serve_batch("dog", "ant", assets=LINE[:3]).success
    assert world.serve_batch("dog", "ant", assets=LINE[3:]).success
    assert everywhere(world) == all_of("dog", "ant")
    assert world.serve_range("ant", "bee").success
    assert everywhere(world) == all_of("dog", "ant", "bee")


def test_only_the_selected_stages_work(world):
    assert world.serve_one("cat", ["optimized_prompts"]).success
    assert world.tables.count(Prompt)
    assert world.foregrounds.opened == 0
    assert [asset for asset in LINE if world.materialized(asset)] == ["optimized_prompts"]


@pytest.mark.parametrize("listed", [["bee", "cat"], ["bee", "ant"]])
def test_an_anchor_that_is_not_the_first_of_the_batch_is_refused_before_any_work(world, listed):
    result = world.serve_one("ant", categories=listed)
    assert not result.success
    assert "Launch it for the partition 'bee'" in world.errors_of(result)
    assert everywhere(world) == all_of()
    assert not world.tables.count(TopUp)


def test_a_category_that_is_not_in_the_concept_list_is_refused_before_any_work(world):
    result = world.serve_batch("ant", "unicorn")
    assert not result.success
    assert "not in the concept list: ['unicorn']" in world.errors_of(result)
    assert everywhere(world) == all_of()


def broken_photographs(world: World) -> None:
    world.photographs.broken = {2}


def broken_drawing(world: World) -> None:
    world.foregrounds.raises = {"bee"}


@pytest.mark.parametrize(
    ("break_it", "stage", "error"),
    [
        (broken_photographs, "reference_instances", "OSError: category 2: the file went away"),
        (broken_drawing, "raw_instances", "RuntimeError: out of memory while drawing bee"),
    ],
)
def test_a_category_that_fails_leaves_a_row_and_does_not_stop_the_others(make_world, break_it, stage, error):
    concepts = [Concept(name, source_id=n, image_count=n) for n, name in enumerate(("ant", "bee", "cat"), start=1)]
    world = make_world(concepts=ListConcepts(concepts), photographs=Album({1: 1, 2: 1, 3: 1})).set_up()
    break_it(world)
    result = world.serve_batch("cat", "bee", "ant")
    assert not result.success
    assert "1 of 3 categories failed, the others are done:\nbee: " + f"{stage}: {error}" in world.errors_of(result)
    assert [(row.category, row.stage, row.error) for row in world.tables.read(Failure)] == [("bee", stage, error)]
    before = LINE[: LINE.index(stage)]
    expected = {asset: {"ant", "bee", "cat"} if asset in before else {"ant", "cat"} for asset in LINE}
    assert everywhere(world) == expected
    assert world.tables.count(Instance).keys() == {"ant", "cat"}


@pytest.mark.parametrize("asset", ["validated_instances", "composite_scenes"])
def test_a_lost_picture_fails_its_category_alone(world, asset):
    before = LINE[: LINE.index(asset)]
    world.serve_batch("ant", "bee", "eel", assets=before, candidates=8)
    lost, column = (Instance, "image") if asset == "validated_instances" else (Verdict, "cutout")
    world.images.lost = {getattr(row, column) for row in world.tables.read(lost, ["bee"])}
    result = world.serve_batch("ant", "bee", "eel", assets=LINE[LINE.index(asset) :])
    assert not result.success
    assert "1 of 3 categories failed" in world.errors_of(result)
    assert {row.category for row in world.tables.read(Failure)} == {"bee"}
    assert world.tables.count(Scene) == {"ant": 8, "eel": 8}


def test_pictures_that_gc_took_are_missing_from_the_previews_and_nothing_else(world):
    """`genval gc` deletes the pictures of old rejects; their category is still materialized as before."""
    world.foregrounds.draws_badly = {"ant"}
    world.serve_one("ant")
    world.images.lost = {row.image for row in world.tables.read(Instance)}
    assert world.serve_one("ant", ["validated_instances"]).success
    event = world.instance.get_latest_materialization_event(dg.AssetKey("validated_instances"))
    assert event.asset_materialization.metadata["rejected"].value > 0
    assert "contact_sheet" not in event.asset_materialization.metadata


def test_a_failed_category_is_taken_up_where_it_failed(world):
    world.foregrounds.raises = {"bee"}
    assert not world.serve_batch("ant", "bee").success
    world.foregrounds.raises = set()
    drawn = world.tables.count(Instance)["ant"]
    assert world.serve_batch("ant", "bee").success
    assert everywhere(world) == all_of("ant", "bee")
    assert world.tables.count(Instance)["ant"] == drawn
    assert world.tables.count(TopUp) == {"ant": 1, "bee": 1}


def test_a_second_run_does_nothing_opens_nothing_and_says_so(world):
    world.serve_batch("ant", "bee")
    stored = {kind.table: set(rows) for kind, rows in world.tables.rows.items() if kind.table != "usage"}
    again = world.serve_batch("ant", "bee")
    assert again.success
    assert {kind.table: set(rows) for kind, rows in world.tables.rows.items() if kind.table != "usage"} == stored
    assert (world.foregrounds.opened, world.chat.opened) == (1, 2)
    assert "ant: done: 0 real and 4 effective synthetic instances reach its target of 2" in world.log_of(again)


def test_candidates_adds_so_many_at_the_next_free_indices(world):
    world.serve_one("ant")
    before = {row.index for row in world.tables.read(Instance)}
    assert before == set(range(len(before)))
    assert world.serve_one("ant", candidates=3).success
    assert {row.index for row in world.tables.read(Instance)} == set(range(len(before) + 3))
    assert {row.round for row in world.tables.read(Instance)} == {1, 2}
    assert world.tables.count(Scene) == {"ant": len(before) + 3}
    assert [row.requested_by for row in world.tables.read(TopUp)] == ["plan", "candidates"]


def test_an_interrupted_plan_is_finished_beside_the_candidates_that_are_asked_for(world):
    world.foregrounds.raises = {"ant"}
    world.serve_one("ant")
    world.foregrounds.raises = set()
    (plan,) = world.tables.read(TopUp)
    assert world.serve_one("ant").success
    assert world.tables.read(TopUp) == [plan]
    assert world.tables.count(Instance) == {"ant": plan.count}
    world.tables.rows[Instance].popitem()
    world.tables.rows[Verdict].popitem()
    assert world.serve_one("ant", candidates=3).success
    assert sorted(p.count for p in world.tables.read(TopUp)) == [3, plan.count]
    assert world.tables.count(Instance) == {"ant": plan.count + 3}


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_run_that_is_asked_to_stop_ends_as_canceled_with_the_batch_at_hand_stored_and_is_resumed(world, number):
    draw = world.foregrounds.draw
    world.foregrounds.draw = lambda requests: (os.kill(os.getpid(), number), draw(requests))[1]
    stopped = world.serve_batch("ant", "bee")
    assert world.instance.get_run_by_id(stopped.run_id).status == dg.DagsterRunStatus.CANCELED
    assert sum(world.tables.count(Instance).values()) == world.foregrounds.best_batch
    assert not world.tables.read(Failure)
    world.foregrounds.draw = draw
    assert world.serve_batch("ant", "bee").success
    assert world.tables.count(TopUp) == {"ant": 1, "bee": 1}
    assert everywhere(world) == all_of("ant", "bee")


def test_zero_results_are_materialized_too(world):
    world.foregrounds.draws_nothing = {"ant"}
    world.foregrounds.draws_badly = {"bee"}
    assert world.serve_batch("ant", "bee").success
    assert everywhere(world) == all_of("ant", "bee")
    assert {row.outcome for row in world.tables.read(Verdict, ["ant"])} == {"error"}
    assert {row.outcome for row in world.tables.read(Verdict, ["bee"])} == {"rejected"}
    assert not world.tables.count(Scene)


def test_a_category_at_its_target_is_materialized_and_costs_nothing(make_world):
    world = make_world(concepts=ListConcepts([Concept("dog", image_count=500, instance_count=900)])).set_up()
    assert world.serve_one("dog").success
    assert everywhere(world) == all_of("dog")
    assert world.foregrounds.opened == world.chat.opened == 0


def test_cut_outs_need_no_model_and_are_three_of_each_source_object_at_most(make_world):
    concepts = ListConcepts([Concept("ant", source_id=1, image_count=2, instance_count=2)])
    world = make_world(settings=settings("cutout", target=50), concepts=concepts, photographs=Album({1: 2})).set_up()
    result = world.serve_one("ant")
    assert result.success
    assert world.foregrounds.opened == world.chat.opened == 0
    assert world.tables.count(Reference) == {"ant": 2}
    (tally,) = world.tables.tallies()
    assert tally.drawn == 6
    assert tally.effective == tally.accepted <= 6
    assert everywhere(world) == all_of("ant")


def test_the_checks_are_evaluated_per_partition(world):
    world.foregrounds.draws_badly = {"bee"}
    result = world.serve_batch("ant", "bee")
    found = {
        (event.event_specific_data.check_name, event.event_specific_data.partition): event.event_specific_data.passed
        for event in result.all_events
        if event.event_type == dg.DagsterEventType.ASSET_CHECK_EVALUATION
    }
    assert found == {
        (YIELD_CHECK, "ant"): True, (YIELD_CHECK, "bee"): False, (SCENES_CHECK, "ant"): True,
        (SCENES_CHECK, "bee"): True, (KEPT_CHECK, "ant"): True, (KEPT_CHECK, "bee"): True,
        (LISTS_CHECK, "ant"): True, (LISTS_CHECK, "bee"): True,
    }  # fmt: skip


def test_each_stage_shows_counts_reasons_and_pictures_in_the_ui(world):
    world.serve_one("ant")
    event = world.instance.get_latest_materialization_event(dg.AssetKey("validated_instances"))
    metadata = event.asset_materialization.metadata
    assert metadata["accepted"].value == 4
    assert metadata["yield"].value == 1.0
    assert metadata["contact_sheet"].value.startswith("![")
    assert len(metadata["contact_sheet"].value) < 30_000
    scenes = world.instance.get_latest_materialization_event(dg.AssetKey("composite_scenes")).asset_materialization
    assert scenes.metadata["scenes"].value == 4
    assert len(scenes.metadata["newest_scenes"].value) < 30_000


def test_a_run_holds_its_lock_while_it_works(world):
    seen = []
    draw = world.foregrounds.draw
    world.foregrounds.draw = lambda requests: (
        seen.append({name: s.kind for name, s in world.locks.states.items()}),
        draw(requests),
    )[1]
    result = world.serve_one("ant")
    assert seen[0][f"run-{result.run_id}"] == "held"
    assert world.locks.state(f"run-{result.run_id}").kind == "released"


def test_every_stage_with_work_tells_its_progress_to_the_end(world):
    world.serve_batch("ant", "bee")
    told = {name: (total, done) for name, total, done in world.progress.stages}
    assert told == {
        "reference_instances": (2, 2), "optimized_prompts": (8, 8), "raw_instances": (8, 8),
        "validated_instances": (8, 8), "selection": (8, 8), "composite_scenes": (8, 8),
        "category_dataset": (2, 2),
    }  # fmt: skip
