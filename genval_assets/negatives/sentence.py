"""A sentence taken apart: its words, the attribute values among them, and the noun that each value stands before.

Not here: which sentences are accepted (`positive.py`), and how two of them differ (`changes.py`).
"""

import re
import unicodedata
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Literal

from genval_assets.language.nouns import kinds, with_article
from genval_assets.negatives.vocabulary import TOKEN, Vocabulary, spoken_tokens, unhyphened

MOST_OTHER_WORDS = 2
"""Between a value and its noun: a red porcelain coffee mug."""

_ENDS = re.compile(
    r"the|this|that|these|those|its|his|her|their|which|who|or|but|while"
    r"|is|are|was|were|be|being|been|has|have|had"
    r"|about|above|across|against|along|among|around|as|at|behind|below|beneath|besides?|between|by|down|for|from"
    r"|in|inside|into|like|near|next|of|off|on|onto|out|outside|over|past|through|to|towards?|under|up|upon|with|within"
)
"""Words that no value reaches across to a noun: "the mug is red next to the bowl" says nothing of the bowl."""
_BEHIND = re.compile(r".*\b(?:is|are|was|were|painted|colou?red|made (?:out )?(?:of|from)) (?:[a-z]+ly |all )?")
"""What a value stands behind that is no part of "a red mug": painted red."""


@dataclass(frozen=True)
class Unit:
    """A piece of a sentence that stays whole: a word, a mark, a noun of several words, light blue."""

    text: str  # lower case
    kind: Literal["word", "value", "article", "noun", "mark"]
    type: str | None = None  # of a value: colour | material | pattern | transparency
    value: str | None = None  # of a value: what it means, synonyms resolved
    written: str = field(default="", compare=False)  # as the sentence has it: an SUV is spoken letter by letter


@dataclass(frozen=True)
class Attribute:
    """A value in a sentence, and what it is said of."""

    place: int  # of the unit
    type: str
    value: str  # what it means, synonyms resolved
    noun: str  # as it stands in the sentence, lower case; of several in a row all of them: wall clock


def units(text: str, nouns: Collection[str], vocabulary: Vocabulary) -> tuple[Unit, ...]:
    """Return the units of a sentence, in order.

    What a noun consists of is no value: the glass of a wine glass, the orange of an orange. Hyphens count as blanks. A
    hyphened word that only holds a value, such as red-striped, is a word: `hidden_values` tells of it.

    Args:
        text: the sentence.
        nouns: what its things are called, in any case; the longest match counts, and its regular plural. A remark in
            parentheses may be left out.
        vocabulary: what the values are.
    """
    return tuple(_units(unicodedata.normalize("NFC", text), noun_phrases(tuple(nouns)), vocabulary))


def attributes(parts: Sequence[Unit]) -> tuple[Attribute, ...]:
    """Return the values that stand before a noun, in order, each with that noun.

    Between a value and its noun may stand other values, commas, `and`, and at most two other words, which are no
    preposition or the like; behind such a word no comma and no `and`, for a noun may be what it is.
    """
    found = []
    for place, unit in enumerate(parts):
        noun = noun_after(parts, place)
        if unit.type is not None and unit.value is not None and noun is not None:
            found.append(Attribute(place, unit.type, unit.value, noun_up_to(parts, noun)))
    return tuple(found)


def noun_after(parts: Sequence[Unit], place: int) -> int | None:
    """Return the place of the noun that a value at `place` is said of; None where that cannot be told.

    Of nouns in a row it is the last: a black wall clock is a clock.
    """
    others, joined = 0, False
    for at in range(place + 1, len(parts)):
        unit = parts[at]
        if unit.kind == "noun":
            return None if joined else _last_in_row(parts, at)
        joined = unit.text in {",", "and"}
        if joined and others:
            return None
        if not joined and unit.kind != "value":
            others += 1
            if unit.kind != "word" or _ENDS.fullmatch(unit.text) or others > MOST_OTHER_WORDS:
                return None
    return None


def could_lead_to_noun(parts: Sequence[Unit], place: int) -> bool:
    """Return whether a word that may be a noun comes after the value at a place: a red cup, not painted red."""
    joining = {",", "and"}
    start = place
    while start and (parts[start - 1].kind == "value" or parts[start - 1].text in joining):
        start -= 1
    after = next((part for part in parts[place + 1 :] if part.kind != "value" and part.text not in joining), None)
    follows = after is not None and after.kind in {"word", "noun"} and not _ENDS.fullmatch(after.text)
    return follows and not _BEHIND.fullmatch("".join(f"{part.text} " for part in parts[:start]))


def noun_up_to(parts: Sequence[Unit], last: int) -> str:
    """Return the nouns in a row of which the last stands at a place, as one: wall clock."""
    first = last
    while first and parts[first - 1].kind == "noun":
        first -= 1
    return " ".join(part.text for part in parts[first : last + 1])


def wrong_articles(parts: Sequence[Unit]) -> tuple[str, ...]:
    """Return each `a` or `an` that does not fit the word after it, with that word: a orange."""
    wrong = []
    for at, unit in enumerate(parts):
        if unit.kind == "article":
            after = spoken_after(parts, at)
            if unit.text not in _fitting(after.written or after.text):
                wrong.append(f"{unit.text} {after.text}".strip())
    return tuple(wrong)


def spoken_after(parts: Sequence[Unit], at: int) -> Unit:
    """Return the first unit after a place that is no mark; an empty word where there is none."""
    return next((part for part in parts[at + 1 :] if part.kind != "mark"), Unit("", "word"))


def hidden_values(parts: Sequence[Unit], vocabulary: Vocabulary) -> tuple[str, ...]:
    """Return the words that hold a value behind a hyphen, so that what it is said of cannot be told: red-striped."""
    words = [part.text for part in parts if part.kind == "word" and "-" in part.text]
    return tuple(word for word in words if any(unit.kind == "value" for unit in _between(word.split("-"), vocabulary)))


def exchanged(text: str, parts: Sequence[Unit], instead: Mapping[int, str]) -> str:
    """Return a sentence with other texts in place of some of its units, all else as it is.

    Args:
        text: the sentence.
        parts: its units.
        instead: place of a unit -> what is written there.
    """
    spans = iter([match.span() for match in TOKEN.finditer(text)])
    written, done = "", 0
    for place, part in enumerate(parts):
        of_unit = [next(spans) for _ in TOKEN.findall(part.written or part.text)]
        start, stop = of_unit[0][0], of_unit[-1][1]
        written += text[done:start] + instead.get(place, text[start:stop])
        done = stop
    return written + text[done:]


@lru_cache(maxsize=4096)
def noun_phrases(nouns: tuple[str, ...]) -> frozenset[str]:
    """Return all that nouns may be called, several of a kind included; lower case, blanks for hyphens."""
    names = [noun.lower() for noun in nouns if noun.strip()]
    bare = [re.sub(r" \([^()]*\)$", "", name) for name in names]
    called = [form for name in (*names, *bare) for form in (name, kinds(name))]
    return frozenset(_phrase(spoken_tokens(name)) for name in called)


def holds_noun(text: str, noun: str) -> bool:
    """Return whether a sentence has a noun or several of its kind in it, maybe as a part of a longer one."""
    return bool(_noun_spans(spoken_tokens(text), noun_phrases((noun,))))


def same_kind(one: str, other: str) -> bool:
    """Return whether two nouns are one in the singular or the plural: mug and mugs. Lower case."""
    return one == other or kinds(one) == other or kinds(other) == one


def _last_in_row(parts: Sequence[Unit], at: int) -> int:
    while at + 1 < len(parts) and parts[at + 1].kind == "noun":
        at += 1
    return at


def _fitting(word: str) -> set[str]:
    """Return the articles that may stand before a word: of LEGO, which may be spelt out or not, and of herb, both."""
    if not word:
        return set()
    read = {word, word.lower()} if re.match(r"[A-Z]{2}", word) else {word}
    if word.lower().startswith("herb"):
        return {"a", "an"}
    # a countable noun behind it: the words of `nouns.py` that take no article are no reason here
    return {with_article(f"{one} thing").split(maxsplit=1)[0] for one in read}


def _units(text: str, known: frozenset[str], vocabulary: Vocabulary) -> Iterator[Unit]:
    found = list(TOKEN.finditer(text))
    written, done = [match.group() for match in found], 0
    for start, stop in _noun_spans([token.lower() for token in written], known):
        yield from _between(written[done:start], vocabulary)
        noun = text[found[start].start() : found[stop - 1].end()]
        yield Unit(noun.lower(), "noun", written=noun)
        done = stop
    yield from _between(written[done:], vocabulary)


def _noun_spans(tokens: Sequence[str], known: frozenset[str]) -> list[tuple[int, int]]:
    """Return where each noun starts and stops, the longest that starts at a word, from left to right."""
    found, start = [], 0
    most = max((len(phrase.split()) for phrase in known), default=0)
    while start < len(tokens):
        stop = _stop(tokens, start, known, most)
        if stop > start:
            found.append((start, stop))
        start = max(stop, start + 1)
    return found


def _between(written: Sequence[str], vocabulary: Vocabulary) -> Iterator[Unit]:
    """Yield the units of what stands between two nouns."""
    tokens, start = [token.lower() for token in written], 0
    while start < len(tokens):
        stop = _stop(tokens, start, vocabulary.phrases, vocabulary.longest)
        if stop > start:
            text = " ".join(tokens[start:stop])
            yield Unit(text, "value", vocabulary.type_of(text), vocabulary.meaning(text))
        else:
            yield _single(written[start])
        start = max(stop, start + 1)


def _single(written: str) -> Unit:
    token = written.lower()
    if token in {"a", "an"}:
        return Unit(token, "article")
    return Unit(token, "word" if re.match(r"[^\W_]", token) else "mark", written=written)


def _stop(tokens: Sequence[str], start: int, known: Collection[str], most: int) -> int:
    """Return where the longest known phrase that begins at `start` stops; `start` where none does."""
    stops = range(min(len(tokens), start + most), start, -1)
    return next((stop for stop in stops if _phrase(tokens[start:stop]) in known), start)


def _phrase(tokens: Sequence[str]) -> str:
    return unhyphened(" ".join(tokens))
