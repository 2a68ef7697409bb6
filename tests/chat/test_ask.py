"""Questions are put until their answers can be used, at most three times; what was wrong goes back."""

import json
from dataclasses import dataclass

from genval_assets.chat.answers import Answered, UnreadableAnswer, read_answer
from genval_assets.chat.ask import ask_all
from genval_assets.types import ChatAnswer, ChatRequest


class Number(Answered):
    value: int


@dataclass(frozen=True)
class Guess:
    """Wants an even number."""

    name: str

    def request(self, attempt, faults):
        user = json.dumps({"name": self.name, "faults": list(faults)})
        return ChatRequest("guessing", "system", user, Number, attempt=attempt)

    def read(self, text):
        value = read_answer(text, Number).value
        if value % 2:
            raise UnreadableAnswer(f"{value} is odd", ("odd",))
        return value


class Scripted:
    """Answers each name with its script's next line; `None` is a failed call."""

    model, revision, best_batch = "scripted", "1", 2

    def __init__(self, **scripts):
        self.scripts = {name: list(lines) for name, lines in scripts.items()}
        self.asked: list[list[ChatRequest]] = []

    def ask(self, requests):
        self.asked.append(list(requests))
        lines = [self.scripts[json.loads(r.user)["name"]].pop(0) for r in requests]
        return [ChatAnswer("", error="host is down") if line is None else ChatAnswer(line) for line in lines]


def test_each_question_gets_its_own_answer_in_order():
    chat = Scripted(a=['{"value": 2}'], b=['{"value": 4}'], c=['{"value": 6}'])
    assert [reply.value for reply in ask_all(chat, [Guess("a"), Guess("b"), Guess("c")])] == [2, 4, 6]
    assert [len(batch) for batch in chat.asked] == [2, 1]


def test_what_was_wrong_goes_back_and_only_those_are_asked_again():
    chat = Scripted(a=['{"value": 2}'], b=["prose", '{"value": 3}', '{"value": 8}'])
    first, second = ask_all(chat, [Guess("a"), Guess("b")])
    assert (first.value, second.value) == (2, 8)
    assert second.reasons == ("unreadable", "odd")
    assert [len(batch) for batch in chat.asked] == [2, 1, 1]
    last = chat.asked[-1][0]
    assert last.attempt == 3
    assert json.loads(last.user)["faults"][1] == "3 is odd"


def test_after_three_attempts_there_is_no_value_and_the_raw_text_is_kept():
    (reply,) = ask_all(Scripted(a=["x", "y", "z", '{"value": 2}']), [Guess("a")])
    assert reply.value is None
    assert reply.raw == "z"
    assert len(reply.faults) == 3
    assert reply.unanswered == ""


def test_a_model_that_was_not_reached_is_told_apart_and_not_asked_again():
    chat = Scripted(a=[None, '{"value": 2}'], b=["prose", None, '{"value": 2}'], c=['{"value": 2}'])
    replies = ask_all(chat, [Guess("a"), Guess("b"), Guess("c")])
    assert [reply.unanswered for reply in replies] == ["host is down", "host is down", ""]
    assert replies[1].reasons == ("unreadable",)
    assert sum(len(batch) for batch in chat.asked) == 4


def test_a_value_that_counts_as_false_is_a_value():
    (reply,) = ask_all(Scripted(a=['{"value": 0}']), [Guess("a")])
    assert reply.value == 0
    assert len(reply.answers) == 1


def test_no_question_asks_nothing():
    assert ask_all(Scripted(), []) == []
