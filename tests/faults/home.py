"""A small, real project on disk, `genval` in this process or in one of its own, and what a home holds at the end."""

import hashlib
import json
import os
import signal
import subprocess
import sys
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any
from unittest.mock import patch

import dagster as dg
from typer.testing import CliRunner

from genval_assets.all_rows import ROWS
from genval_assets.cli import app
from genval_assets.config import DataSettings, GenvalSettings, InstanceSettings
from genval_assets.config_text import write_settings
from genval_assets.layouts.settings import ClisISettings, LayoutSettings
from genval_assets.negatives.settings import NegativeSettings
from genval_assets.partitions import CATEGORIES
from genval_assets.rows import Export, Failure, Usage
from genval_assets.runs import UNFINISHED
from genval_assets.topup.settings import BudgetSettings, TopUpSettings
from resources.offline.world import write_world
from resources.tables import ParquetTables

ROOT = Path(__file__).parents[2]
GENVAL = [sys.executable, "-m", "genval_assets.cli"]
TOP_UP = ["top-up", "--until-done", "--home"]
TARGETS = {"butterfly": 4, "hammer": 6, "kite": 4, "rocket": 4}
"""Four rare kinds of the small world; the others ask for nothing."""
SCALE = 0.15
NONE: Mapping[str, str] = {}
OF_THE_RUN = {"run_id", "created_at", "seconds"}
"""Columns that tell which run stored a row, when, and how long it took: they differ between two ways to it."""


@dataclass(frozen=True)
class Result:
    """What a home holds after a top-up: rows by table and id, and the exported set's files by path."""

    home: Path
    rows: dict[str, dict[str, dict[str, object]]]
    dataset: dict[str, str]


def draw_world(folder: Path) -> Path:
    """Draw a world of twelve images and return its folder."""
    write_world(folder, scale=SCALE)
    return folder


def settings(world: Path, targets: dict[str, int] = TARGETS) -> GenvalSettings:
    """Return settings that ask for some dozens of candidates, cut out and drawn, and for some whole scenes."""
    return GenvalSettings(
        data=DataSettings(
            coco=str(world / "instances.json"), images=str(world / "images"), backgrounds=str(world / "backgrounds")
        ),
        instances=InstanceSettings(sources=("cutout", "foreground")),
        targets=targets,
        top_up=TopUpSettings(target=0),
        layouts=LayoutSettings(graphs=1, images=2, max_objects=2, clis_i=ClisISettings(floor=50)),
        # trivial negatives are captions that are there when a list is made: a top-up that was stopped may have others
        hard_negatives=NegativeSettings(pictures=1, kinds=("instance",), trivial=0),
        budget=BudgetSettings(disk_gb=0),
    )


def make_home(home: Path, wanted: GenvalSettings) -> Path:
    """Write a project in which nothing has been made yet."""
    home.mkdir(parents=True)
    (home / "genval.toml").write_text(write_settings(wanted))
    return home


def environment() -> dict[str, str]:
    """Return the variables for a program of genval: nothing that names another home."""
    return {key: value for key, value in os.environ.items() if key not in ("GENVAL_HOME", "DAGSTER_HOME")}


def start(command: list[str], variables: Mapping[str, str] = NONE, **options: Any) -> subprocess.Popen[str]:
    """Start a program in a process group of its own, with some variables more."""
    return subprocess.Popen(
        command,
        cwd=ROOT,
        env=environment() | variables,
        text=True,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        start_new_session=True,
        **options,
    )


def finish(process: subprocess.Popen[str], seconds: float = 120) -> subprocess.CompletedProcess[str]:
    """Wait for a program and return what it said; its whole group is killed where it does not end."""
    try:
        out, err = process.communicate(timeout=seconds)
    except subprocess.TimeoutExpired:
        os.killpg(process.pid, signal.SIGKILL)
        out, err = process.communicate()
        raise AssertionError(f"still running after {seconds} s: {err[-2000:]}") from None
    return subprocess.CompletedProcess(process.args, process.returncode, out, err)


def genval(*arguments: str) -> subprocess.CompletedProcess[str]:
    """Run `genval` to its end in this process, which need not import it all again; what it cannot handle is raised."""
    with patch.dict(os.environ, environment(), clear=True):  # opening a project sets its home for the process
        done = CliRunner().invoke(app, arguments)
    if done.exception is not None and not isinstance(done.exception, SystemExit):
        raise done.exception
    return subprocess.CompletedProcess(arguments, done.exit_code, done.stdout, done.stderr)


def top_up(home: Path) -> subprocess.CompletedProcess[str]:
    """Run `genval top-up --until-done` to its end in this process."""
    return genval(*TOP_UP, str(home))


def top_up_apart(home: Path) -> subprocess.CompletedProcess[str]:
    """Run `genval top-up --until-done` to its end in a process of its own."""
    return finish(start([*GENVAL, *TOP_UP, str(home)]))


def killed_and_again(
    home: Path, kills: Sequence[tuple[str, str, int]], variables: Mapping[str, str] = NONE
) -> tuple[list[int], str]:
    """Top up with one kill after the other (`kill_before.py`); return how each run ended, and what all of them said."""
    program = [sys.executable, "-m", "tests.faults.kill_before", json.dumps(kills)]
    done = finish(start([*program, *TOP_UP, str(home)], variables), seconds=240)
    return json.loads(done.stdout.splitlines()[-1]), done.stderr


def rows_of(home: Path) -> dict[str, dict[str, dict[str, object]]]:
    """Return table -> id -> row of everything that was made, without what differs from run to run."""
    tables = ParquetTables(home=str(home))
    return {
        kind.table: {
            getattr(row, kind.id_column): {k: v for k, v in asdict(row).items() if k not in OF_THE_RUN}
            for row in tables.read(kind)
        }
        for kind in ROWS
        if kind not in (Usage, Failure, Export)
    }


def dataset_of(home: Path, name: str = "training") -> dict[str, str]:
    """Return path -> hash of every file of an exported set."""
    folder = (home / "data" / "datasets" / name).resolve(strict=True)
    return {
        path.relative_to(folder).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


def partitions_of(home: Path) -> list[str]:
    """Return the registered partition keys, in their order."""
    with dg.DagsterInstance.from_config(str(home / "dagster")) as instance:
        return list(instance.get_dynamic_partitions(CATEGORIES.name or ""))


def runs_of(home: Path) -> list[dg.DagsterRun]:
    """Return all Dagster runs of a home."""
    with dg.DagsterInstance.from_config(str(home / "dagster")) as instance:
        return list(instance.get_runs())


def unfinished_runs(home: Path) -> list[str]:
    """Return the runs that Dagster takes for queued or running."""
    return [run.run_id for run in runs_of(home) if run.status in UNFINISHED]
