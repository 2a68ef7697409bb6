"""The offline critic says what a system prompt leaves unsaid, and the optimizer adds just that. Simulated."""

from collections.abc import Sequence

import pytest

from genval_assets.chat.ask import ask_all
from genval_assets.prompting.agent import prompt_agent_text
from genval_assets.textgrad.contract import lost_form
from genval_assets.textgrad.proposals import UNRELATED
from genval_assets.textgrad.roles import CriticQuestion, Example, OptimizerQuestion, rubric
from genval_assets.validation.judge import judge_prompt
from resources.offline.chat import OfflineChatModel
from resources.offline.instructions import CRITERION, asked, rules_of, topics, topics_heard
from resources.offline.rewriting import with_rules
from resources.offline.rubric import Care, read_rubric

FORM = {agent: text[text.index("Answer with one JSON") :].strip() for agent, text in
        (("prompt", prompt_agent_text()), ("judge", judge_prompt()))}  # fmt: skip
CARELESS = {
    "prompt": "You write prompts for a text-to-image model. Given a category and slot values, describe it vividly. "
    + FORM["prompt"],
    "judge": "You look at a cut-out of a category. Decide whether it is good enough to train on.\n" + FORM["judge"],
}
TOPICS = [(agent, name) for agent in CARELESS for name in topics(agent)]


def criticise(agent: str, system: str, *reasons: str, outcome: str = "rejected", seed: int = 0) -> tuple[str, ...]:
    examples = tuple(Example({"category": "mug"}, "a mug", outcome, (reason,)) for reason in reasons)
    (reply,) = ask_all(OfflineChatModel(), [CriticQuestion(agent, system, rubric(agent), examples, seed)])
    assert reply.value is not None
    return reply.value


def rewrite(agent: str, system: str, criticism: Sequence[str], seed: int = 0) -> str:
    (reply,) = ask_all(OfflineChatModel(), [OptimizerQuestion(agent, system, tuple(criticism), seed)])
    assert reply.value is not None
    return reply.value


@pytest.mark.parametrize("agent", CARELESS)
def test_a_careless_prompt_asks_for_nothing_and_the_shipped_one_for_everything_that_counts(agent):
    shipped = {"prompt": prompt_agent_text(), "judge": judge_prompt()}[agent]
    assert asked(agent, CARELESS[agent]) == frozenset()
    assert {name for name, topic in topics(agent).items() if topic.reasons} <= asked(agent, shipped)


@pytest.mark.parametrize(("agent", "name"), TOPICS)
def test_each_rule_asks_for_its_own_topic_and_no_other(agent, name):
    for rule in topics(agent)[name].rules:
        assert asked(agent, with_rules(CARELESS[agent], [rule])) == {name}, rule


@pytest.mark.parametrize("name", topics("judge"))
def test_rules_for_the_judge_change_how_the_vision_model_looks_at_their_own_criterion_alone(name):
    before = read_rubric(CARELESS["judge"])
    for rule in topics("judge")[name].rules:
        after = read_rubric(with_rules(CARELESS["judge"], [rule]))
        expected = {CRITERION[name]: Care.EXACT} if name in CRITERION else {}
        assert after == {**before, **expected}, rule


def test_a_criterion_that_is_asked_for_loosely_is_sharpened():
    loose = "There must be exactly one object. " + CARELESS["judge"]
    assert read_rubric(loose)["single_object"] is Care.LOOSE
    points = criticise("judge", loose, "multiple_objects", outcome="wrongly kept")
    assert read_rubric(rewrite("judge", loose, points))["single_object"] is Care.EXACT


@pytest.mark.parametrize(("agent", "name"), TOPICS)
def test_each_complaint_is_understood_as_what_it_is_about(agent, name):
    for complaint in topics(agent)[name].complaints:
        assert topics_heard(agent, f"{complaint} It happened in 2 of 3 examples.") == [name], complaint


@pytest.mark.parametrize(
    "text",
    [
        'Answer with one JSON object and nothing else: {"prompt": "..."}',
        "Write one fluent sentence.",
        "Choose one viewpoint.",
        "Use the slots one by one. Each one counts.",
        "There may be more than one.",
    ],
)
def test_counts_of_other_things_are_no_rule_for_one_object(text):
    assert "single" not in asked("prompt", text)


@pytest.mark.parametrize(
    "text", ["Never describe more than one.", "No more than one thing.", "Draw exactly one thing."]
)
def test_a_ban_on_more_than_one_is_a_rule_for_one_object(text):
    assert "single" in asked("prompt", text)


@pytest.mark.parametrize(
    ("reason", "topic"),
    [("multiple_objects", "single"), ("fragmented", "single"), ("incomplete", "whole"),
     ("cluttered_background", "plain"), ("mixed_views", "view"), ("wrong_category", "category"),
     ("no_trigger_words", "triggers")],
)  # fmt: skip
def test_a_reject_reason_becomes_a_criticism_and_the_criticism_a_rule(reason, topic):
    points = criticise("prompt", CARELESS["prompt"], reason, seed=3)
    assert topic in topics_heard("prompt", points[0])
    assert topic in asked("prompt", rewrite("prompt", CARELESS["prompt"], points))


@pytest.mark.parametrize(
    ("outcome", "reason", "topic"),
    [
        ("wrongly kept", "multiple_objects", "single"),
        ("wrongly kept", "incomplete", "whole"),
        ("wrongly kept", "cluttered_background", "plain"),
        ("wrongly kept", "wrong_category", "category"),
        ("wrongly kept", "mixed_views", "view"),
        ("wrongly refused", "incomplete", "whole_lenient"),
        ("wrongly refused", "wrong_category", "category_lenient"),
        ("error", "wrongly kept: incomplete", "whole"),
        ("error", "wrongly refused: incomplete", "whole_lenient"),
    ],
)
def test_the_judge_is_told_what_it_let_pass_and_what_it_was_too_strict_with(outcome, reason, topic):
    points = criticise("judge", CARELESS["judge"], reason, outcome=outcome)
    assert topics_heard("judge", points[0]) == [topic]
    assert asked("judge", rewrite("judge", CARELESS["judge"], points[:1])) == {topic}


@pytest.mark.parametrize("agent", CARELESS)
def test_what_the_system_prompt_already_says_is_not_criticised(agent):
    shipped = {"prompt": prompt_agent_text(), "judge": judge_prompt()}[agent]
    for seed in range(10):
        assert criticise(agent, shipped, "incomplete", "wrong_category", outcome="wrongly kept", seed=seed) == ()


def test_good_work_brings_no_criticism():
    assert criticise("prompt", CARELESS["prompt"]) == ()


def test_the_commonest_fault_comes_first_with_its_evidence():
    points = criticise("prompt", CARELESS["prompt"], "incomplete", "cluttered_background", "incomplete")
    assert [topics_heard("prompt", point)[0] for point in points[:2]] == ["whole", "plain"]
    assert "2" in points[0]
    assert "3" in points[0]


def test_criticism_and_rewrites_vary_in_words_and_the_same_question_has_the_same_answer():
    points = [criticise("prompt", CARELESS["prompt"], "incomplete", seed=seed) for seed in range(20)]
    assert len({point[0] for point in points}) > 3
    texts = [rewrite("prompt", CARELESS["prompt"], ["Objects are cropped."], seed) for seed in range(20)]
    assert len(set(texts)) == len(topics("prompt")["whole"].rules)
    assert texts == [rewrite("prompt", CARELESS["prompt"], ["Objects are cropped."], seed) for seed in range(20)]


@pytest.mark.parametrize("agent", CARELESS)
@pytest.mark.parametrize("careless", [True, False])
def test_a_rewrite_keeps_the_form_of_the_answer_and_all_that_was_said(agent, careless):
    system = CARELESS[agent] if careless else {"prompt": prompt_agent_text(), "judge": judge_prompt()}[agent]
    everything = [topic.complaints[0] for topic in topics(agent).values()]
    again = rewrite(agent, system, everything)
    assert lost_form(agent, again) == []
    assert asked(agent, again) == set(topics(agent))
    assert again.endswith(FORM[agent])
    assert rules_of(system)[:40] in rules_of(again)


def test_rules_join_the_list_where_the_system_prompt_has_one():
    listed = 'Write.\n\nRules:\n- First, and\n  more of it.\n- Second.\n\nAnswer with JSON: {"prompt": "..."}'
    assert with_rules(listed, ["Third."]) == listed.replace("- Second.", "- Second.\n- Third.")


@pytest.mark.parametrize("seed", range(5))
def test_a_rule_that_is_there_is_not_added_again(seed):
    mended = rewrite("prompt", CARELESS["prompt"], ["Objects are cropped."], seed)
    again = rewrite("prompt", mended, ["Objects are cropped.", "Backgrounds appear."], seed)
    assert sum(rule in again for rule in topics("prompt")["whole"].rules) == 1
    assert asked("prompt", again) == {"whole", "plain"}


def test_points_that_nobody_understands_change_no_rule():
    for agent, careless in CARELESS.items():
        again = rewrite(agent, careless, ["The moon is too bright.", "Mind the gap."])
        assert again != careless
        assert asked(agent, again) == frozenset()


@pytest.mark.parametrize("agent", CARELESS)
def test_unrelated_criticism_and_mere_paraphrases_ask_for_nothing_that_counts(agent):
    counts = {name for name, topic in topics(agent).items() if topic.reasons} - {"short", "variety"}
    shuffled = rewrite(agent, CARELESS[agent], UNRELATED[agent])
    assert shuffled != CARELESS[agent]
    for text in (shuffled, *(rewrite(agent, CARELESS[agent], [], seed) for seed in range(10))):
        assert not asked(agent, text) & counts
        assert lost_form(agent, text) == []
