"""`agent_prompts`: both agents are refined, every step is a row, and later work names its version."""

import dataclasses
import json

import numpy as np
import pytest

from genval_assets.assets.agents import step_row
from genval_assets.evaluation.careless import careless_prompt_agent
from genval_assets.rows import AgentPrompt, GoldenJudgement, GoldenLabel, Prompt, Usage
from genval_assets.textgrad.loop import Step
from genval_assets.textgrad.settings import TextGradSettings
from genval_assets.types import LabelledDraw
from resources.offline.instructions import WRITER, asked
from tests.assets.fake_studio import Studio, disc
from tests.assets.fakes import judged
from tests.assets.world import names_only, settings


class FullViewOnly(Studio):
    """Draws the whole disc when the prompt asks for it, else one that the frame cuts."""

    def _draw(self, request):
        whole = any(w in request.prompt for w in ("whole", "entire", "not cropped", "inside the frame", "entirely"))
        drawn = super()._draw(request)
        return dataclasses.replace(drawn, rgba=disc(request.seed, cut=not whole))


@pytest.fixture
def careless(tmp_path):
    """Settings that begin with a careless prompt agent and compare on few pairs."""
    own = tmp_path / "prompt.txt"
    own.write_text(careless_prompt_agent())
    refining = TextGradSettings(pairs=24, steps=6, prompt_agent_file=str(own))
    return settings().model_copy(update={"textgrad": refining})


@pytest.fixture
def world(make_world, careless):
    made = make_world(concepts=names_only("mug", "key", "fish"), settings=careless).set_up()
    made.foregrounds = FullViewOnly()
    return made


def refine(world, **config):
    run_config = {"ops": {"agent_prompts": {"config": config}}} if config else {}
    return world.materialize(["agent_prompts"], run_config=run_config)


def golden(category: str, i: int, *, keep: bool) -> LabelledDraw:
    return LabelledDraw(f"{category}{i}", category, disc(i), keep, () if keep else ("wrong_category",))


def test_a_careless_prompt_agent_learns_to_ask_for_the_whole_object_and_each_step_is_a_row(world):
    assert refine(world).success
    rows = sorted(world.tables.read(AgentPrompt, ["prompt"]), key=lambda row: row.step)
    start, *steps = rows
    assert (start.written_by, start.step, start.text) == ("person", 0, careless_prompt_agent())
    accepted = [row for row in steps if row.accepted]
    assert accepted
    for row in accepted:
        assert row.score > row.score_parent
        assert row.difference_low > 0
        assert row.criticism
        assert row.minibatch
        assert row.pairs == 24
    assert "whole" in asked(WRITER, accepted[-1].text) - asked(WRITER, careless_prompt_agent())
    assert world.project.agents(world.tables).prompt.version == accepted[-1].version


def test_later_prompts_are_written_by_the_refined_version_and_name_it(world):
    refine(world)
    world.serve_one("mug")
    assert {row.agent_version for row in world.tables.read(Prompt)} == {
        world.project.agents(world.tables).prompt.version
    }


def test_a_person_can_pin_a_version(world):
    refine(world)
    start = next(row for row in world.tables.read(AgentPrompt, ["prompt"]) if row.step == 0)
    pinned = world.settings.textgrad.model_copy(update={"prompt_agent": start.version})
    world.settings = world.settings.model_copy(update={"textgrad": pinned})
    assert world.project.agents(world.tables).prompt.text == careless_prompt_agent()


def test_rehearsed_draws_are_no_candidates_and_are_seen_by_no_stage(world):
    refine(world)
    stored = {kind.__name__ for kind, rows in world.tables.rows.items() if rows}
    assert stored == {"Category", "Background", "AgentPrompt", "Answer", "Usage"}


def test_the_questions_of_a_refinement_are_in_its_stage_row(world):
    refine(world)
    rows = [row for row in world.tables.read(Usage) if row.stage == "agent_prompts" and row.answer_id is None]
    assert len(rows) == 1
    assert rows[0].tokens_in > 0
    assert rows[0].items == len([r for r in world.tables.read(AgentPrompt) if r.step])


def test_without_golden_labels_the_validation_agent_is_left_alone_and_the_log_says_so(world):
    result = refine(world, steps=1)
    assert not [row for row in world.tables.read(AgentPrompt, ["judge"]) if row.step]
    assert "`genval review` makes them" in world.log_of(result)


def test_golden_labels_are_stored_once_and_judged_once_per_version(world):
    world.golden.draws = [golden("mug", i, keep=i % 2 == 0) for i in range(60)]
    world.chat.eye = lambda request: judged()
    assert refine(world, prompt_agent=False).success
    assert len(world.tables.read(GoldenLabel)) == 60
    assert {row.labeller for row in world.tables.read(GoldenLabel)} == {"simulated"}
    assert len(world.tables.read(GoldenJudgement)) == 60
    assert refine(world, prompt_agent=False).success
    assert len(world.tables.read(GoldenLabel)) == 60
    versions = {row.judge_version for row in world.tables.read(GoldenJudgement)}
    assert len(world.tables.read(GoldenJudgement)) == 60 * len(versions)


def test_the_validation_agent_is_refined_on_labels_that_its_minibatches_never_hold(world):
    world.golden.draws = [golden("mug", i, keep=i % 2 == 0) for i in range(60)]
    assert refine(world, prompt_agent=False).success
    rows = [row for row in world.tables.read(AgentPrompt, ["judge"]) if row.pairs]
    labels = world.tables.ids(GoldenLabel)
    for row in rows:
        assert set(row.minibatch) <= labels
        assert row.pairs < 60


def test_a_model_that_is_down_ends_the_refinement_before_it_begins(world):
    world.chat.broken = "start the server"
    result = refine(world)
    assert not result.success
    assert "start the server" in world.errors_of(result)
    assert world.tables.read(AgentPrompt) == []


def test_the_steps_stand_in_the_metadata_for_people(world):
    result = refine(world)
    (event,) = result.asset_materializations_for_node("agent_prompts")
    table = event.metadata["steps"].value
    assert {record.data["agent"] for record in table.records} == {"prompt"}
    assert json.dumps([record.data["reason"] for record in table.records]).count("accepted") >= 1
    assert np.isscalar(event.metadata["accepted"].value)


def test_another_model_judges_the_golden_labels_again_under_the_same_version(world):
    world.golden.draws = [golden("mug", i, keep=i % 2 == 0) for i in range(4)]
    assert refine(world, judge=False, prompt_agent=False).success
    world.chat.revision = "2"
    assert refine(world, judge=False, prompt_agent=False).success
    assert sorted(row.judge for row in world.tables.read(GoldenJudgement)) == ["fake-chat@1"] * 4 + ["fake-chat@2"] * 4


def test_the_judge_is_measured_also_when_the_prompt_agent_cannot_be_refined(world):
    world.golden.draws = [golden("mug", i, keep=i % 2 == 0) for i in range(4)]
    few = world.settings.textgrad.model_copy(update={"questions": 1})
    world.settings = world.settings.model_copy(update={"textgrad": few})
    result = refine(world, judge=False)
    assert "the budget is 1" in world.errors_of(result)
    assert len(world.tables.read(GoldenJudgement)) == 4


def test_where_nothing_can_be_drawn_the_prompt_agent_is_left_alone_and_the_log_says_so(world):
    world.foregrounds.can_draw = lambda name: False
    result = refine(world)
    assert result.success
    assert "draws none of the categories" in world.log_of(result)
    assert world.tables.read(AgentPrompt) == []


def test_backticks_in_a_system_prompt_do_not_end_its_frame_in_the_metadata(world, tmp_path):
    own = tmp_path / "prompt.txt"
    own.write_text("```\n# not a heading\n````\n" + careless_prompt_agent())
    result = refine(world, prompt_agent=False, judge=False)
    (event,) = result.asset_materializations_for_node("agent_prompts")
    first, *_, last = event.metadata["prompt_agent_text"].value.splitlines()
    assert (first, last) == ("`````text", "`````")


def test_two_refinements_that_began_at_once_keep_all_their_steps(make_row):
    step = Step(1, "parent", "rewrite", (), (), 0)
    ids = {step_row("prompt", step, 1, run, make_row(Prompt).created_at).agent_prompt_id for run in ("a", "b")}
    assert len(ids) == 2
