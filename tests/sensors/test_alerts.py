"""A failed run is told of: always in the log, and to a webhook where one is set."""

import json
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import dagster as dg
import pytest

from genval_assets.config import AlertSettings, GenvalSettings
from genval_assets.project import Project
from sensors.alerts import failure_alert, post


@dataclass
class Webhook:
    """A web server on this machine that answers with `status` and keeps what it was sent."""

    url: str
    status: int = 200
    received: list[tuple[str, dict]] = field(default_factory=list)  # content type and body


@pytest.fixture
def webhook() -> Iterator[Webhook]:
    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            hook.received.append((self.headers["Content-Type"], json.loads(body)))
            self.send_response(hook.status)
            self.end_headers()

        def log_message(self, *_args: object) -> None:
            """Say nothing."""

    with HTTPServer(("127.0.0.1", 0), Handler) as server:
        hook = Webhook(f"http://127.0.0.1:{server.server_port}/hook")
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        yield hook
        server.shutdown()
        thread.join()


@dg.op
def fails() -> None:
    raise RuntimeError("2 of 3 categories failed")


@dg.job
def failing_job() -> None:
    fails()


def alert(webhook_env: str, caplog: pytest.LogCaptureFixture) -> str:
    """Let a run fail, tell of it, and return its id, a line break and what was logged."""
    project = Project(Path("/nowhere"), GenvalSettings(alerts=AlertSettings(webhook_env=webhook_env)))
    with dg.DagsterInstance.ephemeral() as instance:
        result = failing_job.execute_in_process(instance=instance, raise_on_error=False)
        context = dg.build_run_status_sensor_context(
            sensor_name="failure_alert", dagster_event=result.get_run_failure_event(), dagster_instance=instance,
            dagster_run=result.dagster_run, resources={"project": project},
        ).for_run_failure()  # fmt: skip
        context.log.addHandler(caplog.handler)
        caplog.clear()
        failure_alert(context)
        return f"{result.run_id}\n{caplog.text}"


def test_without_a_webhook_a_failed_run_is_logged_with_its_error(caplog):
    run_id, _, log = alert("", caplog).partition("\n")
    assert f"run {run_id} of failing_job failed" in log
    assert "RuntimeError: 2 of 3 categories failed" in log


def test_the_webhook_of_the_environment_is_told_which_run_failed(webhook, monkeypatch, caplog):
    monkeypatch.setenv("TEAM_WEBHOOK", webhook.url)
    run_id, _, log = alert("TEAM_WEBHOOK", caplog).partition("\n")
    ((kind, body),) = webhook.received
    assert kind == "application/json"
    assert f"run {run_id} of failing_job failed\nRuntimeError: 2 of 3 categories failed" in body["text"]
    assert f"run {run_id}" in log
    assert webhook.url not in log


def test_a_variable_that_is_not_set_means_the_log_only(webhook, monkeypatch, caplog):
    monkeypatch.delenv("TEAM_WEBHOOK", raising=False)
    assert "failing_job failed" in alert("TEAM_WEBHOOK", caplog)
    assert webhook.received == []


def test_a_webhook_that_refuses_fails_the_tick(webhook):
    webhook.status = 500
    with pytest.raises(OSError, match="500"):
        post(webhook.url, "hello")


@pytest.mark.parametrize("url", ["file:///etc/passwd", "ftp://127.0.0.1/x", "hook"])
def test_only_the_web_is_posted_to(url):
    with pytest.raises(ValueError, match="must be an http"):
        post(url, "hello")
