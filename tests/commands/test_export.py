"""`genval export` writes what a trainer reads, says what it holds, and touches nothing else."""

import json
import unicodedata
from typing import get_args

import pytest

from genval_assets.cli import Format
from genval_assets.export.manifest import listed
from tests.commands.conftest import HOSTILE


@pytest.fixture(scope="module")
def exported(topped_up, tmp_path_factory):
    """Every format of the project of hostile names, by the command line."""
    from tests.commands.conftest import genval

    folder = tmp_path_factory.mktemp("exports")
    told = {}
    for wanted in get_args(Format):
        done = genval("export", "--format", wanted, "--to", folder / wanted, "--home", topped_up, "--json")
        assert done.exit_code == 0, done.output
        told[wanted] = json.loads(done.stdout)
    return folder, told


@pytest.mark.parametrize("wanted", get_args(Format))
def test_every_format_leaves_with_card_manifest_and_verification(exported, wanted):
    folder, told = exported
    files = {p.relative_to(folder / wanted).as_posix() for p in (folder / wanted).rglob("*") if p.is_file()}
    assert {"README.md", "manifest.sha256", "verification.json"} <= files
    assert listed((folder / wanted / "manifest.sha256").read_bytes()).keys() == files - {"manifest.sha256"}
    assert told[wanted]["verification"][wanted]["pictures"] > 0
    assert all(name.isprintable() and ".." not in name for name in files)


def test_the_card_of_every_format_prints_hostile_names_as_text(exported):
    folder, _ = exported
    for wanted in get_args(Format):
        card = (folder / wanted / "README.md").read_text(encoding="utf-8")
        assert "<script>" not in card.split("---\n")[-1]
        assert "kite (&lt;script&gt;alert" in card


def test_every_class_keeps_its_name(exported):
    folder, _ = exported
    document = json.loads((folder / "coco/annotations/coco.json").read_bytes())
    assert {one["name"] for one in document["categories"]} == {unicodedata.normalize("NFC", name) for name in HOSTILE}


def test_what_is_there_is_not_touched_without_being_asked(exported, topped_up, genval):
    folder, _ = exported
    before = (folder / "coco/README.md").stat().st_ino
    again = genval("export", "--format", "coco", "--to", folder / "coco", "--home", topped_up)
    assert again.exit_code == 2
    assert "--overwrite" in again.output
    assert (folder / "coco/README.md").stat().st_ino == before


def test_a_project_without_scenes_says_what_to_do(tmp_path, genval):
    (tmp_path / "names.txt").write_text("mug\n")
    assert genval("init", "--names", tmp_path / "names.txt", "--home", tmp_path / "home").exit_code == 0
    done = genval("export", "--format", "coco", "--to", tmp_path / "set", "--home", tmp_path / "home")
    assert done.exit_code == 1
    assert "genval top-up" in done.output
    assert not (tmp_path / "set").exists()


def test_yolo_labels_are_for_the_task_asked_for(topped_up, tmp_path, genval):
    for task, fields in (("detect", {5}), ("segment", None)):
        target = tmp_path / task
        done = genval("export", "--format", "yolo", "--task", task, "--to", target, "--home", topped_up)
        assert done.exit_code == 0, done.output
        lines = [line.split() for path in (target / "labels").rglob("*.txt") for line in path.read_text().splitlines()]
        assert lines
        assert {len(line) for line in lines} == fields or (fields is None and min(map(len, lines)) >= 7)


def test_two_formats_of_one_set_do_not_differ(exported, genval):
    folder, _ = exported
    done = genval("diff", folder / "coco", folder / "webdataset")
    assert (done.exit_code, "no difference" in done.output) == (0, True)


@pytest.mark.parametrize(("other", "said"), [("pool", "a pool of cut-outs"), ("nothing", "is no export")])
def test_what_cannot_be_compared_is_refused(exported, genval, other, said):
    folder, _ = exported
    done = genval("diff", folder / "coco", folder / other)
    assert (done.exit_code, said in " ".join(done.output.split())) == (2, True)
