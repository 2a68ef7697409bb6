"""After the waves: everything composed becomes one set, and then the published tables."""

import json
from dataclasses import replace

import dagster as dg
import pytest

from genval_assets.assets.checks import CHECKS
from genval_assets.assets.datasets import gather
from genval_assets.backgrounds.hashes import phash
from genval_assets.backgrounds.screening import ScreeningSettings
from genval_assets.config import BackgroundSettings
from genval_assets.definitions import ASSETS
from genval_assets.export.settings import ExportSettings
from genval_assets.negative_rows import HardNegative, NegativeList, PositiveCaption
from genval_assets.rows import Annotation, Export, Instance, Quarantined, Reference, Scene, ValidationImage, Verdict
from genval_assets.types import Concept
from tests.assets.fakes import Album, ListConcepts, OnePicture
from tests.assets.world import names_only, settings


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
    sound = {"yields", "masks", "uses", "validation_leaks", "validation_agrees", "splits_share_nothing"}
    assert {name for name, one in found.items() if one.passed} == sound


def test_checks_name_the_worst_categories(world, make_row):
    refused = {"category": "cat", "outcome": "rejected", "reasons": ["flat"]}
    world.tables.append([make_row(Verdict, instance_id=f"bad{n}", **refused) for n in range(400)])
    world.tables.append([make_row(Annotation, category="ant", area_px=0)])
    found = checks(world, "training_dataset", "warehouse")
    assert not found["yields"].passed
    assert found["yields"].severity == dg.AssetCheckSeverity.WARN
    worst = found["yields"].metadata["worst"].records[0].data
    assert (worst["category"], worst["reason"]) == ("cat", "flat")
    assert not found["masks"].passed
    assert found["masks"].metadata["categories"].value == {"ant": 1}


class NoPictures(OnePicture):
    """An empty folder."""

    def paths(self, kind: str) -> list[str]:
        return []


@pytest.fixture
def on_photographs(make_world):
    """Scenes of two categories on the user's photographs 1 to 4; the real images are merged into the set."""
    asked = {
        "backgrounds": BackgroundSettings(screening=ScreeningSettings(min_side_px=64)),
        "export": ExportSettings(include_real=True),
    }
    world = make_world(
        settings=settings("foreground").model_copy(update=asked),
        concepts=ListConcepts([Concept("ant", source_id=1), Concept("bee", source_id=2)]),
        photographs=Album({1: 3, 2: 1}),
        pictures=NoPictures(),
    ).set_up()
    assert world.serve_batch("ant", "bee").success
    return world


def training(world) -> dict:
    """Materialize the merged set and return its COCO document."""
    result = world.materialize(["training_dataset"])
    assert result.success, world.errors_of(result)
    return json.loads(world.datasets.contents["training"]["annotations/coco.json"])


def real_images(document: dict) -> set[int]:
    return {i["genval"]["source_image_id"] for i in document["images"] if "scene_id" not in i["genval"]}


def metadata(world, asset: str = "training_dataset"):
    return world.instance.get_latest_materialization_event(dg.AssetKey(asset)).asset_materialization.metadata


def test_sound_real_images_are_merged_without_reading_their_pixels(on_photographs):
    on_photographs.photographs.hashed.clear()
    assert real_images(training(on_photographs)) == {1, 2, 3, 4}
    assert on_photographs.photographs.hashed == []


@pytest.mark.parametrize(
    ("damage", "reason", "item"),
    [
        (lambda world: world.photographs.incomplete.add(2), "incomplete", "image 2"),
        (lambda world: world.photographs.missing.add(2), "picture_missing", "image 2"),
        (lambda world: world.photographs.bad_masks.add(2), "polygon_far", "annotation 2"),
    ],
)
def test_a_real_image_that_cannot_be_exported_whole_is_left_out_counted_and_quarantined_once(
    on_photographs, damage, reason, item
):
    damage(on_photographs)
    document = training(on_photographs)
    training(on_photographs)
    assert real_images(document) == {1, 3, 4}
    assert all(a["genval"].get("source_annotation_id") != 2 for a in document["annotations"] if "z" not in a["genval"])
    assert metadata(on_photographs)["left_out"].value["real_images"] == {reason: 1}
    card = on_photographs.datasets.contents["training"]["README.md"].decode()
    assert f"1 real image ({reason})" in card
    rows = [row for row in on_photographs.tables.rows[Quarantined].values() if row.stage == "training_dataset"]
    assert [(row.item, row.reason) for row in rows] == [(item, reason)]
    assert on_photographs.tables.appends["quarantine"] == 1


def test_validation_pictures_and_near_duplicates_do_not_leave_as_real_images(on_photographs, make_row):
    own = phash(on_photographs.photographs.pixels(3))
    near = f"{int(own, 16) ^ 0b111:016x}"
    on_photographs.tables.append([make_row(ValidationImage, phash=near)])
    assert real_images(training(on_photographs)) == {1, 2, 4}
    assert metadata(on_photographs)["left_out"].value["real_images"] == {"validation_image": 1}


def test_scenes_on_an_image_that_is_left_out_as_a_real_one_stay(on_photographs):
    scenes = on_photographs.tables.read(Scene)
    on_photographs.photographs.missing = {1, 2, 3, 4}
    document = training(on_photographs)
    assert {i["genval"].get("scene_id") for i in document["images"]} == {scene.scene_id for scene in scenes}


def test_scenes_on_an_image_that_the_file_no_longer_names_are_left_out_and_counted(on_photographs):
    scenes = on_photographs.tables.read(Scene)
    on_photographs.photographs.gone = {scenes[0].image_id}
    lost = {scene.scene_id for scene in scenes if scene.image_id == scenes[0].image_id}
    document = training(on_photographs)
    found = {i["genval"]["scene_id"] for i in document["images"] if "scene_id" in i["genval"]}
    assert found == {scene.scene_id for scene in scenes} - lost
    assert metadata(on_photographs)["left_out"].value["scenes_without_image"] == len(lost)
    assert f"{len(lost)} scenes on images" in on_photographs.datasets.contents["training"]["README.md"].decode()


def test_a_category_whose_image_is_gone_still_gets_its_set(on_photographs):
    scenes = on_photographs.tables.read(Scene, ["ant"])
    on_photographs.photographs.gone = {scenes[0].image_id}
    result = on_photographs.serve_one("ant", ["category_dataset"])
    assert result.success, on_photographs.errors_of(result)
    lost = sum(scene.image_id == scenes[0].image_id for scene in scenes)
    assert metadata(on_photographs, "category_dataset")["left_out"].value["scenes_without_image"] == lost
    assert metadata(on_photographs, "category_dataset")["images"].value == len(scenes) - lost


def test_without_the_annotation_file_scenes_on_its_images_are_left_out(on_photographs):
    scenes = on_photographs.tables.read(Scene)
    on_photographs.photographs = Album()
    document = training(on_photographs)
    assert document["images"] == []
    assert metadata(on_photographs)["left_out"].value["scenes_without_image"] == len(scenes)


def test_of_two_scenes_of_one_instance_the_first_by_id_is_exported_with_its_own_annotations(world):
    scene = world.tables.read(Scene)[0]
    own = [row for row in world.tables.read(Annotation) if row.scene_id == scene.scene_id]
    for prefix in ("0", "z"):
        twin = f"{prefix}-twin"
        world.tables.append([replace(scene, scene_id=twin)])
        world.tables.append([replace(row, scene_id=twin, annotation_id=f"{prefix}-{row.annotation_id}") for row in own])
    content = gather(world.tables, None, "")
    kept = [one.scene_id for one in content.scenes if one.instance_id == scene.instance_id]
    assert kept == ["0-twin"]
    assert {row.scene_id for row in content.annotations} == {one.scene_id for one in content.scenes}


def test_a_categorys_set_reads_the_rows_of_what_is_in_its_scenes_alone(world):
    world.tables.asked.clear()
    content = gather(world.tables, None, "", ["ant"])
    inside = {row.category for row in content.annotations if row.instance_id}
    assert world.tables.asked[Annotation.table] == [{"ant"}]
    assert world.tables.asked[Instance.table] == world.tables.asked[Verdict.table] == [inside]
    assert {row.instance_id for row in content.annotations} == {row.instance_id for row in content.instances}


def describe(world, make_row, subject: str, category: str, kind: str = "instance") -> str:
    """Store a caption of a picture with one negative and its list, and return its id."""
    said = '[{"type": "colour", "value": "red", "noun": "ant", "word": "red"}]'
    told = '[{"type": "colour", "origin": "red", "target": "blue", "noun": "ant"}]'
    row = make_row(
        PositiveCaption, category=category, kind=kind, subject_id=subject, image=f"data/images/{subject}.webp",
        outcome="accepted", caption="A red ant.", nouns=["ant"], attributes=said, n_attributes=1,
    )  # fmt: skip
    whose = {"positive_id": row.positive_id, "category": category, "negative_list_id": f"of {row.positive_id}"}
    counted = {"wanted": 1, "n_hard": 1, "n_medium": 0, "n_easy": 0, "n_trivial": 0, "verified_by": "both"}
    for one in (
        row,
        make_row(HardNegative, sentence="A blue ant.", level="hard", changes=told, outcome="accepted", **whose),
        make_row(NegativeList, **counted, **whose),
    ):
        world.tables.append([one])
    return row.positive_id


def accepted_of(world, category: str) -> str:
    return next(row.instance_id for row in world.tables.read(Verdict, [category]) if row.outcome == "accepted")


def described_in(world, name: str) -> list[str]:
    """Return the ids of the captions that a set holds."""
    content = world.datasets.contents[name].get("negatives/hard_negatives.jsonl", b"")
    return sorted(json.loads(line)["positive_id"] for line in content.splitlines())


def test_captions_leave_in_the_merged_set_and_in_the_set_of_their_category(world, make_row):
    ant, cat = (describe(world, make_row, accepted_of(world, key), key) for key in ("ant", "cat"))
    scene = describe(world, make_row, world.tables.read(Scene, ["cat"])[0].scene_id, "cat", "scene")
    assert world.materialize(["training_dataset"]).success
    assert world.serve_batch("ant", "cat").success
    assert described_in(world, "training") == sorted([ant, cat, scene])
    assert described_in(world, "categories/ant") == [ant]
    assert described_in(world, "categories/cat") == sorted([cat, scene])
    assert metadata(world)["captions"].value == 3
    assert metadata(world)["hard_negatives"].value == 3


def test_the_caption_of_an_instance_that_is_refused_now_stays_away_from_every_set_and_is_counted(world, make_row):
    """Also from a category's set of which no scene shows the instance."""
    bad, good = make_row(Instance, instance_id="bad", category="ant"), accepted_of(world, "ant")
    judged = [make_row(Verdict, instance_id="bad", category="ant", outcome=said) for said in ("accepted", "rejected")]
    world.tables.append([bad])
    world.tables.append(judged)
    describe(world, make_row, "bad", "ant")
    kept = describe(world, make_row, good, "ant")
    assert world.materialize(["training_dataset"]).success
    assert described_in(world, "training") == [kept]
    assert metadata(world)["left_out"].value["captions"] == {"refused_instance": 1}
    content = gather(world.tables, None, "", ["ant"])
    assert [row.subject_id for row in content.captions] == [good]
    assert [row.subject_id for row in content.spoilt_captions] == ["bad"]


def test_an_accepted_instance_that_no_scene_shows_keeps_its_caption_in_its_categorys_set(world, make_row):
    world.tables.append([make_row(Instance, instance_id="spare", category="bee")])
    world.tables.append([make_row(Verdict, instance_id="spare", category="bee", outcome="accepted")])
    describe(world, make_row, "spare", "bee")
    content = gather(world.tables, None, "", ["bee"])
    assert [row.subject_id for row in content.captions] == ["spare"]
    assert content.spoilt_captions == ()
    assert content.instances == ()


def test_captions_of_photographs_that_the_file_no_longer_names_are_left_out_and_counted(on_photographs, make_row):
    world = on_photographs
    for image_id, name in ((1, "r1"), (2, "r2")):
        world.tables.append([make_row(Reference, reference_id=name, category="ant", image_id=image_id)])
    kept, lost = (describe(world, make_row, name, "ant", "real") for name in ("r1", "r2"))
    world.photographs.gone = {2}
    training(world)
    assert described_in(world, "training") == [kept]
    assert metadata(world)["left_out"].value["captions"] == {"photograph_gone": 1}
    assert [row.positive_id for row in gather(world.tables, None, "").gone_captions] == sorted([kept, lost])
