"""Critic and optimizer are asked in turn; what they cannot answer is a fault of the step, never a crash."""

import json
from collections.abc import Sequence
from dataclasses import dataclass, field

import pytest

from genval_assets.chat.ask import Unanswered
from genval_assets.textgrad.proposals import (
    UNRELATED,
    Criticised,
    Proposal,
    RandomRewrite,
    ShuffledCriticism,
    Situation,
)
from genval_assets.textgrad.roles import Criticism, Example, Rewrite
from genval_assets.types import ChatAnswer, ChatRequest

SITUATION = Situation("prompt", "a rubric", "be good", (Example({"category": "mug"}, "a mug", "rejected"),), (), 7)


@dataclass
class Says:
    """A chat model with a fixed answer per role; an exception's text stands for a model that was not reached."""

    points: str = '{"points": ["No frame.", "no frame!"]}'
    rewrite: str = '{"system_prompt": " be better "}'
    down: str = ""
    model: str = "fake"
    revision: str = "1"
    best_batch: int = 4
    asked: list[ChatRequest] = field(default_factory=list)

    def ask(self, requests: Sequence[ChatRequest]) -> list[ChatAnswer]:
        self.asked += requests
        texts = {Criticism: self.points, Rewrite: self.rewrite}
        return [ChatAnswer("" if self.down else texts[r.answer_schema], error=self.down) for r in requests]  # type: ignore[index]

    def tasks(self) -> list[dict[str, object]]:
        return [json.loads(request.user) for request in self.asked]


def test_the_optimizer_gets_the_critics_points_once_each():
    chat = Says()
    proposal = Criticised(chat).propose(SITUATION)
    assert proposal == Proposal("be better", ("No frame.",), 2)
    critic, optimizer = chat.tasks()
    assert (critic["rubric"], critic["system_prompt"]) == ("a rubric", "be good")
    assert critic["examples"] == [
        {"asked": {"category": "mug"}, "answered": "a mug", "outcome": "rejected", "reasons": []}
    ]
    assert (optimizer["criticism"], optimizer["system_prompt"]) == (["No frame."], "be good")


def test_similar_criticisms_of_earlier_steps_are_added():
    situation = Situation("prompt", "", "be good", (), ("No frame at all.", "The moon."), 7)
    assert Criticised(Says()).propose(situation).criticism == ("No frame.", "No frame at all.")


def test_without_a_fault_nothing_is_rewritten():
    proposal = Criticised(Says(points='{"points": []}')).propose(SITUATION)
    assert proposal == Proposal(None, (), 1, "the critic found no fault", faultless=True)


@pytest.mark.parametrize(
    "answer", ["", "no fault", '{"points": "x"}', '{"points": [], "more": 1}', '{"points": [NaN]}']
)
def test_a_critic_that_cannot_be_read_is_asked_three_times_and_is_a_fault(answer):
    chat = Says(points=answer)
    proposal = Criticised(chat).propose(SITUATION)
    assert (proposal.text, proposal.calls, proposal.faultless) == (None, 3, False)
    assert proposal.fault.startswith("the critic's answer could not be read: ")
    assert len(chat.tasks()[2]["faults_of_earlier_answers"]) == 2  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "answer", ["", "be better", '{"system_prompt": ""}', '{"system_prompt": "  "}', '{"prompt": "x"}']
)
def test_an_optimizer_that_cannot_be_read_is_a_fault(answer):
    proposal = Criticised(Says(rewrite=answer)).propose(SITUATION)
    assert (proposal.text, proposal.criticism, proposal.calls) == (None, ("No frame.",), 4)
    assert proposal.fault.startswith("the optimizer's answer could not be read: ")


@pytest.mark.parametrize("proposer", [Criticised, ShuffledCriticism, RandomRewrite])
def test_a_model_that_was_not_reached_stops_the_refinement(proposer):
    with pytest.raises(Unanswered, match="the fake model was not reached: 503"):
        proposer(Says(down="503")).propose(SITUATION)


def test_shuffled_criticism_comes_from_elsewhere_and_changes_with_the_seed():
    chat = Says()
    given = []
    for seed in range(5):
        situation = Situation("prompt", "", "be good", SITUATION.examples, ("No frame.",), seed)
        proposal = ShuffledCriticism(chat).propose(situation)
        assert (proposal.text, proposal.calls, len(set(proposal.criticism))) == ("be better", 1, 3)
        assert set(proposal.criticism) <= set(UNRELATED["prompt"])
        given.append(proposal.criticism)
    assert len(set(given)) > 1
    assert all(request.answer_schema is Rewrite for request in chat.asked)


def test_a_random_rewrite_is_asked_for_without_criticism():
    chat = Says()
    assert RandomRewrite(chat).propose(SITUATION) == Proposal("be better", (), 1)
    assert chat.tasks()[0]["criticism"] == []
