"""The command line answers at once and says what it can do; wrong use is exit code 2."""

import subprocess
import sys

import pytest
from typer.testing import CliRunner

from genval_assets.cli import app

VERBS = ("demo", "init", "dev", "top-up", "status", "sql", "doctor", "gc")


def run(*arguments: str):
    return CliRunner().invoke(app, arguments)


def test_help_names_every_verb():
    shown = run("--help")
    assert shown.exit_code == 0
    assert all(f" {verb} " in shown.stdout for verb in VERBS)


def test_help_imports_neither_dagster_nor_anything_else_that_takes_long():
    """In a process of its own: what is imported must not depend on other tests."""
    code = (
        "import sys\nfrom genval_assets.cli import main\nsys.argv = ['genval', '--help']\n"
        "try:\n    main()\nexcept SystemExit as end:\n    print(end.code, file=sys.stderr)\n"
        "print(*(name.split('.')[0] for name in sys.modules), file=sys.stderr)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    code, _, modules = done.stderr.partition("\n")
    assert code == "0"
    assert not {"dagster", "numpy", "polars", "duckdb", "pydantic", "cv2", "PIL"} & set(modules.split())


@pytest.mark.parametrize(
    ("arguments", "fault"),
    [
        (["frobnicate"], "No such command"),
        (["top-up", "--hurry"], "No such option"),
        (["top-up", "--hours", "-1"], "--hours"),
        (["sql"], "Missing argument"),
        (["gc", "--keep-rejects-days", "soon"], "--keep-rejects-days"),
    ],
)
def test_wrong_use_is_exit_code_2(arguments, fault):
    done = run(*arguments)
    assert done.exit_code == 2
    assert fault in done.stderr
