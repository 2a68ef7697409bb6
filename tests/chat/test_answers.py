"""A model's answer is read in one form or refused by name; nothing is guessed."""

import json
from typing import Literal

import pytest
from pydantic import Field

from genval_assets.chat.answers import Answered, UnreadableAnswer, read_answer


class Said(Answered):
    prompt: str = Field(min_length=1, max_length=1000)


class Shape(Answered):
    kind: Literal["round", "flat"]
    size: float
    parts: tuple[int, ...] = Field(max_length=3)


@pytest.mark.parametrize(
    "text",
    [
        '{"prompt": "a single mug"}',
        '  {"prompt":\n "a single mug"}\n',
        '```json\n{"prompt": "a single mug"}\n```',
        '```\n{"prompt": "a single mug"}\n```',
        'Here it is:\n{"prompt": "a single mug"}\nI hope it helps.',
    ],
)
def test_the_permitted_form_is_read_bare_fenced_or_in_prose(text):
    assert read_answer(text, Said) == Said(prompt="a single mug")


@pytest.mark.parametrize(
    "text",
    [
        "",
        "a single mug",
        "{}",
        '{"prompt": ""}',
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
        '{"prompt": "' + "x" * 1001 + '"}',
        '{"prompt": "' + "x" * 1_000_000 + '"}',
        '{"prompt": ' + "[" * 5000,
    ],
    ids=lambda text: text[:40],
)
def test_anything_else_is_refused_with_what_was_seen(text):
    with pytest.raises(UnreadableAnswer, match=r"expected|prompt|NaN|JSON|property|twice|delimiter|recursion|Unicode"):
        read_answer(text, Said)


@pytest.mark.parametrize(
    ("change", "named"),
    [
        ({"kind": "square"}, "kind"),
        ({"kind": None}, "kind"),
        ({"size": "3"}, "size"),
        ({"size": True}, "size"),
        ({"parts": [1, 2, 3, 4]}, "parts"),
        ({"parts": [1.5]}, "parts.0"),
        ({"parts": "12"}, "parts"),
        ({"more": 1}, "more"),
    ],
)
def test_a_value_that_the_schema_does_not_permit_is_named(change, named):
    good = {"kind": "flat", "size": 2.5, "parts": [1, 2]}
    assert read_answer(json.dumps(good), Shape).parts == (1, 2)
    with pytest.raises(UnreadableAnswer, match=named):
        read_answer(json.dumps(good | change), Shape)


@pytest.mark.parametrize("number", ["NaN", "Infinity", "-Infinity", "1e999"])
def test_a_number_that_is_none_is_refused(number):
    with pytest.raises(UnreadableAnswer):
        read_answer(f'{{"kind": "flat", "size": {number}, "parts": []}}', Shape)


def test_broken_answers_of_real_models_are_refused_and_never_crash(shared_data):
    lines = (shared_data / "llm_answers" / "malformed_json.jsonl").read_text(encoding="utf-8").splitlines()
    for line in lines:
        with pytest.raises(UnreadableAnswer):
            read_answer(json.loads(line)["input"], Said)


def test_layouts_in_prose_and_python_are_refused_and_never_crash(shared_data):
    lines = (shared_data / "llm_answers" / "lmd_gpt35_layouts.jsonl").read_text(encoding="utf-8").splitlines()
    for line in lines:
        with pytest.raises(UnreadableAnswer):
            read_answer(json.loads(line)["response"], Shape)
