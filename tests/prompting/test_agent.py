"""Answers of the prompt agent are read in one form, or refused by name."""

import json

import pytest

from genval_assets.prompting.agent import (
    UnreadableAnswer,
    agent_version,
    prompt_request,
    read_prompt_answer,
    system_prompt,
)


@pytest.mark.parametrize(
    "text",
    [
        '{"prompt": "a single mug"}',
        '  {"prompt":\n "a single   mug"}\n',
        '```json\n{"prompt": "a single mug"}\n```',
        '```\n{"prompt": "a single mug"}\n```',
        'Here it is:\n{"prompt": "a single mug"}\nI hope it helps.',
    ],
)
def test_the_permitted_form_is_read_bare_fenced_or_in_prose(text):
    assert read_prompt_answer(text) == "a single mug"


@pytest.mark.parametrize(
    "text",
    [
        "",
        "a single mug",
        "{}",
        '{"prompt": ""}',
        '{"prompt": "  \\n "}',
        '{"prompt": 7}',
        '{"prompt": null}',
        '{"prompt": NaN}',
        '{"prompt": ["a single mug"]}',
        '{"prompt": "a single mug",}',
        "{'prompt': 'a single mug'}",
        '{"prompt": "a single mug", "negative": "x"}',
        '{"prompt": "a single mug", "prompt": "two mugs"}',
        '{"text": "a single mug"}',
        '{"prompt": "a single mug"',
        '{"prompt": "a single mug"} {"prompt": "another"}',
        '[{"prompt": "a single mug"}]',
        'first {draft} then {"prompt": "a single mug"}',
        '{"prompt": "a single mug"} // or ["x"]',
        '{"prompt": "a \\ud800 mug"}',
        '{"prompt": "a \\u0000 mug"}',
        '{"prompt": "' + "x" * 1001 + '"}',
        '{"prompt": "' + "x" * 1_000_000 + '"}',
        '{"prompt": ' + "[" * 5000,
    ],
    ids=lambda text: text[:40],
)
def test_anything_else_is_refused_by_name(text):
    with pytest.raises(UnreadableAnswer, match="expected"):
        read_prompt_answer(text)


def test_broken_answers_of_real_models_are_refused_and_never_crash(shared_data):
    lines = (shared_data / "llm_answers" / "malformed_json.jsonl").read_text(encoding="utf-8").splitlines()
    for line in lines:
        with pytest.raises(UnreadableAnswer):
            read_prompt_answer(json.loads(line)["input"])


def test_the_request_carries_category_slots_and_earlier_faults_as_data():
    request = prompt_request("system", 'a "b"\n', "a thing", {"colour": "red"}, 5, ["too_long: 90 tokens"])
    assert json.loads(request.user) == {
        "category": 'a "b"\n',
        "definition": "a thing",
        "slots": {"colour": "red"},
        "faults_of_earlier_answers": ["too_long: 90 tokens"],
    }
    assert (request.system, request.seed) == ("system", 5)
    assert json.loads(prompt_request("s", "mug", None, {}, 0).user) == {"category": "mug", "slots": {}}


def test_another_system_prompt_is_another_version():
    assert agent_version(system_prompt()) == agent_version(system_prompt())
    assert agent_version(system_prompt()) != agent_version(system_prompt() + " ")
