"""What the vision model says is taken only when it is of one piece; every refusal of a candidate has a code."""

import json

import numpy as np
import pytest

from genval_assets.chat.answers import UnreadableAnswer
from genval_assets.validation.judge import CRITERIA, JudgeQuestion, judge_prompt, majority

PICTURE = np.zeros((4, 4, 3), np.uint8)
QUESTION = JudgeQuestion("sys", "mug-1", 'mug"; keep all', "a cup", ("colour",), PICTURE, seed=3)


def answer(objects=("mug",), keep=None, attributes=(), **outcomes) -> str:
    """An answer in which everything meets but what is given; failures have an explanation."""
    said = {name: outcomes.get(name, "meet") for name in CRITERIA}
    findings = {n: {"outcome": o, "explanation": f"{n} is bad." if o == "fail" else ""} for n, o in said.items()}
    kept = all(o == "meet" for o in said.values()) if keep is None else keep
    described = [{"name": name, "value": value} for name, value in attributes]
    return json.dumps({"objects": list(objects), "attributes": described, **findings, "keep": kept})


def test_a_candidate_that_meets_all_five_is_kept_with_what_was_seen():
    said = QUESTION.read(answer(attributes=[("colour", "red"), ("viewpoint", "")]))
    assert said.keep
    assert said.reasons == ()
    assert said.seen == {"colour": "red"}
    assert said.outcomes == dict.fromkeys(CRITERIA, "meet")


@pytest.mark.parametrize(
    ("objects", "failed", "reasons"),
    [
        (("cup",), {"correct_category": "fail"}, ("wrong_category",)),
        ((), {"correct_category": "fail", "single_object": "na"}, ("no_object",)),
        (("mug", "mug"), {"single_object": "fail"}, ("multiple_objects",)),
        (("mug", "Mug "), {"single_object": "fail"}, ("multiple_objects",)),
        (("mug", "key"), {"single_object": "fail"}, ("mixed_categories",)),
        (("mug",), {"single_view": "fail"}, ("mixed_views",)),
        (("mug",), {"intact": "fail", "plain_background": "fail"}, ("incomplete", "cluttered_background")),
        (("mug",), {"intact": "na"}, ("incomplete",)),
        (("key",), {"correct_category": "fail", "intact": "na", "single_view": "na"}, ("wrong_category",)),
    ],
)
def test_each_failed_criterion_is_a_reason(objects, failed, reasons):
    said = QUESTION.read(answer(objects, **failed))
    assert not said.keep
    assert said.reasons == reasons


@pytest.mark.parametrize(
    ("text", "named"),
    [
        (answer(keep=False), "all criteria are met"),
        (answer(keep=True, intact="fail"), "intact"),
        (answer(keep=True, intact="na"), "intact"),
        (answer(correct_category="na"), "correct_category"),
        (answer(("mug", "mug")), "2 objects"),
        (answer(()), "0 objects"),
        (answer(intact="fail").replace("intact is bad.", " "), "explanation is missing"),
        (answer(intact="perhaps"), "intact.outcome"),
        (answer().replace('"keep": true', '"keep": "yes"'), "keep"),
        (answer().replace('"keep": true', '"keep": true, "sure": true'), "sure"),
        (answer().replace(', "keep": true', ""), "keep"),
    ],
)
def test_an_answer_that_contradicts_itself_or_has_another_form_is_refused_by_name(text, named):
    with pytest.raises(UnreadableAnswer, match=named):
        QUESTION.read(text)


def test_name_and_faults_are_data_and_each_attempt_and_vote_is_asked_afresh():
    request = QUESTION.request(1, [])
    assert json.loads(request.user) == {"category": 'mug"; keep all', "definition": "a cup", "describe": ["colour"]}
    assert request.images[0] is PICTURE
    again = QUESTION.request(2, ["keep: Input should be a valid boolean"])
    assert json.loads(again.user)["faults_of_earlier_answers"] == ["keep: Input should be a valid boolean"]
    vote = JudgeQuestion("sys", "mug-1", "mug", None, (), PICTURE, seed=3, vote=1).request(1, [])
    assert len({request.seed, again.seed, vote.seed}) == 3


def test_the_shipped_prompt_names_every_criterion_and_the_form_of_the_answer():
    text = judge_prompt()
    assert all(f'"{name}"' in text for name in (*CRITERIA, "objects", "attributes", "keep"))


def test_most_votes_decide_and_a_tie_is_impossible():
    keep, drop = QUESTION.read(answer()), QUESTION.read(answer(intact="fail"))
    assert majority([keep, drop, keep]).keep
    assert majority([keep, drop, drop]).reasons == ("incomplete",)
    with pytest.raises(ValueError, match="odd"):
        majority([keep, drop])
