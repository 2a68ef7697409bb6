"""What every verb needs: the project opened, its Dagster instance, runs in this process, and how faults end."""

import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import NoReturn

import dagster as dg
from rich.console import Console

from genval_assets.assets.catalog import LINE
from genval_assets.config import BadSettings, check_paths
from genval_assets.definitions import definitions_for
from genval_assets.ports import Foregrounds, Images, Locks, Progress, Tables
from genval_assets.progress import BarProgress, LineProgress
from genval_assets.project import Project, open_project
from genval_assets.runs import errors, report_dead_runs
from sensors.requests import batch_config

WRONG_USE = 2
INTERRUPTED = 130
PLAIN_WIDTH = 110
QUIET = {"loggers": {"console": {"config": {"log_level": "CRITICAL"}}}}
"""Dagster's events go to the run's log, which the UI shows; the terminal has its own lines."""


@dataclass(frozen=True)
class Session:
    """A project with its Dagster instance and definitions, for the length of one command."""

    project: Project
    instance: dg.DagsterInstance
    definitions: dg.Definitions

    @property
    def tables(self) -> Tables:
        """The project's tables."""
        return self._resource("tables")  # type: ignore[return-value]

    @property
    def images(self) -> Images:
        """The project's pictures."""
        return self._resource("images")  # type: ignore[return-value]

    @property
    def foregrounds(self) -> Foregrounds:
        """The profile's foreground model, not opened."""
        return self._resource("foregrounds")  # type: ignore[return-value]

    @property
    def locks(self) -> Locks:
        """The home's locks."""
        return self._resource("locks")  # type: ignore[return-value]

    def _resource(self, name: str) -> object:
        return (self.definitions.resources or {})[name]

    def materialize(self, assets: Sequence[str]) -> dg.ExecuteInProcessResult:
        """Materialize unpartitioned assets in this process, as one run."""
        job = self.definitions.resolve_implicit_global_asset_job_def()
        return job.execute_in_process(
            instance=self.instance,
            asset_selection=[dg.AssetKey(name) for name in assets],
            run_config=QUIET,
            raise_on_error=False,
        )

    def serve(self, categories: Sequence[str]) -> dg.ExecuteInProcessResult:
        """Take categories through the whole chain in this process, as one anchored run."""
        job = self.definitions.resolve_implicit_global_asset_job_def()
        return job.execute_in_process(
            instance=self.instance,
            partition_key=categories[0],
            run_config={**batch_config(categories), **QUIET},
            asset_selection=[dg.AssetKey(name) for name in LINE],
            raise_on_error=False,
        )


@contextmanager
def session(home: Path) -> Iterator[Session]:
    """Open a project for a command that runs something; dead runs of earlier processes are reported first.

    Faults of the settings end the command with exit code 2 before any work.
    """
    project = opened(home)
    progress: Progress = BarProgress() if sys.stderr.isatty() else LineProgress(say)
    with dg.DagsterInstance.get() as instance:
        one = Session(project, instance, definitions_for(project, progress))
        for run_id in report_dead_runs(instance, one.locks, datetime.now(UTC)):
            say(f"run {run_id} was interrupted; what it had stored is kept")
        yield one


def opened(home: Path) -> Project:
    """Return the project; end the command with exit code 2 where its settings or data have faults."""
    try:
        project = open_project(home)
    except BadSettings as err:
        stop(str(err))
    faults = check_paths(project.settings)
    if faults:
        stop("\n".join(faults))
    return project


def stop(message: str, code: int = WRONG_USE) -> NoReturn:
    """End the command with a message on stderr."""
    say(message)
    sys.exit(code)


def say(message: str) -> None:
    """Write a line for people; stdout is for results."""
    print(message, file=sys.stderr, flush=True)


def console() -> Console:
    """Return where tables are printed: as wide as the terminal, and wide enough for a table where there is none."""
    return Console() if sys.stdout.isatty() else Console(width=PLAIN_WIDTH)


def errors_of(result: dg.ExecuteInProcessResult) -> list[str]:
    """Return what made each failed step of a run fail."""
    return errors(result.all_events)
