"""What is said to differ between two sets, and nothing else."""

import json
from dataclasses import replace
from pathlib import Path

import msgspec
import numpy as np
import pytest
from pycocotools import mask as rle

from genval_assets.commands.diff import show_diff, within
from genval_assets.export.build import export_as, export_set
from genval_assets.export.diff import EXACT, ChangedObject, ChangedPicture, NewId, NewName, Within, diff
from genval_assets.export.read_set import ReadObject, ReadPicture, ReadSet
from genval_assets.export.settings import ExportSettings
from genval_assets.export.verification import Verified
from resources.datasets import DatasetFolders
from resources.reading.found import read_export
from tests.export.real_sample import with_pictures

NAMES = {0: "zebra", 7: "dog", 8: "unicorn"}


def square(left: int, side: int) -> str:
    mask = np.zeros((20, 40), dtype=np.uint8)
    mask[2 : 2 + side, left : left + side] = 1
    return rle.encode(np.asfortranarray(mask))["counts"].decode()


ZEBRA = ReadObject("a1", 0, (2.0, 2.0, 10.0, 10.0), square(2, 10))
DOG = ReadObject("a2", 7, (20.0, 2.0, 5.0, 5.0), square(20, 5))
CROWD = ReadObject("source-9", 7, (30.0, 2.0, 4.0, 4.0), square(30, 4), iscrowd=True)
PICTURE = ReadPicture("train", 40, 20, (ZEBRA, DOG, CROWD), "digest")


def a_set(*objects: ReadObject, names: dict[int, str] = NAMES, **picture: object) -> ReadSet:
    return ReadSet(names, {"s1": replace(PICTURE, objects=objects or PICTURE.objects, **picture)})


def changes(one: ReadSet, other: ReadSet, close: Within = EXACT) -> dict[str, tuple]:
    """Return category -> (added, removed, [(origin, what)])."""
    return {
        row.name: (row.added, row.removed, [(c.origin, *c.what) for c in row.changed])
        for row in diff(one, other, close).objects
    }


def test_a_set_does_not_differ_from_itself():
    found = diff(a_set(), a_set())
    assert found.is_empty
    assert (found.pictures.before, found.pictures.after, found.objects) == (1, 1, [])


@pytest.mark.parametrize(
    ("what", "changed"),
    [
        ("box", replace(ZEBRA, box=(2.0, 2.0, 10.0, 11.0))),
        ("mask", replace(ZEBRA, mask=square(3, 10))),
        ("category", replace(ZEBRA, category_id=8)),
        ("iscrowd", replace(ZEBRA, iscrowd=True)),
    ],
)
def test_an_object_that_changed_is_named_with_what_changed(what, changed):
    name = "unicorn" if what == "category" else "zebra"
    assert changes(a_set(), a_set(changed, DOG, CROWD)) == {name: ([], [], [("a1", what)])}


def test_objects_that_came_and_went_are_named_by_category_with_their_numbers():
    found = diff(a_set(), a_set(ZEBRA, replace(ZEBRA, origin="a3"), CROWD)).objects
    zebra, dog = found
    assert (zebra.name, zebra.added, zebra.removed, zebra.objects_before, zebra.objects_after) == (
        "zebra", ["a3"], [], 1, 2)  # fmt: skip
    assert (dog.name, dog.added, dog.removed, dog.objects_before, dog.objects_after) == ("dog", [], ["a2"], 2, 1)
    assert (zebra.pictures_before, zebra.pictures_after, dog.pictures_before, dog.pictures_after) == (1, 1, 1, 1)


def test_pictures_that_came_went_and_changed_are_named():
    one = ReadSet(NAMES, {"s1": PICTURE, "s2": PICTURE, "gone": PICTURE})
    other = ReadSet(NAMES, {"s1": replace(PICTURE, split="val", digest="other"), "s2": PICTURE, "new": PICTURE})
    found = diff(one, other).pictures
    assert (found.added, found.removed) == (["new"], ["gone"])
    assert found.changed == [ChangedPicture("s1", ["split", "bytes"])]
    assert diff(a_set(), a_set(width=41)).pictures.changed == [ChangedPicture("s1", ["size"])]
    assert diff(a_set(), a_set(digest="")).is_empty


def test_a_category_is_known_by_its_name_and_by_its_id_where_its_name_is_new():
    names = {0: "plains zebra", 8: "dog", 9: "cat"}
    moved = a_set(ZEBRA, replace(DOG, category_id=8), replace(CROWD, category_id=8), names=names)
    found = diff(a_set(), moved)
    assert found.categories.renamed == [NewName(0, "zebra", "plains zebra")]
    assert found.categories.renumbered == [NewId("dog", 7, 8)]
    assert (found.categories.added, found.categories.removed) == (["cat"], ["unicorn"])
    assert found.objects == []
    assert not found.is_empty


def test_objects_of_a_removed_category_are_removed_under_its_name():
    found = changes(a_set(), a_set(DOG, CROWD, names={7: "dog", 8: "unicorn"}))
    assert found == {"zebra": ([], ["a1"], [])}


def test_what_a_format_does_not_hold_is_not_compared():
    bare = a_set(replace(ZEBRA, box=None, mask=None), replace(DOG, mask=None))
    assert changes(a_set(), bare) == {"dog": ([], ["source-9"], [])}
    assert changes(a_set(), bare, Within(crowds=False)) == {}
    bounds = a_set(replace(ZEBRA, box=(1.0, 1.0, 1.0, 1.0)), DOG, CROWD)
    assert changes(a_set(), bounds, Within(boxes=False)) == {}


@pytest.mark.parametrize(
    ("box", "mask", "found"),
    [
        ((2.5, 2.0, 10.0, 10.0), square(2, 10), {}),
        ((2.6, 2.0, 10.0, 10.0), square(2, 10), {"zebra": ([], [], [("a1", "box")])}),
        ((2.0, 2.0, 10.0, 10.0), square(2, 9), {}),  # IoU 0.81
        ((2.0, 2.0, 10.0, 10.0), square(2, 8), {"zebra": ([], [], [("a1", "mask")])}),  # IoU 0.64
    ],
)
def test_what_a_format_rounds_is_not_a_change(box, mask, found):
    other = a_set(replace(ZEBRA, box=box, mask=mask), DOG, CROWD)
    assert changes(a_set(), other, Within(box_px=0.5, mask_loss=0.19)) == found


def test_the_limits_of_two_formats_add_up():
    one = Verified(
        pictures=1, pictures_by_split={}, picture_bytes_compared=0, objects=1, boxes_compared=1, box_px=0.25,
        own_boxes=True, masks_compared=1, masks_identical=0, min_mask_iou=0.9, lost_mask_iou=0.1, crowds=True,
        absent={},
    )  # fmt: skip
    other = msgspec.structs.replace(one, box_px=0.5, own_boxes=False, min_mask_iou=0.8, crowds=False)
    assert within(one, one) == Within(box_px=0.5, mask_loss=pytest.approx(0.2))
    assert within(one, other) == Within(crowds=False, boxes=False, box_px=0.75, mask_loss=pytest.approx(0.3))


def test_the_order_of_pictures_and_objects_means_nothing():
    one = ReadSet(NAMES, {"s1": PICTURE, "s2": replace(PICTURE, objects=(replace(DOG, origin="a5"), ZEBRA))})
    again = ReadSet(
        dict(reversed(NAMES.items())), {"s2": one.pictures["s2"], "s1": replace(PICTURE, objects=(CROWD, DOG, ZEBRA))}
    )
    other = a_set(ZEBRA)
    assert diff(one, other) == diff(again, other)
    assert changes(again, other) == {"zebra": ([], ["a1"], []), "dog": ([], ["a2", "source-9", "a5"], [])}


@pytest.fixture
def written(mixed, tmp_path):
    """Write `mixed` as it is in a format, or changed, and return the folder."""
    home = tmp_path / "home"
    sets = DatasetFolders(home=str(home))

    def write(wanted: str, name: str, **settings: object) -> Path:
        content = with_pictures(mixed.content(), home)
        exported = export_as(wanted, content, ExportSettings(**settings), sets.picture)
        sets.write_to(exported, str(tmp_path / name), overwrite=False)
        return tmp_path / name

    return write


def test_one_set_in_two_formats_does_not_differ(written, capsys):
    show_diff(written("coco", "a"), written("lvis", "b"), as_json=False)
    told = capsys.readouterr()
    assert told.out == ""
    assert told.err.splitlines() == [
        "no difference: 2 pictures and their objects are the same",
        "regions to ignore are not compared: one of the formats has none",
    ]


def test_what_changed_between_two_exports_is_shown_by_category(written, mixed, draw, capsys):
    before = written("coco", "a")
    mixed.category("mule [bold]")
    mixed.scene("s3", "dog", "plain")
    mixed.object("s3", "dog", draw((2, 2, 5, 5)))
    mixed.annotations = [row for row in mixed.annotations if row.scene_id != "s1" or row.category != "unicorn"]
    after = written("coco", "b")
    show_diff(before, after, as_json=True)
    found = json.loads(capsys.readouterr().out)
    assert found["pictures"]["added"] == ["s3"]
    assert {row["name"]: (row["added"], row["removed"]) for row in found["objects"]} == {
        "dog": (["s3-005"], []), "unicorn": ([], ["s1-001"]),
    }  # fmt: skip
    show_diff(before, after, as_json=False)
    told = capsys.readouterr().out
    lines = [line.split() for line in told.splitlines()]
    assert ["dog", "2", "3", "1", "0", "0", "1", "2"] in lines
    assert ["unicorn", "1", "0", "0", "1", "0", "1", "0"] in lines
    assert "pictures 2, now 3: 1 added, 0 removed, 0 changed" in told
    assert "categories added mule [bold]" in told


def test_a_picture_that_was_mended_in_place_is_found(written):
    before, after = written("coco", "a"), written("coco", "b")
    (after / "images/s1.jpg").write_bytes((after / "images/s1.jpg").read_bytes() + b"0")
    found = diff(read_export(before).read, read_export(after).read)
    assert found.pictures.changed == [ChangedPicture("s1", ["bytes"])]


def test_a_difference_is_json_and_back(written):
    found = diff(a_set(), a_set(replace(ZEBRA, category_id=8), DOG))
    assert msgspec.json.decode(msgspec.json.encode(found), type=type(found)) == found
    assert found.objects[1].changed == [ChangedObject("s1", "a1", ["category"])]


def test_a_folder_that_is_no_export_is_refused(tmp_path, written, capsys):
    with pytest.raises(SystemExit) as stopped:
        show_diff(written("coco", "a"), tmp_path, as_json=False)
    assert stopped.value.code == 2
    assert f"{tmp_path} is no export of genval's" in capsys.readouterr().err


def test_a_set_of_the_home_is_read_as_coco_which_holds_more(mixed, tmp_path):
    sets = DatasetFolders(home=str(tmp_path))
    content = with_pictures(mixed.content(), tmp_path)
    folder = sets.write(export_set("training", content, ExportSettings(pool=False), sets.picture))
    found = read_export(tmp_path / folder)
    assert found.format == "coco"
    assert sum(len(shown.objects) for shown in found.read.pictures.values()) == 5
