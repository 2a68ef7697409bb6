"""`genval doctor`: is everything there that a run needs? Each line is ready, or says what to do."""

import json
import shutil
import sys
from collections.abc import Iterator, Mapping
from contextlib import ExitStack
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path
from typing import cast

import dagster as dg

from genval_assets.all_rows import ROWS
from genval_assets.assets.device import device_held
from genval_assets.commands.equipment import GROUPS, Openable, look_at_models
from genval_assets.commands.findings import Finding
from genval_assets.commands.session import stop
from genval_assets.commands.smoke import smoke as smoke_models
from genval_assets.config import BadSettings, check_paths
from genval_assets.definitions import definitions_for
from genval_assets.model_ports import Chat
from genval_assets.profiles import MODELS
from genval_assets.project import Project, open_project
from genval_assets.runs import report_dead_runs
from genval_assets.types import ModelUnavailable
from resources.annotation_file import UnreadableAnnotations
from resources.annotations import CocoPhotographs
from resources.chat_http import ServedChat
from resources.chat_local import LocalChat
from resources.locks import RunLocks
from resources.parts import UnreadablePart
from resources.tables import ParquetTables

INDENT = "\n" + 7 * " "
"""Before the further lines of a finding."""


def examine(home: Path, *, as_json: bool, smoke: bool = False) -> None:
    """Print what was found, as it is found; exit code 1 if anything is not ready."""
    findings = []
    for one in look(home, smoke=smoke):
        findings.append(one)
        if not as_json:
            print(f"{'ready' if one.ready else 'TO DO'}  {one.what}: {_for_people(one.detail)}", flush=True)
    if as_json:
        print(json.dumps([asdict(one) for one in findings]))
    if not all(one.ready for one in findings):
        stop("something is to do", 1)


def _for_people(detail: str) -> str:
    """Return the detail indented, with each command that fetches weights on a line of its own, to be copied."""
    return detail.replace(": hf download ", ":\nhf download ").replace("\n", INDENT)


def look(home: Path, *, smoke: bool = False) -> Iterator[Finding]:
    """Yield the findings; without settings nothing else can be looked at."""
    try:
        project = open_project(home)
    except BadSettings as err:
        yield Finding("settings", False, str(err))
        return
    yield Finding("settings", True, f"{home / 'genval.toml'}, profile {project.settings.project.profile}")
    faults = check_paths(project.settings)
    yield Finding("data", not faults, "; ".join(faults) or "every file and folder that the settings name is there")
    if not faults:
        yield from _annotations(project)
    yield _tables(project)
    yield _disk(project)
    yield from _instance(project)
    models = MODELS[project.settings.project.profile](project)
    yield from _models(project, models)
    yield _chat(project, models)
    yield _agents(project)
    if smoke:
        yield from _smoke(project, models)


def _annotations(project: Project) -> Iterator[Finding]:
    data = project.settings.data
    if data.coco:
        try:
            with CocoPhotographs(annotations=data.coco, images=project.image_folder).open() as source:
                if source is not None:
                    n, refused, missing = len(list(source.images())), len(source.refused), source.missing_files()
                    detail = f"{n} images, {missing} of them without a file; {refused} entries refused (see quarantine)"
                    yield Finding("annotations", missing == 0, detail)
        except UnreadableAnnotations as err:
            yield Finding("annotations", False, str(err))


def _tables(project: Project) -> Finding:
    tables = ParquetTables(home=str(project.home))
    try:
        counts = {kind.table: n for kind in ROWS if (n := len(tables.ids(kind)))}
    except UnreadablePart as err:
        return Finding("tables", False, str(err))
    return Finding("tables", True, ", ".join(f"{table} {n:,}" for table, n in counts.items()) or "empty so far")


def _models(project: Project, models: Mapping[str, object]) -> Iterator[Finding]:
    profile = project.settings.project.profile
    if profile == "offline":
        yield Finding("models", True, "profile offline: no weights; drawings are simulated, cut-outs are real")
    else:
        yield from look_at_models(project, models)


def _smoke(project: Project, models: Mapping[str, object]) -> Iterator[Finding]:
    """Try every model that can be opened, with the device to oneself; of the others it has been said what to do."""
    roles = ["chat", *GROUPS]
    able = [role for role in roles if role in models and not cast(Openable, models[role]).fault()]
    with ExitStack() as stack:
        try:
            stack.enter_context(device_held(project, RunLocks(home=str(project.home))))
        except ModelUnavailable as err:
            yield Finding("smoke", False, f"no model was tried: {err}")
            return
        yield from smoke_models(project.home, models, able)


def _chat(project: Project, models: Mapping[str, object]) -> Finding:
    chat = cast(Chat, models["chat"])
    fault = chat.fault()
    return Finding("chat", not fault, fault or f"{project.settings.chat.use}: {_who(chat)}")


def _who(chat: Chat) -> str:
    if isinstance(chat, ServedChat):
        return chat.model
    return chat.weights if isinstance(chat, LocalChat) else "rules, simulated"


def _agents(project: Project) -> Finding:
    """Look at the versions of the agents' system prompts that the settings choose."""
    try:
        agents = project.agents(ParquetTables(home=str(project.home)))
    except BadSettings as err:
        return Finding("agents", False, str(err))
    return Finding("agents", True, f"prompt agent {agents.prompt.version}, validation agent {agents.judge.version}")


def _disk(project: Project) -> Finding:
    free, wanted = shutil.disk_usage(project.home).free / 1e9, project.settings.budget.disk_gb
    return Finding("disk", free >= wanted, f"{free:.1f} GB free; [budget] disk_gb keeps {wanted:g} GB")


def _instance(project: Project) -> Iterator[Finding]:
    if project.dagster_home.is_dir():
        with dg.DagsterInstance.get() as instance:
            dead = report_dead_runs(instance, RunLocks(home=str(project.home)), datetime.now(UTC))
        yield Finding("runs", True, f"{len(dead)} interrupted runs reported as failed" if dead else "none is stuck")
    else:
        yield Finding("runs", True, "none so far")
    definitions_for(project)
    yield Finding("python", True, f"{sys.version.split()[0]}, dagster {dg.__version__}")
