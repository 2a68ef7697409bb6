"""What the tests of the record, the pictures and the published tables share."""

import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from resources.published import query
from resources.tables import ParquetTables
from resources.warehouse import WAREHOUSE, DuckWarehouse

ROOT = Path(__file__).parents[2]


class Program:
    """A Python program in a process of its own, which says a line when it is ready."""

    def __init__(self, source: str, *arguments: object) -> None:
        self.process = subprocess.Popen(
            [sys.executable, "-c", source, *map(str, arguments)],
            cwd=ROOT,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        assert self.process.stdout is not None
        self.first_line = self.process.stdout.readline().strip()

    def kill_after(self, seconds: float) -> None:
        """Let it work for a while, then kill -9."""
        time.sleep(seconds)
        self.kill()

    def kill(self) -> None:
        self.process.send_signal(signal.SIGKILL)
        self.finish(expected=-signal.SIGKILL)

    def say(self, line: str) -> str:
        """Send it a line and return the line it answers with."""
        assert self.process.stdin is not None
        assert self.process.stdout is not None
        self.process.stdin.write(line + "\n")
        self.process.stdin.flush()
        return self.process.stdout.readline().strip()

    def finish(self, expected: int = 0) -> str:
        """Close its input, wait, and return the rest of what it printed."""
        output, _ = self.process.communicate(timeout=120)
        assert self.process.returncode == expected, output
        return output


@pytest.fixture
def program():
    """Start programs that do not outlive the test."""
    started: list[Program] = []

    def start(source: str, *arguments: object) -> Program:
        started.append(Program(source, *arguments))
        return started[-1]

    yield start
    for one in started:
        if one.process.poll() is None:
            one.process.kill()
        one.process.communicate()


@pytest.fixture
def small_disk(tmp_path: Path):
    """Mount a disk of its own of so many megabytes and give its folder."""
    folder = tmp_path / "small"
    folder.mkdir()

    def mount(megabytes: int) -> Path:
        command = ["mount", "-t", "tmpfs", "-o", f"size={megabytes}m", "tmpfs", str(folder)]
        if subprocess.run(command, capture_output=True).returncode:
            pytest.skip("needs the right to mount a small tmpfs")
        return folder

    yield mount
    if folder.is_mount():
        subprocess.run(["umount", "-l", str(folder)], check=True)


@pytest.fixture
def ask(tmp_path):
    """Publish rows and return the answer to a question about them."""
    tables = ParquetTables(home=str(tmp_path))

    def ask(sql: str, *batches) -> list[tuple]:
        for rows in batches:
            tables.append(rows)
        DuckWarehouse(home=str(tmp_path)).publish([], [])
        return query(tmp_path / WAREHOUSE, sql).rows

    return ask
