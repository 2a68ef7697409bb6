"""Nothing that differs from the rows gets past the reader: every kind of damage is found and named."""

import dataclasses
import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import get_args

import msgspec
import numpy as np
import pytest
from PIL import Image

from genval_assets.export.build import ExportedSet, export_as
from genval_assets.export.read_set import UnreadableExport
from genval_assets.export.settings import ExportSettings
from genval_assets.export.verification import ExportDiffers, Verified
from genval_assets.export.words import Format
from genval_assets.export.written import mask_loss
from resources.datasets import DatasetFolders
from resources.reading.registry import READERS
from tests.export.real_sample import with_pictures

Damage = Callable[[dict], object]


@pytest.fixture
def sets(tmp_path) -> DatasetFolders:
    return DatasetFolders(home=str(tmp_path / "home"))


@pytest.fixture
def made(mixed, sets) -> Callable[..., ExportedSet]:
    """Make the set of `mixed`, with a photograph of two objects and a crowd, and a bare one, in one format."""
    mixed.real_image(0)
    mixed.real_annotation(0, 0, 7)
    mixed.real_annotation(5, 0, 0, crowd=True)
    content = with_pictures(mixed.content(), Path(sets.home))

    def make(wanted: Format, **settings: object) -> ExportedSet:
        return export_as(wanted, content, ExportSettings(include_real=True, **settings), sets.picture)

    return make


@pytest.fixture
def check(made, sets, tmp_path) -> Callable[..., Verified]:
    """Write the set in a format, damage the folder, and verify what is left."""

    def run(wanted: Format, damage: Callable[[Path], object], **settings: object) -> Verified:
        exported, folder = made(wanted, **settings), tmp_path / "out"
        sets.write_to(exported, str(folder), overwrite=False)
        damage(folder)
        found = exported.verify(lambda name: READERS[name](folder))
        return msgspec.json.decode(found, type=dict[str, Verified])[wanted]

    return run


def edited(change: Damage, name: str = "coco") -> Callable[[Path], None]:
    """Return a damage that changes the annotation file."""

    def damage(folder: Path) -> None:
        path = folder / "annotations" / f"{name}.json"
        doc = json.loads(path.read_bytes())
        change(doc)
        path.write_text(json.dumps(doc))

    return damage


def of(doc: dict, section: str, **wanted: object) -> dict:
    """Return the one item of a section with these values."""
    (found,) = [one for one in doc[section] if wanted.items() <= one.items()]
    return found


def swap(section: str, key: str, one: int, other: int) -> Damage:
    def change(doc: dict) -> None:
        first, second = of(doc, section, id=one), of(doc, section, id=other)
        first[key], second[key] = second[key], first[key]

    return change


def put(section: str, number: int, **values: object) -> Damage:
    return lambda doc: of(doc, section, id=number).update(values)


def drop(section: str, number: int) -> Damage:
    return lambda doc: doc[section].remove(of(doc, section, id=number))


def to_val(folder: Path) -> None:
    """Move a picture with its objects from the training file to a validation file of its own."""
    path = folder / "annotations/coco.json"
    doc = json.loads(path.read_bytes())
    moved = doc | {
        "images": [one for one in doc["images"] if one["id"] == 3],
        "annotations": [one for one in doc["annotations"] if one["image_id"] == 3],
    }
    doc["images"] = [one for one in doc["images"] if one["id"] != 3]
    doc["annotations"] = [one for one in doc["annotations"] if one["image_id"] != 3]
    path.write_text(json.dumps(doc))
    (folder / "annotations/coco_val.json").write_text(json.dumps(moved))


def test_what_was_found_is_counted(check):
    found = check("coco", lambda folder: None)
    assert (found.pictures, found.objects, found.boxes_compared, found.crowds) == (4, 7, 7, True)
    assert (found.masks_compared, found.masks_identical, found.min_mask_iou) == (7, 7, 1.0)
    assert found.pictures_by_split == {"train": 4}


@pytest.mark.parametrize("masks", ["rle", "polygons"])
@pytest.mark.parametrize("wanted", ["coco", "lvis"])
def test_an_undamaged_set_is_found_as_it_was_to_be(check, wanted, masks):
    found = check(wanted, lambda folder: None, masks=masks)
    assert (found.masks_identical, found.lost_mask_iou) == (found.masks_compared, 0)


BOX = [2, 2, 20, 21]
DIFFERENT = {
    "an annotation is lost": (drop("annotations", 3), "picture s1: its objects are"),
    "an annotation is there twice, under two ids": (
        lambda doc: doc["annotations"].append(of(doc, "annotations", id=3) | {"id": 99}),
        "picture s1: its objects are",
    ),
    "a box is 1 px higher": (put("annotations", 3, bbox=BOX), "object s1-000: its box is"),
    "an area is another": (put("annotations", 3, area=364), "object s1-000: its area is 364"),
    "another category": (put("annotations", 3, category_id=7), r"object s1-000: category and iscrowd are \(7"),
    "an object becomes a region to ignore": (put("annotations", 3, iscrowd=1), r"category and iscrowd are \(0, True"),
    "a region to ignore becomes an object": (put("annotations", 2, iscrowd=0), "source-5: category and iscrowd"),
    "two masks are exchanged": (swap("annotations", "segmentation", 3, 4), "object s1-000: its mask is another"),
    "two objects are exchanged": (swap("annotations", "genval", 3, 4), "picture s1: its objects are"),
    "an object is in another picture": (put("annotations", 3, image_id=4), "picture s1: its objects are"),
    "a picture is lost": (drop("images", 2), "no annotation file names images/real-42.jpg"),
    "two pictures are exchanged": (swap("images", "file_name", 3, 4), "picture s1: its objects are"),
    "a category is lost": (drop("categories", 8), "category 8, which is not listed"),
    "a category is called otherwise": (put("categories", 8, name="mule"), "categories are"),
}


@pytest.mark.parametrize("why", DIFFERENT)
def test_what_differs_is_named(check, why):
    change, named = DIFFERENT[why]
    with pytest.raises((ExportDiffers, UnreadableExport), match=named):
        check("coco", edited(change))


def test_a_picture_in_another_split_is_named(check):
    with pytest.raises(ExportDiffers, match=r"picture s1: split, width and height are \('val'"):
        check("coco", to_val)


def replaced(pixels: np.ndarray) -> Callable[[Path], None]:
    return lambda folder: Image.fromarray(pixels).save(folder / "images/s1.jpg")


FILES = {
    "another size": (replaced(np.zeros((64, 48, 3), np.uint8)), "said to have 64 x 48 px and has 48 x 64"),
    "lost": (lambda folder: (folder / "images/s1.jpg").unlink(), "No such file"),
    "no picture": (lambda folder: (folder / "images/s1.jpg").write_text("?"), "cannot identify"),
    "of no image": (
        lambda folder: shutil.copy(folder / "images/s1.jpg", folder / "images/s9.jpg"),
        "no annotation file names images/s9.jpg",
    ),
}


@pytest.mark.parametrize("why", FILES)
@pytest.mark.parametrize("wanted", ["coco", "lvis"])
def test_a_picture_file_that_is_not_the_one_is_named(check, wanted, why):
    damage, named = FILES[why]
    with pytest.raises(UnreadableExport, match=named):
        check(wanted, damage)


@pytest.mark.parametrize("wanted", ["coco", "lvis", "yolo", "imagefolder"])
def test_two_pictures_of_one_size_that_are_exchanged_are_named(check, wanted):
    def exchange(folder: Path) -> None:
        (one,), (other,) = (list(folder.rglob(f"{key}.jpg")) for key in ("s1", "s2"))
        first, second = one.read_bytes(), other.read_bytes()
        one.write_bytes(second)
        other.write_bytes(first)

    with pytest.raises(ExportDiffers, match="picture s1 has other bytes; picture s2 has other bytes"):
        check(wanted, exchange)


@pytest.mark.parametrize("wanted", [one for one in get_args(Format) if one != "pool"])
def test_every_picture_is_held_against_its_source(check, wanted):
    found = check(wanted, lambda folder: None)
    assert found.picture_bytes_compared == found.pictures > 0


@pytest.mark.parametrize("place", range(4))
def test_a_box_of_no_number_is_no_box(made, sets, tmp_path, place):
    exported = made("coco")
    sets.write_to(exported, str(tmp_path / "out"), overwrite=False)
    read = READERS["coco"](tmp_path / "out")
    shown = read.pictures["s1"]
    box = tuple(float("nan") if i == place else side for i, side in enumerate(shown.objects[0].box))
    objects = (dataclasses.replace(shown.objects[0], box=box), *shown.objects[1:])
    odd = dataclasses.replace(read, pictures={**read.pictures, "s1": dataclasses.replace(shown, objects=objects)})
    with pytest.raises(ExportDiffers, match="object s1-000: its box is"):
        exported.verify(lambda _: odd)


LAST_ID = {
    "coco": ("annotations/coco.json", b'"id":7,"image_id"'),
    "lvis": ("annotations/lvis.json", b'"id":7,"image_id"'),
    "yolo": ("labels.jsonl", b'"id":7,"origin"'),
    "imagefolder": ("train/metadata.jsonl", b'"id":[5,6,7]'),
}


@pytest.mark.parametrize("wanted", LAST_ID)
def test_an_object_has_the_id_by_which_the_tables_know_it(check, wanted):
    name, written = LAST_ID[wanted]

    def renumber(folder: Path) -> None:
        content = (folder / name).read_bytes()
        assert content.count(written) == 1
        (folder / name).write_bytes(content.replace(written, written.replace(b"7", b"99")))

    with pytest.raises(ExportDiffers, match="object s2-004: its id is 99, not 7"):
        check(wanted, renumber)


def runs(*counts: int) -> dict:
    return {"segmentation": {"size": [48, 64], "counts": list(counts)}}


BROKEN = {
    "an id occurs twice": (put("annotations", 3, id=4), "annotation 4 occurs twice"),
    "an image id occurs twice": (put("images", 3, id=4), "image 4 occurs twice"),
    "an id that evaluation takes for no match": (put("annotations", 3, id=0), "annotation 0: ids begin at 1"),
    "an image that is not there": (put("annotations", 3, image_id=77), "is of image 77, which is not listed"),
    "a picture that two images name": (put("images", 3, file_name="images/s2.jpg"), "images/s2.jpg occurs twice"),
    "no way back": (put("annotations", 3, genval={}), "annotation 3 does not say where it comes from"),
    "no iscrowd": (lambda doc: of(doc, "annotations", id=3).pop("iscrowd"), "annotation 3 has no iscrowd"),
    "no box": (put("annotations", 3, bbox=[1, 2, 3]), r"at `\$.annotations\[2\].bbox`"),
    "a box of no number": (put("annotations", 3, bbox=[1, 2, 3, float("nan")]), "NaN is no number"),
    "run lengths that end early": (put("annotations", 3, **runs(1, 2)), "annotation 3: run lengths of 3 px"),
    "a run below zero": (put("annotations", 3, **runs(1, -1, 3072)), "annotation 3: run lengths of 3072 px"),
    "run lengths of another size": (
        put("annotations", 3, segmentation={"size": [64, 48], "counts": [3072]}),
        r"size \(64, 48\), on a picture of \(48, 64\)",
    ),
    "a string of no run lengths": (
        put("annotations", 3, segmentation={"size": [48, 64], "counts": "ÿ"}),
        "annotation 3: the string holds characters",
    ),
    "a polygon that would be taken for a box": (put("annotations", 3, segmentation=[[1, 2, 3, 4]]), "3 corners"),
    "a polygon that would fill the memory": (
        put("annotations", 3, segmentation=[[0, 0, 1e9, 0, 1e9, 1e9]]),
        "a corner lies more than 128 px away",
    ),
    "no polygon": (put("annotations", 3, segmentation=[]), "3 corners"),
}


@pytest.mark.parametrize("why", BROKEN)
def test_a_file_that_readers_would_misread_is_refused_by_name(check, why):
    change, named = BROKEN[why]
    with pytest.raises(UnreadableExport, match=named):
        check("coco", edited(change))


def test_a_file_that_was_cut_off_is_refused(check):
    def cut(folder: Path) -> None:
        path = folder / "annotations/coco.json"
        path.write_bytes(path.read_bytes()[:-20])

    with pytest.raises(UnreadableExport, match=r"coco\.json"):
        check("coco", cut)


LVIS = {
    "verified absent, and shown": (put("images", 3, neg_category_ids=[0]), "image 3: a category is verified absent"),
    "a category that is not there": (put("images", 3, not_exhaustive_category_ids=[5]), "lists a category that the"),
    "no lists": (lambda doc: of(doc, "images", id=3).pop("neg_category_ids"), "image 3 lacks neg_category_ids"),
    "another picture's url": (put("images", 3, coco_url="images/s2.jpg"), "last two parts of coco_url"),
    "a wrong number of instances": (put("categories", 0, instance_count=3), "category 0 counts other than its 2"),
    "a wrong number of images": (put("categories", 0, image_count=1), "category 0 counts other than its 2"),
    "a crowd": (put("annotations", 3, iscrowd=0), "annotation 3 has iscrowd"),
}


@pytest.mark.parametrize("why", LVIS)
def test_an_lvis_file_that_its_readers_would_misread_is_refused_by_name(check, why):
    change, named = LVIS[why]
    with pytest.raises(UnreadableExport, match=named):
        check("lvis", edited(change, "lvis"))


def test_a_table_of_classes_of_another_set_is_refused(check):
    def swap_ids(folder: Path) -> None:
        path = folder / "classes.json"
        path.write_text(path.read_text().replace('"category_id": 8', '"category_id": 9'))

    with pytest.raises(UnreadableExport, match="does not list the categories"):
        check("lvis", swap_ids)


def shifted(doc: dict) -> None:
    """Move every corner of one polygon by 1 px."""
    one = of(doc, "annotations", id=3)
    one["segmentation"] = [[number + 1 for number in part] for part in one["segmentation"]]


def test_a_polygon_may_lose_no_more_than_is_stated_of_that_object(check, made):
    with pytest.raises(ExportDiffers, match=r"object s1-000: its mask has IoU 0\.7.* and 1\.00000 is stated"):
        check("lvis", edited(shifted, "lvis"))


def test_what_another_object_lost_is_no_excuse(made, sets, tmp_path):
    exported = made("lvis")
    written = exported.written["lvis"]
    for number, named in ((4, "object s1-000: its mask has IoU"), (3, None)):
        loss = mask_loss({3: 1.0, number: 0.1}, "pycocotools")
        told = dataclasses.replace(exported, written={"lvis": dataclasses.replace(written, losses=(loss,))})
        folder = tmp_path / f"out{number}"
        sets.write_to(told, str(folder), overwrite=False)
        edited(shifted, "lvis")(folder)
        if named:
            with pytest.raises(ExportDiffers, match=named):
                told.verify(lambda name, at=folder: READERS[name](at))
        else:
            told.verify(lambda name, at=folder: READERS[name](at))


@pytest.mark.parametrize("wanted", ["coco", "lvis"])
def test_a_writer_that_loses_a_mask_replaces_nothing(made, sets, tmp_path, wanted):
    sets.write_to(made(wanted), str(tmp_path / "out"), overwrite=False)
    before = (tmp_path / "out/manifest.sha256").read_bytes()
    exported, name = made(wanted), f"annotations/{wanted}.json"
    doc = json.loads(dict(exported.files)[name])
    lost = doc["annotations"].pop(2)
    for category in doc["categories"]:
        if wanted == "lvis" and category["id"] == lost["category_id"]:
            category.update(image_count=category["image_count"] - 1, instance_count=category["instance_count"] - 1)
    files = tuple((path, json.dumps(doc).encode() if path == name else made) for path, made in exported.files)
    for write in (lambda one: sets.write_to(one, str(tmp_path / "out"), overwrite=True), sets.write):
        with pytest.raises(ExportDiffers, match="its objects are"):
            write(dataclasses.replace(exported, files=files))
    assert (tmp_path / "out/manifest.sha256").read_bytes() == before
    assert sorted(path.name for path in tmp_path.iterdir()) == ["home", "out"]
    assert not Path(sets.home, "data/datasets/exports", wanted).exists()
