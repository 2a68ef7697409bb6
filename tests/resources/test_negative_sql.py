"""The views of FineGen's captions and hard negatives, on rows made by hand."""

import json
from contextlib import closing
from dataclasses import replace

import duckdb
import pytest

from genval_assets.negative_rows import HardNegative, NegativeList, NegativeRank, PositiveCaption
from genval_assets.rows import Usage
from genval_assets.types import NegativeValidity
from resources.published import query
from resources.schema import create_tables
from resources.warehouse import WAREHOUSE, DuckWarehouse

LEVELS = ("hard", "medium", "easy")
KNOWN = NegativeValidity("all", "all", 9, 90, valid=0.9, low=0.8, high=1.0, truth="simulated")


@pytest.fixture(scope="module")
def database():
    with closing(duckdb.connect()) as connection:
        create_tables(connection)
        yield connection


@pytest.fixture
def attempt(make_row):
    """Make an attempt at a negative: what it exchanges by type, and what is wrong with it."""

    def make(place: str, n: int, *types: str, outcome: str = "accepted", reasons=(), **given: object) -> HardNegative:
        positive, index = place.split(" ")
        found = {
            "level": LEVELS[len(types) - 1] if 1 <= len(types) <= 3 else None,
            "changes": json.dumps([{"type": name, "origin": "a", "target": "b", "noun": "mug"} for name in types]),
            "n_changes": len(types),
            "confirmed_by": ["vision"] if outcome == "accepted" else [],
        }
        about = {"positive_id": positive, "negative_list_id": f"of {positive}", "index": int(index), "attempt": n}
        about["outcome"] = outcome
        return make_row(HardNegative, **about | found | {"reasons": list(reasons)} | given)

    return make


def sent_back(attempt, place: str, n: int, *types: str, reason: str = "true_of_the_picture") -> HardNegative:
    return attempt(place, n, *types, outcome="corrected", reasons=[reason])


def given_up(attempt, place: str, n: int, *types: str, reasons=("not_confirmed",)) -> HardNegative:
    return attempt(place, n, *types, outcome="rejected", reasons=reasons)


@pytest.fixture
def lists(attempt, make_row):
    """Two captions: seven negatives, of which four are accepted, two of these after corrections; and a trivial one."""
    trivial = {"level": "trivial", "changes": "[]", "n_changes": 0, "other_positive_id": "q"}
    return [
        attempt("p 0", 0, "colour"),
        sent_back(attempt, "p 1", 0, "material"),
        sent_back(attempt, "p 1", 1, "colour", "pattern", reason="already_there"),
        attempt("p 1", 2, "colour", "colour"),
        sent_back(attempt, "p 2", 0, "colour"),
        given_up(attempt, "p 2", 1, reasons=["no_change"]),
        attempt("q 0", 0, "colour", "pattern", "transparency"),
        *(sent_back(attempt, "q 1", n, "material") for n in (0, 1, 2)),
        given_up(attempt, "q 1", 3, "material", reasons=["not_confirmed", "not_confirmed", "wrong_article"]),
        given_up(attempt, "q 2", 0, *["colour"] * 4),
        sent_back(attempt, "q 4", 0, "material"),
        attempt("q 4", 1, "material"),
        make_row(HardNegative, positive_id="q", negative_list_id="of q", index=3, attempt=0, **trivial),
        attempt("p 0", 0, "pattern", negative_list_id="of a run that was killed"),
    ]


@pytest.fixture
def ended(make_row):
    """The lists of the two captions."""
    return [make_row(NegativeList, negative_list_id=f"of {one}", positive_id=one) for one in ("p", "q")]


def test_negative_acceptance_counts_each_negative_once_by_how_its_last_attempt_ended(ask, lists, ended):
    assert ask("from negative_acceptance", lists, ended) == [
        ("all", "all", 8, 3, 2, 3, 0.625, 7, 1.4),
        ("level", "hard", 3, 1, 1, 1, pytest.approx(2 / 3), 4, 2.0),
        ("level", "medium", 1, 0, 1, 0, 1.0, 2, 2.0),
        ("level", "easy", 1, 1, 0, 0, 1.0, 0, 0.0),
        ("level", "trivial", 1, 1, 0, 0, 1.0, 0, 0.0),
        ("level", "none", 2, 0, 0, 2, 0.0, 1, None),
        ("attribute", "colour", 4, 2, 1, 1, 0.75, 2, pytest.approx(2 / 3)),
        ("attribute", "material", 2, 0, 1, 1, 0.5, 4, 4.0),
        ("attribute", "pattern", 1, 1, 0, 0, 1.0, 0, 0.0),
        ("attribute", "transparency", 1, 1, 0, 0, 1.0, 0, 0.0),
    ]


def test_negative_reasons_counts_an_attempt_once_for_each_of_its_reasons(ask, lists):
    assert ask("from negative_reasons", lists) == [
        ("true_of_the_picture", 6, 0, 0.6),
        ("not_confirmed", 2, 2, 0.2),
        ("already_there", 1, 0, 0.1),
        ("no_change", 1, 1, 0.1),
        ("wrong_article", 1, 1, 0.1),
    ]


def test_short_lists_says_why_and_how_many_negatives_are_missing(ask, make_row):
    def short(why: str, *levels: int) -> NegativeList:
        hard, medium, easy = levels
        return make_row(NegativeList, short=True, why_short=why, n_hard=hard, n_medium=medium, n_easy=easy, n_trivial=3)

    ended = [
        make_row(NegativeList), make_row(NegativeList),
        short("not_confirmed", 4, 3, 2), short("not_confirmed", 4, 0, 0), short("unreadable_answer", 0, 0, 0),
    ]  # fmt: skip
    assert ask("from short_lists", ended) == [("not_confirmed", 2, 7, 0.4), ("unreadable_answer", 1, 10, 0.2)]


def test_accuracy_by_level_is_the_share_of_captions_before_all_of_their_negatives(ask, make_row):
    def ranks(level: str, *found: tuple[int, int], **model: str) -> list[NegativeRank]:
        return [make_row(NegativeRank, level=level, rank=rank, n_negatives=n, **model) for rank, n in found]

    clip = {"model": "clip", "revision": "a"}
    stored = [
        *ranks("all", (1, 11), (9, 10), **clip),
        *ranks("trivial", (1, 1), **clip),
        *ranks("hard", (1, 4), (5, 4), (2, 10), (1, 4), **clip),
        *ranks("hard", (1, 4), model="clip", revision="b"),
        *ranks("easy", (3, 3), model="bert", revision="c"),
    ]
    assert ask("from accuracy_by_level", stored) == [
        ("easy", "bert", "c", 1, 3, 0.0, 3.0),
        ("hard", "clip", "a", 4, 22, 0.5, 2.25),
        ("trivial", "clip", "a", 1, 1, 1.0, 1.0),
        ("all", "clip", "a", 2, 21, 0.5, 5.0),
        ("hard", "clip", "b", 1, 4, 1.0, 1.0),
    ]


def test_cost_per_negative_divides_what_the_stage_took_by_what_was_accepted(ask, make_row, lists, ended):
    def spent(seconds: float, t_in: int, t_out: int, **given: object) -> Usage:
        about = {"stage": "hard_negatives", "category": None, "seconds": seconds} | given
        return make_row(Usage, tokens_in=t_in, tokens_out=t_out, **about)

    usage = [
        spent(20.0, 3000, 600),
        spent(4.0, 0, 0),
        spent(9.0, 1000, 100, category="zebra"),
        *(spent(3.0, 600, 120, answer_id=str(i)) for i in range(6)),
        spent(70.0, 9000, 900, stage="question_answers"),
        spent(7.0, 900, 90, stage="question_answers", answer_id="7"),
    ]
    question = "from cost_per_negative"
    assert ask(question, usage) == [("negative", 0, None, None, None, None), ("caption", 0, None, None, None, None)]
    refused = {"outcome": "refused", "caption": None, "faults": ["denial"]}
    captions = [make_row(PositiveCaption), make_row(PositiveCaption), make_row(PositiveCaption, **refused)]
    assert ask(question, lists, ended, captions) == [
        ("negative", 4, 6.0, 1.5, 750.0, 150.0),
        ("caption", 2, 12.0, 3.0, 1500.0, 300.0),
    ]


def test_every_view_answers_before_there_is_a_caption(ask):
    for view in ("negative_reasons", "short_lists", "accuracy_by_level"):
        assert ask(f"from {view}") == []
    assert ask("from cost_per_negative") == [("negative", 0, *[None] * 4), ("caption", 0, *[None] * 4)]
    rows = ask("from negative_acceptance")
    assert len(rows) == 10
    assert {row[2:] for row in rows} == {(0, 0, 0, 0, None, 0, None)}


def test_validity_is_replaced_as_a_whole_by_every_publication(tmp_path):
    def published(*rows: NegativeValidity) -> list[tuple]:
        DuckWarehouse(home=str(tmp_path)).publish([], [], validity=rows)
        return query(tmp_path / WAREHOUSE, "from negative_validity").rows

    unknown = NegativeValidity("level", "hard", 2, 20, valid=None, low=None, high=None, truth="unknown")
    assert published(unknown) == [("level", "hard", 2, 20, None, None, None, "unknown")]
    assert published(KNOWN) == [("all", "all", 9, 90, 0.9, 0.8, 1.0, "simulated")]
    assert published() == []


@pytest.mark.parametrize(
    "wrong",
    [{"scope": "type"}, {"truth": "golden"}, {"truth": "unknown"}, {"valid": None}, {"low": None}, {"high": None}],
)
def test_a_share_without_a_truth_or_without_bounds_is_refused(database, wrong):
    insert = "insert into negative_validity values (?, ?, ?, ?, ?, ?, ?, ?)"
    with pytest.raises(duckdb.ConstraintException):
        database.execute(insert, list(vars(replace(KNOWN, **wrong)).values()))
    database.execute(insert, list(vars(KNOWN).values()))
