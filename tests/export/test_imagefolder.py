"""`metadata.jsonl`: columns of one type whatever the set holds, as `datasets` asks the lines alone."""

import dataclasses
import json
from collections import defaultdict

import pytest

from genval_assets.export.formats import imagefolder
from genval_assets.export.formats.features import NotLoadable
from genval_assets.export.prepared import Prepared, prepare
from genval_assets.export.read_set import UnreadableExport
from genval_assets.export.settings import ExportSettings
from resources.datasets import DatasetFolders
from resources.reading.imagefolder import read_imagefolder
from tests.export.real_sample import with_pictures


@pytest.fixture
def merged(mixed):
    """`mixed` with photographs: the first has no object."""
    for image_id in (0, 1000):
        mixed.real_image(image_id)
    mixed.real_annotation(77, 1000, 7)
    mixed.real_annotations[-1] = dataclasses.replace(mixed.real_annotations[-1], area=100.5, box=(4, 4, 10, 10))
    return mixed


def prepared(world) -> Prepared:
    return prepare("set", world.content(), ExportSettings(include_real=True))


def rows(one: Prepared) -> list[dict]:
    return [json.loads(line) for line in imagefolder.metadata(one, "train").splitlines()]


def types(value: object, place: str, found: dict[str, set[str]]) -> None:
    """Collect the JSON types that stand in each place; items of a list share one."""
    found[place].add(type(value).__name__)
    inner = value.items() if isinstance(value, dict) else [("[]", v) for v in value] if isinstance(value, list) else ()
    for key, one in inner:
        types(one, f"{place}.{key}", found)


def test_every_column_has_one_type_in_every_line_and_none_is_null(merged):
    found: dict[str, set[str]] = defaultdict(set)
    for row in rows(prepared(merged)):
        types(row, "", found)
    assert all(len(kinds) == 1 for kinds in found.values()), found
    assert found[".objects.bbox.[].[]"] == found[".objects.area.[]"] == {"float"}
    assert found[".genval"] == found[".objects.genval.[]"] == {"str"}


def test_pictures_without_objects_are_last(merged):
    one = prepared(merged)
    names = [row["file_name"] for row in rows(one)]
    assert names == ["real-1000.jpg", "s1.jpg", "s2.jpg", "real-0.jpg", "real-42.jpg"]


def test_a_name_that_could_be_taken_for_a_time_stands_beside_the_lines(world, draw):
    world.category("day", name="2026-01-02", source_id=7)
    world.background("plain", "drawn")
    world.scene("s1", "day", "plain")
    world.object("s1", "day", draw((1, 1, 5, 5)))
    files = dict(imagefolder.write(prepared(world), lambda path: b"").files)
    assert b"2026-01-02" not in files["train/metadata.jsonl"]
    (listed,) = json.loads(files["classes.json"])
    assert (listed["category_id"], listed["name"]) == (7, "2026-01-02")


def test_pictures_are_linked_into_the_folders_that_their_lines_are_in(merged):
    one = prepared(merged)
    images = tuple(dataclasses.replace(i, split="val" if i.scene else "train") for i in one.numbered.images)
    one = dataclasses.replace(one, numbered=dataclasses.replace(one.numbered, images=images))
    done = imagefolder.write(one, lambda path: b"")
    assert [name for name, _ in done.links] == [
        "train/real-0.jpg", "train/real-42.jpg", "train/real-1000.jpg", "validation/s1.jpg", "validation/s2.jpg",
    ]  # fmt: skip
    assert [name for name, _ in done.files] == ["train/metadata.jsonl", "validation/metadata.jsonl", "classes.json"]


def test_a_split_without_objects_beside_one_with_them_is_refused(merged):
    one = prepared(merged)
    images = tuple(dataclasses.replace(i, split="val" if i.image_id == 1 else "train") for i in one.numbered.images)
    with pytest.raises(NotLoadable, match="the val split of set has pictures but no object"):
        imagefolder.write(dataclasses.replace(one, numbered=dataclasses.replace(one.numbered, images=images)), bytes)


@pytest.mark.parametrize(
    ("old", "new", "named"),
    [
        ('"width":64', '"width":65', "its line says"),
        ('"file_name":"s1.jpg"', '"file_name":"s9.jpg"', "that its lines name"),
        ('"file_name":"s1.jpg"', '"file_name":"s2.jpg"', "once each"),
        ('"category":[1', '"category":[9', "is not category 7"),
        ('"size":[48,64]', '"size":[64,48]', "its mask is"),
        ('"iscrowd":[0', '"iscrowd":[0,0', "longer"),
        ('"bbox":[[', '"bbox":[["a",', "bbox"),
        ("{", "", "metadata.jsonl"),
    ],
)
def test_lines_that_contradict_their_pictures_or_classes_are_refused(merged, tmp_path, old, new, named):
    home, folder = tmp_path / "home", tmp_path / "out"
    one = prepare("set", with_pictures(merged.content(), home), ExportSettings(include_real=True))
    done = imagefolder.write(one, DatasetFolders(home=str(home)).picture)
    for path, content in done.files:
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_bytes(content)
    for path, source in done.links:
        (folder / path).symlink_to(home / source)
    assert len(read_imagefolder(folder).pictures) == 5
    lines = folder / "train" / "metadata.jsonl"
    assert old in lines.read_text()
    lines.write_text(lines.read_text().replace(old, new, 1))
    with pytest.raises(UnreadableExport, match=named):
        read_imagefolder(folder)
