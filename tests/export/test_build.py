"""The set as a whole: the same bytes for the same rows, real data beside synthetic, nothing dangling."""

import dataclasses
import json
import random
from datetime import UTC, datetime

import pytest

from genval_assets.export.build import ExportedSet, export_set
from genval_assets.export.content import IncompleteSet, SetContent, composed_for, one_scene_each
from genval_assets.export.numbering import export_rows
from genval_assets.export.settings import ExportSettings
from genval_assets.types import RefusedItem
from tests.export.made import made

pytestmark = pytest.mark.filterwarnings("ignore:__array__ implementation:DeprecationWarning")


def exported(world, **settings: object) -> ExportedSet:
    return export_set("training", world.content(), ExportSettings(**settings))


def document(done: ExportedSet, name: str = "coco") -> dict:
    return json.loads(dict(done.files)[f"annotations/{name}.json"])


@pytest.fixture
def merged(mixed):
    """`mixed` with real images of ids 0, 42 (which is also a canvas) and 1000."""
    for image_id in (1000, 0):
        mixed.real_image(image_id)
    mixed.real_annotation(0, 0, 0)
    mixed.real_annotation(901, 42, 7)
    mixed.real_annotation(77, 1000, 7)
    mixed.real_annotation(5, 1000, 0, crowd=True)
    return mixed


def shuffled(content: SetContent, seed: int) -> SetContent:
    rng = random.Random(seed)
    rows = {
        f.name: list(getattr(content, f.name))
        for f in dataclasses.fields(content)
        if f.name not in ("candidates", "image_folder", "val_folder", "hashes")
    }
    for values in rows.values():
        rng.shuffle(values)
    return dataclasses.replace(content, **{name: tuple(values) for name, values in rows.items()})


@pytest.mark.parametrize("masks", ["rle", "polygons"])
@pytest.mark.parametrize("seed", [1, 2, 3])
def test_the_same_rows_in_any_order_give_the_same_bytes(merged, masks, seed):
    settings = ExportSettings(masks=masks, include_real=True)
    merged.instance("spare-b", "dog")
    merged.instance("spare-a", "dog")
    merged.real_refused += [RefusedItem(f"image {n}", reason, "") for n, reason in enumerate("bab")]
    merged.gone_images += [8, 7]
    first = export_set("training", merged.content(), settings)
    again = export_set("training", shuffled(merged.content(), seed), settings)
    assert made(first) == made(again)
    assert first.links == again.links


def test_other_runs_and_times_give_the_same_bytes(mixed):
    later = {"run_id": "another", "created_at": datetime(2027, 1, 1, tzinfo=UTC)}
    content = mixed.content()
    changed = {
        f.name: tuple(dataclasses.replace(row, **later) for row in getattr(content, f.name))
        for f in dataclasses.fields(content)
        if f.name in ("categories", "scenes", "annotations", "instances", "verdicts", "backgrounds")
    }
    again = export_set("training", dataclasses.replace(content, **changed), ExportSettings())
    assert made(again) == made(exported(mixed))


def test_real_images_are_merged_without_collision(merged):
    done = exported(merged, include_real=True)
    doc = document(done)
    assert [i["id"] for i in doc["images"]] == [1, 2, 3, 4, 5]
    assert [a["id"] for a in doc["annotations"]] == list(range(1, 10))
    assert [i["genval"].get("source_image_id") for i in doc["images"]] == [0, 42, 1000, None, 42]
    assert [i["file_name"] for i in doc["images"]] == [
        "images/real-0.jpg", "images/real-42.jpg", "images/real-1000.jpg", "images/s1.jpg", "images/s2.jpg",
    ]  # fmt: skip
    assert dict(done.links)["images/real-42.jpg"] == "/photos/day/42.JPG"
    assert dict(done.links)["images/s2.jpg"] == "data/images/ab/s2.jpg"


def test_real_annotations_are_taken_over_as_they_are(merged):
    doc = document(exported(merged, include_real=True, masks="polygons"))
    real, crowd = doc["annotations"][0], doc["annotations"][2]
    assert (real["segmentation"], real["bbox"], real["area"]) == ([[4, 4, 14, 4, 14, 14, 4, 14]], [4, 4, 10, 10], 100)
    assert (real["category_id"], real["genval"]) == (0, {"source_annotation_id": 0})
    assert (crowd["iscrowd"], crowd["segmentation"]["counts"][:2]) == (1, [100, 50])


def test_without_include_real_no_real_image_is_exported(merged):
    done = exported(merged)
    assert [i["genval"]["scene_id"] for i in document(done)["images"]] == ["s1", "s2"]
    assert not any(source.startswith("/photos") for _, source in done.links)


def test_export_rows_lead_from_every_annotation_back_to_its_row(merged):
    done = exported(merged, include_real=True)
    rows = export_rows(done.numbered, "training@1", "run-7", datetime(2026, 1, 1, tzinfo=UTC))
    assert [r.exported_annotation_id for r in rows] == [a["id"] for a in document(done)["annotations"]]
    by_id = {r.exported_annotation_id: r for r in rows}
    assert (by_id[1].annotation_id, by_id[1].source_annotation_id, by_id[1].exported_image_id) == (None, 0, 1)
    assert (by_id[5].annotation_id, by_id[5].source_annotation_id) == ("s1-000", None)
    assert (by_id[7].annotation_id, by_id[7].source_annotation_id) == ("s2-002", 901)
    assert len({r.export_id for r in rows}) == len(rows)
    others = export_rows(done.numbered, "training@2", "run-7", datetime(2026, 1, 1, tzinfo=UTC))
    assert not {r.export_id for r in rows} & {r.export_id for r in others}


def test_scenes_on_unscreened_backgrounds_leave_by_setting_and_are_counted(mixed, draw):
    mixed.background("street", "unscreened")
    mixed.scene("s3", "dog", "street")
    mixed.object("s3", "dog", draw((1, 1, 9, 9)))
    assert exported(mixed).facts.unscreened == 1
    strict = exported(mixed, allow_unscreened=False)
    assert (strict.facts.scenes, strict.facts.left_out.unscreened_scenes) == (2, 1)
    assert "images/s3.jpg" not in dict(strict.links)


def test_a_retired_category_leaves_with_its_scenes_and_annotations(mixed, draw):
    mixed.scene("s3", "unicorn", "plain")
    mixed.object("s3", "unicorn", draw((1, 1, 9, 9)))
    mixed.categories[2] = dataclasses.replace(mixed.categories[2], state="retired")
    done = exported(mixed)
    assert [c["name"] for c in document(done)["categories"]] == ["zebra", "dog"]
    assert {a["category_id"] for a in document(done)["annotations"]} == {0, 7}
    assert (done.facts.left_out.retired_scenes, done.facts.left_out.retired_annotations) == (1, 1)


def test_scenes_on_images_that_are_gone_leave_and_are_counted_with_those_of_their_category_alone(mixed):
    mixed.source_images.clear()
    mixed.gone_images.append(42)
    done = exported(mixed)
    assert [i["genval"]["scene_id"] for i in document(done)["images"]] == ["s1"]
    assert done.facts.left_out.scenes_without_image == 1
    assert composed_for(mixed.content(), "zebra").gone_images == (42,)
    own = export_set("dog", composed_for(mixed.content(), "dog"), ExportSettings())
    assert own.facts.left_out.scenes_without_image == 0


def test_real_images_that_were_refused_are_counted_by_reason_where_they_were_asked_for(merged):
    merged.real_refused += [RefusedItem(f"image {n}", reason, "") for n, reason in enumerate("bab")]
    assert exported(merged, include_real=True).facts.left_out.real_images == (("a", 1), ("b", 2))
    assert exported(merged).facts.left_out.real_images == ()


def test_a_real_image_that_is_not_to_be_merged_is_still_one_to_paste_onto(mixed):
    mixed.real_images.clear()
    doc = document(exported(mixed, include_real=True))
    assert [i["genval"].get("source_image_id") for i in doc["images"]] == [None, 42]


def test_scenes_of_one_place_in_the_order_are_told_apart_by_their_ids(mixed, draw):
    for key in ("s9", "s8"):
        mixed.scene(key, "dog", "plain", index=5)
        mixed.object(key, "dog", draw((1, 1, 9, 9)))
    assert [i["genval"]["scene_id"] for i in document(exported(mixed))["images"]] == ["s8", "s9", "s1", "s2"]


def test_one_scene_is_kept_of_each_primary_instance(mixed):
    twin = dataclasses.replace(mixed.scenes[0], scene_id="a-twin")
    assert [s.scene_id for s in one_scene_each([*mixed.scenes, twin])] == ["a-twin", "s2"]


@pytest.mark.parametrize(
    ("lost", "named"),
    [
        ("backgrounds", "background plain"),
        ("source_images", "image 42"),
        ("scenes", "scene s1"),
        ("instances", "inst-unicorn"),
        ("verdicts", "no given verdict accepts"),
    ],
)
def test_a_broken_way_back_is_refused_by_name(mixed, lost, named):
    content = dataclasses.replace(mixed.content(), **{lost: ()})
    with pytest.raises(IncompleteSet, match=named):
        export_set("training", content, ExportSettings())


def test_a_pasted_instance_that_the_vision_model_rejected_is_refused(mixed):
    mixed.verdicts[0] = dataclasses.replace(mixed.verdicts[0], stage="vlm", outcome="rejected")
    with pytest.raises(IncompleteSet, match=mixed.verdicts[0].instance_id):
        exported(mixed)


def test_only_the_formats_asked_for_are_written(mixed):
    names = {name for name, _ in exported(mixed, formats=("lvis",), gallery_size=0, pool=False).files}
    assert names == {"annotations/lvis.json", "classes.json", "instances.jsonl", "README.md"}


def test_polygon_loss_is_measured_only_for_polygons(mixed):
    assert exported(mixed, masks="rle").written["coco"].losses == ()
    (loss,) = exported(mixed, masks="polygons").written["coco"].losses
    assert (loss.annotations, loss.min_iou, loss.worst) == (4, 1.0, ())


def test_an_empty_set_is_a_set():
    done = export_set("training", SetContent(categories=()), ExportSettings(masks="polygons"))
    assert document(done)["images"] == document(done, "lvis")["annotations"] == []
