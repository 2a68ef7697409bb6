"""After the waves: everything composed becomes one set, and then the published tables."""

import dagster as dg
import pytest

from genval_assets.assets.checks import CHECKS
from genval_assets.definitions import ASSETS
from genval_assets.rows import Annotation, Export, Verdict
from tests.assets.world import names_only


@pytest.fixture
def world(make_world):
    world = make_world(concepts=names_only("ant", "bee", "cat")).set_up()
    assert world.serve_batch("ant", "cat").success
    return world


def test_the_merged_set_holds_every_scene_and_says_which_row_each_annotation_is(world):
    assert world.materialize(["training_dataset"]).success
    assert "annotations/coco.json" in world.datasets.sets["training"]
    exported = {row.annotation_id for row in world.tables.read(Export)}
    assert exported == {row.annotation_id for row in world.tables.read(Annotation)}
    event = world.instance.get_latest_materialization_event(dg.AssetKey("training_dataset")).asset_materialization
    assert event.metadata["annotations"].value == len(exported)


def test_each_category_has_a_set_of_its_own_scenes(world):
    assert set(world.datasets.sets) == {"categories/ant", "categories/cat"}


def test_exported_again_the_rows_are_the_same(world):
    world.materialize(["training_dataset"])
    rows = set(world.tables.rows[Export])
    assert world.materialize(["training_dataset"]).success
    assert set(world.tables.rows[Export]) == rows


def test_the_warehouse_publishes_where_every_category_stands(world):
    assert world.materialize(["training_dataset", "warehouse"]).success
    assert world.published.published == [{"ant": "done", "cat": "done", "bee": "short"}]


def test_what_is_in_flight_is_published_as_such_but_not_the_publishing_run(world):
    @dg.job
    def some_job() -> None:
        pass

    tags = {"dagster/partition": "bee"}
    world.instance.create_run_for_job(some_job, status=dg.DagsterRunStatus.STARTED, tags=tags)
    world.materialize(["warehouse"])
    assert world.published.published[-1]["bee"] == "in_flight"


def checks(world, *assets: str) -> dict[str, dg.AssetCheckEvaluation]:

    result = dg.materialize(
        [*ASSETS, *CHECKS], selection=list(assets), instance=world.instance, resources=world.resources()
    )
    return {evaluation.check_name: evaluation for evaluation in result.get_asset_check_evaluations()}


def test_sound_data_passes_every_check(world):
    found = checks(world, "training_dataset", "warehouse")
    assert {name for name, one in found.items() if one.passed} == {"yields", "masks", "uses", "validation_leaks"}


def test_checks_name_the_worst_categories(world, make_row):
    world.tables.append([make_row(Verdict, category="cat", outcome="rejected", reasons=["flat"]) for _ in range(400)])
    world.tables.append([make_row(Annotation, category="ant", area_px=0)])
    found = checks(world, "training_dataset", "warehouse")
    assert not found["yields"].passed
    assert found["yields"].severity == dg.AssetCheckSeverity.WARN
    worst = found["yields"].metadata["worst"].records[0].data
    assert (worst["category"], worst["reason"]) == ("cat", "flat")
    assert not found["masks"].passed
    assert found["masks"].metadata["categories"].value == {"ant": 1}
