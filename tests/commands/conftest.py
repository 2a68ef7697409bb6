"""One small project with hostile names, made by the command line once, and the command line itself."""

import json
import os
import shutil
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import pytest
from click.testing import Result
from typer.testing import CliRunner

from genval_assets.cli import app

DRAWABLE = (
    "mug (../../x)", "duck (a/b)", "key ('; drop table categories; --)", 'lamp ("x" or 1=1)',
    "kite (<script>alert`1`</script>)", "rocket ({{7*7}})", "watering\ncan", "fish (鴨)", "ladder (e\u0301tude)",
    "chair ([/red])", "banana (" + "na" * 150 + ")",
)  # fmt: skip
"""Names as users wrote them; the offline studio knows what to draw, for it reads past what is in parentheses."""
HOSTILE = (*DRAWABLE, "../../etc/passwd", "<img src=x onerror=alert(1)>")
"""With some for which it cannot draw anything."""


def genval(*arguments: object) -> Result:
    """Run a verb in this process."""
    with own_environment():
        return CliRunner().invoke(app, [str(argument) for argument in arguments])


@contextmanager
def own_environment() -> Iterator[None]:
    """Put the environment back: opening a project sets its home for the process."""
    before = dict(os.environ)
    try:
        yield
    finally:
        os.environ.clear()
        os.environ.update(before)


def names_file(folder: Path, names: Sequence[str], target: int = 1) -> Path:
    """Write a CSV list of names with one target for all."""
    rows = "".join(f'"{name.replace(chr(34), chr(34) * 2)}",{target}\n' for name in names)
    path = folder / "names.csv"
    path.write_text(f"name,target\n{rows}", encoding="utf-8")
    return path


@pytest.fixture(name="genval")
def run_genval() -> Callable[..., Result]:
    return genval


@pytest.fixture(scope="session")
def topped_up(tmp_path_factory) -> Path:
    """The home of a project of hostile names, one wave topped up and published. To be read only."""
    folder = tmp_path_factory.mktemp("project")
    home = folder / "home"
    for arguments in (("init", "--names", names_file(folder, HOSTILE)), ("top-up",)):
        done = genval(*arguments, "--home", home)
        assert done.exit_code == 0, done.output
    return home


@pytest.fixture
def project(topped_up, tmp_path) -> Path:
    """A copy of that project to do things to."""
    shutil.copytree(topped_up.parent, tmp_path / "copy", symlinks=True)
    home = tmp_path / "copy" / "home"
    settings = home / "genval.toml"
    settings.write_text(settings.read_text().replace(str(topped_up.parent), str(home.parent)))
    return home


@pytest.fixture
def answer(genval) -> Callable[..., dict]:
    """Run a verb with --json and return what it printed."""

    def ask(*arguments: object) -> dict:
        done = genval(*arguments, "--json")
        assert done.exit_code == 0, done.output
        return json.loads(done.stdout)

    return ask
