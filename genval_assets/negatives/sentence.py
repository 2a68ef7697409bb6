"""A sentence taken apart: its words, the attribute values among them, and the noun that each value stands before.

Not here: which sentences are accepted (`positive.py`), and how two of them differ (`changes.py`).
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Literal

from genval_assets.negatives.vocabulary import Vocabulary


@dataclass(frozen=True)
class Unit:
    """A piece of a sentence that stays whole: a word, a mark, a noun of several words, light blue."""

    text: str  # lower case
    kind: Literal["word", "value", "article", "noun", "mark"]
    type: str | None = None  # of a value: colour | material | pattern | transparency
    value: str | None = None  # of a value: what it means, synonyms resolved


@dataclass(frozen=True)
class Attribute:
    """A value in a sentence, and what it is said of."""

    place: int  # of the unit
    type: str
    value: str  # what it means, synonyms resolved
    noun: str  # as it stands in the sentence, lower case


def units(text: str, nouns: Collection[str], vocabulary: Vocabulary) -> tuple[Unit, ...]:
    """Return the units of a sentence, in order.

    What a noun consists of is no value: the glass of a wine glass, the orange of an orange.

    Args:
        text: the sentence.
        nouns: what its things are called, in any case; the longest match counts, and its regular plural.
        vocabulary: what the values are.
    """
    raise NotImplementedError


def attributes(parts: Sequence[Unit]) -> tuple[Attribute, ...]:
    """Return the values that stand before a noun, in order, each with that noun.

    Between a value and its noun may stand other values, commas, `and`, and at most two other words.
    """
    raise NotImplementedError


def wrong_articles(parts: Sequence[Unit]) -> tuple[str, ...]:
    """Return each `a` or `an` that does not fit the word after it, with that word: a orange."""
    raise NotImplementedError
