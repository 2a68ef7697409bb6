"""`genval dev`: the Dagster UI and daemon of a project, on this machine only."""

import os
import sys
from pathlib import Path

from genval_assets.commands.session import dagster_instance, opened, say


def serve_ui(home: Path, port: int) -> None:
    """Replace this process by `dagster dev` on 127.0.0.1."""
    dagster_instance(opened(home)).dispose()  # its storage is there before several processes of Dagster open it
    say(f"Dagster UI on http://127.0.0.1:{port} (Ctrl-C stops it)")
    dagster = str(Path(sys.executable).parent / "dagster")
    arguments = ["dev", "-m", "genval_assets.definitions", "-a", "defs", "-h", "127.0.0.1", "-p", str(port)]
    os.execv(dagster, [dagster, *arguments])  # noqa: S606  no shell
