"""Several at once on one home: two top-ups, and shells on the published file while a top-up publishes."""

import os
import shutil
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import duckdb

from genval_assets.config_text import write_settings
from tests.faults.home import (
    GENVAL,
    TARGETS,
    TOP_UP,
    Result,
    finish,
    genval,
    rows_of,
    settings,
    start,
    top_up,
    unfinished_runs,
)

WRITING = """
import sys, duckdb
connection = duckdb.connect(sys.argv[1])
connection.execute("delete from instances")
print("open", flush=True)
sys.stdin.readline()
"""
READING = """
import sys, duckdb
connection = duckdb.connect(sys.argv[1], read_only=True)
before = connection.execute("from instances order by instance_id").fetchall()
print("open", flush=True)
sys.stdin.readline()
print(before == connection.execute("from instances order by instance_id").fetchall())
"""


def test_two_top_ups_at_once_lose_nothing_double_nothing_and_overshoot_by_a_wave_at_most(
    home: Path, undisturbed: Result
):
    command = [*GENVAL, *TOP_UP, str(home)]
    for done in [finish(one) for one in (start(command), start(command))]:
        assert done.returncode == 0, done.stderr
    done = top_up(home)  # whoever ended first left the other's work to the other
    assert done.returncode == 0, done.stderr
    assert unfinished_runs(home) == []
    rows = rows_of(home)
    planned = {
        (plan["category"], plan["source"], index)
        for plan in rows["top_ups"].values()
        for index in range(plan["first_index"], plan["first_index"] + plan["count"])
    }
    made = [(row["category"], row["source"], row["index"]) for row in rows["instances"].values()]
    assert sorted(made) == sorted(planned)
    assert {row["instance_id"] for row in rows["verdicts"].values()} == set(rows["instances"])
    accepted = {row["instance_id"] for row in rows["verdicts"].values() if row["outcome"] == "accepted"}
    settled = {row["instance_id"] for table in ("scenes", "not_selected") for row in rows[table].values()}
    assert settled - {None} == accepted  # scenes drawn from layouts are nobody's own
    usual = Counter(row["category"] for row in undisturbed.rows["instances"].values())
    drawn = Counter(category for category, _, _ in made)
    assert all(usual[name] <= drawn[name] <= 2 * usual[name] for name in TARGETS), (usual, drawn)


@contextmanager
def shell(program: str, file: Path) -> Iterator[subprocess.Popen[str]]:
    """Start a DuckDB shell that has the file open; it is killed after the block."""
    process = start([sys.executable, "-c", program, str(file)], stdin=subprocess.PIPE)
    assert process.stdout is not None
    assert process.stdout.readline() == "open\n"
    yield process
    process.kill()
    process.communicate()


def published(file: Path) -> list[str]:
    with duckdb.connect(str(file), read_only=True) as connection:
        return [found for (found,) in connection.execute("select instance_id from instances").fetchall()]


def ask_for_more(home: Path, world: Path, target: int) -> None:
    """Raise the target of one category, and top up until there is more."""
    before = len(rows_of(home)["instances"])
    (home / "genval.toml").write_text(write_settings(settings(world, {"hammer": target})))
    done = top_up(home)
    assert done.returncode == 0, done.stderr
    assert len(rows_of(home)["instances"]) > before


def test_shells_on_the_published_file_disturb_no_top_up_and_no_top_up_disturbs_them(
    undisturbed: Result, world: Path, tmp_path: Path
):
    home = shutil.copytree(undisturbed.home, tmp_path / "home", symlinks=True)
    file = home / "data" / "genval.duckdb"
    if os.geteuid() == 0:  # the file is read-only for everybody else
        with shell(WRITING, file):
            ask_for_more(home, world, 12)
            assert sorted(published(file)) == sorted(rows_of(home)["instances"])
        with shell(WRITING, file):
            pass  # killed: what it wrote lies beside the file
        assert genval("sql", "from category_stats", "--home", str(home)).returncode == 0

    with shell(READING, file) as reading:
        ask_for_more(home, world, 16)
        answer, _ = reading.communicate("\n", timeout=60)
    assert answer == "True\n"
    assert sorted(published(file)) == sorted(rows_of(home)["instances"])
