"""Questions put to a chat model until each answer can be used: what was wrong goes back, a bounded number of times."""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Generic, Protocol, TypeVar

from genval_assets.chat.answers import UnreadableAnswer
from genval_assets.model_ports import ChatModel
from genval_assets.types import ChatAnswer, ChatRequest

ATTEMPTS = 3
"""A question is put once and its faults go back at most twice (as Gen-n-Val's validation agent)."""

T_co = TypeVar("T_co", covariant=True)
T = TypeVar("T")


class Unanswered(RuntimeError):
    """The model could not be reached for one question; the item stays owed and the next run asks again."""


def about(name: str, definition: str | None) -> dict[str, object]:
    """Return the beginning of a task about a category: its name, and a definition where it has one, as data."""
    return {"category": name, "definition": definition} if definition else {"category": name}


def worded(task: Mapping[str, object], faults: Sequence[str]) -> str:
    """Return a task as a model is asked it: JSON, so that nothing in it reads as an instruction.

    Args:
        task: what the model needs to know, in the order in which it is said.
        faults: what was wrong with the earlier answers, oldest first.
    """
    said = {**task, "faults_of_earlier_answers": list(faults)} if faults else dict(task)
    return json.dumps(said, ensure_ascii=False, indent=1)


class Question(Protocol[T_co]):
    """One thing that a stage wants to know."""

    def request(self, attempt: int, faults: Sequence[str]) -> ChatRequest:
        """Return what to ask at the attempt, counted from 1, given what was wrong with the earlier answers."""

    def read(self, text: str) -> T_co:
        """Return the value of a raw answer.

        Raises:
            UnreadableAnswer: it cannot be used; the message goes back to the model.
        """


@dataclass(frozen=True)
class Reply(Generic[T]):
    """What came of one question."""

    value: T | None  # None: no attempt brought an answer that can be used
    answers: tuple[ChatAnswer, ...]  # of all attempts, oldest first
    faults: tuple[str, ...] = ()  # what was wrong with those that could not be used, as sentences
    reasons: tuple[str, ...] = ()  # the same as codes, in order

    @property
    def unanswered(self) -> str:
        """Why the model was not reached; empty when it was."""
        return self.answers[-1].error if self.answers else ""

    @property
    def raw(self) -> str:
        """The last raw text."""
        return self.answers[-1].text if self.answers else ""


def ask_all(chat: ChatModel, questions: Sequence[Question[T]], attempts: int = ATTEMPTS) -> list[Reply[T]]:
    """Return a reply per question, in order; those whose answers cannot be used are put again, all together.

    A question for which the model was not reached is not put again: the model has its own retries for that.
    """
    replies: list[Reply[T]] = [Reply(None, ()) for _ in questions]
    for attempt in range(1, attempts + 1):
        waiting = [i for i, reply in enumerate(replies) if reply.value is None and not reply.unanswered]
        requests = [questions[i].request(attempt, replies[i].faults) for i in waiting]
        for i, answer in zip(waiting, _in_batches(chat, requests), strict=True):
            replies[i] = _heard(replies[i], questions[i], answer)
    return replies


def _heard(reply: Reply[T], question: Question[T], answer: ChatAnswer) -> Reply[T]:
    answers = (*reply.answers, answer)
    if answer.error:
        return replace(reply, answers=answers)
    try:
        return replace(reply, value=question.read(answer.text), answers=answers)
    except UnreadableAnswer as err:
        return Reply(None, answers, (*reply.faults, str(err)), (*reply.reasons, *err.reasons))


def _in_batches(chat: ChatModel, requests: Sequence[ChatRequest]) -> Iterator[ChatAnswer]:
    for start in range(0, len(requests), chat.best_batch):
        yield from chat.ask(requests[start : start + chat.best_batch])
