"""The caption of a picture: what is asked for, and which captions are accepted.

FineGen: 10 to 25 words with at least one attribute of the vocabulary; three are aimed for.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Annotated

from pydantic import Field

from genval_assets.chat.answers import Answered, UnreadableAnswer, read_answer
from genval_assets.chat.ask import worded
from genval_assets.keys import seed_of
from genval_assets.negatives.picture import Pictured
from genval_assets.negatives.sentence import Attribute, Unit
from genval_assets.negatives.vocabulary import Vocabulary
from genval_assets.types import ChatRequest

STAGE = "hard_negatives"
FEWEST_WORDS, MOST_WORDS = 10, 25
AIMED_FOR = 3
"""Attributes of a caption."""


class PositiveAnswer(Answered):
    """A caption, and what it says attributes of."""

    caption: str = Field(min_length=1, max_length=400)
    nouns: tuple[Annotated[str, Field(min_length=1, max_length=60)], ...] = Field(max_length=8)


@dataclass(frozen=True)
class Positive:
    """An accepted caption, taken apart."""

    text: str
    nouns: tuple[str, ...]  # lower case; those of the task, and those that the model named
    units: tuple[Unit, ...]
    attributes: tuple[Attribute, ...]


@cache
def positive_prompt() -> str:
    """Return the system prompt of the model that describes."""
    return files("genval_assets.negatives").joinpath("positive_agent.txt").read_text(encoding="utf-8")


@dataclass(frozen=True, eq=False)
class PositiveQuestion:
    """What a picture shows, in one sentence with attributes. Fits `chat.ask.Question`."""

    pictured: Pictured
    vocabulary: Vocabulary

    def request(self, attempt: int, faults: Sequence[str]) -> ChatRequest:
        """Return the question; with `faults`, what was wrong with the earlier answers."""
        task: dict[str, object] = {"things": list(self.pictured.names), "words": words_of(self.vocabulary)}
        return ChatRequest(
            stage=STAGE,
            system=positive_prompt(),
            user=worded(task, faults),
            answer_schema=PositiveAnswer,
            images=(self.pictured.picture,),
            seed=seed_of("positive", self.pictured.seed, attempt),
            temperature=0.0 if attempt == 1 else 0.7,
            category=self.pictured.category,
            attempt=attempt,
        )

    def read(self, text: str) -> Positive:
        """Return the caption of a raw answer.

        Raises:
            UnreadableAnswer: the answer has another form, or the caption cannot be accepted.
        """
        answer = read_answer(text, PositiveAnswer)
        return read_positive(answer.caption, (*self.pictured.names, *answer.nouns), self.vocabulary)


def words_of(vocabulary: Vocabulary) -> Mapping[str, list[str]]:
    """Return the values by type, as a task holds them."""
    return {name: list(values) for name, values in vocabulary.values.items()}


def read_positive(text: str, nouns: Collection[str], vocabulary: Vocabulary) -> Positive:
    """Return a caption taken apart, its blanks made single.

    Raises:
        UnreadableAnswer: it cannot be accepted. Codes: `too_short`, `too_long`, `several_sentences`, `no_attribute`,
            `thing_not_named` (none of the nouns is in it), `denial`, `wrong_article`, `attribute_without_noun` (a value
            that stands before none of the nouns, so that what it is said of cannot be told).
    """
    raise UnreadableAnswer("not written yet")
