"""Statements about a picture, each about one attribute of one kind of thing, put to the vision model.

A negative is false of its picture when each of its exchanged words is: so words are asked about, not sentences, and a
word that stands in several negatives is asked about once (our choice).
"""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Literal

from pydantic import Field

from genval_assets.chat.answers import Answered, read_answer, refuse_other_ids
from genval_assets.chat.ask import Reply, ask_all, worded
from genval_assets.keys import seed_of
from genval_assets.model_ports import ChatModel
from genval_assets.negatives.changes import Compared
from genval_assets.negatives.number import described, is_plural, singular
from genval_assets.negatives.picture import Pictured
from genval_assets.negatives.positive import STAGE, Positive
from genval_assets.types import ChatRequest

MOST_CLAIMS = 60
"""Of one question. The ten negatives of a caption exchange 19 words at most."""
Holds = Literal["true", "false", "unclear"]
Sights = Mapping[str, Holds]
"""Statement -> what a model has seen of it."""


@dataclass(frozen=True, order=True)
class Claim:
    """That a picture shows a thing of this kind with this attribute."""

    noun: str
    type: str
    value: str

    @property
    def thing(self) -> str:
        """What would have to be there, with its article: an orange mug, green eyes."""
        return described((self.value,), self.noun)

    @property
    def text(self) -> str:
        """The statement as a sentence."""
        return f"There {'are' if is_plural(self.noun) else 'is'} {self.thing}."


def stated(positive: Positive) -> tuple[Claim, ...]:
    """Return what a caption says of its things, each claim once."""
    said = (Claim(singular(one.noun, positive.nouns), one.type, one.value) for one in positive.attributes)
    return tuple(dict.fromkeys(said))


def exchanged(positive: Positive, compared: Compared) -> tuple[Claim, ...]:
    """Return what a negative says that its caption does not, in order."""
    return tuple(Claim(singular(one.noun, positive.nouns), one.type, one.target) for one in compared.changes)


class Judged(Answered):
    """What the picture says of one statement."""

    id: str = Field(max_length=8)
    holds: Holds


class ClaimsAnswer(Answered):
    """One entry for each statement."""

    claims: tuple[Judged, ...] = Field(min_length=1, max_length=MOST_CLAIMS)


@cache
def claims_prompt() -> str:
    """Return the system prompt of the model that looks."""
    return files("genval_assets.negatives").joinpath("claims_agent.txt").read_text(encoding="utf-8")


@dataclass(frozen=True, eq=False)
class ClaimsQuestion:
    """Which statements a picture shows to be true. Fits `chat.ask.Question`.

    `statements` are put in the order given: mix them, so that the true ones do not always come first.
    """

    pictured: Pictured
    statements: tuple[str, ...]  # whole sentences, at most `MOST_CLAIMS`

    def request(self, attempt: int, faults: Sequence[str]) -> ChatRequest:
        """Return the question; with `faults`, what was wrong with the earlier answers."""
        task = {"statements": [{"id": f"c{i}", "says": says} for i, says in enumerate(self.statements, start=1)]}
        return ChatRequest(
            stage=STAGE,
            system=claims_prompt(),
            user=worded(task, faults),
            answer_schema=ClaimsAnswer,
            images=(self.pictured.picture,),
            seed=seed_of("claims", self.pictured.seed, attempt),
            temperature=0.0 if attempt == 1 else 0.7,
            category=self.pictured.category,
            attempt=attempt,
        )

    def read(self, text: str) -> tuple[Holds, ...]:
        """Return what holds of each statement, in their order.

        Raises:
            UnreadableAnswer: the answer has another form, or other ids than those of the task.
        """
        judged = read_answer(text, ClaimsAnswer).claims
        asked = [f"c{i}" for i in range(1, len(self.statements) + 1)]
        refuse_other_ids(asked, [one.id for one in judged])
        holds = {one.id: one.holds for one in judged}
        return tuple(holds[one] for one in asked)


@dataclass(frozen=True, eq=False)
class Look:
    """What is to be seen of one picture."""

    pictured: Pictured
    statements: Collection[str]


@dataclass(frozen=True)
class Looked:
    """What came of a look."""

    sights: Sights  # statements of which no answer could be read are not in it
    unanswered: str = ""  # why the model was not reached


def look(chat: ChatModel, looks: Sequence[Look]) -> list[Looked]:
    """Return what the pictures show of their statements, all asked together, each picture's in mixed order."""
    questions = [list(_questions(one)) for one in looks]
    replies = iter(ask_all(chat, [question for own in questions for question in own]))
    return [_looked([(question, next(replies)) for question in own]) for own in questions]


def _questions(one: Look) -> Iterator[ClaimsQuestion]:
    statements = sorted(set(one.statements), key=lambda says: (seed_of("mixed", one.pictured.seed, says), says))
    for start in range(0, len(statements), MOST_CLAIMS):
        yield ClaimsQuestion(one.pictured, tuple(statements[start : start + MOST_CLAIMS]))


def _looked(answered: Sequence[tuple[ClaimsQuestion, Reply[tuple[Holds, ...]]]]) -> Looked:
    sights: dict[str, Holds] = {}
    for question, reply in answered:
        if reply.value is not None:
            sights.update(zip(question.statements, reply.value, strict=True))
    return Looked(sights, next((reply.unanswered for _, reply in answered if reply.unanswered), ""))
