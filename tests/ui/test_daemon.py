"""A real `dagster dev`: the sensor's wave, what follows it, a backfill, and the job that needs no typing."""

import itertools
import json
from pathlib import Path
from typing import Any

import dagster as dg
import yaml

from genval_assets.assets.catalog import LINE
from genval_assets.keys import category_key
from tests.faults.home import genval, partitions_of, rows_of
from tests.ui.served import SCATTERED, Served


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
