"""The prompt agent is told data as data, and its answers are read in one form or refused by name."""

import json
from datetime import UTC, datetime

import pytest

from genval_assets.chat.answers import UnreadableAnswer
from genval_assets.prompting.agent import PromptQuestion, read_prompt
from genval_assets.rows import Category

MUG = Category(
    run_id="r", created_at=datetime(2026, 1, 1, tzinfo=UTC), category_row_id="c", category="mug-1", name='a "b"\n',
    generation=1, position=0, state="active", source_id=None, supercategory=None, synset=None, definition="a thing",
    synonyms=["mug"], frequency=None, image_count=1, instance_count=1, rare=True, rare_reason="", target=10,
)  # fmt: skip
GOOD = "A single red mug, high-resolution, highly realistic"


def test_the_prompt_is_read_and_its_blanks_are_made_single():
    assert read_prompt('{"prompt": " a single \\n  mug "}') == "a single mug"


@pytest.mark.parametrize(
    "text", ["", '{"prompt": "  \\n "}', '{"prompt": "a \\u0000 mug"}', '{"prompt": NaN}', "a mug"]
)
def test_what_is_no_prompt_is_refused(text):
    with pytest.raises(UnreadableAnswer):
        read_prompt(text)


def test_the_request_carries_category_slots_and_earlier_faults_as_data():
    request = PromptQuestion("system", MUG, 5, {"colour": "red"}).request(2, ["too_long: 90 tokens"])
    assert json.loads(request.user) == {
        "category": 'a "b"\n',
        "definition": "a thing",
        "slots": {"colour": "red"},
        "faults_of_earlier_answers": ["too_long: 90 tokens"],
    }
    assert (request.system, request.category, request.attempt) == ("system", "mug-1", 2)
    first = PromptQuestion("system", MUG, 5, {"colour": "red"}).request(1, [])
    assert first.seed != request.seed
    assert "faults_of_earlier_answers" not in json.loads(first.user)


def test_a_prompt_with_faults_is_refused_with_their_codes():
    question = PromptQuestion("system", MUG, 0, {})
    assert question.read(json.dumps({"prompt": GOOD})) == GOOD
    with pytest.raises(UnreadableAnswer, match="two mugs") as refused:
        question.read('{"prompt": "two mugs on a table"}')
    assert {"plural", "scene", "no_trigger_words"} <= set(refused.value.reasons)


def test_a_prompt_like_an_earlier_one_is_refused():
    question = PromptQuestion("system", MUG, 0, {}, accepted=(GOOD,))
    with pytest.raises(UnreadableAnswer) as refused:
        question.read(json.dumps({"prompt": GOOD}))
    assert refused.value.reasons == ("too_similar",)


def test_measurements_can_take_whatever_is_written():
    careless = "two mugs on a table"
    assert PromptQuestion("s", MUG, 0, {}, lint=False).read(json.dumps({"prompt": careless})) == careless
