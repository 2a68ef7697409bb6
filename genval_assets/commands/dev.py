"""`genval dev`: the Dagster UI and daemon of a project, on this machine only."""

import os
import socket
import sys
from pathlib import Path

from genval_assets.commands.session import dagster_instance, opened, say, stop
from resources.files import write_atomically

LOCALHOST = "127.0.0.1"
WORKSPACE = """\
# Written by genval dev. The name is the one in genval's own workspace.yaml: switches and cursors of sensors go with it.
load_from:
  - python_module:
      module_name: genval_assets.definitions
      attribute: defs
      location_name: genval
"""


def serve_ui(home: Path, port: int) -> None:
    """Replace this process by `dagster dev` on 127.0.0.1."""
    project = opened(home)
    if not _is_free(port):
        stop(f"port {port} is in use; choose another with --port")
    dagster_instance(project).dispose()  # its storage is there before several processes of Dagster open it
    workspace = project.dagster_home / "workspace.yaml"
    write_atomically(workspace, WORKSPACE.encode())
    say(f"Dagster UI on http://{LOCALHOST}:{port} (Ctrl-C stops it)")
    dagster = str(Path(sys.executable).parent / "dagster")
    arguments = ["dev", "-w", str(workspace), "-h", LOCALHOST, "-p", str(port)]
    os.execv(dagster, [dagster, *arguments])  # noqa: S606  no shell


def _is_free(port: int) -> bool:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)  # as the server does: a port just left is free
        try:
            probe.bind((LOCALHOST, port))
        except OSError:
            return False
    return True
