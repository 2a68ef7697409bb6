"""What the pace promises: seconds per candidate through all stages, loading apart."""

from datetime import UTC, datetime, timedelta

import pytest

from genval_assets.topup.extras import CAPTIONS, GRAPHS
from genval_assets.topup.seconds import RECENT_RUNS, Pace, StageCost, pace

START = datetime(2026, 11, 20, tzinfo=UTC)


def used(run: int, stage: str, items: int, seconds: float, load: float = 0.0) -> StageCost:
    return StageCost(f"run{run}", START + timedelta(hours=run), stage, items, seconds, load)


def test_nothing_recorded_is_nothing_known():
    assert pace([]) == Pace(None, 0.0)


def test_all_stages_count_per_candidate_and_loading_apart():
    rows = [used(1, "raw_instances", 100, 60, load=10), used(1, "composite_scenes", 70, 30), used(1, "x", 9, 5, load=5)]
    assert pace(rows) == Pace(seconds_per_candidate=0.8, load_seconds=15)


def test_two_sources_of_one_run_are_one_number_of_candidates():
    assert pace([used(1, "raw_instances", 30, 30), used(1, "raw_instances", 10, 10)]).seconds_per_candidate == 1


def test_a_run_that_drew_nothing_says_nothing():
    assert pace([used(1, "composite_scenes", 10, 500), used(1, "raw_instances", 0, 5)]) == Pace()


def test_only_the_latest_runs_count_and_small_ones_weigh_little():
    old = [used(run, "raw_instances", 10, 10_000, load=900) for run in range(5)]
    new = [used(run, "raw_instances", 10, 10, load=0) for run in range(10, 10 + RECENT_RUNS)]
    assert pace(new + old) == Pace(1.0, 0.0)
    assert pace([used(1, "raw_instances", 1, 100), used(2, "raw_instances", 99, 0)]).seconds_per_candidate == 1


def test_one_slow_start_does_not_make_the_load():
    rows = [used(run, "raw_instances", 10, load + 1, load=load) for run, load in enumerate([20, 600, 22])]
    assert pace(rows).load_seconds == pytest.approx(22)


def test_what_scene_graphs_take_is_no_time_of_candidates():
    candidates = [used(1, "raw_instances", 2, 4), used(1, "composite_scenes", 2, 2)]
    graphs = [used(1, "scene_graphs", 20, 10), used(1, "layouts", 20, 30), used(1, "layout_scenes", 80, 760, load=60)]
    assert pace([*candidates, *graphs]) == Pace(3, 0, {GRAPHS: 37})
    assert pace(graphs).seconds_per_candidate is None


def test_what_captions_and_their_negatives_take_is_no_time_of_candidates_nor_of_graphs():
    candidates = [used(1, "raw_instances", 2, 4), used(1, "layouts", 4, 8)]
    captions = [used(1, "hard_negatives", 10, 30, load=5), used(1, "hard_negatives", 0, 80, load=5)]
    assert pace([*candidates, *captions]) == Pace(2, 0, {GRAPHS: 2, CAPTIONS: 10})
    assert pace(captions) == Pace(None, 0, {CAPTIONS: 10})


def test_a_run_that_captioned_nothing_says_nothing_of_captions():
    assert pace([used(1, "hard_negatives", 0, 80)]) == Pace()
