import pytest

from resources.files import HomeDiskFull, sweep_orphans, temporary, temporary_folder, write_atomically

REWRITE = """
import sys, itertools
from pathlib import Path
from resources.files import write_atomically
def content(file):
    for _ in range(64):
        file.write(letter * 65536)
print("ready", flush=True)
for letter in itertools.cycle([b"a", b"b"]):
    write_atomically(Path(sys.argv[1]), content)
"""

FULL = """
import resource, sys
from pathlib import Path
from resources.files import HomeDiskFull, write_atomically
resource.setrlimit(resource.RLIMIT_FSIZE, (1000, 1000))
try:
    write_atomically(Path(sys.argv[1]), b"x" * 5000)
except HomeDiskFull as err:
    print(err, flush=True)
"""


def test_a_killed_writer_leaves_the_file_whole_and_an_orphan_that_a_sweep_removes(tmp_path, program):
    file = tmp_path / "deep" / "file"
    for attempt in range(6):
        program(REWRITE, file).kill_after(0.05 + 0.013 * attempt)
        content = file.read_bytes()
        assert len(content) == 64 * 65536
        assert set(content) in ({ord("a")}, {ord("b")})
    sweep_orphans(file.parent)
    assert list(file.parent.iterdir()) == [file]


def test_a_sweep_spares_what_is_being_written(tmp_path):
    with temporary(tmp_path) as file, temporary_folder(tmp_path) as folder:
        assert sweep_orphans(tmp_path) == []
        assert file.exists()
        assert folder.exists()
    assert list(tmp_path.iterdir()) == []


def test_a_sweep_removes_files_and_folders_of_the_dead_only_and_tells_which(tmp_path):
    dead_file, dead_folder = tmp_path / ".genval-1-ab.tmp", tmp_path / "deep" / ".genval-2-cd.tmp"
    dead_file.write_bytes(b"torn")
    (dead_folder / "inside").mkdir(parents=True)
    mine = tmp_path / "mine.tmp"
    mine.write_bytes(b"")
    assert sweep_orphans(tmp_path, deep=True, dry_run=True) == [dead_file, dead_folder]
    assert dead_file.exists()
    assert sweep_orphans(tmp_path) == [dead_file]
    assert sweep_orphans(tmp_path, deep=True) == [dead_folder]
    assert sorted(p.name for p in tmp_path.iterdir()) == ["deep", "mine.tmp"]


def test_a_writer_that_fails_leaves_the_file_as_it_was(tmp_path):
    file = tmp_path / "file"
    file.write_bytes(b"before")

    def fail(handle):
        handle.write(b"half")
        raise RuntimeError("stopped")

    with pytest.raises(RuntimeError, match="stopped"):
        write_atomically(file, fail)
    assert file.read_bytes() == b"before"
    assert list(tmp_path.iterdir()) == [file]


def test_without_overwrite_an_existing_file_stays(tmp_path):
    file = tmp_path / "file"
    write_atomically(file, b"first", overwrite=False)
    with pytest.raises(FileExistsError):
        write_atomically(file, b"second", overwrite=False)
    assert file.read_bytes() == b"first"
    assert list(tmp_path.iterdir()) == [file]


def test_the_mode_is_the_one_asked_for(tmp_path):
    write_atomically(tmp_path / "file", b"", mode=0o444)
    assert (tmp_path / "file").stat().st_mode & 0o777 == 0o444


def test_a_full_disk_is_named_with_the_file_and_its_size_and_nothing_is_lost(small_disk):
    folder = small_disk(6)
    file = folder / "file"
    write_atomically(file, b"before")
    with pytest.raises(HomeDiskFull, match=r"no room for 20,000,000 bytes .*'.*/small/file'"):
        write_atomically(file, b"x" * 20_000_000)
    assert file.read_bytes() == b"before"
    assert list(folder.iterdir()) == [file]


def test_a_limit_on_file_sizes_is_a_full_disk(tmp_path, program):
    one = program(FULL, tmp_path / "file")
    one.finish()
    assert "no room for 5,000 bytes" in one.first_line
    assert list(tmp_path.iterdir()) == []


def test_another_fault_of_the_disk_stays_what_it_is(tmp_path):
    (tmp_path / "file").write_bytes(b"")
    with pytest.raises(FileExistsError):
        write_atomically(tmp_path / "file" / "below", b"")
