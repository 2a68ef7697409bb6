"""A full disk ends a top-up with a clear failure; what had its name keeps it, and there is room to go on."""

import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from PIL import Image

from tests.faults.home import make_home, rows_of, settings, top_up, top_up_apart, unfinished_runs

DISK_MB = 64
LEFT_KB = (1500, 4000)
"""Room at the first attempt, and at the second one: the whole top-up needs some 9 MB."""


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A disk of its own; needs the right to mount one."""
    folder = tmp_path / "disk"
    folder.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", f"size={DISK_MB}m", "tmpfs", str(folder)]
    if subprocess.run(mount, capture_output=True).returncode:
        pytest.skip("needs the right to mount a small tmpfs")
    yield folder
    subprocess.run(["umount", "-l", str(folder)], check=True)


def leave(disk: Path, kilobytes: int | None) -> None:
    """Fill the disk up to so much, or empty it again."""
    ballast = disk / "ballast"
    ballast.unlink(missing_ok=True)
    if kilobytes is not None:
        with ballast.open("wb") as file:
            file.write(bytes((DISK_MB * 1024 - kilobytes) * 1024 - used(disk)))


def used(disk: Path) -> int:
    return sum(path.lstat().st_blocks * 512 for path in disk.rglob("*"))


def test_a_full_disk_ends_the_top_up_with_one_clear_line_and_it_resumes_once_there_is_room(
    small_disk: Path, world: Path, same_as_undisturbed: Callable[[Path], None]
):
    home = make_home(small_disk / "home", settings(world))
    for kilobytes in LEFT_KB:
        leave(small_disk, kilobytes)
        stopped = top_up_apart(home)
        assert stopped.returncode == 1, stopped.stderr
        last_line = stopped.stderr.strip().splitlines()[-1]
        assert "no room for" in last_line
        assert "run the same command again" in last_line
        assert "Traceback" not in stopped.stderr

        rows_of(home)  # raises if a part is torn
        for picture in (home / "data" / "images").rglob("[0-9a-f]*.*"):
            Image.open(picture).load()
    leave(small_disk, None)
    done = top_up(home)
    assert done.returncode == 0, done.stderr
    same_as_undisturbed(home)
    assert unfinished_runs(home) == []
