"""Fixtures that every test may use."""

import itertools
from collections.abc import Callable
from dataclasses import fields
from datetime import UTC, datetime
from pathlib import Path
from typing import get_args, get_type_hints

import pytest

from genval_assets.rows import Row

SHARED_DATA = Path(__file__).parents[1] / ".." / "shared" / "data"


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """The folder of real material beside the checkout; tests that need it skip where it is absent."""
    if not SHARED_DATA.is_dir():
        pytest.skip("real material (../shared/data) is not beside this checkout")
    return SHARED_DATA.resolve()


PLAIN = {str: "", int: 1, float: 1.0, bool: False, datetime: datetime(2026, 11, 1, tzinfo=UTC), list[str]: []}
VALID = {
    "state": "active",
    "kind": "yours",
    "screened": "unscreened",
    "origin": "agent",
    "agent": "prompt",
    "written_by": "shipped",
    "labeller": "person",
    "source": "cutout",
    "outcome": "error",
    "stage": "gate",
    "canvas": "yours",
    "requested_by": "plan",
    "source_annotation_id": 1,
    "needed": 0,
    "s_txt": 0.5,
    "run_id": "run",
    "category": "zebra",
}


@pytest.fixture(scope="session")
def make_row() -> Callable[..., Row]:
    """Make a row that its table accepts, with a new id; whatever is given is taken, whatever may be None is."""
    numbers = itertools.count(1)

    def make(kind: type[Row], /, **given: object) -> Row:
        hints = get_type_hints(kind)
        values: dict[str, object] = {kind.id_column: f"{kind.table}-{next(numbers)}"}
        for name in (f.name for f in fields(kind) if f.name not in values):
            nullable = type(None) in get_args(hints[name])
            values[name] = VALID[name] if name in VALID else None if nullable else PLAIN[hints[name]]
        return kind(**values | given)

    return make
