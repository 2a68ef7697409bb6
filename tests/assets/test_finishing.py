"""Candidates are screened on a quick decode; what is accepted is decoded once more, and that picture is pasted."""

import numpy as np
import pytest

from genval_assets.assets.cost import metered_run
from genval_assets.rows import Failure, Instance, Quarantined, Scene, Usage, Verdict
from tests.assets.fakes import NOW, judged
from tests.assets.world import World, names_only


@pytest.fixture
def world(make_world) -> World:
    world = make_world(concepts=names_only("ant", "bee")).set_up()
    world.foregrounds.latents = True
    return world


def test_an_accepted_candidate_is_pasted_as_it_was_finished(world):
    assert world.serve_batch("ant", "bee").success
    for verdict in world.tables.read(Verdict):
        pixels = world.images.get(verdict.cutout)
        assert pixels[..., 1].astype(int).mean() > pixels[..., 0].astype(int).mean() + 60, "the finished disc is green"
        assert verdict.outcome == "accepted"
    drawn = [world.images.get(row.image) for row in world.tables.read(Instance)]
    assert all(abs(int(p[..., 1].mean()) - int(p[..., 0].mean())) < 64 for p in drawn), "candidates stay as screened"


def test_each_is_finished_once_from_its_own_latent_by_a_model_opened_once(world):
    assert world.serve_batch("ant", "bee").success
    rows = world.tables.read(Instance)
    assert sorted(world.foregrounds.finished) == sorted(float(np.float16(row.seed % 1000)) for row in rows)
    assert world.foregrounds.finishers == 1
    assert world.serve_batch("ant", "bee").success
    assert world.foregrounds.finishers == 1


def test_what_is_refused_is_not_finished(world):
    world.chat.eye = lambda request: judged(("fly",), correct_category="fail" if request.category == "bee" else "meet")
    world.foregrounds.draws_badly = {"ant"}
    assert world.serve_batch("ant", "bee").success
    assert world.foregrounds.finished == []


def test_a_finished_picture_that_the_gate_refuses_is_refused_with_the_gate_s_reason(world):
    world.foregrounds.finishes_badly = True
    assert world.serve_one("ant").success
    found = {(v.outcome, v.stage, *v.reasons) for v in world.tables.read(Verdict)}
    assert found == {("rejected", "gate", "incomplete")}
    assert {v.cutout for v in world.tables.read(Verdict)} == {None}


def test_what_cannot_be_finished_is_an_error_of_its_own_and_nothing_of_it_is_pasted(world):
    world.foregrounds.finishing_fails = True
    assert world.serve_one("ant").success
    verdicts = world.tables.read(Verdict)
    assert {(v.outcome, v.stage, *v.reasons) for v in verdicts} == {("error", "draw", "not_finished")}
    assert {(v.explanation, v.cutout, v.width) for v in verdicts} == {("one frame does not fit", None, None)}
    assert {row.reason for row in world.tables.read(Quarantined)} == {"not_finished"}
    assert world.tables.count(Scene) == {}


def test_a_lost_latent_costs_its_candidate_and_no_other(world):
    assert world.serve_one("ant", ["reference_instances", "optimized_prompts", "raw_instances"]).success
    lost, *others = world.tables.read(Instance)
    del world.latents.kept[lost.latent]
    assert world.serve_one("ant", ["validated_instances"]).success
    outcomes = {v.instance_id: v.outcome for v in world.tables.read(Verdict)}
    assert outcomes == {lost.instance_id: "error", **{row.instance_id: "accepted" for row in others}}


def test_what_the_device_had_no_room_to_finish_stays_owed(world):
    world.chat.eye = lambda request: judged(("fly",), correct_category="fail" if request.category == "bee" else "meet")
    world.foregrounds.finishing_fails = world.foregrounds.finishing_owes = True
    assert not world.serve_batch("ant", "bee").success
    assert set(world.tables.count(Verdict)) == {"bee"}
    assert [(row.category, row.stage) for row in world.tables.read(Failure)] == [("ant", "validated_instances")]
    world.foregrounds.finishing_fails = False
    assert world.serve_one("ant").success
    assert {v.outcome for v in world.tables.read(Verdict, ["ant"])} == {"accepted"}


def test_a_profile_without_latents_opens_no_finisher(make_world):
    world = make_world(concepts=names_only("ant")).set_up()
    assert world.serve_one("ant").success
    assert world.foregrounds.finishers == 0


def test_what_the_device_had_no_room_for_stays_owed_and_the_rest_of_the_batch_is_stored(world):
    world.foregrounds.no_room = {"ant"}
    assert not world.serve_batch("ant", "bee").success
    assert set(world.tables.count(Instance)) == {"bee"}
    assert world.tables.count(Verdict) == world.tables.count(Instance)
    assert [row.category for row in world.tables.read(Failure)] == ["ant"]
    world.foregrounds.no_room = set()
    assert world.serve_one("ant").success
    assert set(world.tables.count(Instance)) == {"ant", "bee"}


def test_what_a_stage_held_on_the_device_stands_in_its_usage(world):
    assert world.serve_one("ant").success
    peaks = [row.device_peak_mb for row in world.tables.read(Usage) if row.answer_id is None]
    assert peaks == sorted(set(peaks)), "each stage is measured on its own"
    assert world.gauge.resets == len(peaks)


def test_a_model_that_is_opened_twice_in_a_stage_costs_twice(world):
    with (
        metered_run(world.tables, "backgrounds", "run-1", NOW, world.gauge, model="m") as first,
        metered_run(world.tables, "backgrounds", "run-1", NOW, world.gauge, model="m") as second,
    ):
        first.items, second.items = 2, 1
    assert sorted(row.items for row in world.tables.read(Usage) if row.model == "m") == [1, 2]
