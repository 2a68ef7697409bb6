"""Which categories are in flight, and which runs are dead: told by run storage and locks."""

import subprocess
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path

import dagster as dg
import pytest
from dagster._core.remote_origin import InProcessCodeLocationOrigin, RemoteJobOrigin, RemoteRepositoryOrigin
from dagster._core.types.loadable_target_origin import LoadableTargetOrigin

from genval_assets.partitions import CATEGORIES, register
from genval_assets.runs import (
    CATEGORIES_TAG,
    SETUP_TAG,
    UNFINISHED,
    being_set_up,
    command_lock_name,
    errors,
    in_flight,
    lock_name,
    looked_for,
    materialized,
    report_dead_runs,
)
from resources.locks import RunLocks
from sensors.requests import batch_config

HERE = RemoteRepositoryOrigin(InProcessCodeLocationOrigin(LoadableTargetOrigin(module_name="here")), "here")
ORIGIN = RemoteJobOrigin(HERE, "some_job")  # a queued run says where its code is
RANGE = ("dagster/asset_partition_range_start", "dagster/asset_partition_range_end")
ROOT = Path(__file__).parents[1]
HOLD = """
import sys
from resources.locks import RunLocks
with RunLocks(home=sys.argv[1]).hold(sys.argv[2]):
    print("held", flush=True)
    sys.stdin.read()
"""


@dg.op(name="instance_line", config_schema=dg.Field(dg.Permissive(), is_required=False))
def line_op() -> None:
    """Takes the config of a batch."""


@dg.op(name="top_up_waves", config_schema=dg.Field(dg.Permissive(), is_required=False))
def top_up_op() -> None:
    """Takes the config of the nightly job."""


@dg.job
def some_job() -> None:
    line_op()
    top_up_op()


@pytest.fixture
def instance():
    with dg.DagsterInstance.ephemeral() as instance:
        register(instance, ["ant", "bee", "cat", "dog", "eel"], [])
        yield instance


def a_run(instance: dg.DagsterInstance, status=dg.DagsterRunStatus.STARTED, **given) -> dg.DagsterRun:
    return instance.create_run_for_job(some_job, status=status, **given)


@pytest.mark.parametrize(
    ("run", "served"),
    [
        ({"run_config": batch_config(["dog", "ant"]), "tags": {"dagster/partition": "dog"}}, {"dog", "ant"}),
        ({"tags": {RANGE[0]: "bee", RANGE[1]: "dog"}}, {"bee", "cat", "dog"}),
        ({"tags": {RANGE[0]: "bee", RANGE[1]: "dog", "dagster/backfill": "abc"}}, {"bee", "cat", "dog"}),
        ({"tags": {"dagster/partition": "eel"}}, {"eel"}),
        ({"run_config": batch_config([]), "tags": {"dagster/partition": "eel"}}, {"eel"}),
        ({"tags": {CATEGORIES_TAG: "ant eel"}}, {"ant", "eel"}),
        ({"run_config": {"ops": {"top_up_waves": {"config": {"hours": 8}}}}}, set()),
        ({"run_config": {"ops": {"instance_line": {"config": {"candidates": 3}}}}}, set()),
        ({"tags": {RANGE[0]: "bee", RANGE[1]: "gone"}}, set()),  # its last category was retired meanwhile
        ({}, set()),
    ],
)
def test_in_flight_is_what_an_unfinished_run_was_launched_for(instance, run, served):
    a_run(instance, **run)
    assert in_flight(instance) == served


@pytest.mark.parametrize("status", list(dg.DagsterRunStatus))
def test_every_run_that_is_not_over_is_in_flight(instance, status):
    a_run(instance, status, tags={"dagster/partition": "ant"}, remote_job_origin=ORIGIN)
    over = ("SUCCESS", "FAILURE", "CANCELED")
    assert in_flight(instance) == (set() if status.value in over else {"ant"})


def test_several_runs_add_up_and_ones_own_does_not_count(instance):
    a_run(instance, tags={"dagster/partition": "ant"})
    own = a_run(instance, tags={"dagster/partition": "bee"})
    assert in_flight(instance) == {"ant", "bee"}
    assert in_flight(instance, besides=own.run_id) == {"ant"}


def held_by_another(home: Path, name: str) -> subprocess.Popen:
    process = subprocess.Popen(
        [sys.executable, "-c", HOLD, str(home), name], cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE
    )
    assert process.stdout.readline() == b"held\n"
    return process


def test_a_run_whose_process_was_killed_is_reported_failed_at_once(instance, tmp_path):
    run = a_run(instance, tags={"dagster/partition": "ant"})
    process = held_by_another(tmp_path, lock_name(run.run_id))
    locks = RunLocks(home=str(tmp_path))
    try:
        assert report_dead_runs(instance, locks, datetime.now(UTC)) == []
    finally:
        process.kill()
        process.communicate()
    assert report_dead_runs(instance, locks, datetime.now(UTC)) == [run.run_id]
    assert instance.get_run_by_id(run.run_id).status == dg.DagsterRunStatus.FAILURE
    assert in_flight(instance) == set()
    assert report_dead_runs(instance, locks, datetime.now(UTC)) == []


def test_a_live_run_is_spared_however_long_it_takes(instance, tmp_path):
    run = a_run(instance)
    locks = RunLocks(home=str(tmp_path))
    with locks.hold(lock_name(run.run_id)):
        assert report_dead_runs(instance, locks, datetime.now(UTC) + timedelta(days=9)) == []


def test_a_run_that_is_starting_up_is_spared_for_a_while_and_then_dead(instance, tmp_path):
    run = a_run(instance)
    locks = RunLocks(home=str(tmp_path))
    assert report_dead_runs(instance, locks, datetime.now(UTC) + timedelta(minutes=9)) == []
    assert report_dead_runs(instance, locks, datetime.now(UTC) + timedelta(minutes=11)) == [run.run_id]


def test_a_run_that_gave_its_lock_back_may_still_write_its_last_events(instance, tmp_path):
    run = a_run(instance)
    locks = RunLocks(home=str(tmp_path))
    with locks.hold(lock_name(run.run_id)):
        pass
    assert report_dead_runs(instance, locks, datetime.now(UTC) + timedelta(minutes=9)) == []
    assert report_dead_runs(instance, locks, datetime.now(UTC) + timedelta(minutes=11)) == [run.run_id]


def test_runs_that_have_not_started_are_the_daemons_business(instance, tmp_path):
    a_run(instance, dg.DagsterRunStatus.NOT_STARTED)
    a_run(instance, dg.DagsterRunStatus.STARTING)
    assert report_dead_runs(instance, RunLocks(home=str(tmp_path)), datetime.now(UTC) + timedelta(days=1)) == []


@pytest.mark.parametrize("status", UNFINISHED)
def test_a_commands_run_lives_as_long_as_the_command_whatever_its_state(instance, tmp_path, status):
    run = a_run(instance, status, tags={"dagster/partition": "ant"}, remote_job_origin=ORIGIN)
    locks = RunLocks(home=str(tmp_path))
    with locks.hold(command_lock_name(run.run_id)):
        assert report_dead_runs(instance, locks, datetime.now(UTC) + timedelta(days=9)) == []
    assert report_dead_runs(instance, locks, datetime.now(UTC)) == [run.run_id]
    assert in_flight(instance) == set()


def test_of_a_failed_step_the_error_that_it_raised_is_told_not_what_caused_it():
    @dg.op
    def fails() -> None:
        try:
            raise RuntimeError("a detail of some library")
        except RuntimeError as err:
            raise OSError("no room for the tables; free some space") from err

    @dg.job
    def failing() -> None:
        fails()

    result = failing.execute_in_process(raise_on_error=False)
    (said,) = errors(result.all_events)
    assert "no room for the tables; free some space" in said
    assert "a detail of some library" not in said


def test_a_set_up_run_is_seen_until_it_is_over(instance):
    assert not being_set_up(instance)
    run = a_run(instance, tags={SETUP_TAG: "backgrounds"})
    assert being_set_up(instance)
    instance.report_run_failed(run)
    assert not being_set_up(instance)


def test_what_was_materialized_and_looked_for_is_told_by_events(instance):
    instance.report_runless_asset_event(dg.AssetMaterialization("concept_list"))
    instance.report_runless_asset_event(dg.AssetMaterialization("reference_instances", partition="ant"))
    assert materialized(instance, ("concept_list", "backgrounds")) == {"concept_list": True, "backgrounds": False}
    assert looked_for(instance) == {"ant"}


def test_registered_partitions_keep_their_order_and_retired_ones_go(instance):
    register(instance, ["fox", "cat", "ant"], ["bee", "never_there"])
    assert instance.get_dynamic_partitions(CATEGORIES.name) == ["ant", "cat", "dog", "eel", "fox"]
