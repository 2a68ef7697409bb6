"""How a sentence differs from a caption: the typed list of changes, and what forbids it as a negative.

The list is made by code from the two sentences, unit by unit. The released implementation takes it from a model's
answer, so that a change which the sentence does not hold may be listed, and one which it holds may not.
"""

import unicodedata
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher

from genval_assets.negatives.positive import Positive
from genval_assets.negatives.sentence import (
    Attribute,
    Unit,
    exchanged,
    same_kind,
    spoken_after,
    units,
    wrong_articles,
)
from genval_assets.negatives.vocabulary import Vocabulary, unhyphened

MOST_CHANGES = 3
MOST_NAMED = 4
"""Differences that a fault names; more would only make its text long."""


@dataclass(frozen=True)
class Change:
    """One value that stands in place of another."""

    type: str
    origin: str  # as the caption means it
    target: str  # the value in its place
    noun: str  # that both stand before
    place: int  # of the unit in the caption


@dataclass(frozen=True)
class Fault:
    """Something that forbids a sentence: a code for SQL, and a sentence that goes back to the model."""

    code: str
    why: str


@dataclass(frozen=True)
class Compared:
    """A sentence beside its caption."""

    sentence: str
    changes: tuple[Change, ...]  # also where there are faults, as far as they can be told
    faults: tuple[Fault, ...]

    @property
    def key(self) -> tuple[tuple[int, str], ...]:
        """What makes a negative that of no other: places and targets."""
        return tuple((change.place, change.target) for change in self.changes)


def compare(positive: Positive, sentence: str, vocabulary: Vocabulary) -> Compared:
    """Return the changes from a caption to a sentence, and what is wrong with it by its words alone.

    Blanks are made single. The case of the first letter is not compared, all else is. A change is listed where a value
    of the vocabulary stands in place of another of its type that is said of a noun.

    Codes, each at most once: `no_change`; `too_many_changes`; `other_words` (something else than a value is another
    one, was added, left out or moved; capitals and blanks count); `other_type`; `not_in_vocabulary` (a synonym of a
    value is not, either, and a hyphen is taken only where the caption's word has one); `same_meaning` (a synonym, or
    one includes the other); `already_there` (things of that name have the value anyway, in the caption or in the
    sentence); `wrong_article`.
    """
    said = " ".join(unicodedata.normalize("NFC", sentence).split())
    parts = units(said, positive.nouns, vocabulary)
    bound = {attribute.place: attribute for attribute in positive.attributes}
    differences = _differences(positive.units, parts, bound)
    told = [_exchange(bound[d.place], d, vocabulary) for d in differences if d.exchanges(bound)]
    changes = tuple(one for one in told if isinstance(one, Change))
    wrong = wrong_articles(parts)
    faults = [
        *(one for one in told if isinstance(one, Fault)),
        *_other_words(positive, [d for d in differences if not d.exchanges(bound)]),
        *_already_there(positive, changes, vocabulary),
        *_wrong_number(positive, changes, bool(differences)),
        *(Fault("wrong_article", f"the article is wrong in {one!r}") for one in wrong),
    ]
    if not wrong and len(parts) == len(positive.units) and all(d.exchanges(bound) for d in differences):
        faults += _other_writing(positive, said, parts)
    return Compared(said, changes, _by_code(faults))


@dataclass(frozen=True)
class _Difference:
    """Units of a caption, and those that a sentence has in their place; one of both may be empty."""

    place: int  # of the first unit in the caption
    before: tuple[Unit, ...]
    after: tuple[Unit, ...]

    def exchanges(self, bound: Collection[int]) -> bool:
        """Return whether it is one word in place of an attribute, be it right or wrong."""
        one_each = len(self.before) == len(self.after) == 1
        return one_each and self.place in bound and self.after[0].kind in {"value", "word", "noun"}

    @property
    def text(self) -> str:
        """The difference in words."""
        before, after = (" ".join(unit.text for unit in side) for side in (self.before, self.after))
        if not before:
            return f"{after!r} was added"
        return f"{before!r} became {after!r}" if after else f"{before!r} was left out"


def _differences(caption: Sequence[Unit], sentence: Sequence[Unit], bound: Collection[int]) -> list[_Difference]:
    """Return where two sentences differ: place by place if only attributes do, else as they are best aligned."""
    one, other = _compared(caption), _compared(sentence)
    if len(one) == len(other):
        pairs = enumerate(zip(caption, sentence, strict=True))
        found = [_Difference(i, (before,), (after,)) for i, (before, after) in pairs if one[i] != other[i]]
        if all(difference.exchanges(bound) for difference in found):
            return found
    aligned = SequenceMatcher(None, one, other, autojunk=False).get_opcodes()
    found = []
    for tag, start, stop, start_after, stop_after in aligned:
        if tag != "equal":
            found += _one_by_one(
                _Difference(start, tuple(caption[start:stop]), tuple(sentence[start_after:stop_after]))
            )
    return found


def _compared(parts: Sequence[Unit]) -> list[tuple[str, str]]:
    return [(part.kind, "" if part.kind == "article" else part.text) for part in parts]


def _one_by_one(block: _Difference) -> list[_Difference]:
    """Return a difference taken apart where both sides are of one length."""
    if len(block.before) != len(block.after):
        return [block]
    pairs = enumerate(zip(block.before, block.after, strict=True))
    return [_Difference(block.place + i, (before,), (after,)) for i, (before, after) in pairs]


def _exchange(attribute: Attribute, difference: _Difference, vocabulary: Vocabulary) -> Change | Fault:
    """Return the change that a unit in place of an attribute is, or why it is none."""
    kind, origin, unit = attribute.type, attribute.value, difference.after[0]
    fault = _fault_of(unit, attribute, difference.before[0].text, vocabulary)
    if fault is None:
        return Change(kind, origin, unit.value or unit.text, attribute.noun, attribute.place)
    others = ", ".join(value for value in vocabulary.values[kind] if not vocabulary.same_or_entailed(value, origin))
    seen = f"{unit.text!r} stands in place of {difference.before[0].text!r}, but {fault.why}"
    meant = dict.fromkeys(filter(None, (vocabulary.counts_as(one.text) for one in (*difference.before, unit))))
    return Fault(fault.code, "; ".join((seen, *meant, f"accepted: another {kind} ({others})")))


def _fault_of(unit: Unit, attribute: Attribute, before: str, vocabulary: Vocabulary) -> Fault | None:
    """Return why a unit may not stand in place of an attribute's word."""
    if unit.kind == "noun":
        return Fault("not_in_vocabulary", "is the name of a thing in this caption")
    if unit.value is None:
        return Fault("not_in_vocabulary", "is no word of the task's lists")
    if unit.type != attribute.type:
        return Fault("other_type", f"is a {unit.type}")
    if vocabulary.same_or_entailed(unit.value, attribute.value):
        return Fault("same_meaning", "means the same or one includes the other")
    if unhyphened(unit.text) != unhyphened(unit.value):
        return Fault("not_in_vocabulary", f"is another word for {unit.value!r}")
    if unit.text != unit.value and not ("-" in unit.text and "-" in before):
        return Fault("not_in_vocabulary", f"is written {unit.value!r}")
    return None


def _other_words(positive: Positive, differences: Sequence[_Difference]) -> Iterator[Fault]:
    if differences:
        named = ", ".join(one.text for one in differences[:MOST_NAMED])
        more = ", and more" if len(differences) > MOST_NAMED else ""
        yield Fault("other_words", f"{named}{more}; accepted: {_exchangeable(positive)}, all else as in the caption")


def _already_there(positive: Positive, changes: Sequence[Change], vocabulary: Vocabulary) -> Iterator[Fault]:
    caption = [("the caption already calls", one.place, one.noun, one.value) for one in positive.attributes]
    sentence = [("the sentence also calls", one.place, one.noun, one.target) for one in changes]
    for change in changes:
        there = [
            f"{who} the {noun} {value}"
            for who, place, noun, value in (*caption, *sentence)
            if place != change.place and same_kind(noun, change.noun)
            if vocabulary.type_of(value) == change.type and vocabulary.same_or_entailed(value, change.target)
        ]
        if there:
            accepted = f"a {change.type} that no {change.noun!r} has in either"
            yield Fault("already_there", f"{change.target!r} cannot be taken: {there[0]}; accepted: {accepted}")


def _wrong_number(positive: Positive, changes: Sequence[Change], differs: bool) -> Iterator[Fault]:
    if not differs:
        yield Fault("no_change", f"it says what the caption says; accepted: {_exchangeable(positive)}")
    if len(changes) > MOST_CHANGES:
        named = ", ".join(f"{one.origin!r} by {one.target!r}" for one in changes)
        yield Fault(
            "too_many_changes", f"{len(changes)} words are exchanged: {named}; accepted: {MOST_CHANGES} at most"
        )


def _other_writing(positive: Positive, said: str, parts: Sequence[Unit]) -> Iterator[Fault]:
    """Yield a fault where capitals, blanks, or articles before words that are not exchanged are not the caption's."""
    own = positive.units
    other = {
        place: part.text
        for place, (unit, part) in enumerate(zip(own, parts, strict=True))
        if unit.text != part.text
        if unit.kind != "article" or spoken_after(own, place).text != spoken_after(parts, place).text
    }
    expected = exchanged(positive.text, own, other)
    if (expected[:1].lower(), expected[1:]) != (said[:1].lower(), said[1:]):
        yield Fault("other_words", f"capitals, blanks or articles are not the caption's; accepted: {expected!r}")


def _exchangeable(positive: Positive) -> str:
    words = dict.fromkeys(positive.units[one.place].text for one in positive.attributes)
    return f"one to {MOST_CHANGES} of the words {', '.join(map(repr, words))} exchanged for others of their types"


def _by_code(faults: Sequence[Fault]) -> tuple[Fault, ...]:
    whys: dict[str, list[str]] = {}
    for fault in faults:
        whys.setdefault(fault.code, []).append(fault.why)
    return tuple(Fault(code, "; ".join(dict.fromkeys(several))) for code, several in whys.items())
