"""Every call of a chat model is a row, and no question is asked twice, in whichever run."""

from dataclasses import replace

import numpy as np
import pytest

from genval_assets.assets.recorded import RecordedChat, question_id
from genval_assets.prompting.agent import PromptAnswer
from genval_assets.rows import Answer, Usage
from genval_assets.types import ChatAnswer, ChatRequest
from genval_assets.validation.judge import JudgeAnswer
from tests.assets.fakes import NOW, ListTables

QUESTION = ChatRequest("judging", "be strict", "a mug?", PromptAnswer, category="mug")


class Counting:
    """Answers with the number of the call; fails for users that say so."""

    model, revision, best_batch, max_tokens = "counting", "1", 8, 0

    def __init__(self):
        self.calls = 0

    def ask(self, requests):
        answers = []
        for request in requests:
            self.calls += 1
            down = "fail" in request.user
            answers.append(ChatAnswer("", error="down") if down else ChatAnswer(f"answer {self.calls}", 10, 3, 0.5))
        return answers


def recorded(tables, model, run="run"):
    return RecordedChat(model, tables, run, NOW)


def test_each_call_is_a_usage_row_with_tokens_stage_category_and_attempt():
    tables = ListTables()
    recorded(tables, Counting()).ask([QUESTION, replace(QUESTION, user="a key?", category="key", attempt=2)])
    rows = sorted(tables.read(Usage), key=lambda row: row.attempt)
    assert [(r.stage, r.category, r.attempt, r.tokens_in, r.tokens_out, r.seconds, r.model) for r in rows] == [
        ("judging", "mug", 1, 10, 3, 0.5, "counting@1"),
        ("judging", "key", 2, 10, 3, 0.5, "counting@1"),
    ]
    assert {row.answer_id for row in rows} == tables.ids(Answer)


def test_the_same_question_is_answered_from_the_record_also_in_another_run():
    tables, model = ListTables(), Counting()
    first = recorded(tables, model).ask([QUESTION])
    later = recorded(tables, model, "another")
    again = later.ask([QUESTION, replace(QUESTION, category="other", stage="elsewhere")])
    assert [answer.text for answer in again] == [first[0].text] * 2
    assert all(answer.recorded for answer in again)
    assert (model.calls, later.asked, later.recalled) == (1, 0, 2)
    assert len(tables.read(Usage)) == 1


def test_a_question_that_comes_twice_at_once_is_asked_once():
    model = Counting()
    answers = recorded(ListTables(), model).ask([QUESTION, QUESTION])
    assert model.calls == 1
    assert answers[0].text == answers[1].text


PICTURE = np.zeros((2, 2, 3), np.uint8)


@pytest.mark.parametrize(
    "change",
    [
        {"system": "be kind"},
        {"user": "a key?"},
        {"seed": 1},
        {"temperature": 0.7},
        {"images": (PICTURE,)},
        {"answer_schema": JudgeAnswer},
    ],
    ids=str,
)
def test_whatever_shapes_the_answer_makes_it_another_question(change):
    assert question_id(replace(QUESTION, **change), Counting()) != question_id(QUESTION, Counting())


@pytest.mark.parametrize("change", [{"model": "other"}, {"revision": "2"}, {"max_tokens": 4096}], ids=str)
def test_another_model_or_a_longer_answer_is_another_question(change):
    other = Counting()
    vars(other).update(change)
    assert question_id(QUESTION, other) != question_id(QUESTION, Counting())


def test_pictures_of_the_same_bytes_and_another_shape_are_other_pictures():
    tall = replace(QUESTION, images=(np.zeros((4, 1, 3), np.uint8),))
    square = replace(QUESTION, images=(PICTURE,))
    assert question_id(tall, Counting()) != question_id(square, Counting())


def test_a_call_that_failed_is_counted_but_not_remembered():
    tables, model = ListTables(), Counting()
    failing = replace(QUESTION, user="fail")
    chat = recorded(tables, model)
    assert chat.ask([failing])[0].error == "down"
    assert chat.ask([failing])[0].error == "down"
    assert model.calls == 2
    assert tables.read(Answer) == []
    assert len(tables.read(Usage)) == 1


class Killed(RuntimeError):
    """The process ends here."""


class DyingTables(ListTables):
    """Ends the process instead of storing answers."""

    def append(self, rows):
        if rows and isinstance(rows[0], Answer):
            raise Killed
        super().append(rows)


def test_a_call_is_paid_for_also_when_the_run_is_killed_before_its_answer_is_stored():
    tables = DyingTables()
    with pytest.raises(Killed):
        recorded(tables, Counting()).ask([QUESTION])
    assert [row.tokens_in for row in tables.read(Usage)] == [10]


def test_a_run_that_is_repeated_reads_the_record_once_however_many_questions_it_puts():
    tables = ListTables()
    questions = [replace(QUESTION, user=f"a mug {i}?") for i in range(20)]
    recorded(tables, Counting()).ask(questions)
    again = recorded(tables, Counting(), "another")
    before = tables.reads[Answer.table]
    for question in questions:
        again.ask([question])
    assert again.recalled == 20
    assert tables.reads[Answer.table] - before == 2  # which there are, and the category's
