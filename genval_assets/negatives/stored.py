"""Stored captions and negatives read back as values: by their own words, whatever the vocabulary says by now."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cache

import msgspec

from genval_assets.negative_rows import HardNegative, PositiveCaption
from genval_assets.negatives.changes import Change, Compared
from genval_assets.negatives.picture import Thing
from genval_assets.negatives.positive import Positive
from genval_assets.negatives.sentence import Attribute, attributes, units
from genval_assets.negatives.vocabulary import TYPES, Vocabulary, vocabulary


class StoredAttribute(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One entry of `positives.attributes`."""

    type: str
    value: str
    noun: str
    word: str  # as the caption has it: a value or a synonym of it


class Requested(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What `positives.requested` keeps of what a picture was asked to show."""

    complete: bool  # nothing of its categories stands in the picture beyond these things
    things: tuple[Thing, ...]


class StoredChange(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One entry of `hard_negatives.changes`."""

    type: str
    origin: str
    target: str
    noun: str


@dataclass(frozen=True)
class Reread:
    """A caption and its accepted negatives as they were when they were stored."""

    positive: Positive
    negatives: tuple[Compared, ...]


_ATTRIBUTES = msgspec.json.Decoder(list[StoredAttribute])
_CHANGES = msgspec.json.Decoder(list[StoredChange])


def stored_attributes(row: PositiveCaption) -> list[StoredAttribute]:
    """Return the attributes of a caption, in its order."""
    return _ATTRIBUTES.decode(row.attributes)


def stored_changes(row: HardNegative) -> list[StoredChange]:
    """Return what a negative exchanges, in the caption's order; of a trivial one nothing."""
    return _CHANGES.decode(row.changes)


def stated_positive(row: PositiveCaption) -> Positive:
    """Return an accepted caption with what it states, by what is stored of it; its units are not looked for."""
    said = (Attribute(place, one.type, one.value, one.noun) for place, one in enumerate(stored_attributes(row)))
    return Positive(str(row.caption), tuple(row.nouns), (), tuple(said))


def stored_form(positive: Positive) -> list[StoredAttribute]:
    """Return the attributes of an accepted caption as its row keeps them."""
    return [
        StoredAttribute(one.type, one.value, one.noun, positive.units[one.place].text) for one in positive.attributes
    ]


def reread(row: PositiveCaption, negatives: Sequence[HardNegative]) -> Reread:
    """Return an accepted caption taken apart, with its accepted negatives beside it.

    Read by the words that the rows name, so that rows stay readable after a project has changed its vocabulary.

    Args:
        row: of an accepted caption.
        negatives: of it, accepted, none of them trivial.
    """
    own = _own_words(row, negatives)
    parts = units(str(row.caption), row.nouns, own)
    positive = Positive(str(row.caption), tuple(row.nouns), parts, attributes(parts))
    return Reread(
        positive, tuple(Compared(one.sentence, tuple(_changes(positive, one.sentence, own)), ()) for one in negatives)
    )


@cache
def _shipped() -> Vocabulary:
    return vocabulary()


def _own_words(row: PositiveCaption, negatives: Sequence[HardNegative]) -> Vocabulary:
    shipped, attributes = _shipped(), stored_attributes(row)
    said = [(one.type, one.value) for one in attributes]
    said += [(one.type, one.target) for negative in negatives for one in stored_changes(negative)]
    said += [(kind, shipped.without_shade(value)) for kind, value in said]
    values = {kind: tuple(sorted({value for of, value in said if of == kind})) for kind in TYPES}
    return replace(
        shipped, values=values, synonyms={one.word: one.value for one in attributes if one.word != one.value}
    )


def _changes(positive: Positive, sentence: str, own: Vocabulary) -> Iterator[Change]:
    """Yield where the values of a sentence are others than those of the caption, unit by unit."""
    parts = units(sentence, positive.nouns, own)
    for one in positive.attributes:
        instead = parts[one.place].value
        if instead is not None and instead != one.value:
            yield Change(one.type, one.value, instead, one.noun, one.place)
