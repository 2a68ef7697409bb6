"""An export replaces what it may replace, and nothing of the user's is ever lost."""

from pathlib import Path

import pytest

from genval_assets.export.build import ExportedSet, Landed, nothing_to_read
from genval_assets.export.content import SetContent
from genval_assets.export.prepared import prepare
from genval_assets.export.settings import ExportSettings
from resources.datasets import DatasetFolders
from resources.targets import TargetTaken

EMPTY = prepare("empty", SetContent(categories=()), ExportSettings())


@pytest.fixture
def sets(tmp_path) -> DatasetFolders:
    (tmp_path / "home/data/images").mkdir(parents=True)
    (tmp_path / "home/data/images/a.webp").write_bytes(b"picture")
    return DatasetFolders(home=str(tmp_path / "home"))


def export(sets: DatasetFolders, target: Path, text: bytes = b"1", *, overwrite: bool = False) -> Landed:
    links = (("images/a.webp", "data/images/a.webp"),)
    done = ExportedSet("exports/coco", (("README.md", text),), links, EMPTY, {}, nothing_to_read)
    return sets.write_to(done, str(target), overwrite=overwrite)


def listing(folder: Path) -> list[str]:
    return sorted(path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file())


EXPORTED = ["README.md", "images/a.webp", "manifest.sha256", "verification.json"]


def test_folders_on_the_way_are_made_and_an_empty_one_is_taken(sets, tmp_path):
    export(sets, tmp_path / "new/deep/set")
    (tmp_path / "empty").mkdir()
    export(sets, tmp_path / "empty")
    assert listing(tmp_path / "new/deep/set") == listing(tmp_path / "empty") == EXPORTED


def test_pictures_are_copies_so_that_a_trainer_may_mend_them(sets, tmp_path):
    export(sets, tmp_path / "set")
    (tmp_path / "set/images/a.webp").write_bytes(b"mended")
    assert (tmp_path / "home/data/images/a.webp").read_bytes() == b"picture"


def test_the_same_set_has_the_same_version_wherever_it_goes(sets, tmp_path):
    done = [export(sets, tmp_path / name, text) for name, text in (("one", b"1"), ("two", b"1"), ("three", b"2"))]
    assert len({one.version for one in done}) == 2


def test_a_folder_that_is_not_empty_is_refused(sets, tmp_path):
    export(sets, tmp_path / "set")
    with pytest.raises(TargetTaken, match="--overwrite"):
        export(sets, tmp_path / "set", b"2")
    assert (tmp_path / "set/README.md").read_bytes() == b"1"


def test_overwriting_replaces_an_export_as_a_whole(sets, tmp_path):
    export(sets, tmp_path / "set")
    export(sets, tmp_path / "set", b"2", overwrite=True)
    assert (tmp_path / "set/README.md").read_bytes() == b"2"
    assert [path.name for path in tmp_path.iterdir() if "before" in path.name] == []


@pytest.mark.parametrize("damage", ["mine.txt", "images/b.webp", "README.md", "manifest.sha256"])
def test_overwriting_moves_aside_whatever_genval_did_not_write(sets, tmp_path, damage):
    export(sets, tmp_path / "set")
    (tmp_path / "set" / damage).write_bytes(b"mine")
    (tmp_path / "set.before-1").mkdir()
    done = export(sets, tmp_path / "set", b"2", overwrite=True)
    assert done.moved_aside == str(tmp_path / "set.before-2")
    assert listing(tmp_path / "set") == EXPORTED
    assert (tmp_path / "set.before-2" / damage).read_bytes() == b"mine"


def test_an_export_that_misses_a_file_is_moved_aside_too(sets, tmp_path):
    export(sets, tmp_path / "set")
    (tmp_path / "set/README.md").unlink()
    export(sets, tmp_path / "set", b"2", overwrite=True)
    assert listing(tmp_path / "set.before-1") == EXPORTED[1:]


def test_what_a_trainer_cached_goes_with_the_export(sets, tmp_path):
    export(sets, tmp_path / "set")
    (tmp_path / "set/train.cache").write_bytes(b"cache")
    export(sets, tmp_path / "set", b"2", overwrite=True)
    assert listing(tmp_path / "set") == EXPORTED
    assert [path.name for path in tmp_path.iterdir() if "before" in path.name] == []


def test_a_folder_with_nothing_but_a_link_to_another_one_is_not_taken_for_empty(sets, tmp_path):
    (tmp_path / "mine").mkdir()
    (tmp_path / "set").mkdir()
    (tmp_path / "set/link").symlink_to(tmp_path / "mine")
    done = export(sets, tmp_path / "set", overwrite=True)
    assert Path(done.moved_aside, "link").resolve() == tmp_path / "mine"


@pytest.mark.parametrize("overwrite", [False, True])
def test_of_two_exports_to_one_folder_at_once_each_is_whole(sets, tmp_path, overwrite):
    def while_another_comes_and_goes() -> bytes:
        export(sets, tmp_path / "set", b"2", overwrite=overwrite)
        return b"1"

    late = ExportedSet("exports/coco", (("README.md", while_another_comes_and_goes),), (), EMPTY, {}, nothing_to_read)
    if overwrite:
        sets.write_to(late, str(tmp_path / "set"), overwrite=True)
    else:
        with pytest.raises(TargetTaken, match="--overwrite"):
            sets.write_to(late, str(tmp_path / "set"), overwrite=False)
    assert (tmp_path / "set/README.md").read_bytes() == (b"1" if overwrite else b"2")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["home", "set"]


def test_what_a_killed_export_left_beside_its_target_is_swept_by_the_next(sets, tmp_path):
    (tmp_path / ".genval-7-0123456789ab.tmp/set/images").mkdir(parents=True)
    export(sets, tmp_path / "set")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["home", "set"]


def test_a_link_to_a_folder_stays_and_what_it_points_at_is_replaced(sets, tmp_path):
    export(sets, tmp_path / "real")
    (tmp_path / "link").symlink_to(tmp_path / "real")
    export(sets, tmp_path / "link", b"2", overwrite=True)
    assert (tmp_path / "link").is_symlink()
    assert (tmp_path / "real/README.md").read_bytes() == b"2"


@pytest.mark.parametrize("target", ["home", "home/data/images", "home/elsewhere", "."])
def test_the_projects_home_is_never_a_target(sets, tmp_path, target):
    with pytest.raises(TargetTaken, match="home"):
        export(sets, tmp_path / target, overwrite=True)
    assert (tmp_path / "home/data/images/a.webp").exists()


def test_the_folder_that_one_works_in_is_never_moved(sets, tmp_path, monkeypatch):
    (tmp_path / "work/here").mkdir(parents=True)
    monkeypatch.chdir(tmp_path / "work/here")
    with pytest.raises(TargetTaken, match="work in"):
        export(sets, tmp_path / "work", overwrite=True)


def test_a_mount_point_is_no_target_before_anything_is_written(sets, tmp_path, monkeypatch):
    monkeypatch.setattr(Path, "is_mount", lambda path: path == tmp_path / "disk")
    with pytest.raises(TargetTaken, match="mount point"):
        export(sets, tmp_path / "disk")
    export(sets, tmp_path / "disk/set")


def test_what_the_project_reads_is_never_moved(sets, tmp_path):
    (tmp_path / "mine/photos").mkdir(parents=True)
    watched = DatasetFolders(home=sets.home, sources=[str(tmp_path / "mine/photos")])
    for target in (tmp_path / "mine", tmp_path / "mine/photos"):
        (tmp_path / "mine/photos/a.jpg").write_bytes(b"mine")
        with pytest.raises(TargetTaken, match="which the project reads"):
            export(watched, target, overwrite=True)
    assert (tmp_path / "mine/photos/a.jpg").exists()


def test_a_file_is_no_target(sets, tmp_path):
    (tmp_path / "file").write_text("mine")
    with pytest.raises(TargetTaken, match="is a file"):
        export(sets, tmp_path / "file", overwrite=True)


def test_a_failed_export_leaves_what_was_there(sets, tmp_path):
    export(sets, tmp_path / "set")
    (tmp_path / "home/data/images/a.webp").unlink()
    with pytest.raises(FileNotFoundError):
        export(sets, tmp_path / "set", b"2", overwrite=True)
    assert (tmp_path / "set/README.md").read_bytes() == b"1"
    assert listing(tmp_path / "set") == EXPORTED
