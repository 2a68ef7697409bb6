"""The caption of a picture: what is asked for, and which captions are accepted.

FineGen: 10 to 25 words with at least one attribute of the vocabulary; three are aimed for.
"""

import re
import unicodedata
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Annotated

from pydantic import Field

from genval_assets.chat.answers import Answered, UnreadableAnswer, read_answer
from genval_assets.chat.ask import worded
from genval_assets.keys import seed_of
from genval_assets.negatives.loose import loose_values, quoted, understood
from genval_assets.negatives.picture import Pictured
from genval_assets.negatives.sentence import (
    Attribute,
    Unit,
    attributes,
    holds_noun,
    units,
    wrong_articles,
)
from genval_assets.negatives.vocabulary import Vocabulary, spoken_tokens
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

    @property
    def n_words(self) -> int:
        """How many words the caption has; marks are none."""
        return word_count(self.text)


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
        return read_positive(answer.caption, self.pictured.names, self.vocabulary, answer.nouns)


def word_count(text: str) -> int:
    """Return how many words a sentence has; hyphened ones count once, marks do not."""
    return sum(bool(re.match(r"[^\W_]", token)) for token in spoken_tokens(text))


def words_of(vocabulary: Vocabulary) -> Mapping[str, list[str]]:
    """Return the values by type, as a task holds them."""
    return {name: list(values) for name, values in vocabulary.values.items()}


def read_positive(text: str, names: Collection[str], vocabulary: Vocabulary, claimed: Collection[str] = ()) -> Positive:
    """Return a caption taken apart, its blanks made single.

    Args:
        text: the caption.
        names: what the things of the picture are called.
        vocabulary: what the values are.
        claimed: what else the model says that the caption has attributes of.

    Raises:
        UnreadableAnswer: it cannot be accepted. Codes: `too_short`, `too_long`, `several_sentences`, `no_attribute`,
            `thing_not_named` (none of the names is in it), `denial`, `wrong_article`, `attribute_without_noun` (a value
            that stands before none of the nouns, or behind a hyphen, so that what it is said of cannot be told),
            `value_as_noun` (a claimed noun is a value, or has one before its last word, which would hide it),
            `noun_not_in_caption` (a claimed noun).
    """
    caption = " ".join(unicodedata.normalize("NFC", text).split())
    nouns = tuple(dict.fromkeys(noun.lower() for noun in (*names, *claimed)))
    parts = units(caption, nouns, vocabulary)
    positive = Positive(caption, nouns, parts, attributes(parts))
    new = [noun for noun in claimed if noun.lower() not in {name.lower() for name in names}]
    faults = {
        **dict(_faults_of_form(caption, parts)),
        **dict(_faults_of_attributes(positive, vocabulary)),
        **dict(_faults_of_nouns(caption, names, new, vocabulary)),
    }
    if faults:
        raise UnreadableAnswer(" ".join(faults.values()), tuple(faults))
    return positive


_DENIAL = re.compile(r"not|no|none|nothing|without|never|neither|nor|cannot|non|.*n['’]t")
_FULL_STOPS = ".!?…"


def _faults_of_form(caption: str, parts: Sequence[Unit]) -> Iterator[tuple[str, str]]:
    words = word_count(caption)
    if words < FEWEST_WORDS:
        yield "too_short", f"The caption has {words} words; accepted: {FEWEST_WORDS} to {MOST_WORDS}."
    if words > MOST_WORDS:
        yield "too_long", f"The caption has {words} words; accepted: {FEWEST_WORDS} to {MOST_WORDS}."
    last = max((place for place, part in enumerate(parts) if part.kind != "mark"), default=0)
    if any(part.kind == "mark" and part.text in _FULL_STOPS for part in parts[:last]):
        yield "several_sentences", "The caption has several sentences; accepted: one."
    denials = [part.text for part in parts if part.kind == "word" and _DENIAL.fullmatch(part.text)]
    if denials:
        yield "denial", f"The caption denies something with {quoted(denials)}: say only what there is."
    wrong = wrong_articles(parts)
    if wrong:
        yield "wrong_article", f"The article is wrong in {quoted(wrong)}."


def _faults_of_attributes(positive: Positive, vocabulary: Vocabulary) -> Iterator[tuple[str, str]]:
    if not positive.attributes:
        yield (
            "no_attribute",
            "No word of the task's lists stands before a named thing; one is needed, three are better.",
        )
    loose = list(loose_values(positive.units, positive.attributes, vocabulary))
    if loose:
        yield "attribute_without_noun", " ".join(loose)


def _faults_of_nouns(
    caption: str, names: Collection[str], claimed: Sequence[str], vocabulary: Vocabulary
) -> Iterator[tuple[str, str]]:
    if not any(holds_noun(caption, name) for name in names):
        yield "thing_not_named", f"The caption names none of {quoted(names)}: name one as it is written here."
    values = [noun for noun in claimed if _hides_value(noun, vocabulary)]
    if values:
        told = (
            f"Under nouns, {quoted(values)} is or holds a word of the task's lists.",
            *understood((part.text for noun in values for part in units(noun, (), vocabulary)), vocabulary),
            "Give the noun alone.",
            "Call a thing by another name where its name is such a word.",
        )
        yield "value_as_noun", " ".join(told)
    missing = [noun for noun in claimed if not holds_noun(caption, noun)]
    if missing:
        yield "noun_not_in_caption", f"Under nouns, {quoted(missing)} is not in the caption: give nouns that are."


def _hides_value(noun: str, vocabulary: Vocabulary) -> bool:
    """Return whether a noun is a value, or has one before its last word: the glass of a wine glass hides none."""
    kinds = [part.kind for part in units(noun, (), vocabulary)]
    return kinds == ["value"] or "value" in kinds[:-1]
