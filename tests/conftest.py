"""Fixtures that every test may use."""

import itertools
from collections.abc import Callable
from dataclasses import fields
from datetime import UTC, datetime
from pathlib import Path
from typing import get_args, get_type_hints

import pytest

from genval_assets.layout_rows import LayoutImage, LayoutPair, PoolPair, QuestionAnswer, StoredGraph, StoredLayout
from genval_assets.negative_rows import HardNegative, NegativeList, NegativeRank, PositiveCaption
from genval_assets.rows import Annotation, Row, Scene

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
EDGES = ("x", "y", "w", "h")
VALID_OF = {
    Scene: {"instance_id": "", "background_id": ""},
    Annotation: {"visible_share": 1.0, "iscrowd": 0},
    PoolPair: {"relation": "left of", **{f"{one}_{edge}": 0.5 for one in ("subject", "object") for edge in EDGES}},
    StoredGraph: {"objects_from": "alone"},
    StoredLayout: {"n_scored": 0, "outcome": "kept"},
    LayoutPair: {"level": "none"},
    LayoutImage: {"image": "data/images/x.jpg", "width": 8, "height": 8},
    QuestionAnswer: {"task": "relation", "question": "?", "answer": "."},
    PositiveCaption: {
        "kind": "instance",
        "image": "data/images/x.jpg",
        "outcome": "accepted",
        "caption": "A red mug.",
        "nouns": ["mug"],
        "n_words": 10,
    },
    HardNegative: {
        "sentence": "A blue mug.",
        "level": "hard",
        "outcome": "accepted",
        "confirmed_by": ["vision"],
        "changes": '[{"type": "colour", "origin": "red", "target": "blue", "noun": "mug"}]',
    },
    NegativeList: {"wanted": 10, "n_hard": 4, "n_medium": 3, "n_easy": 3, "verified_by": "both"},
    NegativeRank: {"level": "hard"},
}
"""Where one table asks for something else than the others, or nullable columns are null only together."""


@pytest.fixture(scope="session")
def make_row() -> Callable[..., Row]:
    """Make a row that its table accepts, with a new id; whatever is given is taken, whatever may be None is."""
    numbers = itertools.count(1)

    def make(kind: type[Row], /, **given: object) -> Row:
        hints = get_type_hints(kind)
        valid = VALID | VALID_OF.get(kind, {})
        values: dict[str, object] = {kind.id_column: f"{kind.table}-{next(numbers)}"}
        for name in (f.name for f in fields(kind) if f.name not in values):
            nullable = type(None) in get_args(hints[name])
            values[name] = valid[name] if name in valid else None if nullable else PLAIN[hints[name]]
        return kind(**values | given)

    return make
