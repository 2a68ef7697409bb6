"""Scenes drawn as a whole from layouts stand beside composed ones: neither is taken for the other."""

import json

import dagster as dg
import numpy as np
import pytest

from genval_assets.assets.checks import CHECKS
from genval_assets.assets.datasets import gather
from genval_assets.assets.previews import newest_scenes, scene_metadata
from genval_assets.compose.rle import encode
from genval_assets.definitions import ASSETS
from genval_assets.layout_rows import LayoutImage, QuestionAnswer
from genval_assets.rows import Annotation, Export, Scene
from tests.assets.world import World, names_only

DRAWN = {"instance_id": None, "background_id": None, "canvas": "layout"}
OF_NODE = {"source_annotation_id": None, "visible_share": None}


@pytest.fixture
def world(make_world) -> World:
    return make_world(concepts=names_only("ant", "bee")).set_up()


def add_layout_scene(world: World, make_row, name: str, category: str = "ant", index: int = 40) -> None:
    """Store a scene with one object as a layout leaves it, and a question about it."""
    size = (32, 32)
    mask = np.zeros(size, dtype=bool)
    mask[4:12, 4:12] = True
    (path,) = world.images.put([np.full((*size, 3), 90, np.uint8)])
    about = {"category": category, "width": 32, "height": 32, "image": path}
    world.tables.append([make_row(LayoutImage, layout_image_id=f"p-{name}", layout_id=name, **about)])
    world.tables.append(
        [
            make_row(
                Annotation, annotation_id=f"a-{name}", scene_id=name, scene_category=category, category=category,
                x=4.0, y=4.0, w=8.0, h=8.0, area_px=64, segmentation=encode(mask, size), node_id="n1", **OF_NODE,
            )
        ]
    )  # fmt: skip
    world.tables.append(
        [make_row(Scene, scene_id=name, layout_image_id=f"p-{name}", index=index, round=0, **about, **DRAWN)]
    )
    world.tables.append([make_row(QuestionAnswer, scene_id=name, category=category, question="Where?", answer="Here.")])


def composed(world: World, category: str) -> list[tuple[str | None, int]]:
    rows = world.tables.read(Scene, [category])
    return [(row.instance_id, row.index) for row in rows if row.layout_image_id is None]


def test_composed_scenes_are_the_same_with_and_without_layout_scenes_of_their_category(make_world, make_row):
    alone = make_world(concepts=names_only("ant", "bee")).set_up()
    beside = make_world(concepts=names_only("ant", "bee")).set_up()
    add_layout_scene(beside, make_row, "d1")
    for one in (alone, beside):
        assert one.serve_batch("ant", "bee").success
    assert composed(alone, "ant") == composed(beside, "ant")
    assert [index for _, index in composed(beside, "ant")] == [0, 1, 2, 3]


def test_a_later_wave_goes_on_after_the_last_composed_scene(world, make_row):
    assert world.serve_one("ant").success
    add_layout_scene(world, make_row, "d1")
    assert world.serve_one("ant", candidates=2).success
    indices = [index for _, index in composed(world, "ant")]
    assert indices == list(range(len(indices)))
    assert len(indices) > 2


def test_the_sets_hold_layout_scenes_with_their_pictures_objects_and_questions(world, make_row):
    add_layout_scene(world, make_row, "d1")
    add_layout_scene(world, make_row, "d2", "bee")
    assert world.serve_one("ant").success
    assert world.materialize(["training_dataset"]).success
    own = json.loads(world.datasets.contents["categories/ant"]["annotations/coco.json"])
    assert [i["genval"]["layout_image_id"] for i in own["images"] if "layout_image_id" in i["genval"]] == ["p-d1"]
    merged = world.datasets.contents["training"]
    everything = json.loads(merged["annotations/coco.json"])
    assert {i["genval"]["scene_id"] for i in everything["images"]} == {row.scene_id for row in world.tables.read(Scene)}
    assert [c["id"] for c in json.loads(merged["conversations/llava.json"])] == ["d1", "d2"]
    assert {"a-d1", "a-d2"} <= {row.annotation_id for row in world.tables.read(Export)}
    event = world.instance.get_latest_materialization_event(dg.AssetKey("training_dataset")).asset_materialization
    assert (event.metadata["drawn_from_layouts"].value, event.metadata["question_answer_pairs"].value) == (2, 2)


def test_a_categorys_set_reads_pictures_and_questions_of_that_category_alone(world, make_row):
    add_layout_scene(world, make_row, "d1")
    add_layout_scene(world, make_row, "d2", "bee")
    world.tables.asked.clear()
    content = gather(world.tables, None, "", ["ant"])
    assert world.tables.asked[LayoutImage.table] == world.tables.asked[QuestionAnswer.table] == [{"ant"}]
    assert [row.layout_image_id for row in content.layout_images] == ["p-d1"]
    assert [row.scene_id for row in content.questions] == ["d1"]


def test_pictures_that_lost_are_no_part_of_a_set(world, make_row):
    add_layout_scene(world, make_row, "d1")
    world.tables.append([make_row(LayoutImage, layout_id="d1", category="ant")])
    assert [row.layout_image_id for row in gather(world.tables, None, "").layout_images] == ["p-d1"]


def test_what_is_said_of_composed_scenes_leaves_layout_scenes_out(world, make_row):
    add_layout_scene(world, make_row, "d1", index=99)
    assert world.serve_one("ant").success
    scenes, annotations = world.tables.read(Scene, ["ant"]), world.tables.read(Annotation, ["ant"])
    told = scene_metadata(scenes, annotations, world.images)
    assert (told["scenes"], told["real_objects"]) == (4, 0)
    assert told["pasted_objects"] == sum(row.instance_id is not None for row in annotations)
    lone = [row for row in scenes if row.layout_image_id is None]
    of_lone = [row for row in annotations if row.node_id is None]
    assert told == scene_metadata(lone, of_lone, world.images)
    assert set(newest_scenes([row for row in scenes if row.layout_image_id], annotations, world.images)) == {
        "newest_scenes"
    }


def test_layout_scenes_pass_the_checks_of_the_merged_set(world, make_row):
    for number in range(30):
        add_layout_scene(world, make_row, f"d{number}")
    assert world.serve_one("ant").success
    result = dg.materialize(
        [*ASSETS, *CHECKS], selection=["training_dataset"], instance=world.instance, resources=world.resources()
    )
    assert {one.check_name: one.passed for one in result.get_asset_check_evaluations()} == {
        "masks": True, "uses": True, "validation_leaks": True, "splits_share_nothing": True,
    }  # fmt: skip
