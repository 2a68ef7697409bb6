"""One run serves any set of categories: which they are, what becomes of each, and when it stops."""

import os
import signal
import threading
from dataclasses import dataclass

import dagster as dg
import pytest

from genval_assets.batches import Batch, BatchConfig, UnknownCategories, named, requested_keys, stop_on_interrupt
from genval_assets.rows import Category, Failure, Quarantined
from genval_assets.types import RefusedItem
from tests.assets.fake_varying import CountingGauge
from tests.assets.fakes import NOW, ListProgress, ListTables


@pytest.fixture
def batch(make_row):
    """A batch of three categories."""
    categories = tuple(make_row(Category, category=key, name=key) for key in ("ant", "bee", "cat"))
    return Batch("run-1", NOW, categories, ListTables(), lambda line: None, ListProgress(), CountingGauge())


@dataclass(frozen=True)
class Piece:
    """Some work of a category."""

    category: Category
    number: int


def pieces(batch: Batch, *keys: str) -> list[Piece]:
    by_key = {one.category: one for one in batch.categories}
    return [Piece(by_key[key], number) for number, key in enumerate(keys)]


@pytest.mark.parametrize(
    ("run_keys", "listed", "expected"),
    [
        (["ant"], [], ["ant"]),
        (["ant", "bee", "cat"], [], ["ant", "bee", "cat"]),
        (["dog"], ["dog", "ant", "cat"], ["dog", "ant", "cat"]),
        (["dog"], ["dog", "ant", "dog", "ant"], ["dog", "ant"]),
    ],
)
def test_a_run_serves_its_batch_else_its_partition_or_range(run_keys, listed, expected):
    assert requested_keys(run_keys, BatchConfig(categories=listed)) == expected


@pytest.mark.parametrize(("run_keys", "listed"), [(["ant"], ["bee"]), (["ant"], ["bee", "ant"]), (["a", "b"], ["a"])])
def test_an_anchor_that_is_not_the_first_category_is_refused_with_what_to_do(run_keys, listed):
    with pytest.raises(UnknownCategories, match=f"Launch it for the partition '{listed[0]}'"):
        requested_keys(run_keys, BatchConfig(categories=listed))


def test_keys_become_categories_in_the_order_asked_for(batch):
    known = {one.category: one for one in batch.categories}
    assert [one.category for one in named(["cat", "ant"], known)] == ["cat", "ant"]


def test_keys_that_are_no_category_are_all_named(batch):
    known = {one.category: one for one in batch.categories}
    with pytest.raises(UnknownCategories, match=r"\['x', 'y'\].*ant.*3 categories"):
        named(["x", "ant", "y"], known)


def test_an_error_fails_its_category_alone_and_leaves_a_row_with_the_trace(batch):
    for category in batch.each("raw_instances"):
        with batch.attempt("raw_instances", category):
            if category.category == "bee":
                raise OSError("no such cut-out")
    assert batch.keys == ["ant", "cat"]
    assert batch.failed == {"bee": "raw_instances: OSError: no such cut-out"}
    (row,) = batch.tables.read(Failure)
    assert (row.category, row.stage, row.error, row.run_id) == (
        "bee",
        "raw_instances",
        "OSError: no such cut-out",
        "run-1",
    )
    assert "raise OSError" in row.trace


def test_a_failed_category_takes_no_part_in_later_stages(batch):
    with batch.attempt("raw_instances", batch.categories[1]):
        raise OSError
    assert [one.category for one in batch.each("validated_instances")] == ["ant", "cat"]
    assert batch.progress.stages == [("validated_instances", 2, 2)]


def test_huge_error_texts_are_cut(batch):
    with batch.attempt("raw_instances", batch.categories[0]):
        raise OSError("x" * 1_000_000)
    (row,) = batch.tables.read(Failure)
    assert len(row.error) == 2000
    assert len(row.trace) == 4000


def test_work_on_several_categories_is_done_at_once(batch):
    done = []
    batch.attempt_together("raw_instances", pieces(batch, "ant", "bee", "ant"), lambda some: done.append(len(some)))
    assert done == [3]
    assert not batch.failed


def test_where_it_fails_each_category_is_done_by_itself_and_only_one_fails(batch):
    done = []

    def work(some: list[Piece]) -> None:
        if any(piece.category.category == "bee" for piece in some):
            raise RuntimeError("out of memory")
        done.append([piece.number for piece in some])

    batch.attempt_together("raw_instances", pieces(batch, "ant", "bee", "cat", "ant"), work)
    assert done == [[0, 3], [2]]
    assert batch.failed == {"bee": "raw_instances: RuntimeError: out of memory"}


def test_work_of_a_failed_category_is_left_out(batch):
    batch.failed["bee"] = "reference_instances: OSError"
    done = []
    batch.attempt_together("raw_instances", pieces(batch, "bee", "ant", "bee"), lambda some: done.extend(some))
    assert [piece.number for piece in done] == [1]


def test_the_same_refusal_is_the_same_quarantine_row(batch):
    for _ in range(2):
        batch.quarantine("composite_scenes", "ant", RefusedItem("wall.png", "too_small", "8 x 8 px", raw="..."))
    (row,) = batch.tables.read(Quarantined)
    assert (row.category, row.item, row.reason, row.detail) == ("ant", "wall.png", "too_small", "8 x 8 px")


def test_asked_to_stop_it_finishes_the_item_at_hand_and_begins_no_other(batch):
    items = batch.each("raw_instances")
    assert next(items).category == "ant"
    batch.stopping.set()
    with pytest.raises(dg.DagsterExecutionInterruptedError, match="run again to resume"):
        next(items)


def test_being_asked_to_stop_is_no_failure_of_the_category(batch):
    batch.stopping.set()
    with pytest.raises(dg.DagsterExecutionInterruptedError), batch.attempt("raw_instances", batch.categories[0]):
        batch.stop_here()
    assert not batch.failed


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_the_first_signal_asks_to_stop_and_the_second_stops_at_once(number):
    stopping = threading.Event()
    before = signal.getsignal(number)
    with stop_on_interrupt(stopping):
        os.kill(os.getpid(), number)
        assert stopping.wait(5)
        with pytest.raises(KeyboardInterrupt):
            os.kill(os.getpid(), number)
    assert signal.getsignal(number) is before


def test_outside_the_main_thread_signals_are_left_as_they_are():
    before = signal.getsignal(signal.SIGINT)
    seen = []

    def run() -> None:
        with stop_on_interrupt(threading.Event()):
            seen.append(signal.getsignal(signal.SIGINT))

    thread = threading.Thread(target=run)
    thread.start()
    thread.join()
    assert seen == [before]
