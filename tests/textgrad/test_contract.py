"""A rewrite that would break the agent, or is nothing new, is refused before anything is drawn."""

import pytest

from genval_assets.prompting.agent import prompt_agent_text
from genval_assets.textgrad.contract import lost_form, refusal, same_text
from genval_assets.validation.judge import CRITERIA, judge_prompt

SHIPPED = {"prompt": prompt_agent_text(), "judge": judge_prompt()}


@pytest.mark.parametrize("agent", SHIPPED)
def test_the_shipped_text_reworded_is_worth_comparing(agent):
    shipped = SHIPPED[agent]
    assert refusal(agent, "New rule.\n" + shipped, shipped, {same_text(shipped)}) == ""


@pytest.mark.parametrize(
    ("agent", "piece"),
    [("prompt", '{"prompt": "..."}'), ("prompt", "JSON"), ("judge", '"keep": true'), ("judge", '"objects"'),
     *(("judge", f'"{criterion}"') for criterion in CRITERIA)],
)  # fmt: skip
def test_a_rewrite_without_the_form_of_the_answer_is_refused_by_name(agent, piece):
    shipped = SHIPPED[agent]
    why = refusal(agent, shipped.replace(piece, "…"), shipped, ())
    assert why.startswith("the form of the answer is gone: ")
    assert piece.split(":")[0] in why


def test_line_breaks_within_the_form_make_no_difference():
    assert lost_form("prompt", 'Answer with JSON:\n{"prompt":\n  "..."}') == []


def test_a_rewrite_may_be_half_as_long_again_as_the_beginning():
    shipped = SHIPPED["prompt"]
    room = round(1.5 * len(shipped)) - len(shipped)
    assert refusal("prompt", "x" * room + shipped, shipped, ()) == ""
    assert "at most" in refusal("prompt", "x" * (room + 1) + shipped, shipped, ())


def test_a_short_beginning_leaves_room_for_rules():
    short = 'Answer with JSON: {"prompt": "..."}'
    assert refusal("prompt", "x" * (1_200 - len(short)) + short, short, ()) == ""
    assert "at most 1,200" in refusal("prompt", "x" * (1_201 - len(short)) + short, short, ())


def test_the_parent_in_other_line_breaks_is_nothing_new():
    shipped = SHIPPED["prompt"]
    assert "word for word" in refusal("prompt", shipped.replace("\n", " "), shipped, {same_text(shipped)})


@pytest.mark.parametrize("character", ["\ud800", "\x00", "\x1b", "\u202e"])
def test_characters_that_no_text_should_hold_are_refused(character):
    shipped = SHIPPED["prompt"]
    assert "characters" in refusal("prompt", shipped + character, shipped, ())


def test_an_unknown_agent_is_named():
    with pytest.raises(ValueError, match="no agent 'critic'; there are: prompt, judge"):
        lost_form("critic", "")
