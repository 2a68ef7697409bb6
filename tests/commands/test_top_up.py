"""`genval top-up` works what is under target, says what became of it, and can be stopped and started again."""

import os
import shutil
import signal
import threading
import time

import dagster as dg
import polars as pl
import pytest

from tests.commands.conftest import names_file


@pytest.fixture
def home(genval, tmp_path):
    """A project of one kind, set up, with more to draw than a second is enough for."""
    home = tmp_path / "home"
    assert genval("init", "--names", names_file(tmp_path, ["mug"], target=40), "--home", home).exit_code == 0
    return home


def rows_of(home, table: str) -> pl.DataFrame:
    return pl.concat(
        [pl.read_parquet(part, glob=False) for part in (home / "data" / "tables" / table).glob("*.parquet")]
    )


def last_run(home) -> dg.DagsterRun:
    with dg.DagsterInstance.from_config(str(home / "dagster")) as instance:
        return instance.get_runs(limit=1)[0]


def test_a_target_reached_is_a_no_op_that_says_so(project, answer):
    first = answer("top-up", "--until-done", "--home", project)
    parts = sorted((project / "data").rglob("*.parquet"))
    again = answer("top-up", "--until-done", "--home", project)
    assert again["waves"] == again["candidates"] == 0
    assert again["stopped_because"].startswith("nothing to do: ")
    assert sorted((project / "data").rglob("*.parquet")) == parts
    assert {row["state"] for row in again["categories"]} <= {"done", "exhausted"}  # the studio errs on purpose
    assert first["errors"] == again["errors"] == []


def test_one_wave_is_worked_unless_more_is_asked_for(project, genval):
    shutil.rmtree(project / "data" / "tables" / "scenes")  # as if the scenes had never been composed
    (project / "data" / "tallies.parquet").unlink()
    done = genval("top-up", "--home", project)
    assert done.exit_code == 0, done.output
    assert "one wave done; `--until-done` or `--hours` goes on" in done.stderr
    assert f"dataset: {project / 'data' / 'datasets' / 'training'}" in done.stderr
    assert len(rows_of(project, "scenes"))


def test_what_fails_is_named_and_the_exit_code_is_1(project, genval):
    shutil.rmtree(project / "data" / "tables" / "scenes")
    (project / "data" / "tallies.parquet").unlink()
    lost = rows_of(project, "verdicts").filter(pl.col("outcome") == "accepted").sort("category")[0]
    (project / lost["cutout"][0]).unlink()
    done = genval("top-up", "--home", project)
    assert done.exit_code == 1
    assert "1 of 9 categories failed, the others are done" in done.stderr, done.stderr
    assert f"{lost['category'][0]}: composite_scenes: FileNotFoundError" in done.stderr
    assert rows_of(project, "failures")["category"].unique().to_list() == lost["category"].to_list()


def test_control_c_finishes_the_item_at_hand_and_the_same_command_resumes(home, genval):
    """The signal comes once the first candidates are stored; nothing planned is lost, nothing is made twice."""
    instances = home / "data" / "tables" / "instances"

    def interrupt() -> None:
        while not (instances.is_dir() and any(instances.glob("*.parquet"))):
            time.sleep(0.005)
        os.kill(os.getpid(), signal.SIGINT)

    thread = threading.Thread(target=interrupt)
    thread.start()
    stopped = genval("top-up", "--home", home)
    thread.join()
    assert stopped.exit_code == 130
    assert "interrupted; the same command resumes where it stopped" in stopped.stderr
    assert last_run(home).status == dg.DagsterRunStatus.CANCELED
    (plan,) = rows_of(home, "top_ups").to_dicts()
    before = rows_of(home, "instances")
    assert 0 < len(before) < plan["count"]
    resumed = genval("top-up", "--home", home)
    assert resumed.exit_code == 0, resumed.output
    after = rows_of(home, "instances")
    assert set(after["index"]) == set(range(plan["count"]))
    assert after["instance_id"].n_unique() == len(after) == plan["count"]
    assert len(rows_of(home, "top_ups")) == 1
