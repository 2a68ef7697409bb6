"""The small world and its undisturbed top-up, made once; a fresh home for each test."""

from collections.abc import Callable
from pathlib import Path

import pytest

from tests.faults.home import Result, dataset_of, draw_world, make_home, rows_of, settings, top_up


@pytest.fixture(scope="session")
def world(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with `instances.json`, `images/` and `backgrounds/`."""
    return draw_world(tmp_path_factory.mktemp("world"))


@pytest.fixture(scope="session")
def undisturbed(world: Path, tmp_path_factory: pytest.TempPathFactory) -> Result:
    """What a top-up makes that nothing disturbs."""
    home = make_home(tmp_path_factory.mktemp("undisturbed") / "home", settings(world))
    done = top_up(home)
    assert done.returncode == 0, done.stderr
    return Result(home, rows_of(home), dataset_of(home))


@pytest.fixture
def home(world: Path, tmp_path: Path) -> Path:
    """A project like the undisturbed one, in which nothing has been made yet."""
    return make_home(tmp_path / "home", settings(world))


@pytest.fixture
def same_as_undisturbed(undisturbed: Result) -> Callable[[Path], None]:
    """Assert that a home holds the rows and the set of the undisturbed one, to the byte."""

    def check(home: Path) -> None:
        rows = rows_of(home)
        for table, expected in undisturbed.rows.items():
            assert rows[table] == expected, table
        assert dataset_of(home) == undisturbed.dataset

    return check
