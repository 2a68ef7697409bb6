"""WebDataset shards: what the `webdataset` library, or anybody's tar, finds in them."""

import dataclasses
import hashlib
import io
import json
import pickle
import shutil
import sys
import tarfile
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from pycocotools import mask as rle

from genval_assets.export.build import ExportedSet, export_as
from genval_assets.export.content import SetContent
from genval_assets.export.formats import webdataset
from genval_assets.export.formats.webdataset import UnknownPicture
from genval_assets.export.prepared import prepare
from genval_assets.export.read_set import UnreadableExport
from genval_assets.export.settings import ExportSettings
from genval_assets.export.verification import ExportDiffers
from resources.datasets import DatasetFolders
from resources.reading.webdataset import read_webdataset
from tests.export.conftest import World
from tests.export.made import made
from tests.export.real_sample import awkward_content, sample_content, with_pictures
from tests.export.test_build import shuffled

HOSTILE = "../'x\"</script>\n- a: [1, {b}]\r\t山羊, `|"
REAL = ExportSettings(include_real=True)


leaves_shards_open = pytest.mark.filterwarnings(
    "ignore:unclosed file:ResourceWarning", "ignore:Exception ignored in:pytest.PytestUnraisableExceptionWarning"
)
"""webdataset 1.0.2 does, and leaves them to the garbage collector."""


@pytest.fixture
def samples(monkeypatch) -> Callable[..., list[dict]]:
    """Return the samples for training as the library decodes them, from the pattern that `dataset.json` gives."""
    if "torch" not in sys.modules:
        monkeypatch.setitem(sys.modules, "torch", None)  # the library reads without it, and loads in 0.3 s, not 6
    from webdataset import WebDataset

    def read(folder: Path, *handlers: str) -> list[dict]:
        (series,) = json.loads((folder / "dataset.json").read_bytes())["splits"]
        return list(WebDataset(f"{folder}/{series['shards']}", shardshuffle=False).decode(*handlers))

    return read


def drawn_mask(one: dict) -> np.ndarray:
    return rle.decode({"size": one["segmentation"]["size"], "counts": one["segmentation"]["counts"].encode()})


def exported(content: SetContent, home: Path) -> ExportedSet:
    return export_as("webdataset", content, REAL, DatasetFolders(home=str(home)).picture)


def written(content: SetContent, home: Path, out: Path) -> Path:
    DatasetFolders(home=str(home)).write_to(exported(content, home), str(out), overwrite=False)
    return out


@pytest.fixture
def home(tmp_path) -> Path:
    (tmp_path / "home").mkdir()
    return tmp_path / "home"


@pytest.fixture
def small(mixed: World, home, monkeypatch) -> SetContent:
    """Two scenes and two photographs, one of them without objects, in shards of three; a name is hostile."""
    monkeypatch.setattr(webdataset, "PICTURES_PER_SHARD", 3)
    mixed.categories[1] = dataclasses.replace(mixed.categories[1], name=HOSTILE)
    mixed.real_image(0)
    mixed.real_annotation(0, 42, 7)
    mixed.real_annotation(5, 42, 0, crowd=True)
    return with_pictures(mixed.content(), home)


@leaves_shards_open
def test_the_library_finds_every_picture_with_its_boxes_classes_and_masks(samples, small, mixed, home, tmp_path):
    found = {one["__key__"].rpartition("/")[2]: one for one in samples(written(small, home, tmp_path / "out"), "pil")}
    assert sorted(found) == ["real-0", "real-42", "s1", "s2"]
    scene = found["s1"]
    with Image.open(home / "data/images/ab/s1.jpg") as source:
        assert np.array_equal(scene["jpg"], source)
    zebra, unicorn = scene["json"]["objects"]
    assert (zebra["category"], zebra["category_id"], zebra["bbox"], zebra["iscrowd"]) == (0, 0, [2, 2, 20, 20], 0)
    assert (unicorn["category"], unicorn["category_id"], unicorn["genval"]["annotation_id"]) == (2, 8, "s1-001")
    for one in (zebra, unicorn):
        assert np.array_equal(drawn_mask(one), mixed.masks[one["origin"]])
    assert found["real-0"]["json"]["objects"] == []
    real, crowd = found["real-42"]["json"]["objects"]
    assert (real["origin"], real["category"], crowd["iscrowd"], drawn_mask(crowd).sum()) == ("source-0", 1, 1, 50)


@leaves_shards_open
def test_real_photographs_come_back_byte_for_byte_with_every_mask(samples, shared_data, home, tmp_path):
    sample = sample_content(shared_data)
    out = written(sample, home, tmp_path / "out")
    told = json.loads((out / "verification.json").read_bytes())["webdataset"]
    assert (told["pictures"], told["picture_bytes_compared"]) == (75, 75)
    assert (told["objects"], told["boxes_compared"], told["masks_identical"]) == (616, 616, 616)
    read = samples(out)
    photographs = {one["json"]["genval"]["source_path"]: one["jpg"] for one in read}
    assert photographs == {p.name: p.read_bytes() for p in (shared_data / "coco_sample/images").iterdir()}
    objects = [one for sample in read for one in sample["json"]["objects"]]
    assert (len(objects), sum(one["iscrowd"] for one in objects)) == (616, 7)


@leaves_shards_open
def test_ids_with_gaps_and_of_zero_survive(samples, shared_data, home, tmp_path):
    out = written(awkward_content(shared_data), home, tmp_path / "out")
    objects = [one for sample in samples(out) for one in sample["json"]["objects"]]
    assert {0, 9000} <= set(read_webdataset(out).categories)
    assert "source-0" in {one["origin"] for one in objects}
    assert max(one["category"] for one in objects) < 80 <= max(one["category_id"] for one in objects)


def test_classes_have_their_names_whatever_these_hold(small, home, tmp_path):
    out = written(small, home, tmp_path / "out*")
    shutil.copytree(out, tmp_path / "out-2")  # DuckDB takes a star for a pattern
    assert dict(read_webdataset(out).categories) == {0: "zebra", 7: HOSTILE, 8: "unicorn"}


@pytest.mark.parametrize("seed", [1, 2])
def test_the_same_rows_in_any_order_give_the_same_bytes(small, home, seed):
    assert made(exported(small, home)) == made(exported(shuffled(small, seed), home))


def test_headers_hold_no_time_owner_or_link_and_pictures_lie_beside_their_records(small, home):
    shard = dict(made(exported(small, home)))["train-000000.tar"]
    with tarfile.open(fileobj=io.BytesIO(shard)) as opened:
        found = opened.getmembers()
    told = {(m.mtime, m.uid, m.gid, m.uname, m.gname, m.mode, m.type, m.linkname) for m in found}
    assert told == {(0, 0, 0, "", "", 0o644, tarfile.REGTYPE, "")}
    keys = [m.name.partition(".") for m in found]
    assert [end for _, _, end in keys] == ["jpg", "json"] * 3
    assert [key for key, _, _ in keys[::2]] == [key for key, _, _ in keys[1::2]]


def test_shards_hold_a_mix_and_their_pattern_names_all_of_them(small, home):
    files = dict(made(exported(small, home)))
    assert [name for name in files if name.endswith(".tar")] == ["train-000000.tar", "train-000001.tar"]
    assert json.loads(files["dataset.json"])["splits"] == [
        {"split": "train", "shards": "train-{000000..000001}.tar", "n_shards": 2, "pictures": 4}
    ]
    held = []
    for number in range(2):
        with tarfile.open(fileobj=io.BytesIO(files[f"train-{number:06d}.tar"])) as opened:
            held.append([name.partition(".")[0] for name in opened.getnames()[::2]])
    assert [len(one) for one in held] == [3, 1]
    keys = [*held[0], *held[1]]
    assert keys == sorted(keys, key=lambda key: hashlib.sha256(key.encode()).hexdigest())


def test_pictures_are_read_when_their_shard_is_made(small, home):
    asked = []

    def picture(path: str) -> bytes:
        asked.append(path)
        return DatasetFolders(home=str(home)).picture(path)

    done = export_as("webdataset", small, REAL, picture)
    assert asked == []
    shard = dict(done.files)["train-000001.tar"]
    assert callable(shard)
    shard()
    assert len(asked) == 1


def test_each_split_has_its_shards_and_one_without_pictures_has_none(small, home):
    prepared = prepare("set", small, REAL)
    split = {"real-0": "val", "s1": "test"}
    images = tuple(
        dataclasses.replace(image, split=split.get(Path(image.file).stem, "train"))
        for image in prepared.numbered.images
    )
    for kept, shards in ((images, ["test", "train", "val"]), (images[1:], ["test", "train"])):
        numbered = dataclasses.replace(prepared.numbered, images=kept)
        files = dict(
            webdataset.write(dataclasses.replace(prepared, numbered=numbered), exported(small, home).picture).files
        )
        assert sorted(name for name in files if name.endswith(".tar")) == [f"{one}-000000.tar" for one in shards]
        assert sorted(one["split"] for one in json.loads(files["dataset.json"])["splits"]) == shards


def test_an_empty_set_has_no_shards(home, tmp_path):
    out = written(SetContent(categories=()), home, tmp_path / "out")
    assert sorted(p.name for p in out.iterdir()) == [
        "README.md", "classes.json", "dataset.json", "manifest.sha256", "verification.json",
    ]  # fmt: skip
    assert json.loads((out / "dataset.json").read_bytes())["splits"] == []
    assert read_webdataset(out).pictures == {}


def test_a_photograph_that_is_named_like_a_pickle_is_never_decoded_as_one(small, home):
    path = small.real_images[0].path
    renamed = dataclasses.replace(small.real_images[0], path="day/42.pyd")
    (home / "photos/day/42.pyd").write_bytes((home / "photos" / path).read_bytes())
    images = (renamed, *small.real_images[1:])
    files = dict(made(exported(dataclasses.replace(small, real_images=images, source_images=images), home)))
    names = []
    for number in range(2):
        with tarfile.open(fileobj=io.BytesIO(files[f"train-{number:06d}.tar"])) as opened:
            names += opened.getnames()
    assert "real-42.jpg" in names
    assert {name.partition(".")[2] for name in names} == {"jpg", "json"}


def test_a_file_that_is_no_picture_is_refused_by_name(small, home):
    (home / "photos" / small.real_images[0].path).write_bytes(pickle.dumps("picture"))
    with pytest.raises(UnknownPicture, match=r"day/42\.JPG is no picture of JPEG, PNG"):
        made(exported(small, home))


@pytest.fixture
def landed(small, home, tmp_path) -> Path:
    return written(small, home, tmp_path / "out")


def rewrite(path: Path, *, kind: bytes = tarfile.REGTYPE, **changes: object) -> None:
    """Write the members of a shard again, the first of them changed."""
    with tarfile.open(path) as old:
        members = [(member, old.extractfile(member).read()) for member in old.getmembers()]
    with tarfile.open(path, "w", format=tarfile.USTAR_FORMAT) as new:
        for i, (member, content) in enumerate(members):
            for field, value in changes.items() if i == 0 else ():
                setattr(member, field, value)
            member.type = kind if i == 0 else tarfile.REGTYPE
            new.addfile(member, io.BytesIO(content))


def change(path: Path, at: int, new: bytes) -> None:
    content = bytearray(path.read_bytes())
    content[at : at + len(new)] = new
    path.write_bytes(content)


def edit(path: Path, old: bytes, new: bytes) -> None:
    """Change what a shard holds without changing any size."""
    content = path.read_bytes()
    assert old in content
    assert len(old) == len(new)
    path.write_bytes(content.replace(old, new, 1))


def pad(path: Path) -> None:
    """Put something behind the first member, before the second's header."""
    with tarfile.open(path) as shard:
        change(path, shard.getmembers()[1].offset - 1, b"x")


def twice(path: Path) -> None:
    content = path.read_bytes().rstrip(b"\0")
    whole = content + bytes(-len(content) % 512)
    path.write_bytes(whole + whole + bytes(1024))


SHARD = "train-000000.tar"
DAMAGE = [
    (lambda shard: change(shard, 0, b"x"), "header at byte 0: its checksum is"),
    (lambda shard: rewrite(shard, mtime=1), "its time is"),
    (lambda shard: rewrite(shard, mode=0o755), "its mode is"),
    (lambda shard: rewrite(shard, uid=1000), "its owner is"),
    (lambda shard: rewrite(shard, uname="me"), "its owner's name is"),
    (lambda shard: rewrite(shard, kind=tarfile.SYMTYPE, linkname="/etc/passwd"), "its type is"),
    (lambda shard: rewrite(shard, kind=tarfile.LNKTYPE), "its type is"),
    (lambda shard: rewrite(shard, kind=tarfile.DIRTYPE), "its type is"),
    (lambda shard: rewrite(shard, name="/etc/passwd"), "its name or size is none: b'/etc/passwd'"),
    (lambda shard: rewrite(shard, name="../up.jpg"), "its name or size is none"),
    (lambda shard: rewrite(shard, name="s1.x.jpg"), "expected a picture and its JSON; got s1.x.jpg"),
    (lambda shard: rewrite(shard, name="other.jpg"), "expected a picture and its JSON; got other.jpg"),
    (lambda shard: shard.write_bytes(shard.read_bytes()[:700]), "does not end in its last block"),
    (lambda shard: shard.write_bytes(shard.read_bytes().rstrip(b"\0")), "does not end in its last block"),
    (lambda shard: shard.write_bytes(shard.read_bytes() + b"more"), "two empty blocks at its end"),
    (lambda shard: shard.write_bytes(shard.read_bytes() + b"more".ljust(512, b"\0")), "two empty blocks at its end"),
    (pad, "does not end in its last block"),
    (lambda shard: shard.write_bytes(b""), "ends within it"),
    (twice, "occurs twice"),
    (lambda shard: edit(shard, b'"width":64', b'"width":65'), "its record says"),
    (lambda shard: edit(shard, b'"category":0', b'"category":1'), "not a row of the table of classes"),
    (lambda shard: edit(shard, b'"iscrowd":0', b'"iscrowd":2'), "iscrowd"),
    (lambda shard: edit(shard, b'{"image_id"', b'["image_id"'), "Invalid JSON"),
    (lambda shard: edit(shard, b"\xff\xd8\xff", b"\xff\xd9\xff"), "cannot identify image file"),
    (lambda shard: shard.rename(shard.with_name("train-000002.tar")), "there are"),
    (lambda shard: shard.with_name("val-000000.tar").write_bytes(bytes(1024)), "there are"),
    (lambda shard: shard.with_name("train-000001.tar").write_bytes(bytes(1024)), "train has 3 pictures; 4 announced"),
    (lambda shard: shard.with_name("train-000001.tar").write_bytes(shard.read_bytes()), "is in two shards"),
    (lambda shard: shard.with_name("classes.json").unlink(), "classes.json"),
    (lambda shard: edit(shard.with_name("classes.json"), b'"index": 0', b'"index": 9'), "do not count from 0"),
    (lambda shard: edit(shard.with_name("dataset.json"), b"000000..", b"000001.."), "names others than 2 shards"),
    (lambda shard: edit(shard.with_name("dataset.json"), b'"split"', b'"spilt"'), "dataset.json"),
]


@pytest.mark.parametrize(("damage", "named"), DAMAGE)
def test_a_damaged_export_is_refused_by_name(landed, damage, named):
    damage(landed / SHARD)
    with pytest.raises(UnreadableExport, match=named):
        read_webdataset(landed)


@pytest.mark.parametrize(
    ("old", "new", "named"),
    [
        (b'"bbox":[2.0,2.0,', b'"bbox":[2.0,3.0,', "object s1-000: its box is"),
        (b'"iscrowd":1', b'"iscrowd":0', "category and iscrowd are"),
        (b'"origin":"s1-000"', b'"origin":"s1-009"', "its objects are"),
        (b'"area":100.0', b'"area":101.0', "its area is 101.0, not 100.0"),
    ],
)
def test_whatever_differs_from_the_rows_is_named(small, home, landed, old, new, named):
    edit(next(shard for shard in landed.glob("*.tar") if old in shard.read_bytes()), old, new)
    with pytest.raises(ExportDiffers, match=named):
        exported(small, home).verify(lambda _: read_webdataset(landed))
