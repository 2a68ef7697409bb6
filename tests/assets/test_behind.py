"""One batch is stored while the next is drawn; what cannot be stored fails the category at fault alone."""

import threading
from dataclasses import dataclass

import pytest

from genval_assets.assets.behind import Behind
from genval_assets.batches import Batch
from genval_assets.rows import Category, Failure
from tests.assets.fake_varying import CountingGauge
from tests.assets.fakes import NOW, ListProgress, ListTables


@dataclass(frozen=True)
class Item:
    category: Category
    number: int


@pytest.fixture
def batch(make_row) -> Batch:
    both = tuple(make_row(Category, category=key, name=key) for key in ("ant", "bee"))
    return Batch("run-1", NOW, both, ListTables(), lambda line: None, ListProgress(), CountingGauge())


def items(batch: Batch, number: int) -> list[Item]:
    return [Item(one, number) for one in batch.categories]


def test_the_next_batch_is_drawn_while_the_last_is_being_stored(batch):
    drawn, stored = threading.Event(), []

    def slow(some):
        assert drawn.wait(5), "the second batch was not begun while the first was stored"
        stored.extend(some)

    with Behind[Item](batch, "stage") as behind:
        behind.store(items(batch, 1), slow)
        drawn.set()
        behind.store(items(batch, 2), slow)
    assert [one.number for one in stored] == [1, 1, 2, 2]


def test_everything_is_stored_when_the_block_ends_also_when_it_ends_in_an_error(batch):
    stored: list[Item] = []

    def interrupted() -> None:
        with Behind[Item](batch, "stage") as behind:
            behind.store(items(batch, 1), stored.extend)
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        interrupted()
    assert len(stored) == 2


def test_only_the_category_that_cannot_be_stored_fails(batch):
    stored: list[str] = []

    def store(some):
        if any(one.category.category == "ant" for one in some):
            raise OSError("the picture cannot be written")
        stored.extend(one.category.category for one in some)

    with Behind[Item](batch, "stage") as behind:
        behind.store(items(batch, 1), store)
        behind.store(items(batch, 2), store)
    assert stored == ["bee", "bee"]
    assert set(batch.failed) == {"ant"}
    assert [row.category for row in batch.tables.read(Failure)] == ["ant"]
