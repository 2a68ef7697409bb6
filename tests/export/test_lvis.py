"""What an LVIS reader gets, and what the set may promise of each picture (federated lists)."""

import dataclasses
import hashlib
import json
from pathlib import Path
from typing import Literal

import msgspec
import numpy as np
import pytest
from pycocotools import mask as rle

from genval_assets.export.build import export_as, export_set, nothing_to_read
from genval_assets.export.formats.lvis import write as lvis_write
from genval_assets.export.prepared import prepare
from genval_assets.export.settings import ExportSettings, SplitSettings
from resources.reading.classes import read_classes
from tests.export.real_sample import awkward_content

# pycocotools 2.0.11 hands numpy 2.4 an array class of before numpy 2
pytestmark = pytest.mark.filterwarnings("ignore:__array__ implementation:DeprecationWarning")


def raw_document(world, **settings: object) -> bytes:
    exported = export_set("training", world.content(), ExportSettings(gallery_size=0, **settings))
    return dict(exported.files)["annotations/lvis.json"]


class Strict(msgspec.Struct, kw_only=True):
    """Fields that LVIS v1 readers index without asking; what else is there is nobody's business."""


class StrictImage(Strict):
    id: int
    coco_url: str
    width: int
    height: int
    neg_category_ids: list[int]
    not_exhaustive_category_ids: list[int]


class StrictAnnotation(Strict):
    id: int
    image_id: int
    category_id: int
    area: float
    bbox: tuple[float, float, float, float]
    segmentation: list[list[float]]


class StrictCategory(Strict, rename={"definition": "def"}):
    id: int
    name: str
    synset: str
    synonyms: list[str]
    definition: str
    image_count: int
    instance_count: int
    frequency: Literal["r", "c", "f"]


class StrictDocument(Strict):
    images: list[StrictImage]
    annotations: list[StrictAnnotation]
    categories: list[StrictCategory]


def read_strictly(data: bytes) -> StrictDocument:
    """Read a document by the rules of lvis-api and of Detectron2's LVIS loader (polygons of at least 3 corners)."""
    doc = msgspec.json.decode(data, type=StrictDocument)
    images = {image.id for image in doc.images}
    categories = {category.id for category in doc.categories}
    assert len({a.id for a in doc.annotations}) == len(doc.annotations)
    for a in doc.annotations:
        assert a.id > 0
        assert a.image_id in images
        assert a.category_id in categories
        assert all(len(part) % 2 == 0 and len(part) >= 6 for part in a.segmentation)
    shown = {image: {a.category_id for a in doc.annotations if a.image_id == image} for image in images}
    for image in doc.images:
        assert len(image.coco_url.split("/")) == 2
        assert not set(image.neg_category_ids) & shown[image.id]
        assert set(image.neg_category_ids) | set(image.not_exhaustive_category_ids) <= categories
    for category in doc.categories:
        assert category.instance_count == sum(a.category_id == category.id for a in doc.annotations)
        assert category.image_count == sum(category.id in seen for seen in shown.values())
    return doc


def test_a_strict_reader_gets_every_polygon_as_drawn(mixed):
    doc = read_strictly(raw_document(mixed, masks="polygons"))
    drawn = [row for row in mixed.annotations if not row.iscrowd]
    assert len(doc.annotations) == len(drawn) == 4
    by_area = {int(a.area): a for a in doc.annotations}
    for row in drawn:
        parts = by_area[row.area_px].segmentation
        mask = rle.decode(rle.merge(rle.frPyObjects(parts, 48, 64))).astype(bool)
        assert np.array_equal(mask, mixed.masks[row.annotation_id])


@pytest.mark.parametrize("masks", ["rle", "polygons"])
def test_lvis_api_loads_the_file_and_decodes_its_masks(mixed, tmp_path, masks):
    lvis = pytest.importorskip("lvis")
    path = tmp_path / "lvis.json"
    path.write_bytes(raw_document(mixed, masks=masks))
    api = lvis.LVIS(str(path))
    areas = [int(api.ann_to_mask(a).sum()) for a in api.load_anns(api.get_ann_ids())]
    assert areas == [
        row.area_px for row in sorted(mixed.annotations, key=lambda r: (r.scene_id, r.z)) if not row.iscrowd
    ]


def test_ids_are_those_of_the_coco_file_and_slivers_are_gaps(mixed):
    doc = json.loads(raw_document(mixed))
    assert [a["id"] for a in doc["annotations"]] == [1, 2, 3, 5]
    assert all("iscrowd" not in a for a in doc["annotations"])


def test_the_original_frequency_stays_beside_the_new_counts(world, draw):
    world.category("abacus", source_id=4, frequency="r", image_count=2, instance_count=3, synset="abacus.n.01",
                   synonyms=["abacus", "counting frame"], definition="a calculator")  # fmt: skip
    world.background("plain", "drawn")
    for index in range(12):
        world.scene(f"s{index:02d}", "abacus", "plain", index=index)
        world.object(f"s{index:02d}", "abacus", draw((index, 3, 9, 9)))
    (category,) = json.loads(raw_document(world))["categories"]
    assert (category["frequency"], category["image_count"], category["instance_count"]) == ("r", 12, 12)
    assert (category["synset"], category["def"], category["synonyms"]) == (
        "abacus.n.01", "a calculator", ["abacus", "counting frame"])  # fmt: skip
    assert category["genval"] == {
        "category": "abacus", "original_frequency": "r", "original_image_count": 2, "original_instance_count": 3,
    }  # fmt: skip


@pytest.mark.parametrize(("images", "word"), [(0, "r"), (10, "r"), (11, "c"), (100, "c"), (101, "f")])
def test_without_a_frequency_lvis_own_thresholds_give_one(world, images, word):
    world.category("cat", image_count=images)
    (category,) = json.loads(raw_document(world))["categories"]
    assert category["frequency"] == word


ZEBRA, DOG, NEW = 0, 7, 8


@pytest.mark.parametrize(
    ("why", "screened", "lists", "pasted", "real", "crowd", "expected"),
    [
        ("nothing countable was drawn", "drawn", None, ["zebra"], [], [], ([], [])),
        ("a detector found nothing", "detector", None, ["zebra"], [], [], ([], [])),
        ("nobody searched", "unscreened", None, ["zebra", "dog"], [], [], ([], [ZEBRA, DOG])),
        ("COCO annotates all of its own categories", "annotated", None, ["zebra"], ["dog"], [], ([], [])),
        ("COCO's file never had it", "annotated", None, ["unicorn"], ["dog"], [], ([], [NEW])),
        ("verified absent, now present and complete", "annotated", ([0], []), ["zebra"], [], [], ([], [])),
        ("verified absent and still so", "annotated", ([0, 7], []), ["zebra"], [], [], ([DOG], [])),
        ("annotated everywhere before", "annotated", ([], []), ["zebra"], ["zebra"], [], ([], [])),
        ("partly annotated before", "annotated", ([], [0]), ["zebra"], ["zebra"], [], ([], [ZEBRA])),
        ("nobody had looked for it", "annotated", ([7], []), ["zebra"], [], [], ([DOG], [ZEBRA])),
        ("a sliver LVIS cannot hold", "annotated", ([0], []), ["zebra"], ["dog"], ["dog"], ([], [DOG])),
        ("ids of categories that the set lacks", "annotated", ([99], [98]), ["zebra"], ["zebra"], [], ([], [])),
        ("untouched", "annotated", ([0], [7]), [], ["dog"], [], ([ZEBRA], [DOG])),
    ],
)
def test_the_lists_promise_only_what_was_verified(world, draw, why, screened, lists, pasted, real, crowd, expected):
    world.category("zebra", source_id=ZEBRA)
    world.category("dog", source_id=DOG)
    world.category("unicorn")
    image_id = 42 if screened == "annotated" else None
    world.background("ground", screened, image_id=image_id)
    if image_id:
        world.real_image(image_id, *(lists or ()))
    world.scene("s1", "zebra", "ground")
    for i, category in enumerate(pasted):
        world.object("s1", category, draw((20 * i, 2, 8, 8)))
    for i, category in enumerate(real):
        world.object("s1", category, draw((20 * i, 20, 8, 8)), real=i + 1)
    for i, category in enumerate(crowd):
        world.object("s1", category, draw((20 * i, 40, 3, 2)), real=i + 50, crowd=True)
    (image,) = json.loads(raw_document(world))["images"]
    assert (image["neg_category_ids"], image["not_exhaustive_category_ids"]) == expected, why


def test_a_real_image_keeps_its_own_lists(world):
    world.category("zebra", source_id=1)
    world.category("dog", source_id=2)
    world.category("cat", source_id=3)
    world.real_image(5, [3], [2])
    world.real_annotation(1, 5, 1)
    world.real_annotation(2, 5, 2)
    (image,) = json.loads(raw_document(world, include_real=True))["images"]
    assert (image["neg_category_ids"], image["not_exhaustive_category_ids"]) == ([3], [2])


def test_a_real_crowd_leaves_the_file_and_its_category_is_not_exhaustive(world):
    world.category("person", source_id=1)
    world.real_image(5)
    world.real_annotation(1, 5, 1)
    world.real_annotation(2, 5, 1, crowd=True)
    doc = read_strictly(raw_document(world, include_real=True))
    assert [a.id for a in doc.annotations] == [1]
    assert doc.images[0].not_exhaustive_category_ids == [1]


def loaded_by_detectron2(doc: dict, image_root: str) -> list[dict]:
    """Return what Detectron2's load_lvis_json makes of a document, by the rules of its source, written anew.

    It indexes without asking, appends the last two parts of `coco_url` to the bare text `image_root`, takes the
    category id - 1 as the class, and stops at repeated ids and at masks that are not lists of polygons.
    """
    ids = [one["id"] for one in doc["annotations"]]
    assert len(ids) == len(set(ids))
    loaded = []
    for image in sorted(doc["images"], key=lambda image: image["id"]):
        folder, name = image["coco_url"].split("/")[-2:]
        objects = [one for one in doc["annotations"] if one["image_id"] == image["id"]]
        for one in objects:
            assert one["segmentation"]
            assert all(isinstance(part, list) and len(part) >= 6 and len(part) % 2 == 0 for part in one["segmentation"])
        loaded.append(
            {
                "file_name": str(Path(image_root + folder, name)),
                "height": image["height"],
                "width": image["width"],
                "neg_category_ids": image["neg_category_ids"],
                "not_exhaustive_category_ids": image["not_exhaustive_category_ids"],
                "annotations": [(one["bbox"], one["category_id"] - 1, one["segmentation"]) for one in objects],
            }
        )
    return loaded


def told_of_classes(content, **settings: object) -> str:
    written = export_as("lvis", content, ExportSettings(include_real=True, **settings)).written["lvis"]
    return dict(written.described)["classes.json"]


def test_detectron2_loads_ids_from_1_without_gaps_as_they_are(world, draw):
    for number, key in enumerate(("zebra", "dog"), start=1):
        world.category(key, source_id=number)
    world.category("cat")
    world.background("plain", "drawn")
    world.scene("s1", "zebra", "plain")
    for i, key in enumerate(("zebra", "dog", "cat")):
        world.object("s1", key, draw((20 * i, 2, 8, 8)))
    (picture,) = loaded_by_detectron2(json.loads(raw_document(world)), "/sets/training/")
    assert picture["file_name"] == "/sets/training/images/s1.jpg"
    assert [index for _, index, _ in picture["annotations"]] == [0, 1, 2]
    assert "which is the index here" in told_of_classes(world.content())


def test_detectron2_needs_the_index_where_ids_have_gaps_or_begin_at_0_and_the_card_says_so(shared_data, tmp_path):
    exported = export_as("lvis", awkward_content(shared_data), ExportSettings(include_real=True))
    files = dict(exported.files)
    doc = json.loads(files["annotations/lvis.json"])
    (tmp_path / "classes.json").write_bytes(files["classes.json"])
    index = {one.category_id: one.index for one in read_classes(tmp_path / "classes.json")}
    assert list(index) == [one["id"] for one in doc["categories"]]
    taken = {one for picture in loaded_by_detectron2(doc, "") for _, one, _ in picture["annotations"]}
    assert min(taken) == -1  # the first category, as the last: nothing warns of it
    assert {index[one + 1] for one in taken} <= set(range(80))
    assert "NOT the index" in files["README.md"].decode()


def test_detectron2_takes_no_run_lengths_and_the_card_says_so(mixed):
    with pytest.raises(AssertionError):
        loaded_by_detectron2(json.loads(raw_document(mixed, masks="rle")), "")
    assert "refuses this set" in told_of_classes(mixed.content(), masks="rle")


@pytest.mark.parametrize("place", [(0, 0), (63, 0), (0, 47), (63, 47), (30, 20)])
def test_an_object_of_one_pixel_is_a_polygon_of_that_pixel(mixed, draw, place):
    mixed.object("s1", "dog", draw((*place, 1, 1)), z=3)
    doc = read_strictly(raw_document(mixed))
    (tiny,) = [one for one in doc.annotations if one.area == 1]
    drawn = rle.decode(rle.merge(rle.frPyObjects(tiny.segmentation, 48, 64)))
    assert np.argwhere(drawn).tolist() == [[place[1], place[0]]]


@pytest.mark.filterwarnings("ignore:The 'warn' method:DeprecationWarning")
@pytest.mark.parametrize("kind", ["segm", "bbox"])
def test_a_perfect_detector_scores_1_in_lvis_own_evaluation(shared_data, tmp_path, monkeypatch, kind):
    lvis = pytest.importorskip("lvis")
    monkeypatch.setattr(np, "float", float, raising=False)  # lvis 0.5.3 names a type that numpy has no more
    exported = export_as("lvis", awkward_content(shared_data), ExportSettings(include_real=True))
    (tmp_path / "lvis.json").write_bytes(dict(exported.files)["annotations/lvis.json"])
    truth = lvis.LVIS(str(tmp_path / "lvis.json"))
    found = [
        {"image_id": one["image_id"], "category_id": one["category_id"], "score": 1.0}
        | ({"bbox": one["bbox"]} if kind == "bbox" else {"segmentation": truth.ann_to_rle(one)})
        for one in truth.dataset["annotations"]
    ]
    evaluation = lvis.LVISEval(truth, found, kind)
    evaluation.params.cat_ids = sorted({one["category_id"] for one in found})
    evaluation.freq_groups = evaluation._prepare_freq_group()
    evaluation.params.area_rng, evaluation.params.area_rng_lbl = evaluation.params.area_rng[:1], ["all"]
    evaluation.evaluate()
    evaluation.accumulate()
    precision = evaluation.eval["precision"]
    assert (len(found), evaluation.params.cat_ids[0]) == (241, 0)
    assert precision.min() == pytest.approx(1, abs=1e-9)


FAR_APART = {f"real-{n}": hashlib.sha256(b"%d" % n).hexdigest()[:16] for n in range(11)}


def test_each_split_counts_and_lists_its_own_pictures(world, draw):
    world.category("zebra", source_id=1, frequency="f")
    world.category("dog", source_id=2)
    for number in range(1, 11):
        world.real_image(number, neg=[2] if number % 2 else [], partly=[] if number % 2 else [2])
        for one in range(number):
            world.real_annotation(100 * number + one, number, 1)
    content = dataclasses.replace(world.content(), hashes=FAR_APART)
    prepared = prepare("set", content, ExportSettings(include_real=True, splits=SplitSettings(val=0.3, test=0.3)))
    files = dict(lvis_write(prepared, nothing_to_read).files)
    seen: list[int] = []
    for split in ("", "_val", "_test"):
        doc = read_strictly(files[f"annotations/lvis{split}.json"])
        numbers = [int(image.coco_url.removeprefix("images/real-").removesuffix(".jpg")) for image in doc.images]
        assert [(image.neg_category_ids, image.not_exhaustive_category_ids) for image in doc.images] == [
            ([2], []) if number % 2 else ([], [2]) for number in numbers
        ]
        zebra, dog = doc.categories
        assert (zebra.image_count, zebra.instance_count) == (len(numbers), sum(numbers))
        assert (zebra.frequency, dog.image_count) == ("f", 0)
        assert numbers
        seen += numbers
    assert sorted(seen) == list(range(1, 11))
