"""A project served by a real `genval dev` on a free port, asked through its GraphQL interface."""

import json
import os
import signal
import socket
import subprocess
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, TypeVar

from tests.faults.home import GENVAL, ROOT, environment

T = TypeVar("T")

HOSTILE = """<script>document.title = 'ran'</script><img src=x onerror="document.title='ran'">{{7*7}}"""
"""The name that the world's kites have here: data, wherever it is shown."""
FIRST = {"butterfly": 3}
SCATTERED = {HOSTILE: 4, "rocket": 4, "mug": 14}
"""Targets by name that leave three categories short, each far from the others in the order of partitions."""
PATIENCE = 90.0
"""Seconds that anything asked for may take; a wave takes 10 on two idle cores."""
RUNS = """{ runsOrError(limit: 100) { ... on Runs { results {
    runId jobName status startTime endTime runConfigYaml tags { key value } assetSelection { path } } } } }"""
LAUNCH_JOB = """mutation ($job: String!) { launchRun(executionParams: {runConfigData: {}, selector: {
    jobName: $job, repositoryName: "__repository__", repositoryLocationName: "genval"}}) {
    __typename ... on LaunchRunSuccess { run { runId } } } }"""
LAUNCH_BACKFILL = """mutation ($assets: [AssetKeyInput!], $partitions: [String!]) {
    launchPartitionBackfill(backfillParams: {assetSelection: $assets, partitionNames: $partitions}) {
    __typename ... on LaunchBackfillSuccess { backfillId } } }"""
BACKFILL = """query ($id: String!) { partitionBackfillOrError(backfillId: $id) {
    ... on PartitionBackfill { status numPartitions } } }"""


class Served:
    """The web server of one project."""

    def __init__(self, home: Path, port: int) -> None:
        self.home = home
        self.url = f"http://127.0.0.1:{port}"

    def ask(self, query: str, **variables: object) -> Any:
        """Return the data that answers a query or a mutation."""
        body = json.dumps({"query": query, "variables": variables}).encode()
        request = urllib.request.Request(f"{self.url}/graphql", body, {"Content-Type": "application/json"})
        with urllib.request.urlopen(request, timeout=30) as response:
            answer = json.load(response)
        assert "errors" not in answer, answer
        return answer["data"]

    def runs(self, **tags: str) -> list[dict[str, Any]]:
        """Return the runs that have such tags, newest first; tags are told with underscores for slashes."""
        runs = self.ask(RUNS)["runsOrError"]["results"]
        for run in runs:
            run["tags"] = {tag["key"].replace("/", "_"): tag["value"] for tag in run["tags"]}
        return [run for run in runs if tags.items() <= run["tags"].items()]

    def finished(self, run_id: str) -> dict[str, Any]:
        """Return a run once it is over."""
        over = ("SUCCESS", "FAILURE", "CANCELED")
        return wait_for(lambda: next((r for r in self.runs() if r["runId"] == run_id and r["status"] in over), None))

    def launch_job(self, job: str) -> dict[str, Any]:
        """Launch a job without typing anything, and return its run once it is over."""
        launched = self.ask(LAUNCH_JOB, job=job)["launchRun"]
        assert launched["__typename"] == "LaunchRunSuccess", launched
        return self.finished(launched["run"]["runId"])

    def launch_backfill(self, assets: list[str], partitions: list[str]) -> str:
        """Launch a backfill and return its number."""
        keys = [{"path": [name]} for name in assets]
        launched = self.ask(LAUNCH_BACKFILL, assets=keys, partitions=partitions)["launchPartitionBackfill"]
        assert launched["__typename"] == "LaunchBackfillSuccess", launched
        return str(launched["backfillId"])

    def finished_backfill(self, number: str) -> dict[str, Any]:
        """Return a backfill once it is over."""

        def over() -> dict[str, Any] | None:
            found = self.ask(BACKFILL, id=number)["partitionBackfillOrError"]
            return None if found["status"] in ("REQUESTED", "IN_PROGRESS") else dict(found)

        return wait_for(over)


def wait_for(look: Callable[[], T | None], seconds: float = PATIENCE) -> T:
    """Return what `look` finds, looking again twice a second."""
    end = time.monotonic() + seconds
    while (found := look()) is None:
        assert time.monotonic() < end, f"not there after {seconds} s"
        time.sleep(0.5)
    return found


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextmanager
def serve(home: Path, log: Path) -> Iterator[Served]:
    """Start `genval dev` in a process group of its own, and end the whole group after the block."""
    served = Served(home, free_port())
    command = [*GENVAL, "dev", "--home", str(home), "--port", served.url.rpartition(":")[2]]
    with log.open("wb") as out:
        group = subprocess.Popen(command, cwd=ROOT, env=environment(), stdout=out, stderr=out, start_new_session=True)
    try:
        wait_for(lambda: _is_up(served, group, log))
        yield served
    finally:
        end_group(group)


def _is_up(served: Served, group: subprocess.Popen[bytes], log: Path) -> bool | None:
    assert group.poll() is None, log.read_text()[-3000:]
    try:
        served.ask("{ version }")
    except (urllib.error.URLError, ConnectionError):
        return None
    return True


def end_group(group: subprocess.Popen[bytes], seconds: float = 30) -> None:
    """End all processes of a group: Ctrl-C first, SIGKILL for what is left; a lone SIGTERM is ignored for minutes."""
    if is_alive(group):
        os.killpg(group.pid, signal.SIGINT)
    end = time.monotonic() + seconds
    while is_alive(group) and time.monotonic() < end:
        time.sleep(0.2)
    if is_alive(group):
        os.killpg(group.pid, signal.SIGKILL)
    group.wait()


def is_alive(group: subprocess.Popen[bytes]) -> bool:
    """Return whether any process of a group is there."""
    group.poll()  # so that its leader is no zombie
    try:
        os.killpg(group.pid, 0)
    except ProcessLookupError:
        return False
    return True
