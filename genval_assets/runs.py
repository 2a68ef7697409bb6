"""What runs of this home are doing: which categories are in flight, and which runs are dead and do not say so.

Wiring between Dagster's run storage and the locks that live runs hold. A killed in-process run stays STARTED in
Dagster for ever; its lock dies with it.
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta

import dagster as dg

from genval_assets.partitions import CATEGORIES
from genval_assets.ports import Locks

LINE_OP = "instance_line"
"""Name of the op that serves batches; its run config lists the categories."""
CATEGORIES_TAG = "genval/categories"
"""Run tag with the categories of a run that chose them itself, separated by spaces."""
SET_UP = ("concept_list", "backgrounds")
"""The assets that every wave needs; the concept list first."""
PAIRS = "layout_pool"
"""The asset that layouts need, where the settings ask for any."""
FINGERPRINT = "made_from"
"""Metadata of `concept_list` and `layout_pool`: the file and the settings they were made from."""
SETUP_TAG = "genval/setup"
"""Run tag of a run that a sensor launched to make them."""
GRACE = timedelta(minutes=10)
"""A started run that never took its lock, or has released it, is dead after this long (our choice)."""

OVER = (dg.DagsterRunStatus.SUCCESS, dg.DagsterRunStatus.FAILURE, dg.DagsterRunStatus.CANCELED)
UNFINISHED = tuple(status for status in dg.DagsterRunStatus if status not in OVER)
_RANGE_START, _RANGE_END = "dagster/asset_partition_range_start", "dagster/asset_partition_range_end"


def lock_name(run_id: str) -> str:
    """Return the name of the lock that a run holds while it works."""
    return f"run-{run_id}"


def command_lock_name(run_id: str) -> str:
    """Return the name of the lock that a command holds from before to after a run that it executes itself."""
    return f"command-{run_id}"


def in_flight(instance: dg.DagsterInstance, besides: str | None = None) -> set[str]:
    """Return the partition keys of every unfinished run but one: batch config, range, partition, or its own tag."""
    runs = [run for run in _unfinished(instance) if run.run_id != besides]
    if not runs:
        return set()
    registered = instance.get_dynamic_partitions(CATEGORIES.name or "")
    return {key for run in runs for key in categories_of(run.run_config, run.tags, registered)}


def categories_of(run_config: Mapping[str, object], tags: Mapping[str, str], registered: Sequence[str]) -> list[str]:
    """Return the partition keys that one run serves, as far as its config and tags tell."""
    configured = _configured(run_config)
    if configured:
        return configured
    if CATEGORIES_TAG in tags:
        return tags[CATEGORIES_TAG].split()
    first, last = tags.get(_RANGE_START), tags.get(_RANGE_END)
    if first is not None and last is not None and first in registered and last in registered:
        return list(registered[registered.index(first) : registered.index(last) + 1])
    partition = tags.get("dagster/partition")
    return [partition] if partition else []


def _configured(run_config: Mapping[str, object]) -> list[str]:
    node: object = run_config
    for step in ("ops", LINE_OP, "config", "categories"):
        if not isinstance(node, Mapping) or step not in node:
            return []
        node = node[step]
    return [str(key) for key in node] if isinstance(node, list) else []


def report_dead_runs(instance: dg.DagsterInstance, locks: Locks, now: datetime) -> list[str]:
    """Report as failed the unfinished runs that nothing works on any more, and return their ids.

    A command's run is dead when the command is, whatever state it was in. Of the others those that were started are
    looked at: one whose lock was left behind by a killed process is dead at once; one that never took its lock or has
    released it, after `GRACE` (it may be starting up, or writing its last events).
    """
    dead = []
    for record in instance.get_run_records(filters=dg.RunsFilter(statuses=UNFINISHED)):
        run = record.dagster_run
        if _is_dead(record, locks, now):
            instance.report_run_failed(run, "the process of this run is gone; run again to resume")
            dead.append(run.run_id)
    return dead


def _is_dead(record: dg.RunRecord, locks: Locks, now: datetime) -> bool:
    run = record.dagster_run
    command = locks.state(command_lock_name(run.run_id)).kind
    if command != "absent":
        return command != "held"
    if run.status != dg.DagsterRunStatus.STARTED:
        return False
    state = locks.state(lock_name(run.run_id))
    began = record.start_time or record.create_timestamp.timestamp()
    idle = now.timestamp() - max(began, state.since or 0.0)
    return state.kind == "killed" or (state.kind != "held" and idle > GRACE.total_seconds())


def errors(events: Iterable[dg.DagsterEvent]) -> list[str]:
    """Return what made each failed step of a run fail: the error it raised, without Dagster's wrapping, in order."""
    found = []
    for event in events:
        if event.is_step_failure:
            error = event.step_failure_data.error
            while error is not None and error.cause is not None and (error.cls_name or "").startswith("Dagster"):
                error = error.cause
            found.append(error.message.strip() if error else "unknown error")
    return found


def materialized(instance: dg.DagsterInstance, assets: Iterable[str]) -> dict[str, bool]:
    """Return for each asset name whether it has ever been materialized."""
    return {name: instance.get_latest_materialization_event(dg.AssetKey(name)) is not None for name in assets}


def being_set_up(instance: dg.DagsterInstance) -> bool:
    """Return whether a sensor's run that makes what every wave needs is unfinished."""
    return any(SETUP_TAG in run.tags for run in _unfinished(instance))


def _unfinished(instance: dg.DagsterInstance) -> Sequence[dg.DagsterRun]:
    return instance.get_runs(filters=dg.RunsFilter(statuses=UNFINISHED))


def to_set_up(instance: dg.DagsterInstance, fingerprint: str, pairs: str = "") -> list[str]:
    """Return which of `SET_UP` and `PAIRS` were never made, or were made from another file or other settings.

    Args:
        instance: where materializations are noted.
        fingerprint: what `concept_list` notes of file and settings (`Project.set_up_fingerprint`).
        pairs: what `layout_pool` notes of them (`Project.pairs_fingerprint`); empty where no layout is asked for.
    """
    missing = [] if not pairs or _made_from(instance, PAIRS) == pairs else [PAIRS]
    concepts, backgrounds = (instance.get_latest_materialization_event(dg.AssetKey(name)) for name in SET_UP)
    if concepts is None or _made_from(instance, SET_UP[0]) != fingerprint:
        return [*SET_UP, *missing]
    stale = backgrounds is None or backgrounds.timestamp < concepts.timestamp
    return [*([SET_UP[1]] if stale else []), *missing]


def _made_from(instance: dg.DagsterInstance, asset: str) -> object:
    """Return what an asset noted when it was made last; None where it never was, or noted nothing."""
    event = instance.get_latest_materialization_event(dg.AssetKey(asset))
    if event is None or event.asset_materialization is None:
        return None
    noted = event.asset_materialization.metadata.get(FINGERPRINT)
    return None if noted is None else noted.value


def looked_for(instance: dg.DagsterInstance) -> set[str]:
    """Return the keys of the categories whose source objects were looked for since the concept list was last read.

    A list that was read again may tell of new objects, so then each category is looked at once more.
    """
    lists = instance.fetch_materializations(dg.AssetKey(SET_UP[0]), limit=1).records
    since = lists[0].storage_id if lists else None
    return set(instance.get_materialized_partitions(dg.AssetKey("reference_instances"), after_cursor=since))
