"""The gate, then the vision model: what it refuses has a reason, what it does not answer stays owed."""

import json

import pytest

from genval_assets.config import GenvalSettings
from genval_assets.rows import Answer, Failure, Instance, Quarantined, Usage, Verdict
from genval_assets.validation.settings import JudgeSettings
from tests.assets.fakes import judged
from tests.assets.world import names_only, settings


@pytest.fixture
def world(make_world):
    return make_world(concepts=names_only("ant", "bee")).set_up()


def judging(votes: int = 1, *sources: str) -> GenvalSettings:
    base = settings()
    judge = JudgeSettings(sources=sources, votes=votes)
    return base.model_copy(update={"instances": base.instances.model_copy(update={"judge": judge})})


def test_the_vision_model_s_word_is_the_verdict_with_its_reasons_criteria_and_version(world):
    world.chat.eye = lambda r: judged(("fly",), correct_category="fail") if r.category == "bee" else judged()
    assert world.serve_batch("ant", "bee").success
    verdicts = world.tables.read(Verdict)
    assert {(v.category, v.outcome, v.stage, *v.reasons) for v in verdicts} == {
        ("ant", "accepted", "vlm"),
        ("bee", "rejected", "vlm", "wrong_category"),
    }
    assert {v.judge for v in verdicts} == {"fake-chat@1"}
    assert {v.judge_version for v in verdicts} == {world.project.agents(world.tables).judge.version}
    refused = next(v for v in verdicts if v.category == "bee")
    assert json.loads(refused.criteria)["correct_category"] == "fail"
    assert refused.explanation == "It does not."
    assert refused.cutout is not None


def test_what_the_gate_refuses_is_never_shown(world):
    world.foregrounds.draws_badly = {"bee"}
    world.serve_batch("ant", "bee")
    assert {request.category for request in world.chat.looked} == {"ant"}
    assert {v.stage for v in world.tables.read(Verdict, ["bee"])} == {"gate"}


def test_a_valid_picture_that_differs_from_its_prompt_is_kept_and_its_record_corrected(world):
    world.chat.eye = lambda request: judged(seen={"colour": "transparent"})
    world.serve_one("ant")
    for verdict in world.tables.read(Verdict):
        assert verdict.outcome == "accepted"
        assert json.loads(verdict.seen) == {"colour": "transparent"}
        assert verdict.differs == ["colour"]
        assert json.loads(verdict.record)["colour"] == "transparent"


def test_the_model_is_asked_to_describe_what_the_prompt_varies_but_not_told_how(world):
    world.serve_one("ant")
    task = json.loads(world.chat.looked[0].user)
    assert "colour" in task["describe"]
    assert set(task) == {"category", "describe"}


def test_a_category_that_the_model_was_not_reached_for_fails_and_the_next_run_loses_and_doubles_nothing(world):
    world.chat.down = {"bee"}
    world.chat.eye = lambda request: judged()
    world.serve_batch("ant", "bee", assets=["reference_instances"])
    result = world.serve_batch("ant", "bee")
    assert not result.success
    assert {row.category for row in world.tables.read(Failure)} == {"bee"}
    assert "connection refused" in world.tables.read(Failure)[0].error
    assert world.tables.count(Verdict).keys() == {"ant"}
    world.chat.down = set()
    assert world.serve_batch("ant", "bee").success
    assert world.tables.count(Verdict) == world.tables.count(Instance)
    assert world.tables.read(Quarantined) == []


def test_candidates_that_were_drawn_before_the_model_went_away_are_judged_when_it_is_back(world):
    world.serve_batch("ant", "bee", assets=["optimized_prompts", "raw_instances"])
    drawn = world.tables.ids(Instance)
    world.chat.down = {"ant", "bee"}
    assert not world.serve_batch("ant", "bee", assets=["validated_instances"]).success
    assert world.tables.read(Verdict) == []
    world.chat.down = set()
    assert world.serve_batch("ant", "bee", assets=["validated_instances"]).success
    assert {v.instance_id for v in world.tables.read(Verdict)} == drawn


def test_a_model_that_cannot_be_opened_ends_the_run_before_its_first_item(world):
    world.chat.broken = "http://127.0.0.1:9/v1 refuses connections: start the server"
    world.tables.reads.clear()
    result = world.serve_batch("ant", "bee")
    assert not result.success
    assert "start the server" in world.errors_of(result)
    assert (world.chat.opened, world.foregrounds.opened, sum(world.tables.appends.values())) == (0, 0, 2)


def test_a_run_that_asks_nothing_does_not_need_the_model(world):
    world.chat.broken = "down"
    assert world.serve_one("ant", ["reference_instances"]).success


def test_an_answer_that_cannot_be_read_is_an_error_kept_with_its_text_and_counts_in_no_rate(world):
    world.chat.eye = lambda request: "Looks fine to me!"
    world.serve_one("ant")
    verdicts = world.tables.read(Verdict)
    assert {(v.outcome, *v.reasons) for v in verdicts} == {("error", "unreadable_answer")}
    assert {row.raw for row in world.tables.read(Quarantined)} == {"Looks fine to me!"}
    assert len(world.chat.looked) == 3 * len(verdicts)
    assert world.tables.tallies()[0].rejected == 0


def test_every_look_is_a_usage_row_and_the_stage_has_their_tokens(world):
    world.serve_one("ant")
    rows = [row for row in world.tables.read(Usage) if row.stage == "validated_instances"]
    calls = [row for row in rows if row.answer_id]
    (stage,) = [row for row in rows if not row.answer_id]
    assert len(calls) == len(world.chat.looked) == stage.items
    assert {(row.category, row.tokens_in, row.attempt) for row in calls} == {("ant", 100, 1)}
    assert (stage.tokens_in, stage.model) == (100 * len(calls), "fake-chat@1")


def test_what_was_answered_before_a_crash_is_not_asked_again(world):
    world.serve_one("ant")
    looked = len(world.chat.looked)
    for verdict in world.tables.read(Verdict):  # as if the run had been killed before it stored them
        del world.tables.rows[Verdict][verdict.verdict_id]
    world.serve_one("ant", ["validated_instances"])
    assert len(world.chat.looked) == looked
    assert len(world.tables.read(Verdict)) == looked
    assert len([row for row in world.tables.read(Answer) if row.stage == "validated_instances"]) == looked


def test_a_majority_of_three_decides(make_world):
    world = make_world(concepts=names_only("ant"), settings=judging(3, "foreground")).set_up()
    world.chat.eye = lambda r: judged() if r.temperature == 0 else judged(intact="fail")
    world.serve_one("ant")
    assert {(v.outcome, *v.reasons) for v in world.tables.read(Verdict)} == {("rejected", "incomplete")}
    assert len(world.chat.looked) == 3 * world.tables.count(Instance)["ant"]


def test_without_sources_to_judge_the_gate_decides_alone(make_world):
    world = make_world(concepts=names_only("ant"), settings=judging(1)).set_up()
    world.serve_one("ant")
    assert world.chat.looked == []
    assert {v.stage for v in world.tables.read(Verdict)} == {"gate"}


def test_a_model_whose_every_answer_is_rubbish_is_named_and_burns_no_candidate(make_world):
    world = make_world(concepts=names_only("ant", "bee"), settings=settings(target=8)).set_up()
    world.chat.eye = lambda request: "Certainly! Here is what I think."
    result = world.serve_batch("ant", "bee")
    assert not result.success
    assert "Here is what I think" in world.errors_of(result)
    assert world.tables.read(Verdict) == []
    world.chat.eye = lambda request: judged()
    world.chat.revision = "2"  # another model
    assert world.serve_batch("ant", "bee").success
    assert world.tables.count(Verdict) == world.tables.count(Instance)
