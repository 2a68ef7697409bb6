"""Whole scenes from graphs: what a run of the chain stores, skips, gives up, and goes on with."""

import json

import pytest

from genval_assets.assets.planning import next_wave
from genval_assets.layout_rows import (
    ImageScore,
    LayoutImage,
    LayoutPair,
    LayoutScene,
    QuestionAnswer,
    StoredGraph,
    StoredLayout,
)
from genval_assets.layouts.settings import ClisISettings, ClisLSettings, LayoutSettings
from genval_assets.rows import Annotation, Failure, Quarantined, Scene, Usage
from genval_assets.topup.sources import Sources
from genval_assets.types import Concept, Found, ModelUnavailable
from tests.assets.fake_models import Spotter
from tests.assets.fakes import NOW, ListConcepts
from tests.assets.world import names_only, settings

STAGES = ("scene_graphs", "layouts", "layout_scenes", "question_answers")
PAIR = (("mug", "key"), ("banana", "key"))


def asking(graphs: int = 2, **layouts):
    """Return settings that want graphs and nothing else."""
    wanted = LayoutSettings(graphs=graphs, objects=PAIR, **layouts)
    return settings("foreground").model_copy(update={"layouts": wanted})


@pytest.fixture
def make_layouts(make_world):
    """Make a project of three names, set up, that wants graphs."""

    def make(**given):
        world = make_world(**{"concepts": names_only("banana", "key", "mug"), "settings": asking()} | given)
        return world.set_up()

    return make


def stored(world, kind):
    return list(world.tables.rows[kind].values())


def test_every_graph_ends_as_an_annotated_scene_or_says_why_not(make_layouts):
    world = make_layouts()
    assert world.serve_batch("mug", "banana", assets=STAGES).success
    graphs, layouts, ends = (stored(world, kind) for kind in (StoredGraph, StoredLayout, LayoutScene))
    assert sorted((g.category, g.index) for g in graphs) == [("banana", 0), ("banana", 1), ("mug", 0), ("mug", 1)]
    assert {row.graph_id for row in layouts} == {row.graph_id for row in graphs}
    assert {row.layout_id for row in ends} == {row.layout_id for row in layouts}
    assert [row.outcome for row in ends] == ["kept"] * 4
    assert len(stored(world, LayoutImage)) == len(stored(world, ImageScore)) == 16
    scenes = {row.scene_id: row for row in stored(world, Scene)}
    assert {row.scene_id for row in ends} == set(scenes)
    assert {row.canvas for row in scenes.values()} == {"layout"}
    shown = {(row.scene_id, row.category) for row in stored(world, Annotation) if not row.iscrowd}
    assert {(scene_id, row.category) for scene_id, row in scenes.items()} <= shown
    assert {row.scene_id for row in stored(world, QuestionAnswer)} == set(scenes)
    for stage in STAGES:
        assert world.materialized(stage) == {"mug", "banana"}


def test_models_are_opened_once_per_stage_however_many_categories_there_are(make_layouts):
    world = make_layouts()
    assert world.serve_batch("mug", "banana", "key", assets=STAGES).success
    assert (world.layout_images.opened, world.segmenters.opened, world.chat.opened) == (1, 1, 3)


def test_a_second_run_asks_and_draws_nothing(make_layouts):
    world = make_layouts()
    world.serve_batch("mug", "banana", assets=STAGES)
    before = {kind: set(rows) for kind, rows in world.tables.rows.items()}
    asked, drawn = len(world.chat.asked), len(world.layout_images.asked)
    assert world.serve_batch("mug", "banana", assets=STAGES).success
    assert (len(world.chat.asked), len(world.layout_images.asked)) == (asked, drawn)
    assert {kind: set(rows) for kind, rows in world.tables.rows.items()} == before


@pytest.mark.parametrize("lost", [StoredLayout, LayoutImage, ImageScore, LayoutScene, Scene, QuestionAnswer])
def test_a_run_that_was_stopped_anywhere_ends_like_an_undisturbed_one(make_layouts, lost):
    world = make_layouts()
    world.serve_one("mug", STAGES)
    kinds = (StoredGraph, StoredLayout, LayoutPair, LayoutImage, ImageScore, Annotation, Scene, LayoutScene)
    order = [*kinds, QuestionAnswer]
    whole = {kind: set(world.tables.rows[kind]) for kind in order}
    for kind in order[order.index(lost) :]:  # what a killed run had not come to
        world.tables.rows[kind].clear()
    assert world.serve_one("mug", STAGES).success
    assert {kind: set(world.tables.rows[kind]) for kind in order} == whole


def test_a_category_that_has_its_target_or_is_unknown_to_the_model_gets_no_graph(make_layouts):
    enough = Concept("key", image_count=9, instance_count=9, target=9)
    world = make_layouts(concepts=ListConcepts([Concept("banana"), enough, Concept("mug")]), settings=asking(graphs=1))
    world.layout_images.unknown = {"banana"}
    assert world.serve_batch("mug", "banana", "key", assets=STAGES).success
    assert {row.category for row in stored(world, StoredGraph)} == {"mug"}
    assert world.materialized("layout_scenes") == {"mug", "banana", "key"}


def test_no_graph_is_made_where_the_settings_want_none(make_layouts):
    world = make_layouts(settings=settings("foreground"))
    assert world.serve_one("mug", STAGES).success
    assert not stored(world, StoredGraph)
    assert world.chat.opened == world.layout_images.opened == 0


def test_a_category_whose_questions_are_not_answered_fails_alone_and_is_gone_on_with(make_layouts):
    world = make_layouts()
    world.chat.down = {"mug"}
    assert not world.serve_batch("mug", "banana", assets=STAGES).success
    assert {row.category for row in stored(world, LayoutScene)} == {"banana"}
    world.chat.down = set()
    assert world.serve_batch("mug", "banana", assets=STAGES).success
    assert {row.category for row in stored(world, LayoutScene)} == {"mug", "banana"}


def test_what_the_device_had_no_room_for_is_drawn_by_the_next_run(make_layouts):
    world = make_layouts()
    world.layout_images.no_room = {"mug"}
    result = world.serve_batch("mug", "banana", assets=STAGES)
    assert not result.success
    assert "memory ended" in world.errors_of(result)
    assert {row.category for row in stored(world, LayoutImage)} == {"banana"}
    world.layout_images.no_room = set()
    assert world.serve_batch("mug", "banana", assets=STAGES).success
    assert {row.category for row in stored(world, LayoutScene)} == {"mug", "banana"}


def test_a_layout_that_cannot_be_drawn_is_an_error_and_no_rejection(make_layouts):
    world = make_layouts()
    world.layout_images.undrawable = {"mug"}
    assert world.serve_one("mug", STAGES).success
    assert {(row.outcome, *row.reasons) for row in stored(world, LayoutScene)} == {("error", "not_drawn")}
    assert {row.error for row in stored(world, LayoutImage)} == {"black, four times"}
    assert not stored(world, Scene)


def test_a_layout_that_looks_unreal_is_stored_and_not_drawn(make_layouts):
    strict = ClisLSettings(without_evidence="drop")
    world = make_layouts(settings=asking(clis_l=strict))
    assert world.serve_one("mug", STAGES).success
    assert {(row.outcome, row.reason) for row in stored(world, StoredLayout)} == {("rejected", "no_evidence")}
    assert world.layout_images.opened == 0
    assert not stored(world, LayoutScene)


def test_pictures_that_show_something_else_give_no_scene(make_layouts):
    world = make_layouts()
    world.chat.of_layouts = lambda r: json.dumps({"caption": "Nothing."} if r.images else {"score": 1})
    assert world.serve_one("mug", STAGES).success
    (first, _) = stored(world, LayoutScene)
    assert (first.outcome, first.reasons, first.clis_i) == ("rejected", ["under_floor", "local_floor"], 20.0)
    assert not stored(world, Scene)
    assert not stored(world, Annotation)
    assert world.segmenters.opened == 0


def test_an_object_without_a_mask_is_a_region_to_ignore_and_never_an_object_without_label(make_layouts):
    world = make_layouts(settings=asking(graphs=1))
    masks = world.segmenters.masks

    def without_keys(pictures, boxes):
        found = masks(pictures, boxes)
        graphs = [json.loads(row.graph) for row in stored(world, StoredGraph)]
        for segments, graph in zip(found, graphs, strict=True):
            for i, node in enumerate(graph["nodes"]):
                if node["category"] == "key":
                    segments[i].mask[:] = False
        return found

    world.segmenters.masks = without_keys
    assert world.serve_one("mug", STAGES).success
    regions = {(row.category, row.iscrowd) for row in stored(world, Annotation)}
    assert regions == {("mug", 0), ("key", 1)}
    (end,) = stored(world, LayoutScene)
    assert set(json.loads(end.dropped).values()) == {"empty_mask"}


class Spot(Spotter):
    """Finds one banana in the upper left corner of every picture."""

    def find(self, pictures, names):
        return [[Found("banana", (0.0, 0.0, 2.0, 2.0), 0.9)] for _ in pictures]


@pytest.mark.parametrize(("what", "outcome"), [("drop", "rejected"), ("not_exhaustive", "kept")])
def test_an_object_outside_all_boxes_drops_the_picture_or_is_noted(make_layouts, what, outcome):
    world = make_layouts(settings=asking(graphs=1, clis_i=ClisISettings(extraneous=what)), layout_detectors=Spot())
    assert world.serve_one("mug", STAGES).success
    (end,) = stored(world, LayoutScene)
    assert (end.outcome, end.extraneous) == (outcome, ["banana"])
    assert end.detector == "spotter@3"
    assert [row.not_exhaustive for row in stored(world, Scene)] == ([["banana"]] if outcome == "kept" else [])


def test_a_missing_layout_model_is_named_before_anything_is_made(make_layouts):
    world = make_layouts()
    world.layout_images.broken = "GLIGEN is not here: fetch it"
    result = world.serve_one("mug", STAGES)
    assert ModelUnavailable.__name__ in world.errors_of(result)
    assert "fetch it" in world.errors_of(result)
    assert not stored(world, StoredGraph)


def wave(world):
    sources = Sources({"fake": "1"}, layouts=world.settings.layouts)
    return next_wave(world.tables, world.settings.top_up, world.settings.budget, sources, (), NOW)


def test_waves_hold_the_graphs_that_are_owed_and_end_when_none_is(make_layouts):
    world = make_layouts(settings=asking(graphs=2).model_copy(update={"top_up": settings(target=1).top_up}))
    assert {one.category: one.count for one in wave(world).extras} == {"banana": 2, "key": 2, "mug": 2}
    world.serve_batch("banana", "key", "mug")
    assert world.materialized("category_dataset") == {"banana", "key", "mug"}
    assert wave(world).extras == ()


def test_a_wave_of_categories_at_their_target_is_made_for_their_graphs_alone(make_layouts):
    world = make_layouts(settings=settings("foreground", target=1))
    world.serve_batch("banana", "key", "mug")
    world.settings = asking(graphs=1).model_copy(update={"top_up": settings(target=1).top_up})
    planned = wave(world)
    assert planned.categories == ("banana", "key", "mug")
    assert planned.tops == planned.resumed == ()
    assert "3 scene graphs" in planned.why


def test_the_sets_hold_the_scenes_with_their_questions(make_layouts):
    world = make_layouts(settings=asking(graphs=1))
    world.serve_one("mug")
    assert world.materialize(["training_dataset"]).success
    files = world.datasets.contents["training"]
    (scene,) = [row for row in stored(world, Scene) if row.layout_image_id]
    document = json.loads(files["annotations/coco.json"])
    (image,) = [one for one in document["images"] if one["genval"]["canvas"] == "layout"]
    assert image["genval"]["scene_id"] == scene.scene_id
    assert image["file_name"] in world.datasets.sets["training"]
    drawn = [one for one in document["annotations"] if one["image_id"] == image["id"]]
    assert len(drawn) == len([row for row in stored(world, Annotation) if row.scene_id == scene.scene_id])
    talks = json.loads(files["conversations/llava.json"])
    assert {one["image"] for one in talks} == {image["file_name"]}


def test_what_layouts_cost_stands_in_usage(make_layouts):
    world = make_layouts()
    world.serve_one("mug", STAGES)
    costs = {(row.stage, row.model) for row in stored(world, Usage) if row.answer_id is None}
    assert costs == {
        ("scene_graphs", "fake-chat@1"),
        ("layouts", "fake-chat@1"),
        ("layout_scenes", "fake-blocks@1"),
        ("layout_scenes", "fake-chat@1"),
        ("layout_scenes", "boxes@1"),
        ("question_answers", "by rule"),
    }


def test_a_scene_of_which_nothing_can_be_said_is_noted_and_owed_no_longer(make_layouts):
    world = make_layouts(settings=asking(graphs=1, max_objects=2, clis_i=ClisISettings(extraneous="not_exhaustive")))
    world.layout_detectors = Everything()
    world.serve_batch("banana", "key", "mug")
    assert {row.outcome for row in stored(world, LayoutScene)} == {"kept"}
    silent = [row for row in stored(world, Quarantined) if row.reason == "nothing_to_ask"]
    asked = {row.scene_id for row in stored(world, QuestionAnswer)}
    assert len(silent) + len(asked) == 3
    assert wave(world).extras == ()


def test_graphs_beyond_what_the_settings_want_are_neither_laid_out_nor_drawn(make_layouts):
    world = make_layouts()
    world.serve_one("mug", ("scene_graphs",))
    world.settings = asking(graphs=1)
    assert world.serve_one("mug", STAGES).success
    assert [row.index for row in stored(world, StoredLayout)] == [0]
    world.settings = asking(graphs=0)
    world.tables.rows[LayoutScene].clear()
    assert world.serve_one("mug", STAGES).success
    assert stored(world, LayoutScene) == []


def test_a_picture_that_was_lost_before_it_was_looked_at_leaves_the_others(make_layouts):
    world = make_layouts(settings=asking(graphs=1))
    world.chat.down = {"mug"}
    world.serve_one("mug", ("scene_graphs",))  # the chat model fails before anything is drawn
    world.chat.down = set()
    world.serve_one("mug", STAGES)
    first = next(row for row in stored(world, LayoutImage) if row.index == 0)
    for kind in (ImageScore, LayoutScene, Scene, Annotation, QuestionAnswer):
        world.tables.rows[kind].clear()
    world.images.lost.add(first.image)
    assert world.serve_one("mug", STAGES).success
    (end,) = stored(world, LayoutScene)
    assert end.outcome == "kept"
    assert end.layout_image_id != first.layout_image_id
    assert "lost_picture" in {row.reason for row in stored(world, Quarantined)}


def test_the_best_picture_that_was_lost_is_an_error_and_no_rejection(make_layouts):
    world = make_layouts(settings=asking(graphs=1))
    world.serve_one("mug", STAGES)
    (scene,) = stored(world, Scene)
    for kind in (LayoutScene, Scene, Annotation, QuestionAnswer):
        world.tables.rows[kind].clear()
    world.images.lost.add(scene.image)
    assert world.serve_one("mug", STAGES).success
    (end,) = stored(world, LayoutScene)
    assert (end.outcome, end.reasons) == ("error", ["lost_picture"])


def test_a_layout_with_something_of_a_retired_category_is_not_drawn(make_layouts):
    world = make_layouts(settings=asking(graphs=1))
    world.serve_one("mug", ("scene_graphs", "layouts"))
    world.concepts.concepts = [Concept("banana"), Concept("mug")]  # the key is gone
    assert world.materialize(["concept_list"]).success
    assert world.serve_one("mug", STAGES).success
    (end,) = stored(world, LayoutScene)
    assert (end.outcome, end.reasons) == ("error", ["retired"])
    assert world.layout_images.opened == 0


def test_layouts_that_fail_keep_no_category_from_its_instances(make_layouts):
    world = make_layouts(settings=asking(graphs=1).model_copy(update={"top_up": settings(target=1).top_up}))
    world.layout_images.no_room = {"mug", "key", "banana"}
    for _ in range(4):
        world.serve_batch("banana", "key", "mug")
    assert len(stored(world, Failure)) >= 3
    more = settings(target=9).top_up
    world.settings = world.settings.model_copy(update={"top_up": more})
    world.materialize(["concept_list"])
    assert {top.category for top in wave(world).tops} == {"banana", "key", "mug"}


class Everything(Spotter):
    """Finds something of every category at the edge of every picture, so that nothing can be counted or called."""

    def find(self, pictures, names):
        return [[Found(name, (0.0, 0.0, 2.0, 2.0), 0.9) for name in names] for _ in pictures]
