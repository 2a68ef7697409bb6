"""The offline vision model reads from its system prompt what to look at, and how closely."""

import tomllib
from importlib.resources import files

import pytest

from genval_assets.evaluation.careless import careless_judge
from genval_assets.validation.judge import CRITERIA, judge_prompt
from resources.offline.rubric import Care, read_rubric

FORM = judge_prompt()[judge_prompt().index("Answer with one JSON") :]


def cares(system: str) -> dict[str, Care]:
    """What is asked at all."""
    return {criterion: care for criterion, care in read_rubric(system).items() if care}


def test_the_shipped_prompt_asks_for_everything_exactly():
    assert read_rubric(judge_prompt()) == dict.fromkeys(CRITERIA, Care.EXACT)


def test_the_careless_prompt_asks_for_the_category_in_passing_and_for_nothing_else():
    assert cares(careless_judge()) == {"correct_category": Care.LOOSE}


def test_the_form_of_the_answer_names_the_criteria_and_asks_for_none():
    assert cares(f"Look at the picture.\n\n{FORM}") == {}
    assert cares('Look at it. Reply with {"single object": {...}, "plain background": "meet"} and stop.') == {}
    assert cares("") == {}


@pytest.mark.parametrize(
    ("criterion", "sentence", "care"),
    [
        ("correct_category", "Is it of the right class?", Care.LOOSE),
        ("correct_category", "Refuse look-alikes, however close.", Care.EXACT),
        ("correct_category", "It must not be mistaken for something of another kind.", Care.EXACT),
        ("single_object", "There must be a single object.", Care.LOOSE),
        ("single_object", "Count the objects; more than one is a failure.", Care.LOOSE),
        ("single_object", "A pair that overlaps is refused.", Care.EXACT),
        ("single_object", "Refuse two of a kind, also when they touch.", Care.EXACT),
        ("single_view", "It is seen from one angle.", Care.LOOSE),
        ("single_view", "No collages: a collage fails.", Care.EXACT),
        ("intact", "The object must be complete.", Care.LOOSE),
        ("intact", "Nothing may be CROPPED.", Care.EXACT),
        ("intact", "The border of the picture must not hide any of it, nor may a part be missing.", Care.EXACT),
        ("plain_background", "The background is plain.", Care.LOOSE),
        ("plain_background", "Left-overs, stains and shadows fail.", Care.EXACT),
        ("plain_background", "single_view aside, plain_background must be met.", Care.LOOSE),
    ],
)
def test_a_criterion_is_recognised_in_other_words(criterion, sentence, care):
    assert read_rubric(f"You judge pictures. {sentence}\n{FORM}")[criterion] is care


@pytest.mark.parametrize(
    "sentence",
    [
        "It does not matter whether the object is whole.",
        "Ignore the background.",
        "Overlapping objects need not be refused.",
        "- Never mind the background; it is irrelevant.",
    ],
)
def test_what_the_prompt_waves_aside_is_not_looked_at(sentence):
    assert cares(f"Judge the picture.\n{sentence}\n") == {}


def test_waving_one_thing_aside_leaves_the_others():
    system = "- The background does not matter.\n- The object must not be cut off."
    assert cares(system) == {"intact": Care.EXACT}


def test_every_rule_that_the_offline_optimizer_may_add_is_understood():
    advice = tomllib.loads(files("resources.offline").joinpath("advice.toml").read_text(encoding="utf-8"))["judge"]
    topics = {
        "single": "single_object", "whole": "intact", "plain": "plain_background", "view": "single_view",
        "category": "correct_category",
    }  # fmt: skip
    for topic, criterion in topics.items():
        for rule in advice[topic]["rules"]:
            assert read_rubric(f"You judge pictures. {rule}\n\n{FORM}")[criterion] is Care.EXACT, rule
