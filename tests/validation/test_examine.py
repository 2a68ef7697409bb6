"""The gate comes first and is final; the vision model decides the rest, or nothing is decided."""

import json

import numpy as np
import pytest

from genval_assets.instances.gate import Frame
from genval_assets.instances.gate_settings import GateSettings
from genval_assets.instances.ground import in_frame
from genval_assets.types import ChatAnswer
from genval_assets.validation.examine import Specimen, examine
from tests.validation.test_judge import answer

SIZE = 96


def disc(centre=(48, 48), radius=24) -> np.ndarray:
    """A shaded disc on transparent ground."""
    y, x = np.mgrid[:SIZE, :SIZE]
    inside = (x - centre[0]) ** 2 + (y - centre[1]) ** 2 < radius**2
    rgba = np.zeros((SIZE, SIZE, 4), np.uint8)
    rgba[..., 0], rgba[..., 1], rgba[..., 3] = x * 2, y * 2, inside * 255
    return rgba


def specimen(rgba, name="one", *, by_eye=True) -> Specimen:
    return Specimen(name, "mug-1", "mug", None, rgba, Frame(SIZE, SIZE), seed=1, real=False, by_eye=by_eye)


class Judge:
    """Says the same of everything, whatever is written in the picture or the question; keeps what it saw."""

    model, revision, best_batch = "fake", "1", 16

    def __init__(self, *texts: str):
        self.texts = texts
        self.seen = []

    def ask(self, requests):
        self.seen += requests
        return [ChatAnswer(self.texts[min(r.attempt, len(self.texts)) - 1]) for r in requests]


class Down(Judge):
    def ask(self, requests):
        return [ChatAnswer("", error="127.0.0.1: refused") for _ in requests]


def test_what_the_gate_refuses_is_not_shown_so_no_answer_can_accept_it():
    credulous = Judge(answer())
    cut_off, good = specimen(disc(centre=(0, 48)), "cut"), specimen(disc(), "good")
    first, second = examine([cut_off, good], GateSettings(), credulous, "sys")
    assert (first.outcome, first.stage, first.reasons) == ("rejected", "gate", ("incomplete",))
    assert (second.outcome, second.stage) == ("accepted", "vlm")
    assert len(credulous.seen) == 1


def test_the_vision_model_refuses_what_the_gate_cannot_see():
    (one,) = examine([specimen(disc())], GateSettings(), Judge(answer(("key",), correct_category="fail")), "sys")
    assert (one.outcome, one.stage, one.reasons) == ("rejected", "vlm", ("wrong_category",))
    assert one.explanation == "correct_category is bad."


def test_an_answer_that_cannot_be_read_is_an_error_and_never_a_rejection():
    judge = Judge("I would keep it.")
    (one,) = examine([specimen(disc())], GateSettings(), judge, "sys")
    assert (one.outcome, one.reasons, one.raw) == ("error", ("unreadable_answer",), "I would keep it.")
    assert len(judge.seen) == 3


def test_a_contradiction_is_asked_again_with_what_was_wrong():
    judge = Judge(answer(keep=True, intact="fail"), answer())
    (one,) = examine([specimen(disc())], GateSettings(), judge, "sys")
    assert one.outcome == "accepted"
    assert "not met: intact" in json.loads(judge.seen[1].user)["faults_of_earlier_answers"][0]


def test_where_the_model_is_not_reached_nothing_is_decided():
    (one,) = examine([specimen(disc())], GateSettings(), Down(""), "sys")
    assert one.unanswered == "127.0.0.1: refused"
    assert one.outcome == "error"


def test_a_majority_asks_for_each_opinion_with_a_seed_of_its_own():
    judge = Judge(answer())
    examine([specimen(disc())], GateSettings(), judge, "sys", votes=3)
    assert len({request.seed for request in judge.seen}) == 3


def test_without_the_eye_the_gate_decides_alone():
    (one,) = examine([specimen(disc(), by_eye=False)], GateSettings(), None, "sys")
    assert (one.outcome, one.stage) == ("accepted", "gate")
    with pytest.raises(ValueError, match="no vision model"):
        examine([specimen(disc())], GateSettings(), None, "sys")


def test_the_model_sees_the_candidate_at_its_place_on_a_ground_that_it_stands_out_from():
    crop = np.full((10, 20, 4), 255, np.uint8)
    shown = in_frame(crop, Frame(100, 50, 30, 5), longest=100)
    assert shown.shape == (50, 100, 3)
    assert (shown[5:15, 30:50] == 255).all()
    assert (shown == 255).all(axis=2).sum() == 200
    assert np.abs(shown[0, 0].astype(int) - 255).max() > 100
    assert in_frame(crop, Frame(100, 50, 30, 5), longest=50).shape == (25, 50, 3)
