"""A set is complete and immutable, or not there."""

import errno
import shutil
import subprocess
import sys
import time
from pathlib import Path

import pytest

import resources.datasets
from genval_assets.export.build import ExportedSet, nothing_to_read
from genval_assets.export.content import SetContent
from genval_assets.export.prepared import prepare
from genval_assets.export.settings import ExportSettings
from resources.datasets import DatasetFolders, UnsafePath
from resources.files import HomeDiskFull

FILES = [("annotations/coco.json", b"{}"), ("README.md", b"# set\n")]
EMPTY = prepare("empty", SetContent(categories=()), ExportSettings())
"""Of no format: whatever files are given, there is nothing to verify."""


def put(sets: DatasetFolders, name: str, files: list[tuple[str, bytes]], links: list[tuple[str, str]]) -> str:
    return sets.write(ExportedSet(name, tuple(files), tuple(links), EMPTY, {}, nothing_to_read))


@pytest.fixture
def sets(tmp_path) -> DatasetFolders:
    (tmp_path / "data/images").mkdir(parents=True)
    (tmp_path / "data/images/a.webp").write_bytes(b"picture")
    return DatasetFolders(home=str(tmp_path))


def here(sets: DatasetFolders, name: str = "training") -> Path:
    return Path(sets.home, "data/datasets", name)


def listing(folder: Path) -> list[str]:
    return sorted(p.relative_to(folder).as_posix() for p in folder.rglob("*") if p.is_file())


def leftovers(sets: DatasetFolders) -> list[str]:
    return [p.name for p in here(sets).parent.iterdir() if p.name.startswith(".genval")]


def test_a_set_is_written_whole_and_found_under_its_name(sets):
    folder = put(sets, "training", FILES, [("images/s1.webp", "data/images/a.webp")])
    assert folder.startswith("data/datasets/training@")
    assert here(sets).resolve() == Path(sets.home, folder).resolve()
    assert listing(here(sets)) == [
        "README.md",
        "annotations/coco.json",
        "images/s1.webp",
        "manifest.sha256",
        "verification.json",
    ]
    assert leftovers(sets) == []


def test_pictures_of_the_home_are_linked_and_links_are_followed(sets, tmp_path):
    (tmp_path / "alias.webp").symlink_to(tmp_path / "data/images/a.webp")
    put(sets, "training", [], [("images/s1.webp", "data/images/a.webp"), ("b.webp", str(tmp_path / "alias.webp"))])
    for name in ("images/s1.webp", "b.webp"):
        assert (here(sets) / name).samefile(tmp_path / "data/images/a.webp")
        assert not (here(sets) / name).is_symlink()


def test_where_the_file_system_cannot_link_the_picture_is_copied(sets, tmp_path, monkeypatch):
    def refuse(*_: object) -> None:
        raise OSError(errno.EXDEV, "other device")

    monkeypatch.setattr(Path, "hardlink_to", refuse)
    put(sets, "training", [], [("s1.webp", "data/images/a.webp")])
    assert (here(sets) / "s1.webp").read_bytes() == b"picture"
    assert not (here(sets) / "s1.webp").samefile(tmp_path / "data/images/a.webp")


def test_standard_tools_verify_the_manifest_and_see_a_changed_file(sets):
    tool = shutil.which("sha256sum")
    if tool is None:
        pytest.skip("sha256sum (GNU coreutils) is not installed")
    put(sets, "training", FILES, [("images/odd name.webp", "data/images/a.webp")])
    command = [tool, "--strict", "-c", "manifest.sha256"]
    assert subprocess.run(command, cwd=here(sets), capture_output=True).stdout.count(b": OK") == 4
    (here(sets) / "README.md").write_bytes(b"# other\n")
    assert b"README.md: FAILED" in subprocess.run(command, cwd=here(sets), capture_output=True).stdout


def test_a_new_version_replaces_the_old_one_as_a_whole(sets):
    put(sets, "training", FILES, [])
    put(sets, "training", [("README.md", b"new")], [])
    assert listing(here(sets)) == ["README.md", "manifest.sha256", "verification.json"]


def test_readers_of_the_version_before_are_not_disturbed_and_older_ones_go(sets):
    first, second, third = (put(sets, "training", [("README.md", text)], []) for text in (b"1", b"2", b"3"))
    assert [Path(sets.home, f).exists() for f in (first, second, third)] == [False, True, True]


def test_the_same_set_again_changes_nothing_and_drops_nothing(sets):
    first = put(sets, "training", [("README.md", b"1")], [])
    second = put(sets, "training", [("README.md", b"2")], [])
    inode = Path(sets.home, second, "README.md").stat().st_ino
    assert put(sets, "training", [("README.md", b"2")], []) == second
    assert Path(sets.home, second, "README.md").stat().st_ino == inode
    assert Path(sets.home, first).exists()


def test_sets_whose_names_begin_alike_leave_each_other_alone(sets):
    for text in (b"1", b"2", b"3"):
        put(sets, "train", [("README.md", b"kept")], [])
        put(sets, "training", [("README.md", text)], [])
        put(sets, "categories/train", [("README.md", text)], [])
    assert (here(sets, "train") / "README.md").read_bytes() == b"kept"
    assert (here(sets, "categories/train") / "README.md").read_bytes() == b"3"


@pytest.mark.parametrize("path", ["../x", "/etc/x", "a/../../x", "a//b", "", "a/.", "nul\0", "README.md"])
def test_a_path_that_leaves_the_set_or_occurs_twice_is_refused_and_the_old_set_stays(sets, path):
    put(sets, "training", FILES, [])
    with pytest.raises(UnsafePath):
        put(sets, "training", [*FILES, (path, b"evil")], [])
    assert (here(sets) / "annotations/coco.json").read_bytes() == b"{}"
    assert leftovers(sets) == []


@pytest.mark.parametrize("name", ["", "..", "../x", "/x", "a@b", ".hidden", "a/../b"])
def test_a_name_that_is_no_folder_is_refused(sets, name):
    with pytest.raises(UnsafePath):
        put(sets, name, FILES, [])


def test_a_set_within_a_set_is_refused(sets):
    put(sets, "training", FILES, [])
    with pytest.raises(UnsafePath, match="within the set"):
        put(sets, "training/zebra", FILES, [])
    assert listing(here(sets)) == ["README.md", "annotations/coco.json", "manifest.sha256", "verification.json"]


def test_a_folder_that_genval_did_not_write_is_left_alone(sets):
    here(sets).mkdir(parents=True)
    (here(sets) / "mine.txt").write_text("mine")
    with pytest.raises(FileExistsError, match="move it away"):
        put(sets, "training", FILES, [])
    assert listing(here(sets)) == ["mine.txt"]


def test_a_missing_picture_leaves_the_old_set(sets):
    put(sets, "training", FILES, [])
    with pytest.raises(FileNotFoundError):
        put(sets, "training", FILES, [("s1.webp", "data/images/gone.webp")])
    assert listing(here(sets)) == ["README.md", "annotations/coco.json", "manifest.sha256", "verification.json"]
    assert leftovers(sets) == []


def test_a_full_disk_is_named_and_leaves_the_old_set(sets, monkeypatch):
    put(sets, "training", FILES, [])

    def full(_: Path) -> None:
        raise OSError(errno.ENOSPC, "no space left")

    with monkeypatch.context() as patched:
        patched.setattr(resources.datasets, "sync", full)
        with pytest.raises(HomeDiskFull):
            put(sets, "training", [("README.md", b"new")], [])
    assert listing(here(sets)) == ["README.md", "annotations/coco.json", "manifest.sha256", "verification.json"]
    assert leftovers(sets) == []


WRITE_UNTIL_KILLED = """
import sys
from itertools import count
from genval_assets.export.build import ExportedSet, nothing_to_read
from genval_assets.export.content import SetContent
from genval_assets.export.prepared import prepare
from genval_assets.export.settings import ExportSettings
from resources.datasets import DatasetFolders

EMPTY = prepare("empty", SetContent(categories=()), ExportSettings())
sets = DatasetFolders(home=sys.argv[1])
for i in count():
    text = str(i).encode() * 500
    sets.write(ExportedSet("training", (("a.txt", text), ("b.txt", text)), (), EMPTY, {}, nothing_to_read))
"""


def test_a_killed_writer_leaves_the_old_set_or_the_new_one(sets):
    put(sets, "training", [("a.txt", b"x"), ("b.txt", b"x")], [])
    first = here(sets).readlink()
    writer = subprocess.Popen([sys.executable, "-c", WRITE_UNTIL_KILLED, sets.home])
    while here(sets).readlink() == first:
        assert writer.poll() is None
        time.sleep(0.01)
    for _ in range(100_000):  # a reader beside the writer: the link is there at every moment
        here(sets).readlink()
    for _ in range(200):  # and leads to one whole version
        version = here(sets).parent / here(sets).readlink()
        try:
            both = {(version / name).read_bytes() for name in ("a.txt", "b.txt")}
        except FileNotFoundError:
            continue  # two versions came between
        assert len(both) == 1
    writer.kill()
    writer.wait()
    assert (here(sets) / "a.txt").read_bytes() == (here(sets) / "b.txt").read_bytes()
    put(sets, "training", [("a.txt", b"after")], [])
    assert listing(here(sets)) == ["a.txt", "manifest.sha256", "verification.json"]
    assert leftovers(sets) == []
