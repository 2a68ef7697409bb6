"""The concept list: a file becomes categories and partitions, and a changed file changes them."""

import dagster as dg
import pytest

from genval_assets.partitions import CATEGORIES
from genval_assets.rows import Category, Quarantined
from genval_assets.types import Concept, Listed, RefusedItem
from tests.assets.fakes import ListConcepts


@pytest.fixture
def world(make_world):
    counts = {"dog": 90, "ant": 2, "Bee, wild": 0, "cat": 90}
    return make_world(concepts=ListConcepts([Concept(name, image_count=n) for name, n in counts.items()]))


def partitions(world) -> list[str]:
    return list(world.instance.get_dynamic_partitions(CATEGORIES.name))


def metadata(world) -> dict[str, object]:
    event = world.instance.get_latest_materialization_event(dg.AssetKey("concept_list"))
    return {name: value.value for name, value in event.asset_materialization.metadata.items()}


def test_partitions_are_registered_rarest_first_so_that_the_rare_ones_are_one_range(world):
    assert world.materialize(["concept_list"]).success
    first, *others = partitions(world)
    assert first.startswith("bee_wild-")
    assert others == ["ant", "cat", "dog"]
    told = metadata(world)
    assert (told["categories"], told["rare"], told["added"], told["retired"]) == (4, 2, 4, 0)


def test_the_same_file_again_changes_nothing(world):
    world.materialize(["concept_list"])
    before = partitions(world)
    stored = list(world.tables.rows[Category])
    assert world.materialize(["concept_list"]).success
    assert partitions(world) == before
    assert list(world.tables.rows[Category]) == stored
    assert metadata(world)["added"] == 0


def test_what_is_gone_is_retired_and_may_come_back(world):
    world.materialize(["concept_list"])
    without = [concept for concept in world.concepts.concepts if concept.name != "ant"]
    everything, world.concepts.concepts = world.concepts.concepts, without
    world.materialize(["concept_list"])
    assert "ant" not in partitions(world)
    assert metadata(world)["retired"] == 1
    world.concepts.concepts = everything
    world.materialize(["concept_list"])
    assert "ant" in partitions(world)


def test_a_rename_keeps_the_partition_and_says_so(make_world):
    world = make_world(concepts=ListConcepts([Concept("ant", source_id=7)]))
    world.materialize(["concept_list"])
    world.concepts.concepts = [Concept("wood ant", source_id=7)]
    world.materialize(["concept_list"])
    assert partitions(world) == ["ant"]
    assert metadata(world)["renamed"] == "ant -> wood ant"


def test_what_of_the_file_cannot_be_used_is_quarantined(world):
    refused = RefusedItem("annotation 17", "nan_polygon", "a coordinate is NaN", raw='{"id": 17}')
    world.concepts.read = lambda: Listed((Concept("ant"),), (refused,))
    assert world.materialize(["concept_list"]).success
    (row,) = world.tables.read(Quarantined)
    assert (row.stage, row.item, row.reason, row.category) == ("concept_list", "annotation 17", "nan_polygon", None)
    assert metadata(world)["refused_items"] == 1


def test_a_list_that_cannot_be_used_changes_nothing(world):
    world.materialize(["concept_list"])
    before = partitions(world)
    world.concepts.concepts = [Concept("Ant"), Concept("ant")]
    result = world.materialize(["concept_list"])
    assert not result.success
    assert "'Ant' and 'ant'" in world.errors_of(result)
    assert partitions(world) == before
