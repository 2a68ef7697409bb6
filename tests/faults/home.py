"""A small, real project on disk, `genval` in a process of its own, and what a home holds at the end."""

import hashlib
import os
import signal
import subprocess
import sys
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import dagster as dg

from genval_assets.all_rows import ROWS
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
TARGETS = {"butterfly": 4, "hammer": 6, "kite": 4, "rocket": 4}
"""Four rare kinds of the small world; the others ask for nothing."""
SCALE = 0.15
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


def start(command: list[str], without: str = "", **options: Any) -> subprocess.Popen[str]:
    """Start a program in a process group of its own, `without` a variable of the environment."""
    variables = {key: value for key, value in environment().items() if key != without}
    return subprocess.Popen(
        command,
        cwd=ROOT,
        env=variables,
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
    """Run `genval` to its end."""
    return finish(start([*GENVAL, *arguments]))


def top_up(home: Path) -> subprocess.CompletedProcess[str]:
    """Run `genval top-up --until-done` to its end."""
    return genval("top-up", "--until-done", "--home", str(home))


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
