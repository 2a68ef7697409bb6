"""What a COCO reader gets is what was drawn."""

import dataclasses
import json
from collections.abc import Callable

import msgspec
import numpy as np
import pytest
from pycocotools.coco import COCO

from genval_assets.export.build import export_set
from genval_assets.export.settings import ExportSettings

# pycocotools 2.0.11 hands numpy 2.4 an array class of before numpy 2
pytestmark = pytest.mark.filterwarnings("ignore:__array__ implementation:DeprecationWarning")


def document(world, **settings: object) -> dict:
    exported = export_set("training", world.content(), ExportSettings(gallery_size=0, **settings))
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
