"""The factor table of a category, asked of the model once: what may vary from one of its prompts to the next.

After InstaDA's T-Agent: 8-12 factors of 6-10 values, from which slots are drawn balanced (`slots.py`, which also has
the table for categories whose answer cannot be used).
"""

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from importlib.resources import files
from typing import Annotated

from pydantic import Field

from genval_assets.chat.answers import Answered, UnreadableAnswer, read_answer
from genval_assets.chat.ask import about, worded
from genval_assets.keys import seed_of
from genval_assets.prompting.lint import lint_prompt
from genval_assets.types import ChatRequest

STAGE = "optimized_prompts"
NEEDED = ("colour", "texture", "viewpoint", "lighting")
"""Factors that every table must have: pictures can show them, and records are checked by them."""
LONGEST_VALUE = 40
"""Characters; nine values and the rules must fit into one prompt."""
MOST_WORDS = 5
_NAME = r"[a-z][a-z0-9]*(?:_[a-z0-9]+)*"
_TAKEN = frozenset({"subject", "category", "prompt", "background"})
"""Names that mean something else where slots are used."""
_REFUSED = frozenset({"plural", "second_subject", "scene", "multi_view"})
"""What the lint would refuse in every prompt that holds the value."""
_PART = re.compile(r"\b(?:close[- ]?up|macro|cropped|partial|zoomed|cut[- ]?off|backgrounds?|backdrops?)\b")


class Factor(Answered):
    """One thing that varies, and how."""

    name: str = Field(min_length=1, max_length=30)
    values: Annotated[
        tuple[Annotated[str, Field(min_length=1, max_length=200)], ...], Field(min_length=6, max_length=10)
    ]


class FactorAnswer(Answered):
    """The permitted answer."""

    factors: tuple[Factor, ...] = Field(min_length=8, max_length=12, description="What varies, each factor once.")


@dataclass(frozen=True)
class FactorQuestion:
    """What may vary between pictures of one category? Fits `chat.ask.Question`."""

    category: str  # partition key
    name: str  # data: passed as JSON, so that nothing in it reads as an instruction
    definition: str | None

    def request(self, attempt: int, faults: Sequence[str]) -> ChatRequest:
        """Return the question; with `faults`, what was wrong with the earlier answers."""
        return ChatRequest(
            stage=STAGE,
            system=files("genval_assets.prompting").joinpath("factor_table.txt").read_text(encoding="utf-8"),
            user=worded(about(self.name, self.definition), faults),
            answer_schema=FactorAnswer,
            seed=seed_of("factors", self.category, attempt),
            temperature=0.7,
            category=self.category,
            attempt=attempt,
        )

    def read(self, text: str) -> Mapping[str, tuple[str, ...]]:
        """Return the table of a raw answer: factor -> values.

        Raises:
            UnreadableAnswer: the answer has another form, or holds factors that prompts could not use; the message
                names every one.
        """
        answer = read_answer(text, FactorAnswer)
        table = [(factor.name, factor.values) for factor in answer.factors]
        if faults := list(factor_faults(table)):
            raise UnreadableAnswer("; ".join(faults), ("factor_table",))
        return dict(table)


def factor_faults(table: Iterable[tuple[str, Sequence[str]]]) -> Iterator[str]:
    """Yield what is wrong with a table, a sentence each; nothing when it can be used."""
    table = list(table)
    names = Counter(name for name, _ in table)
    yield from (f"factor {name!r} is missing" for name in NEEDED if name not in names)
    yield from (f"factor {name!r} comes {times} times" for name, times in names.items() if times > 1)
    for name, values in table:
        if name in _TAKEN or not re.fullmatch(_NAME, name):
            yield f"{name!r} is no name of a factor: lower case and underscores, not {', '.join(sorted(_TAKEN))}"
        twice = [value for value, times in Counter(v.lower() for v in values).items() if times > 1]
        yield from (f"{name}: {value!r} comes twice" for value in twice)
        for value in values:
            yield from (f"{name}: {value[:80]!r} {fault}" for fault in _value_faults(value))


def _value_faults(value: str) -> Iterator[str]:
    if value != " ".join(value.split()) or not value.isprintable() or not re.search(r"[^\W_]", value):
        yield "is no phrase: expected words with single blanks between them"
    if re.search(r"""[{}\[\]<>"|;:]""", value):
        yield "has punctuation that no phrase needs"
    if len(value) > LONGEST_VALUE or len(value.split()) > MOST_WORDS:
        yield f"is too long: at most {MOST_WORDS} words and {LONGEST_VALUE} characters"
    if part := _PART.search(value.lower()):
        yield f"asks for {part[0]!r}: every value is about the whole object and nothing behind it"
    # as part of a sentence, since the lint looks at what stands before and after
    yield from (fault.detail for fault in lint_prompt(f"object, {value}", "object") if fault.reason in _REFUSED)
