"""What people see: the UI with a project in it, and the exported gallery, in a real browser."""

from collections.abc import Iterator
from typing import Any

import pytest

from genval_assets.assets.catalog import LINE
from genval_assets.assets.previews import TILE_PX
from genval_assets.keys import category_key
from tests.ui.browser import Browser, browse, chromium
from tests.ui.screenshots import GROUPS, graph_address, partition_address, show_picture
from tests.ui.served import HOSTILE, Served, wait_for

pytestmark = pytest.mark.skipif(chromium() is None, reason="needs Chromium")


@pytest.fixture(scope="module")
def browser(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Browser]:
    with browse(tmp_path_factory.mktemp("browser") / "profile") as one:
        yield one


def test_the_graph_shows_every_asset_in_its_group(browser: Browser, served: Served, backfill: tuple[str, list[str]]):
    browser.open(graph_address(served), 3400, 1600)
    browser.wait_for_text(*GROUPS, "concept_list", "backgrounds", "training_dataset")
    shown = str(browser.evaluate("[...document.querySelectorAll('[data-tooltip]')].map(e => e.dataset.tooltip).join()"))
    assert [name for name in LINE if name not in shown] == []


@pytest.mark.parametrize("category", ["butterfly", category_key(HOSTILE)])
def test_a_category_shows_its_counts_and_its_contact_sheet(
    browser: Browser, served: Served, wave: dict[str, Any], category: str
):
    browser.open(partition_address(served, "validated_instances", category))
    text = browser.wait_for_text("contact_sheet", "yield", "generated", "accepted", "rejected")
    assert category in text
    show_picture(browser)
    picture = "[...document.images].find(one => one.src.startsWith('data:image/jpeg'))"
    assert wait_for(lambda: browser.evaluate(f"{picture}?.naturalWidth")) >= TILE_PX
    assert browser.evaluate("document.title") != "ran"


def test_the_gallery_opens_from_disk_and_runs_nothing_that_a_name_says(
    browser: Browser, served: Served, follower: dict[str, Any]
):
    gallery = served.home / "data" / "datasets" / "training" / "gallery"
    browser.open("about:blank")
    before = len(browser.asked_for)
    browser.open((gallery / "index.html").as_uri())
    assert HOSTILE in browser.wait_for_text("butterfly")
    pages = browser.evaluate("[...document.links].map(one => one.href)")
    page = next(link for link in pages if category_key(HOSTILE) in link)
    browser.open(page)
    assert HOSTILE in browser.wait_for_text(HOSTILE)
    loaded = browser.evaluate("[...document.images].map(one => one.complete && one.naturalWidth > 0)")
    assert len(loaded) > 0
    assert all(loaded)
    assert browser.evaluate("document.title") != "ran"
    assert {address.split(":")[0] for address in browser.asked_for[before:]} <= {"file", "data"}
