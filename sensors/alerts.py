"""The failure alert: a line in the daemon's log, and a message to a webhook where one is set."""

import json
import os
import urllib.request

import dagster as dg

from genval_assets.project import Project
from genval_assets.runs import errors

TIMEOUT_SECONDS = 10


@dg.run_failure_sensor(
    name="failure_alert",
    default_status=dg.DefaultSensorStatus.RUNNING,
    description="Tells of every failed run: in the log, and to the webhook of the settings.",
)
def failure_alert(context: dg.RunFailureSensorContext, project: dg.ResourceParam[Project]) -> None:
    """Log the failed run with its error, and post both to the webhook."""
    run = context.dagster_run
    causes = errors(context.get_step_failure_events()) or [str(context.failure_event.message)]
    message = "\n".join([f"genval: run {run.run_id} of {run.job_name} failed", *causes])
    context.log.error(message)
    variable = project.settings.alerts.webhook_env
    if variable and (url := os.environ.get(variable)):
        post(url, message)


def post(url: str, message: str) -> None:
    """Post {"text": message} as JSON, the form that Slack, Mattermost and Teams webhooks take.

    Raises:
        OSError: the webhook cannot be reached or refuses; the tick fails and says so.
    """
    if not url.startswith(("https://", "http://")):
        raise ValueError("the webhook must be an http(s) address")
    body = json.dumps({"text": message}).encode()
    request = urllib.request.Request(url, body, {"Content-Type": "application/json"})  # noqa: S310  checked above
    with urllib.request.urlopen(request, timeout=TIMEOUT_SECONDS):  # noqa: S310
        pass
