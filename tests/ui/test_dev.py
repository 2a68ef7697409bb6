"""A real `genval dev`: the sensor's wave, what follows it, a backfill, the job without typing, and what people see.

All in one file, so that one worker serves one project for all of it.
"""

import itertools
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import dagster as dg
import pytest
import yaml

from genval_assets.assets.catalog import LINE
from genval_assets.assets.previews import TILE_PX
from genval_assets.keys import category_key
from tests.faults.home import genval, partitions_of, rows_of
from tests.ui.browser import Browser, browse, chromium
from tests.ui.screenshots import GROUPS, graph_address, partition_address, show_picture
from tests.ui.served import HOSTILE, SCATTERED, Served, wait_for

needs_chromium = pytest.mark.skipif(chromium() is None, reason="needs Chromium")


@pytest.fixture(scope="module")
def browser(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Browser]:
    with browse(tmp_path_factory.mktemp("browser") / "profile") as one:
        yield one


@needs_chromium
def test_the_graph_shows_every_asset_in_its_group(browser: Browser, served: Served, backfill: tuple[str, list[str]]):
    browser.open(graph_address(served), 3400, 1600)
    browser.wait_for_text(*GROUPS, "concept_list", "backgrounds", "training_dataset")
    shown = str(browser.evaluate("[...document.querySelectorAll('[data-tooltip]')].map(e => e.dataset.tooltip).join()"))
    assert [name for name in LINE if name not in shown] == []


@needs_chromium
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


@needs_chromium
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


def materialized(home: Path, asset: str) -> set[str]:
    with dg.DagsterInstance.from_config(str(home / "dagster")) as instance:
        return instance.get_materialized_partitions(dg.AssetKey(asset))


def test_the_sensor_serves_scattered_categories_in_one_anchored_run(served: Served, wave: dict[str, Any]):
    assert wave["status"] == "SUCCESS"
    keys = sorted(category_key(name) for name in SCATTERED)
    listed = yaml.safe_load(wave["runConfigYaml"])["ops"]["instance_line"]["config"]["categories"]
    assert sorted(listed) == keys
    assert wave["tags"]["dagster_partition"] == listed[0]
    order = partitions_of(served.home)
    places = sorted(order.index(key) for key in listed)
    assert min(after - before for before, after in itertools.pairwise(places)) > 1
    for asset in LINE:
        assert set(keys) <= materialized(served.home, asset), asset
    assert set(keys) <= {row["category"] for row in rows_of(served.home)["scenes"].values()}


def test_the_merged_set_and_the_published_tables_follow_the_wave(served: Served, follower: dict[str, Any]):
    assert follower["status"] == "SUCCESS"
    assert {one["path"][0] for one in follower["assetSelection"]} == {"training_dataset", "warehouse"}
    published = genval(
        "sql", "--json", "select name from category_stats where effective > 0", "--home", str(served.home)
    )
    assert {row["name"] for row in json.loads(published.stdout)["rows"]} >= set(SCATTERED)


def test_a_backfill_of_a_range_is_one_run_and_materializes_every_partition(
    served: Served, backfill: tuple[str, list[str]]
):
    number, keys = backfill
    done = served.finished_backfill(number)
    assert (done["status"], done["numPartitions"]) == ("COMPLETED_SUCCESS", len(keys))
    assert len(served.runs(dagster_backfill=number)) == 1
    for asset in LINE:
        assert set(keys) <= materialized(served.home, asset), asset


def test_the_top_up_job_needs_no_typing(served: Served, wave: dict[str, Any]):
    assert served.launch_job("top_up")["status"] == "SUCCESS"
