"""Variations of real objects: new pictures with new masks, held against their source, three of an object at most."""

import json

import pytest

from genval_assets.config import InstanceSettings
from genval_assets.models.settings import VariationSettings
from genval_assets.rows import Failure, Instance, Quarantined, Reference, Scene, TopUp, Usage, Verdict
from genval_assets.types import Concept
from tests.assets.fakes import Album, ListConcepts
from tests.assets.world import World, settings


@pytest.fixture
def world(make_world) -> World:
    """Ants and bees: two and one real objects; the target is far away."""
    both = [Concept(name, i, image_count=3 - i, instance_count=3 - i) for i, name in ((1, "ant"), (2, "bee"))]
    return make_world(
        settings=settings("variation", target=50), concepts=ListConcepts(both), photographs=Album({1: 2, 2: 1})
    ).set_up()


def test_each_object_gets_its_variations_and_each_names_object_seed_and_model(world):
    assert world.serve_batch("ant", "bee").success
    rows = world.tables.read(Instance)
    objects = {row.reference_id for row in world.tables.read(Reference)}
    assert {row.reference_id for row in rows} == objects
    assert [sum(row.reference_id == one for row in rows) for one in sorted(objects)] == [3, 3, 3]
    assert {(row.source, row.model, row.revision, row.prompt_id) for row in rows} == {
        ("variation", "mirror", "1", None)
    }
    assert len({row.seed for row in rows}) == len({row.instance_id for row in rows}) == 9
    assert {(row.frame_width, row.width) for row in rows} == {(120, 40)}


def test_the_models_are_opened_once_and_batches_are_filled_across_categories(world):
    assert world.serve_batch("ant", "bee").success
    assert (world.variations.opened, world.segmenters.opened) == (1, 1)
    assert sorted(map(len, world.variations.batches)) == [3, 3, 3]
    usage = [row for row in world.tables.read(Usage) if row.stage == "raw_instances"]
    assert [(row.model, row.items) for row in usage] == [("mirror@1", 9)]


def test_a_new_instance_is_judged_pasted_and_counted_like_a_drawn_one(world):
    assert world.serve_batch("ant", "bee").success
    verdicts = world.tables.read(Verdict)
    assert {(v.outcome, v.stage) for v in verdicts} == {("accepted", "vlm")}
    assert world.tables.count(Scene) == {"ant": 6, "bee": 3}
    measured = json.loads(world.tables.read(Instance)[0].measured)
    assert measured["iou"] == 1.0
    assert measured["phash_distance"] >= 7


def test_a_copy_of_its_source_is_refused_by_name_and_never_shown_to_the_judge(world):
    world.variations.copies = {"ant"}
    assert world.serve_batch("ant", "bee").success
    refused = world.tables.read(Verdict, ["ant"])
    assert {(v.outcome, v.stage, *v.reasons) for v in refused} == {("rejected", "gate", "copy")}
    assert {request.category for request in world.chat.looked} == {"bee"}
    assert world.tables.count(Scene) == {"bee": 3}


@pytest.mark.parametrize(("shift", "outcome"), [(9, "accepted"), (11, "rejected")])
def test_what_does_not_lie_on_its_source_is_refused(world, shift, outcome):
    world.segmenters.shift = shift  # of 40 px: overlaps of 31/49 = .63 and 29/51 = .57
    assert world.serve_one("bee").success
    assert {(v.outcome, *v.reasons) for v in world.tables.read(Verdict)} == {
        (outcome, *(["moved"] if outcome == "rejected" else []))
    }


def test_where_nothing_is_drawn_or_found_an_error_stands_and_nothing_is_owed(world):
    world.variations.fails = {"ant"}
    world.segmenters.empty = True
    assert world.serve_batch("ant", "bee").success
    verdicts = world.tables.read(Verdict)
    assert {(v.category, v.outcome, v.explanation) for v in verdicts} == {
        ("ant", "error", "black after 3 tries"),
        ("bee", "error", "the segmenter finds no object where the source's was"),
    }
    assert {v.reference_id for v in verdicts} == {row.reference_id for row in world.tables.read(Reference)}
    assert sum(row.reason == "not_drawn" for row in world.tables.read(Quarantined)) == 9
    assert world.serve_batch("ant", "bee").success
    assert len(world.variations.batches) == 3


def test_what_the_device_had_no_room_for_fails_its_category_and_stays_owed(world):
    world.variations.no_room = {"ant"}
    assert not world.serve_batch("ant", "bee").success
    assert world.tables.count(Instance) == {"bee": 3}
    assert [(row.category, "out of memory" in row.error) for row in world.tables.read(Failure)] == [("ant", True)]
    world.variations.no_room = set()
    assert world.serve_one("ant").success
    assert world.tables.count(Instance) == {"ant": 6, "bee": 3}


def test_a_model_that_raises_for_one_category_leaves_the_other_its_variations(world):
    world.variations.raises = {"ant"}
    assert not world.serve_batch("ant", "bee").success
    assert world.tables.count(Instance) == {"bee": 3}


def test_a_missing_model_ends_the_run_before_anything_is_planned(world):
    world.variations.broken = "the variation model is not on this machine: hf download …"
    result = world.serve_batch("ant", "bee")
    assert not result.success
    assert "hf download" in world.errors_of(result)
    assert world.tables.count(TopUp) == {}


def test_cut_outs_and_variations_share_the_three_of_an_object(world):
    both = InstanceSettings(
        sources=("cutout", "variation"),
        variants={"per_source": 1},
        variation={"per_source": 2},
    )
    world.settings = world.settings.model_copy(update={"instances": both})
    assert world.serve_one("ant").success
    rows = world.tables.read(Instance)
    assert sorted((row.source, row.index) for row in rows) == [
        ("cutout", 0), ("cutout", 1), ("variation", 0), ("variation", 1), ("variation", 2), ("variation", 3),
    ]  # fmt: skip
    per_object = [row.reference_id for row in rows]
    assert {per_object.count(one) for one in per_object} == {3}


def test_more_than_three_of_an_object_are_refused_as_a_setting():
    with pytest.raises(ValueError, match=r"3 \+ 3 of each real object, but at most 3 count"):
        InstanceSettings(sources=("cutout", "variation"))
    assert InstanceSettings(sources=("variation",)).variation == VariationSettings()


def test_a_photograph_that_went_away_costs_its_own_candidates_and_no_other(world):
    assert world.serve_one("ant", ["reference_instances"]).success
    gone, kept = (row.image_id for row in world.tables.read(Reference, ["ant"]))
    world.photographs.gone = {gone}
    assert world.serve_one("ant", ["raw_instances"]).success
    of_image = {row.reference_id: row.image_id for row in world.tables.read(Reference)}
    assert {of_image[row.reference_id] for row in world.tables.read(Instance)} == {kept}
    lost = world.tables.read(Verdict)
    assert {(v.outcome, of_image[v.reference_id]) for v in lost} == {("error", gone)}
    assert len(lost) == 3


def test_a_segmenter_without_room_leaves_the_batch_owed(world):
    world.segmenters.no_room = True
    world.variations.best_batch = 9
    assert not world.serve_batch("ant", "bee").success
    assert len(world.variations.batches) == 1, "nothing is drawn again for it"
    assert world.tables.count(Verdict) == {}
    world.segmenters.no_room = False
    assert world.serve_batch("ant", "bee").success
    assert world.tables.count(Instance) == {"ant": 6, "bee": 3}
