"""What every verb needs: the project opened, its Dagster instance, runs in this process, and how faults end."""

import shutil
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import NoReturn
from uuid import uuid4

import dagster as dg
from rich.console import Console
from sqlalchemy.exc import OperationalError

from genval_assets.assets.catalog import LINE
from genval_assets.config import BadSettings, check_paths
from genval_assets.definitions import definitions_for
from genval_assets.model_ports import Foregrounds
from genval_assets.ports import ConceptSource, Images, Locks, Progress, Tables
from genval_assets.progress import BarProgress, LineProgress
from genval_assets.project import DAGSTER_YAML, Project, open_project
from genval_assets.runs import command_lock_name, report_dead_runs
from resources.files import locked_folder, write_atomically
from sensors.requests import batch_config

WRONG_USE = 2
INTERRUPTED = 130
PLAIN_WIDTH = 140
NO_CONFIG: Mapping[str, object] = {}
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
    def concepts(self) -> ConceptSource:
        """The user's list of categories."""
        return self._resource("concepts")  # type: ignore[return-value]

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

    def materialize(self, assets: Sequence[str], config: Mapping[str, object] = NO_CONFIG) -> dg.ExecuteInProcessResult:
        """Materialize unpartitioned assets in this process, as one run; `config` is asset -> what it is told."""
        ops = {"ops": {name: {"config": told} for name, told in config.items()}} if config else {}
        return self._run(assets, {**ops, **QUIET})

    def serve(self, categories: Sequence[str], assets: Sequence[str] = LINE) -> dg.ExecuteInProcessResult:
        """Take categories through the whole chain, or some of it, in this process, as one anchored run."""
        return self._run(assets, {**batch_config(categories), **QUIET}, partition_key=categories[0])

    def _run(
        self, assets: Sequence[str], run_config: Mapping[str, object], partition_key: str | None = None
    ) -> dg.ExecuteInProcessResult:
        job = self.definitions.resolve_implicit_global_asset_job_def()
        run_id = str(uuid4())
        with self.locks.hold(command_lock_name(run_id)):
            result = job.execute_in_process(
                run_id=run_id,
                instance=self.instance,
                partition_key=partition_key,
                run_config=run_config,
                asset_selection=[dg.AssetKey(name) for name in assets],
                raise_on_error=False,
            )
        if _was_interrupted(result):
            raise KeyboardInterrupt
        return result


def _was_interrupted(result: dg.ExecuteInProcessResult) -> bool:
    interrupted = dg.DagsterExecutionInterruptedError.__name__
    errors = [event.step_failure_data.error for event in result.all_events if event.is_step_failure]
    return any(error is not None and error.cls_name == interrupted for error in errors)


@contextmanager
def session(home: Path) -> Iterator[Session]:
    """Open a project for a command that runs something; dead runs of earlier processes are reported first.

    Faults of the settings end the command with exit code 2 before any work, Ctrl-C with 130.
    """
    project = opened(home)
    progress: Progress = BarProgress() if sys.stderr.isatty() else LineProgress(say)
    with _full_disk_named(home), dagster_instance(project) as instance:
        one = Session(project, instance, definitions_for(project, progress))
        for run_id in report_dead_runs(instance, one.locks, datetime.now(UTC)):
            say(f"run {run_id} was interrupted; what it had stored is kept")
        try:
            yield one
        except KeyboardInterrupt:
            stop("interrupted; the same command resumes where it stopped", INTERRUPTED)
        except BadSettings as err:  # such as a pinned version, which only the tables know
            stop(str(err))


def dagster_instance(project: Project) -> dg.DagsterInstance:
    """Return the project's Dagster instance, its storage made if this is the first time."""
    with locked_folder(project.dagster_home):  # two processes that make the storage at once trip over each other
        return dg.DagsterInstance.get()


@contextmanager
def _full_disk_named(home: Path) -> Iterator[None]:
    """End the command with a line where the disk is too full for Dagster's own record of the run."""
    try:
        yield
    except OperationalError as err:
        if not any(words in str(err.orig) for words in ("disk is full", "disk I/O error")):
            raise
        free = shutil.disk_usage(home).free
        stop(
            f"{home / 'dagster'}: no room for the record of the run ({free:,} bytes are free; {err.orig}). Nothing was "
            "lost: free some space and run the same command again",
            1,
        )


def opened(home: Path) -> Project:
    """Return the project; end the command with exit code 2 where its settings or data have faults."""
    try:
        project = open_project(home)
    except BadSettings as err:
        stop(str(err))
    faults = check_paths(project.settings)
    if faults:
        stop("\n".join(faults))
    if not (project.dagster_home / "dagster.yaml").exists():  # the settings were written or copied by hand
        write_atomically(project.dagster_home / "dagster.yaml", DAGSTER_YAML.encode())
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
