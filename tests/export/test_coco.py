"""What a COCO reader gets is what was drawn."""

import dataclasses
import json
from collections.abc import Callable

import msgspec
import numpy as np
import pytest
from pycocotools.coco import COCO
from pycocotools.cocoeval import COCOeval

from genval_assets.export.build import export_as, export_set
from genval_assets.export.content import SetContent
from genval_assets.export.settings import ExportSettings
from tests.export.real_sample import awkward_content

# pycocotools 2.0.11 hands numpy 2.4 an array class of before numpy 2
pytestmark = pytest.mark.filterwarnings("ignore:__array__ implementation:DeprecationWarning")


def document(world, **settings: object) -> dict:
    exported = export_set("training", world.content(), ExportSettings(gallery_size=0, **settings))
    return json.loads(dict(exported.files)["annotations/coco.json"])


def real_document(content: SetContent, **settings: object) -> dict:
    exported = export_as("coco", content, ExportSettings(include_real=True, **settings))
    return json.loads(dict(exported.files)["annotations/coco.json"])


@pytest.fixture
def load(tmp_path) -> Callable[[dict], COCO]:
    def read(doc: dict) -> COCO:
        path = tmp_path / "coco.json"
        path.write_bytes(msgspec.json.encode(doc))
        return COCO(str(path))

    return read


@pytest.mark.parametrize("masks", ["rle", "polygons"])
def test_pycocotools_reads_back_every_mask_with_its_holes_and_parts(mixed, load, masks):
    coco = load(document(mixed, masks=masks))
    read = {a["genval"]["annotation_id"]: coco.annToMask(a).astype(bool) for a in coco.dataset["annotations"]}
    assert read.keys() == mixed.masks.keys()
    for key, mask in mixed.masks.items():
        assert np.array_equal(read[key], mask), key


def test_box_and_area_are_those_of_the_visible_mask(mixed, load):
    coco = load(document(mixed))
    hollow, parts = coco.loadAnns([1, 2])
    assert (hollow["bbox"], hollow["area"]) == ([2.0, 2.0, 20.0, 20.0], 400 - 36 - 1)
    assert (parts["bbox"], parts["area"]) == ([30.0, 5.0, 21.0, 36.0], 241)


def test_ids_start_at_one_and_source_category_ids_are_kept_with_their_gaps(mixed):
    doc = document(mixed)
    assert [i["id"] for i in doc["images"]] == [1, 2]
    assert [a["id"] for a in doc["annotations"]] == [1, 2, 3, 4, 5]
    assert {c["name"]: c["id"] for c in doc["categories"]} == {"zebra": 0, "dog": 7, "unicorn": 8}


def test_categories_without_source_ids_are_numbered_from_one(world):
    for key in ("b", "a"):
        world.category(key)
    assert [(c["id"], c["name"]) for c in document(world)["categories"]] == [(1, "a"), (2, "b")]


def test_two_categories_of_one_id_are_refused(world):
    world.category("a", source_id=3)
    world.category("b", source_id=3)
    with pytest.raises(ValueError, match="3 belongs to several"):
        document(world)


@pytest.mark.parametrize(("masks", "kind"), [("rle", str), ("polygons", list)])
def test_slivers_are_ignored_regions_and_stay_run_lengths(mixed, masks, kind):
    crowds = [a for a in document(mixed, masks=masks)["annotations"] if a["iscrowd"]]
    assert [c["genval"]["source_annotation_id"] for c in crowds] == [902]
    assert isinstance(crowds[0]["segmentation"]["counts"], kind)


def test_each_annotation_and_image_names_where_it_comes_from(mixed):
    doc = document(mixed)
    pasted, real = doc["annotations"][0]["genval"], doc["annotations"][3]["genval"]
    assert (pasted["instance_id"], pasted["z"], pasted["visible_share"]) == ("inst-zebra", 0, 1.0)
    assert pasted["amodal"] == {"size": [48, 64], "counts": mixed.annotations[0].segmentation}
    assert (real.get("instance_id"), real["source_annotation_id"], real["z"]) == (None, 902, -1)
    assert doc["images"][1]["genval"] == {
        "scene_id": "s2", "category": "zebra", "background_id": "photo", "canvas": "training", "screened": "annotated",
        "source_image_id": 42, "source_path": "day/42.JPG",
    }  # fmt: skip


def test_the_head_names_the_newest_round_in_place_of_a_time(mixed):
    assert document(mixed)["info"]["newest_round"] == 1
    mixed.scenes[0] = dataclasses.replace(mixed.scenes[0], round=4)
    assert document(mixed)["info"]["newest_round"] == 4


def test_the_document_holds_neither_run_nor_time(mixed):
    text = msgspec.json.encode(document(mixed)).decode()
    assert "2026" not in text
    assert '"run' not in text


@pytest.mark.parametrize("kind", ["segm", "bbox"])
@pytest.mark.parametrize("masks", ["rle", "polygons"])
def test_a_perfect_detector_scores_1_and_what_it_finds_in_crowds_is_ignored(shared_data, load, masks, kind):
    coco = load(real_document(awkward_content(shared_data), masks=masks))
    shown = coco.dataset["annotations"]
    found = [
        {"image_id": a["image_id"], "category_id": a["category_id"], "score": 0.9 if a["iscrowd"] else 1.0}
        | ({"bbox": a["bbox"]} if kind == "bbox" else {"segmentation": dict(coco.annToRLE(a))})
        for a in shown
    ]
    evaluation = COCOeval(coco, coco.loadRes(found), kind)
    evaluation.params.catIds = sorted({a["category_id"] for a in shown})
    evaluation.params.areaRng, evaluation.params.areaRngLbl = evaluation.params.areaRng[:1], ["all"]
    evaluation.params.maxDets = [100]
    evaluation.evaluate()
    evaluation.accumulate()
    precision = evaluation.eval["precision"]
    assert 0 in evaluation.params.catIds
    assert evaluation.params.imgIds == list(range(1, 21))
    assert precision[precision > -1].min() == pytest.approx(1, abs=1e-9)
    ignored = sum(one["gtIgnore"].sum() for one in evaluation.evalImgs if one)
    assert (len(shown), sum(a["iscrowd"] for a in shown), ignored) == (248, 7, 7)


def taken_by_mmdetection(doc: dict) -> list[int]:
    """Return the ids of annotations that MMDetection's CocoDataset trains on; it drops others without a word."""
    size = {image["id"]: (image["width"], image["height"]) for image in doc["images"]}
    labels = {category["id"]: label for label, category in enumerate(doc["categories"])}
    taken = []
    for one in doc["annotations"]:
        (x, y, w, h), (width, height) = one["bbox"], size[one["image_id"]]
        inside = min(x + w, width) > max(x, 0) and min(y + h, height) > max(y, 0)
        if inside and one["area"] > 0 and min(w, h) >= 1 and one["category_id"] in labels and not one.get("ignore"):
            taken += [one["id"]] * (not one["iscrowd"])
    return taken


def test_mmdetection_drops_no_object(mixed, draw, shared_data):
    mixed.object("s1", "dog", draw((63, 47, 1, 1)), z=3)  # one pixel, in the corner
    for doc in (document(mixed), real_document(awkward_content(shared_data))):
        assert len({a["id"] for a in doc["annotations"]}) == len(doc["annotations"])
        assert taken_by_mmdetection(doc) == [a["id"] for a in doc["annotations"] if not a["iscrowd"]]


def test_a_real_object_keeps_its_form_but_for_run_lengths_where_polygons_are_asked_for(shared_data, load):
    given = {a.annotation_id: json.loads(a.segmentation) for a in awkward_content(shared_data).real_annotations}
    rle, polygons = (real_document(awkward_content(shared_data), masks=masks) for masks in ("rle", "polygons"))
    redrawn = []
    for one, other in zip(rle["annotations"], polygons["annotations"], strict=True):
        assert one["segmentation"] == given[one["genval"]["source_annotation_id"]]
        if one["segmentation"] != other["segmentation"]:
            redrawn.append(
                (type(one["segmentation"]["counts"]), type(other["segmentation"]), len(other["segmentation"]))
            )
    assert redrawn == [(list, list, 2), (str, list, 1)]
    crowds = [one["segmentation"]["counts"] for one in polygons["annotations"] if one["iscrowd"]]
    assert sorted({type(counts).__name__ for counts in crowds}) == ["list", "str"]


def test_ids_count_from_one_where_the_users_begin_at_0(shared_data):
    doc = real_document(awkward_content(shared_data))
    assert [min(one["id"] for one in doc[section]) for section in ("images", "annotations", "categories")] == [1, 1, 0]
    assert max(one["id"] for one in doc["categories"]) == 9000
    first = doc["images"][0]
    assert (first["file_name"], first["genval"]["source_image_id"]) == ("images/real-0.jpg", 0)


def test_a_picture_without_objects_stays(shared_data, load):
    coco = load(real_document(awkward_content(shared_data)))
    bare = [number for number in coco.getImgIds() if not coco.getAnnIds(number)]
    assert (len(coco.getImgIds()), len(bare)) == (20, 1)


def test_file_names_begin_at_the_sets_folder(mixed):
    exported = export_as("coco", mixed.content(), ExportSettings())
    doc = json.loads(dict(exported.files)["annotations/coco.json"])
    assert [image["file_name"] for image in doc["images"]] == [path for path, _ in exported.links]
