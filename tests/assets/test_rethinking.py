"""Prompt Rethink closes the loop through waves: what failed is rewritten, proved on pairs, and the chain is stored."""

import json

import pytest

from genval_assets.prompting.rethink_settings import RethinkSettings
from genval_assets.rows import Failure, Prompt, PromptProbe, Verdict
from genval_assets.validation.judge import STAGE as JUDGING
from genval_assets.validation.settings import JudgeSettings
from tests.assets.fakes import judged
from tests.assets.world import names_only, settings


def always_grey(request):
    """Whatever the prompt asks for, the picture shows a grey thing."""
    return judged(seen={"colour": "grey"} if "colour" in json.loads(request.user)["describe"] else {})


@pytest.fixture
def world(make_world):
    made = make_world(concepts=names_only("ant"), settings=settings(target=4)).set_up()
    made.chat.eye = always_grey
    assert made.serve_one("ant").success
    return made


def test_an_attribute_that_the_generator_ignores_is_dropped_and_the_probe_proves_it(world):
    first = {row.prompt_id: row for row in world.tables.read(Prompt)}
    assert world.serve_one("ant", candidates=4).success
    probes = world.tables.read(PromptProbe)
    assert [probe.accepted for probe in probes] == [True, True]
    rewritten = [row for row in world.tables.read(Prompt) if row.origin == "rethink"]
    assert {row.parent_id for row in rewritten} <= first.keys()
    for row in rewritten:
        parent = first[row.parent_id]
        colour = json.loads(parent.slots)["colour"]
        assert colour in parent.text
        assert colour not in row.text
        assert "colour" not in json.loads(row.slots)
    for probe in probes:
        assert probe.missing == ["colour"]
        assert probe.good > probe.parent_good
        assert probe.p_better >= 0.9


def test_fresh_prompts_no_longer_ask_for_what_the_generator_ignores(world):
    world.serve_one("ant", candidates=6)
    fresh = [row for row in world.tables.read(Prompt) if row.round == 2 and row.origin == "agent"]
    assert fresh
    assert all("colour" not in json.loads(row.slots) for row in fresh)


def test_the_images_that_differed_were_kept_with_corrected_records(world):
    verdicts = world.tables.read(Verdict)
    assert {verdict.outcome for verdict in verdicts} == {"accepted"}
    differing = [verdict for verdict in verdicts if verdict.differs == ["colour"]]
    assert differing
    assert {json.loads(verdict.record)["colour"] for verdict in differing} == {"grey"}


def test_a_rewrite_that_is_no_better_is_refused_and_not_tried_again_on_the_same_evidence(world):
    world.chat.eye = lambda request: judged(intact="fail")  # from now on nothing is good, whatever the prompt
    world.serve_one("ant", candidates=4)
    assert [probe.accepted for probe in world.tables.read(PromptProbe)] == [False, False]
    assert {row.origin for row in world.tables.read(Prompt)} == {"agent"}
    assert len(world.tables.read(Prompt)) == len({row.index for row in world.tables.read(Prompt)})


def test_probes_leave_no_candidates_behind(world):
    before = world.tables.count(Verdict)["ant"]
    world.serve_one("ant", candidates=4)
    assert world.tables.count(Verdict)["ant"] == before + 4


def test_a_run_that_was_killed_after_its_probes_makes_the_proved_prompts_of_their_rows(world):
    world.serve_one("ant", ["optimized_prompts"], candidates=4)
    proved = {row.prompt_id: row.text for row in world.tables.read(Prompt) if row.origin == "rethink"}
    for prompt_id in proved:
        del world.tables.rows[Prompt][prompt_id]
    looked = len(world.chat.looked)
    assert world.serve_one("ant", ["optimized_prompts"]).success
    assert {r.prompt_id: r.text for r in world.tables.read(Prompt) if r.origin == "rethink"} == proved
    assert len(world.chat.looked) == looked


def test_without_an_answer_in_a_probe_nothing_is_stored_and_the_next_run_probes_again(world):
    world.serve_one("ant", ["reference_instances"])
    asked = world.chat.ask

    def down_for_pictures(requests):
        return [
            a if not r.images else type(a)("", error="down") for a, r in zip(asked(requests), requests, strict=True)
        ]

    world.chat.ask = down_for_pictures
    assert not world.serve_one("ant", ["optimized_prompts"], candidates=4).success
    assert world.tables.read(PromptProbe) == []
    assert world.tables.count(Failure) == {"ant": 1}
    world.chat.ask = asked
    assert world.serve_one("ant", ["optimized_prompts"]).success
    assert len(world.tables.read(PromptProbe)) == 2


def test_switched_off_every_prompt_is_fresh(make_world):
    base = settings(target=4)
    off = base.instances.model_copy(update={"rethink": RethinkSettings(enabled=False)})
    world = make_world(concepts=names_only("ant"), settings=base.model_copy(update={"instances": off})).set_up()
    world.chat.eye = always_grey
    world.serve_one("ant")
    world.serve_one("ant", candidates=4)
    assert {row.origin for row in world.tables.read(Prompt)} == {"agent"}
    assert world.tables.read(PromptProbe) == []


def test_the_question_of_a_probe_is_the_question_of_the_judging_stage(world):
    world.serve_one("ant", ["optimized_prompts"], candidates=4)
    assert {request.stage for request in world.chat.looked} == {JUDGING}


def test_a_wave_that_was_killed_before_its_prompts_probes_no_more_than_an_undisturbed_one(world):
    world.chat.eye = lambda request: judged(intact="fail")  # so that every rewrite is refused
    world.serve_one("ant", ["optimized_prompts"], candidates=4)
    undisturbed = {row.prompt_id: row.text for row in world.tables.read(Prompt)}
    probes = world.tables.ids(PromptProbe)
    for row in world.tables.read(Prompt):
        if row.round == 2:
            del world.tables.rows[Prompt][row.prompt_id]
    assert world.serve_one("ant", ["optimized_prompts"]).success
    assert world.tables.ids(PromptProbe) == probes
    assert {row.prompt_id: row.text for row in world.tables.read(Prompt)} == undisturbed


def test_where_the_gate_decides_alone_probes_ask_no_vision_model(make_world):
    base = settings(target=4)
    alone = base.instances.model_copy(update={"judge": JudgeSettings(sources=())})
    world = make_world(concepts=names_only("ant"), settings=base.model_copy(update={"instances": alone})).set_up()
    world.foregrounds.draws_badly = {"ant"}
    world.serve_one("ant")
    world.foregrounds.draws_badly = set()  # so that the gate lets the probes pass
    assert world.serve_one("ant", candidates=4).success
    assert world.tables.read(PromptProbe)
    assert world.chat.looked == []
