"""Statements about a picture, each about one attribute of one kind of thing, put to the vision model.

A negative is false of its picture when each of its exchanged words is: so words are asked about, not sentences, and a
word that stands in several negatives is asked about once (our choice).
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Literal

from pydantic import Field

from genval_assets.chat.answers import Answered, UnreadableAnswer, read_answer
from genval_assets.chat.ask import worded
from genval_assets.keys import seed_of
from genval_assets.language.nouns import with_article
from genval_assets.negatives.picture import Pictured
from genval_assets.negatives.positive import STAGE
from genval_assets.types import ChatRequest

MOST_CLAIMS = 60
Holds = Literal["true", "false", "unclear"]


@dataclass(frozen=True, order=True)
class Claim:
    """That a picture shows a thing of this kind with this attribute; without one, what a whole caption says."""

    noun: str
    type: str
    value: str

    @property
    def text(self) -> str:
        """The statement as a sentence."""
        return f"There is {with_article(f'{self.value} {self.noun}')}."


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
        asked, got = [f"c{i + 1}" for i in range(len(self.statements))], [one.id for one in judged]
        if Counter(asked) != Counter(got):
            raise UnreadableAnswer(f"expected one entry for each of {', '.join(asked)}, got {', '.join(got)}")
        holds = {one.id: one.holds for one in judged}
        return tuple(holds[one] for one in asked)
