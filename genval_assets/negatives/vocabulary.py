"""The words for attributes of things: which type each is of, what it means the same as, and what it includes.

The lists are FG-OVD's, as FineGen uses them (`vocabulary.toml`); a project adds its own. Not here: where a sentence
holds them (`sentence.py`).
"""

import re
import tomllib
import unicodedata
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache, cached_property
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

    @cached_property
    def phrases(self) -> Mapping[str, str]:
        """Each way in which a sentence may hold a value, hyphens as blanks -> that value.

        Beside values and synonyms: shades of colours, and navy blue, which says blue twice.
        """
        plain = {unhyphened(value): value for values in self.values.values() for value in values}
        other = {unhyphened(word): value for word, value in self.synonyms.items()}
        doubled = {f"{word} {value}": value for word, value in other.items() if value in self.values["colour"]}
        found = {**doubled, **other, **plain}
        colours = [(phrase, value) for phrase, value in found.items() if value in self.values["colour"]]
        shaded = {
            f"{shade} {phrase}": f"{shade} {value}"
            for shade in self.shades
            for phrase, value in colours
            if self.without_shade(value) == value
        }
        return {**shaded, **found}

    @cached_property
    def longest(self) -> int:
        """Words of the longest phrase."""
        return max(len(phrase.split()) for phrase in self.phrases)

    def type_of(self, value: str) -> str | None:
        """Return the type of a value, shades and synonyms included; None where it is none."""
        plain = self.phrases.get(unhyphened(value))
        if plain is None:
            return None
        either = {plain, self.without_shade(plain)}
        return next((name for name, values in self.values.items() if either & set(values)), None)

    def meaning(self, word: str) -> str:
        """Return the value that a word stands for, however hyphened; a word that is none stands for itself.

        A shade stays: light gray means light grey.
        """
        return self.phrases.get(unhyphened(word), word)

    def counts_as(self, word: str) -> str:
        """Return what another word for a value is understood as, as a clause: 'canvas' counts as 'fabric'.

        Empty where the word is the value itself, however hyphened, or none.
        """
        value = self.meaning(word)
        return "" if unhyphened(value) == unhyphened(word) else f"{word!r} counts as {value!r}"

    def is_value(self, word: str) -> bool:
        """Return whether a word is one of the values, perhaps with a shade; a synonym of one is not."""
        return self.meaning(word) == word and self.type_of(word) is not None

    def without_shade(self, value: str) -> str:
        """Return the colour of light blue; another value as it is, also dark chocolate where chocolate is no colour."""
        first, _, rest = value.partition(" ")
        is_colour = self.synonyms.get(rest, rest) in self.values["colour"]
        return rest if first in self.shades and is_colour else value

    def same_or_entailed(self, one: str, other: str) -> bool:
        """Return whether one value means the other, or always comes with it, in either direction.

        A light blue thing is blue; light blue and dark blue are two values. A value whose last word is another of its
        type includes that, too: sky blue, stained glass.
        """
        return self.meaning(other) in self._included(one) or self.meaning(one) in self._included(other)

    def exclude(self, one: str, other: str) -> bool:
        """Return whether a thing that has one value cannot have the other: of one type, and neither goes with it."""
        if self.type_of(one) != self.type_of(other) or self.same_or_entailed(one, other):
            return False
        return not {self.meaning(one), self.meaning(other)} & self.together

    def _included(self, value: str) -> set[str]:
        """Return what a thing with a value has: it, what it entails, and what that does."""
        found: set[str] = set()
        waiting = [self.meaning(value)]
        while waiting:
            one = waiting.pop()
            if one not in found:
                found.add(one)
                waiting += [*self.entails.get(one, ()), *self._heads(one)]
        return found

    def _heads(self, value: str) -> Iterator[str]:
        words = unhyphened(value).split()
        for start in range(1, len(words)):
            rest = " ".join(words[start:])
            if rest in self.phrases and self.type_of(rest) == self.type_of(value):
                yield self.meaning(rest)


def vocabulary(added: VocabularySettings | None = None) -> Vocabulary:
    """Return the shipped vocabulary with a project's own words.

    Raises:
        ClashingWords: a word has two meanings, stands for what is understood already, or is said of a value that there
            is not.
    """
    own = added or VocabularySettings()
    shipped = _shipped()
    more: Mapping[str, tuple[str, ...]] = {name: getattr(own, name) for name in TYPES}
    said = _pairs(shipped["synonyms"], own.synonyms)
    wider = _pairs(shipped["entails"], own.entails)
    joined = Vocabulary(
        values={name: tuple(dict.fromkeys((*shipped["values"][name], *more[name]))) for name in TYPES},
        shades=frozenset(shipped["shades"]["words"]),
        synonyms={word: value for value, word in said},
        entails={value: frozenset(other for one, other in wider if one == value) for value, _ in wider},
        together=frozenset(word for words in shipped["together"].values() for word in words),
    )
    faults = [*_ambiguous(joined, said), *_shaded_words(joined), *_unknown(joined, said, wider)]
    if faults:
        raise ClashingWords(f"vocabulary: {'; '.join(faults)}")
    return joined


def unhyphened(phrase: str) -> str:
    """Return a phrase with blanks for its hyphens: polka-dot and polka dot are one word."""
    return phrase.replace("-", " ")


TOKEN = re.compile(r"[^\W_]+(?:['’-][^\W_]+)*|[^\w\s]|_")
"""A word or a mark: hyphened words and light-blue stay one."""


def spoken_tokens(text: str) -> list[str]:
    """Return the words and marks of a sentence in order, words in lower case: hyphened ones and light-blue stay one."""
    return [token.lower() for token in TOKEN.findall(unicodedata.normalize("NFC", text))]


@cache
def _shipped() -> Mapping[str, Mapping[str, list[str]]]:
    return tomllib.loads(files("genval_assets.negatives").joinpath("vocabulary.toml").read_text(encoding="utf-8"))


Pairs = list[tuple[str, str]]


def _pairs(*lists: Mapping[str, list[str]] | Mapping[str, tuple[str, ...]]) -> Pairs:
    return [(value, word) for one in lists for value, words in one.items() for word in words]


def _ambiguous(joined: Vocabulary, said: Pairs) -> Iterator[str]:
    """Yield what is wrong with words of two meanings."""
    meanings: dict[str, dict[str, None]] = {}
    for name, values in joined.values.items():
        for value in values:
            meanings.setdefault(unhyphened(value), {})[f"the {name} {value!r}"] = None
    for value, word in said:
        meanings.setdefault(unhyphened(word), {})[f"another word for {value!r}"] = None
    for word, several in meanings.items():
        if len(several) > 1:
            yield f"{word!r} is {' and '.join(several)}; a word has one meaning, leave your own out"


def _shaded_words(joined: Vocabulary) -> Iterator[str]:
    """Yield what is wrong with words that begin with a shade: light blue may be added to the colours, no more."""
    every = [value for values in joined.values.values() for value in values]
    for word in (*every, *joined.synonyms):
        plain = unhyphened(word)
        bare = joined.without_shade(plain)
        understood = f"{plain.removesuffix(bare)}{joined.synonyms.get(bare, bare)}"
        if word in joined.shades:
            yield f"{word!r} makes one value with the colour after it; leave it out"
        elif bare != plain and (understood != word or word not in joined.values["colour"]):
            yield f"{word!r} is understood as the colour {understood!r} already; leave it out"


def _unknown(joined: Vocabulary, said: Pairs, wider: Pairs) -> Iterator[str]:
    """Yield what is wrong with values that something is said of, or that are said of others."""
    for value in dict.fromkeys([*(value for value, _ in said), *(value for pair in wider for value in pair)]):
        if not joined.is_value(value):
            meant = joined.meaning(value)
            accepted = f"write {meant!r}" if meant != value else "add it to its type first"
            yield f"synonyms or entails name {value!r}, which is no value; {accepted}"
