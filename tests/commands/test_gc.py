"""`genval gc` deletes what nothing needs, and only that."""

import os
import time

from resources.locks import RunLocks


def forgotten(home) -> object:
    """Put a picture into the home that no row names, old enough to go."""
    picture = home / "data" / "images" / "00" / f"{'0' * 64}.webp"
    picture.parent.mkdir(exist_ok=True)
    picture.write_bytes(b"x" * 1000)
    long_ago = time.time() - 30 * 86400
    os.utime(picture, (long_ago, long_ago))
    return picture


def test_what_no_row_names_goes_and_the_rest_stays(project, genval):
    picture = forgotten(project)
    named = {path for path in (project / "data").rglob("*.webp") if path != picture}
    looked = genval("gc", "--dry-run", "--home", project)
    assert (looked.exit_code, picture.exists()) == (0, True)
    assert "would delete 1 pictures that no row names" in looked.stderr
    done = genval("gc", "--home", project)
    assert (done.exit_code, picture.exists()) == (0, False)
    assert "deleted 1 pictures that no row names" in done.stderr
    assert set((project / "data").rglob("*.webp")) == named


def test_while_a_run_is_at_work_nothing_is_deleted(project, genval):
    picture = forgotten(project)
    with RunLocks(home=str(project)).hold("run-1"):
        done = genval("gc", "--home", project)
    assert done.exit_code == 1
    assert "runs are at work on this home" in done.stderr
    assert picture.exists()
