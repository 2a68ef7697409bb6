"""Ctrl-C finishes the item at hand and stops; the same command resumes."""

import os
import signal
import subprocess
from collections.abc import Callable
from pathlib import Path

from tests.faults.home import GENVAL, TOP_UP, finish, start, top_up, unfinished_runs

INTERRUPTED = 130


def ctrl_c(process: subprocess.Popen[str]) -> None:
    """Send what a terminal sends: SIGINT to the whole process group."""
    os.killpg(process.pid, signal.SIGINT)


def start_until(home: Path, line: str) -> subprocess.Popen[str]:
    """Start a top-up and return once it has said a line that begins so."""
    process = start([*GENVAL, *TOP_UP, str(home)])
    assert process.stderr is not None
    for said in process.stderr:
        if said.startswith(line):
            return process
    raise AssertionError(f"the top-up never said {line!r}")


def test_ctrl_c_finishes_the_item_says_how_to_resume_and_is_resumed(
    home: Path, same_as_undisturbed: Callable[[Path], None]
):
    process = start_until(home, "raw_instances: 9/9")  # the cut-outs are made, drawing begins
    ctrl_c(process)
    stopped = finish(process)
    assert stopped.returncode == INTERRUPTED, stopped.stderr
    assert stopped.stderr.strip().splitlines()[-1] == "interrupted; the same command resumes where it stopped"
    assert "Traceback" not in stopped.stderr
    done = top_up(home)
    assert done.returncode == 0, done.stderr
    same_as_undisturbed(home)
    assert unfinished_runs(home) == []
