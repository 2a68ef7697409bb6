"""kill -9 at any point of a top-up, then the same command again: the result of an undisturbed run, and no debris."""

import random
import signal
from collections.abc import Callable
from pathlib import Path

import dagster as dg
import duckdb
from PIL import Image

from resources.files import TEMP_PREFIX
from tests.faults.home import genval, killed_and_again, rows_of, runs_of, top_up_apart, unfinished_runs

STAGES = (
    ("names", "tables/categories/", 1),
    ("names", "tables/layout_pool/", 1),
    ("touches", "locks/run-", 1),  # Dagster has the run as started, but it does not hold its lock yet
    ("names", "tables/reference_instances/", 2),
    ("names", "tables/top_ups/", 1),
    ("names", "tables/prompts/", 2),
    ("names", "tables/instances/", 2),  # cut-outs are stored; of drawn candidates only the pictures
    ("names", "tables/verdicts/", 1),
    ("names", "tables/scenes/", 2),  # the annotations of these scenes are stored
    ("names", "tables/scene_graphs/", 1),
    ("names", "tables/layouts/", 1),  # their pairs are stored
    ("names", "tables/layout_images/", 1),  # only the pictures are stored
    ("names", "tables/image_scores/", 1),
    ("names", "tables/layout_scenes/", 1),  # those that were refused by their scores
    ("names", "tables/layout_scenes/", 1),  # the scenes and their annotations are stored
    ("names", "tables/question_answers/", 1),
    ("names", "tables/positives/", 1),
    ("names", "tables/hard_negatives/", 1),  # every answer is on record
    ("names", "tables/negative_lists/", 1),  # their sentences are stored
    ("names", "datasets/categories/", 1),
    ("names", "data/genval.duckdb", 1),
)
"""Where to kill, one after the other on one home: at least once in each stage of the work."""
SEED = 3
FEWEST, MOST = 500, 1500
"""Touches of files until a kill; the whole top-up takes some 2,900."""
MOST_KILLS = 20


def temporary_files(home: Path) -> list[Path]:
    return list((home / "data").rglob(f"{TEMP_PREFIX}*"))


def test_a_top_up_killed_in_each_stage_ends_as_if_nothing_had_happened(
    home: Path, same_as_undisturbed: Callable[[Path], None]
):
    ended, said = killed_and_again(home, STAGES)
    assert ended == [-signal.SIGKILL] * len(STAGES), said
    assert temporary_files(home)  # otherwise no kill hit a write, and this proves little

    done = top_up_apart(home)
    assert (done.returncode, "Traceback" in done.stderr) == (0, False), done.stderr
    assert "was interrupted; what it had stored is kept" in done.stderr
    same_as_undisturbed(home)
    assert unfinished_runs(home) == []
    assert sum(run.status == dg.DagsterRunStatus.FAILURE for run in runs_of(home)) == len(STAGES)

    with duckdb.connect(str(home / "data" / "genval.duckdb"), read_only=True) as published:
        for table, rows in rows_of(home).items():
            assert published.execute(f"select count(*) from {table}").fetchall() == [(len(rows),)], table
    assert genval("gc", "--home", str(home)).returncode == 0
    assert temporary_files(home) == []
    for picture in (home / "data" / "images").rglob("*.*"):
        Image.open(picture).load()
    same_as_undisturbed(home)


def test_a_top_up_killed_anywhere_and_often_ends_as_if_nothing_had_happened(
    home: Path, same_as_undisturbed: Callable[[Path], None]
):
    rng = random.Random(SEED)
    kills = [("touches", str(home), rng.randrange(FEWEST, MOST)) for _ in range(MOST_KILLS)]
    (*killed, last), said = killed_and_again(home, kills)
    assert (last, len(killed) >= 2) == (0, True), said
    same_as_undisturbed(home)
    assert unfinished_runs(home) == []
