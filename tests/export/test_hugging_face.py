"""Both ways to Hugging Face, as `datasets` itself reads them: pictures, boxes, exact masks, names and splits."""

import dataclasses
import io
import json
from collections.abc import Iterator, Mapping
from pathlib import Path

import duckdb
import numpy as np
import polars as pl
import pytest
from PIL import Image
from pycocotools import mask as rle

from genval_assets.export.build import ExportedSet
from genval_assets.export.card import card
from genval_assets.export.content import SetContent
from genval_assets.export.formats import hugging_face
from genval_assets.export.formats.features import NotLoadable
from genval_assets.export.formats.registry import WRITERS
from genval_assets.export.prepared import prepare
from genval_assets.export.read_set import UnreadableExport, picture_key
from genval_assets.export.settings import ExportSettings
from genval_assets.export.words import Format, Split
from resources.datasets import DatasetFolders
from resources.reading.hugging_face import read_hugging_face
from tests.export.real_sample import awkward_content, with_pictures
from tests.export.test_build import shuffled

HOSTILE = (
    "</script><b>",
    "a: b # c",
    "\"quoted\" \\ 'too'",
    "first\n---\nsecond",
    "斑马",
    "- x",
    "{{ card }}",
    "no",
    "2026-01-02",
    "ARROW:schema",
    "next\x85line\u2028and\x00nothing 🦓",
    " ",
)
BOTH = pytest.mark.parametrize("wanted", ["hf", "imagefolder"])


@pytest.fixture(scope="module")
def hub(tmp_path_factory) -> Iterator[object]:
    """`datasets`, offline, with a cache of its own."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("HF_HUB_OFFLINE", "1")
        patch.setenv("HF_HOME", str(tmp_path_factory.mktemp("hub")))
        import datasets

        datasets.disable_progress_bars()
        yield datasets


@pytest.fixture
def load(hub, tmp_path):
    return lambda *names, **more: hub.load_dataset(*map(str, names), cache_dir=str(tmp_path / "cache"), **more)


@pytest.fixture
def home(tmp_path) -> Path:
    return tmp_path / "home"


@pytest.fixture
def awkward(mixed) -> SetContent:
    """`mixed` with three photographs of the user's: two objects and a crowd, one object, none."""
    for image_id in (0, 1000):
        mixed.real_image(image_id)
    mixed.real_annotation(0, 0, 0)
    mixed.real_annotation(5, 1000, 7, crowd=True)
    mixed.real_annotation(77, 1000, 7)
    mixed.real_annotations[-1] = dataclasses.replace(mixed.real_annotations[-1], area=100.5)
    return mixed.content()


def exported(wanted: Format, content: SetContent, home: Path, splits: Mapping[str, Split] | None = None) -> ExportedSet:
    """Return a set of which some pictures, by key, are in other splits."""
    prepared = prepare("set", with_pictures(content, home), ExportSettings(include_real=True))
    images = {
        image.image_id: dataclasses.replace(image, split=(splits or {}).get(picture_key(image), "train"))
        for image in prepared.numbered.images
    }
    annotations = tuple(dataclasses.replace(a, image=images[a.image.image_id]) for a in prepared.numbered.annotations)
    numbered = dataclasses.replace(prepared.numbered, images=tuple(images.values()), annotations=annotations)
    return of_prepared(wanted, dataclasses.replace(prepared, numbered=numbered), home)


def of_prepared(wanted: Format, prepared, home: Path) -> ExportedSet:
    picture = DatasetFolders(home=str(home)).picture
    written = {wanted: WRITERS[wanted](prepared, picture)}
    readme = card(prepared, written, written[wanted].described)
    return ExportedSet(
        "set", (*written[wanted].files, ("README.md", readme)), written[wanted].links, prepared, written, picture
    )


def landed(done: ExportedSet, home: Path, folder: Path) -> Path:
    DatasetFolders(home=str(home)).write_to(done, str(folder), overwrite=False)
    return folder


def pixels(mask: dict) -> np.ndarray:
    return rle.decode(mask).astype(bool)


@BOTH
def test_a_folder_loads_with_its_pictures_boxes_and_exact_masks(wanted, awkward, mixed, load, home, tmp_path):
    folder = landed(exported(wanted, awkward, home), home, tmp_path / "out")
    rows = {row["image_id"]: row for row in load(folder)["train"]}
    sources = ["photos/day/0.JPG", "photos/day/42.JPG", "photos/day/1000.JPG"]
    sources += ["data/images/ab/s1.jpg", "data/images/ab/s2.jpg"]
    for number, source in enumerate(sources, start=1):
        assert np.array_equal(np.asarray(rows[number]["image"]), np.asarray(Image.open(home / source)))
        assert (rows[number]["width"], rows[number]["height"]) == (64, 48)
    assert [rows[n]["objects"]["id"] for n in range(1, 6)] == [[1], [], [2, 3], [4, 5], [6, 7, 8]]
    real, first, second = rows[3]["objects"], rows[4]["objects"], rows[5]["objects"]
    assert (real["origin"], real["iscrowd"], real["area"]) == (["source-5", "source-77"], [1, 0], [100.0, 100.5])
    assert second["bbox"] == [[0.0, 0.0, 12.0, 12.0], [60.0, 40.0, 3.0, 2.0], [20.0, 20.0, 25.0, 9.0]]
    assert (second["category_id"], second["category"], second["iscrowd"]) == ([7, 7, 0], [1, 1, 0], [0, 1, 0])
    for objects in (first, second):
        for origin, mask in zip(objects["origin"], objects["segmentation"], strict=True):
            assert np.array_equal(pixels(mask), mixed.masks[origin])


@BOTH
def test_splits_load_under_the_names_that_hugging_face_gives_them(wanted, awkward, load, home, tmp_path):
    splits: dict[str, Split] = {"real-1000": "val", "s1": "test", "real-42": "test"}
    folder = landed(exported(wanted, awkward, home, splits), home, tmp_path / "out")
    loaded = load(folder)
    assert {name: sorted(split["image_id"]) for name, split in loaded.items()} == {
        "train": [1, 5], "validation": [3], "test": [2, 4]
    }  # fmt: skip


def test_names_survive_the_card_and_the_shard_whatever_they_are(world, draw, load, home, tmp_path):
    for i, name in enumerate(HOSTILE):
        world.category(f"c{i:02}", name=name)
    world.background("plain", "drawn")
    world.scene("s1", "c00", "plain")
    for i in range(len(HOSTILE)):
        world.object("s1", f"c{i:02}", draw((i, i, 3, 3)), z=i)
    folder = landed(exported("hf", world.content(), home), home, tmp_path / "out")
    by_card = load(folder)["train"]
    by_shard = load("parquet", data_files=str(folder / "data" / "train-00000-of-00001.parquet"))["train"]
    assert by_card.features == by_shard.features
    assert by_card.features["objects"]["category"].feature.names == list(HOSTILE)
    assert by_card[0]["objects"]["category"] == list(range(len(HOSTILE)))


def test_features_are_written_in_words_that_older_versions_know(awkward, hub, home, tmp_path):
    files = dict(exported("hf", awkward, home).files)
    shard = files["data/train-00000-of-00001.parquet"]()
    features = pl.read_parquet_metadata(io.BytesIO(shard))["huggingface"]
    assert set(kinds(json.loads(features))) == {"Image", "Value", "ClassLabel", "Sequence"}
    (data,) = files["README.md"].decode().split("---\n")[1:2]
    assert '  - {"name": "image", "dtype": "image"}\n' in data
    assert '{"name": "bbox", "sequence": {"sequence": "float64"}}' in data


def kinds(value: object) -> Iterator[str]:
    """Yield every `_type`."""
    for one in value.values() if isinstance(value, dict) else value if isinstance(value, list) else ():
        yield from kinds(one)
    if isinstance(value, dict) and "_type" in value:
        yield value["_type"]


def test_shards_are_bounded_and_read_their_pictures_only_when_they_are_made(awkward, monkeypatch, load, home, tmp_path):
    monkeypatch.setattr(hugging_face, "PIXELS_PER_SHARD", 64 * 48 * 2)
    done = exported("hf", awkward, home)
    assert [name for name, _ in done.files if name.endswith(".parquet")] == [
        f"data/train-0000{i}-of-00003.parquet" for i in range(3)
    ]
    asked: list[str] = []
    one = hugging_face.write(done.prepared, lambda path: asked.append(path) or b"")
    assert asked == []
    dict(one.files)["data/train-00002-of-00003.parquet"]()
    assert asked == ["data/images/ab/s2.jpg"]
    folder = landed(done, home, tmp_path / "out")
    assert load(folder)["train"]["image_id"] == [1, 2, 3, 4, 5]


def test_a_shard_of_small_pictures_is_bounded_by_their_number(awkward, monkeypatch, home):
    monkeypatch.setattr(hugging_face, "PICTURES_PER_SHARD", 2)
    names = [name for name, _ in exported("hf", awkward, home).files]
    assert names[2] == "data/train-00002-of-00003.parquet"


def test_a_picture_larger_than_a_shard_has_one_of_its_own(awkward, monkeypatch, home, tmp_path):
    monkeypatch.setattr(hugging_face, "PIXELS_PER_SHARD", 1)
    names = [name for name, _ in exported("hf", awkward, home).files]
    assert names[4] == "data/train-00004-of-00005.parquet"


@BOTH
def test_a_set_without_pictures_is_refused_as_datasets_would_not_load_it(wanted, home):
    with pytest.raises(NotLoadable, match="set has no pictures"):
        exported(wanted, SetContent(categories=()), home)


@BOTH
def test_the_same_rows_in_any_order_give_the_same_bytes(wanted, awkward, home):
    done = [exported(wanted, content, home) for content in (awkward, shuffled(awkward, 5))]
    first, again = ([(n, c if isinstance(c, bytes) else c()) for n, c in one.files] for one in done)
    assert first == again
    assert done[0].links == done[1].links


def test_pictures_are_found_by_where_they_come_from(awkward, home, tmp_path):
    folder = landed(exported("hf", awkward, home), home, tmp_path / "out")
    found = duckdb.sql(
        f"select image_id, genval.background_id, unnest(objects.genval).instance_id as instance "
        f"from '{folder}/data/*.parquet' where genval.scene_id = 's2' order by instance"
    ).fetchall()
    assert found == [(5, "photo", "inst-zebra"), (5, "photo", None), (5, "photo", None)]
    frame = pl.read_parquet(folder / "data")
    assert frame["genval"].struct.field("source_path").to_list() == [
        "day/0.JPG", "day/42.JPG", "day/1000.JPG", None, "day/42.JPG"
    ]  # fmt: skip


@BOTH
def test_photographs_of_coco_come_back_with_crowds_awkward_ids_and_masks(wanted, shared_data, load, home, tmp_path):
    prepared = prepare("set", awkward_content(shared_data), ExportSettings(include_real=True))
    folder = landed(of_prepared(wanted, prepared, home), home, tmp_path / "out")
    said = json.loads((folder / "verification.json").read_text())[wanted]
    objects = len(prepared.numbered.annotations)
    assert (said["pictures"], said["objects"], said["masks_identical"]) == (20, objects, objects)
    assert said["boxes_compared"] == objects
    loaded = load(folder)["train"]
    of_image = {row["image_id"]: row["objects"] for row in loaded}
    given = [a for a in prepared.numbered.annotations if a.source is not None]
    found = {n: [*zip(o["id"], o["bbox"], o["iscrowd"], o["category_id"], strict=True)] for n, o in of_image.items()}
    assert found == {
        i.image_id: [
            (a.annotation_id, list(a.source.box), int(a.source.iscrowd), a.source.category_id)
            for a in given
            if a.image is i
        ]
        for i in prepared.numbered.images
    }
    classes = json.loads((folder / "classes.json").read_text())
    assert (classes[0]["category_id"], classes[-1]["category_id"], len(classes)) == (0, 9000, 80)
    assert sum(crowd for o in of_image.values() for crowd in o["iscrowd"]) == sum(a.iscrowd for a in given) > 0


@pytest.mark.parametrize(
    ("damage", "named"),
    [
        (lambda data: (data / "train-00000-of-00001.parquet").write_bytes(b"PAR1"), "train-00000"),
        (lambda data: (data / "train-00000-of-00001.parquet").unlink(), "no shards"),
        (lambda data: (data / "extra.parquet").write_bytes(next(data.glob("*")).read_bytes()), "not the name"),
        (lambda data: (data / "val-00000-of-00001.parquet").write_bytes(b""), "val-00000"),
        (
            lambda data: (data / "validation-00000-of-00001.parquet").write_bytes(next(data.glob("*")).read_bytes()),
            "was there before",
        ),
        (
            lambda data: (data.parent / "classes.json").write_text(
                (data.parent / "classes.json").read_text().replace('"zebra"', '"horse"')
            ),
            "not those of classes.json",
        ),
    ],
)
def test_shards_that_are_damaged_or_contradict_each_other_are_refused(awkward, home, tmp_path, damage, named):
    folder = landed(exported("hf", awkward, home), home, tmp_path / "out")
    damage(folder / "data")
    with pytest.raises(UnreadableExport, match=named):
        read_hugging_face(folder)


def test_a_folder_whose_name_is_a_pattern_is_read_alone(awkward, home, tmp_path):
    done = exported("hf", awkward, home)
    for name in ("out-before", "out*"):
        landed(done, home, tmp_path / name)
    assert len(read_hugging_face(tmp_path / "out*").pictures) == 5
