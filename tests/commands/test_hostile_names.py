"""Names are data: whatever stands in them goes through the whole project and comes back as it was."""

import re
import unicodedata

import dagster as dg

from genval_assets.partitions import CATEGORIES
from tests.commands.conftest import DRAWABLE, HOSTILE

NAMES = {unicodedata.normalize("NFC", name) for name in HOSTILE}


def test_partition_keys_are_slugs_one_for_each_name(topped_up):
    with dg.DagsterInstance.from_config(str(topped_up / "dagster")) as instance:
        keys = instance.get_dynamic_partitions(CATEGORIES.name)
        done = instance.get_materialized_partitions(dg.AssetKey("category_dataset"))
    assert len(keys) == len(HOSTILE)
    assert len(done) == len(DRAWABLE)
    assert all(re.fullmatch(r"[a-z0-9_]{1,60}-[0-9a-f]{10}", key) for key in keys)


def test_status_and_sql_give_the_names_back(topped_up, answer):
    told = answer("status", "--home", topped_up)["categories"]
    assert {row["name"] for row in told} == NAMES
    published = answer("sql", "select name from categories", "--home", topped_up)["rows"]
    assert {row["name"] for row in published} == NAMES


def test_they_are_drawn_and_composed_like_any_other(topped_up, answer):
    told = {row["name"]: row for row in answer("status", "--home", topped_up)["categories"]}
    drawn = [told[unicodedata.normalize("NFC", name)] for name in DRAWABLE]
    assert sum(row["scenes"] > 0 for row in drawn) >= len(DRAWABLE) - 2  # the studio errs on purpose
    assert {row["state"] for row in drawn} <= {"done", "short"}


def test_tables_for_people_show_them_without_taking_them_for_markup(topped_up, genval):
    shown = genval("status", "--home", topped_up)
    assert shown.exit_code == 0
    assert "rocket ({{7*7}})" in shown.stdout
    assert "mug (../../x)" in shown.stdout
    assert "chair ([/red])" in shown.stdout
    assert "鴨" in genval("sql", "select name from categories", "--home", topped_up).stdout


def test_nothing_is_written_outside_the_home(topped_up):
    assert sorted(path.name for path in topped_up.parent.iterdir()) == ["home", "names.csv"]


def test_pages_do_not_run_what_stands_in_a_name(topped_up):
    pages = [page.read_text() for page in (topped_up / "data" / "datasets").rglob("*.html")]
    assert pages
    assert not [page for page in pages if "<script>alert" in page or "<img src=x" in page]
