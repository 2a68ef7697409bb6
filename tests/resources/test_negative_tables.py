"""The tables of captions and their hard negatives refuse rows that contradict themselves."""

import pytest

from genval_assets.negative_rows import HardNegative, NegativeList, NegativeRank, PositiveCaption
from resources.schema import RefusedRow
from resources.tables import ParquetTables

REFUSED = {"outcome": "refused", "caption": None, "faults": ["too_short"], "n_attributes": 0, "n_words": 0}
TRIVIAL = {"level": "trivial", "changes": "[]", "n_changes": 0, "other_positive_id": "p2"}
FAULTY = {"outcome": "rejected", "reasons": ["true_of_the_picture"], "confirmed_by": []}
SHORT = {"n_easy": 2, "short": True, "why_short": "not_confirmed"}


@pytest.fixture
def tables(tmp_path):
    return ParquetTables(home=str(tmp_path))


@pytest.mark.parametrize(
    ("kind", "given"),
    [
        (PositiveCaption, {"n_words": 25, "n_attributes": 5}),
        (PositiveCaption, {"faults": ["too_long", "no_attribute"]}),
        (PositiveCaption, REFUSED | {"image": ""}),
        (HardNegative, {"level": "medium", "n_changes": 2, "attempt": 3, "confirmed_by": ["requested", "vision"]}),
        (HardNegative, {"level": "easy", "n_changes": 3}),
        (HardNegative, TRIVIAL),
        (HardNegative, FAULTY),
        (HardNegative, FAULTY | {"outcome": "corrected", "level": None, "changes": "[]", "n_changes": 0}),
        (HardNegative, FAULTY | {"level": None, "n_changes": 7}),
        (NegativeList, {"n_hard": 10, "n_medium": 0, "n_easy": 0, "n_trivial": 20, "n_corrected": 30}),
        (NegativeList, SHORT),
        (NegativeList, SHORT | {"n_hard": 0, "n_medium": 0, "n_easy": 0, "why_short": "unreadable_answer"}),
        (NegativeRank, {"level": "all", "n_negatives": 11, "rank": 12}),
    ],
)
def test_what_captions_and_negatives_may_come_to_is_stored(tables, make_row, kind, given):
    row = make_row(kind, **given)
    tables.append([row])
    assert tables.read(kind) == [row]


@pytest.mark.parametrize(
    ("kind", "given"),
    [
        (PositiveCaption, {"kind": "layout"}),
        (PositiveCaption, {"caption": None}),
        (PositiveCaption, {"caption": ""}),
        (PositiveCaption, {"image": ""}),
        (PositiveCaption, {"n_words": 9}),
        (PositiveCaption, {"n_words": 26}),
        (PositiveCaption, {"n_attributes": 0}),
        (PositiveCaption, {"nouns": []}),
        (PositiveCaption, REFUSED | {"caption": "A red mug."}),
        (PositiveCaption, REFUSED | {"faults": []}),
        (PositiveCaption, REFUSED | {"outcome": "error"}),
        (PositiveCaption, REFUSED | {"n_attributes": -1}),
        (PositiveCaption, REFUSED | {"n_words": -1}),
        (PositiveCaption, {"seed": -1}),
        (HardNegative, FAULTY | {"level": "all"}),
        (HardNegative, FAULTY | {"outcome": "emitted"}),
        (HardNegative, FAULTY | {"n_changes": -1}),
        (HardNegative, {"level": None}),
        (HardNegative, {"reasons": ["not_confirmed"]}),
        (HardNegative, {"confirmed_by": []}),
        (HardNegative, {"confirmed_by": ["vision", "sealed"]}),
        (HardNegative, {"n_changes": 0}),
        (HardNegative, {"n_changes": 2}),
        (HardNegative, {"level": "medium"}),
        (HardNegative, {"level": "easy", "n_changes": 4}),
        (HardNegative, {"sentence": ""}),
        (HardNegative, {"index": -1}),
        (HardNegative, {"attempt": -1}),
        (HardNegative, {"other_positive_id": "p2"}),
        (HardNegative, TRIVIAL | {"other_positive_id": None}),
        (HardNegative, TRIVIAL | {"n_changes": 1}),
        (HardNegative, FAULTY | {"reasons": []}),
        (HardNegative, FAULTY | {"outcome": "corrected", "reasons": []}),
        (HardNegative, FAULTY | {"level": None, "other_positive_id": "p2"}),
        (NegativeList, {"n_hard": 5}),
        (NegativeList, {"wanted": 0, "n_hard": 0, "n_medium": 0, "n_easy": 0}),
        (NegativeList, {"short": True, "why_short": "not_confirmed"}),
        (NegativeList, {"why_short": "not_confirmed"}),
        (NegativeList, SHORT | {"short": False, "why_short": ""}),
        (NegativeList, SHORT | {"why_short": ""}),
        (NegativeList, {"n_hard": -1, "n_medium": 8}),
        (NegativeList, {"n_medium": -1, "n_hard": 8}),
        (NegativeList, {"n_easy": -1, "n_hard": 8}),
        (NegativeList, {"n_trivial": -1}),
        (NegativeList, {"n_rejected": -1}),
        (NegativeList, {"n_corrected": -1}),
        (NegativeList, {"verified_by": "nobody"}),
        (NegativeRank, {"level": "none"}),
        (NegativeRank, {"rank": 0}),
        (NegativeRank, {"rank": 3}),
        (NegativeRank, {"n_negatives": 0}),
    ],
)
def test_a_row_that_contradicts_itself_is_refused_and_named(tables, make_row, kind, given):
    bad = make_row(kind, **given)
    with pytest.raises(RefusedRow, match=rf"{kind.table}: row .* = '{getattr(bad, kind.id_column)}'"):
        tables.append([make_row(kind), bad])
    assert tables.read(kind) == []
