"""The words for attributes of things: which type each is of, what it means the same as, and what it includes.

The lists are FG-OVD's, as FineGen uses them (`vocabulary.toml`); a project adds its own. Not here: where a sentence
holds them (`sentence.py`).
"""

import re
import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

from genval_assets.negatives.settings import VocabularySettings

TYPES = ("colour", "material", "pattern", "transparency")


class ClashingWords(ValueError):
    """The words of a vocabulary contradict one another; the message names them and what would be accepted."""


@dataclass(frozen=True)
class Vocabulary:
    """Values by type, in lower case; a value has one to three words and stands before its noun."""

    values: Mapping[str, tuple[str, ...]]  # type -> values
    shades: frozenset[str]  # words that make one value with the colour after them
    synonyms: Mapping[str, str]  # another word -> the value that it stands for
    entails: Mapping[str, frozenset[str]]  # value -> what a thing with it has, too
    together: frozenset[str]  # values that go with any other of their type

    def type_of(self, value: str) -> str | None:
        """Return the type of a value, shades and synonyms included; None where it is none."""
        plain = self.meaning(self.without_shade(value))
        return next((name for name, values in self.values.items() if plain in values), None)

    def meaning(self, word: str) -> str:
        """Return the value that a word stands for; a word that is no synonym stands for itself.

        A shade stays: light gray means light grey.
        """
        bare = self.without_shade(word)
        return f"{word.removesuffix(bare)}{self.synonyms.get(bare, bare)}"

    def is_value(self, word: str) -> bool:
        """Return whether a word is one of the values, perhaps with a shade; a synonym of one is not."""
        return self.meaning(word) == word and self.type_of(word) is not None

    def without_shade(self, value: str) -> str:
        """Return the colour of light blue; another value as it is."""
        first, _, rest = value.partition(" ")
        return rest if rest and first in self.shades else value

    def same_or_entailed(self, one: str, other: str) -> bool:
        """Return whether one value means the other, or always comes with it, in either direction.

        A light blue thing is blue; light blue and dark blue are two values.
        """
        a, b = self.meaning(one), self.meaning(other)
        bare = self.without_shade(a), self.without_shade(b)
        if a == b or (bare[0] == bare[1] and (a in bare or b in bare)):
            return True
        return b in self.entails.get(a, ()) or a in self.entails.get(b, ())

    def exclude(self, one: str, other: str) -> bool:
        """Return whether a thing that has one value cannot have the other: of one type, and neither goes with it."""
        if self.type_of(one) != self.type_of(other) or self.same_or_entailed(one, other):
            return False
        return not {self.meaning(one), self.meaning(other)} & self.together


def vocabulary(added: VocabularySettings | None = None) -> Vocabulary:
    """Return the shipped vocabulary with a project's own words.

    Raises:
        ClashingWords: a word stands in two types, is a value and a synonym, or is said of a value that there is not.
    """
    return _joined(added or VocabularySettings())


@cache
def _shipped() -> Mapping[str, Mapping[str, list[str]]]:
    return tomllib.loads(files("genval_assets.negatives").joinpath("vocabulary.toml").read_text(encoding="utf-8"))


def _joined(added: VocabularySettings) -> Vocabulary:
    shipped = _shipped()
    own: Mapping[str, tuple[str, ...]] = {name: getattr(added, name) for name in TYPES}
    values = {name: tuple(dict.fromkeys((*shipped["values"][name], *own[name]))) for name in TYPES}
    said = [*shipped["synonyms"].items(), *added.synonyms.items()]
    wider = [*shipped["entails"].items(), *added.entails.items()]
    _refuse_clashes(values, said, wider)
    entails: dict[str, frozenset[str]] = {}
    for value, others in wider:
        entails[value] = entails.get(value, frozenset()) | frozenset(others)
    return Vocabulary(
        values=values,
        shades=frozenset(shipped["shades"]["words"]),
        synonyms={word: value for value, words in said for word in words},
        entails=entails,
        together=frozenset(word for words in shipped["together"].values() for word in words),
    )


Said = Iterable[tuple[str, Iterable[str]]]


def _refuse_clashes(values: Mapping[str, tuple[str, ...]], said: Said, wider: Said) -> None:
    every = [value for of_type in values.values() for value in of_type]
    twice = sorted({value for value in every if every.count(value) > 1})
    synonyms = [word for _, words in said for word in words]
    both = sorted(set(synonyms) & set(every) | {word for word in synonyms if synonyms.count(word) > 1})
    unknown = sorted({value for value, _ in (*said, *wider) if value not in every})
    for words, what in (
        (twice, "of two types; a value has one"),
        (both, "values and synonyms, or synonyms of two values; a word has one meaning"),
        (unknown, "no values; synonyms and entails are said of values, add them to their type first"),
    ):
        if words:
            raise ClashingWords(f"[hard_negatives.vocabulary]: {', '.join(words)} are {what}")


def spoken_tokens(text: str) -> list[str]:
    """Return the words and marks of a sentence in order, words in lower case: hyphened ones and light-blue stay one."""
    return re.findall(r"[^\W_]+(?:['’-][^\W_]+)*|[^\w\s]", text.lower())
