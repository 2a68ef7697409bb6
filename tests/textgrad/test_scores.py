"""Agents are scored as documented: yield and diversity, F0.5."""

import pytest

from genval_assets.textgrad.acceptance import value_of
from genval_assets.textgrad.diversity import Made
from genval_assets.textgrad.scores import judge_score, named_slots, prompt_agent_score

GOOD = "High-resolution, highly realistic photo of a single red mug, three-quarter view, in Soft Light"
SLOTS = {"colour": "red", "viewpoint": "three-quarter view", "lighting": "soft light", "mood": "calm"}


def test_slots_are_named_word_for_word_case_and_hyphens_aside():
    assert named_slots(GOOD, SLOTS) == {slot: SLOTS[slot] for slot in ("colour", "viewpoint", "lighting")}
    assert named_slots("a redder mug in soft, light paint", SLOTS) == {"lighting": "soft light"}
    assert named_slots("", SLOTS) == {}


def test_the_prompt_agent_is_scored_seven_parts_yield_and_three_diversity():
    made = [Made("mug", {"colour": "red"}), Made("mug", {"colour": "blue"})]
    table = {"mug": {"colour": ("red", "blue")}}
    assert value_of(prompt_agent_score([True, False], made, table, pictures=False), 2) == pytest.approx(0.7 * 0.5 + 0.3)
    alike = [made[0], made[0]]
    assert value_of(prompt_agent_score([True, True], alike, table, pictures=False), 2) == pytest.approx(0.7)


@pytest.mark.parametrize(
    ("kept", "good", "score"),
    [
        ("yyyy", "yyyy", 1.0),
        ("nnnn", "yyyy", 0.0),
        ("yyyy", "nnnn", 0.0),
        ("nnnn", "nnnn", 1.0),
        ("yynn", "yyyy", 1.25 * 1.0 * 0.5 / (0.25 * 1.0 + 0.5)),  # precision 1, recall .5
        ("yyyy", "yynn", 1.25 * 0.5 * 1.0 / (0.25 * 0.5 + 1.0)),  # precision .5, recall 1
    ],
)
def test_the_judge_is_scored_by_f_half(kept, good, score):
    f = judge_score([c == "y" for c in kept], [c == "y" for c in good])
    assert value_of(f, len(kept)) == pytest.approx(score)


def test_precision_weighs_more_than_recall():
    good = [True] * 10 + [False] * 10
    careful = judge_score([True] * 5 + [False] * 15, good)  # precision 1, recall .5
    lax = judge_score([True] * 20, good)  # precision .5, recall 1
    assert value_of(careful, 20) > value_of(lax, 20) + 0.2
