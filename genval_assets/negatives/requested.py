"""What a generator was asked to show of its things, as attributes, and what that tells of a statement.

Never what the offline world knows of its own drawings: only words of prompts and of scene graphs are read.
"""

from collections.abc import Iterable, Iterator, Mapping

from genval_assets.language.nouns import shipped_words
from genval_assets.negatives.claims import Claim, stated
from genval_assets.negatives.picture import Pictured, Thing
from genval_assets.negatives.positive import Positive
from genval_assets.negatives.sentence import same_kind, units
from genval_assets.negatives.vocabulary import TYPES, Vocabulary, spoken_tokens

TELLS: Mapping[str, tuple[str, ...]] = {
    "colour": ("colour",),
    "texture": ("pattern",),
    "pattern": ("pattern",),
    "material": ("material", "transparency"),
    "transparency": ("transparency",),
}
"""Slot of a prompt -> the types that it tells (our choice). A pattern's blue may be that of its stripes, metallic blue
is no metal, and light, mood and medium are not the object's."""
PLAIN = "plain"
DENIALS = frozenset({"no", "not", "non", "never", "without"})
Asked = Iterator[tuple[str, str]]
"""Types and values."""


def requested_values(slots: Mapping[str, str], vocabulary: Vocabulary) -> dict[str, str]:
    """Return type -> value that the slots of a prompt ask for; a type with two values is left out."""
    asked = (
        (of_type, value)
        for slot, types in TELLS.items()
        for of_type, value in _values(slots.get(slot, ""), vocabulary)
        if of_type in types
    )
    return _single(asked)


def requested_of_words(words: Iterable[str], vocabulary: Vocabulary) -> dict[str, str]:
    """Return type -> value that attribute words of one thing ask for, such as those of a scene graph's node.

    A type with two values is left out. A colour in one piece with a pattern says nothing: white of `white-spotted`.
    """
    return _single(asked for word in words for asked in _of_word(word, vocabulary))


def says(pictured: Pictured, claim: Claim, vocabulary: Vocabulary) -> bool | None:
    """Return whether what was requested tells that a claim is true of a picture, or false; None: it tells nothing.

    True as soon as one thing that may be the claim's was to have the value, or one that means or includes it. False
    where nothing of these kinds stands in the picture but what is known, and each was to have a value that excludes
    the claimed one. A coffee mug may be the mug of a claim, and a mug its coffee mug.
    """
    meant = [thing.requested for thing in pictured.things if _may_be(thing, claim.noun)]
    values = [asked[claim.type] for asked in meant if claim.type in asked]
    if any(vocabulary.same_or_entailed(value, claim.value) for value in values):
        return True
    if not meant or not pictured.complete:
        return None
    return False if all(_excludes(asked, claim, vocabulary) for asked in meant) else None


def whole_says(pictured: Pictured, other: Positive, vocabulary: Vocabulary) -> bool | None:
    """Return False where another picture's caption is false of this one by what was requested; None: nothing tells.

    It is false when one of its attributes is, or when all things of this picture are known and it names none of them.
    """
    if any(says(pictured, claim, vocabulary) is False for claim in stated(other)):
        return False
    named = any(_may_be(thing, noun) for thing in pictured.things for noun in other.nouns)
    return False if pictured.complete and not named else None


def _excludes(asked: Mapping[str, str], claim: Claim, vocabulary: Vocabulary) -> bool:
    """Return whether a thing that was to be so cannot be as claimed. A pattern may bring a second colour."""
    if claim.type == "colour" and asked.get("pattern", PLAIN) != PLAIN:
        return False
    return claim.type in asked and vocabulary.exclude(asked[claim.type], claim.value)


def _of_word(word: str, vocabulary: Vocabulary) -> Asked:
    asked = list(_values(word, vocabulary))
    patterned = any(of_type == "pattern" for of_type, _ in asked)
    return ((of_type, value) for of_type, value in asked if not (patterned and of_type == "colour"))


def _values(text: str, vocabulary: Vocabulary) -> Asked:
    """Yield the values in a text, in order; one with a denial has none."""
    if DENIALS.isdisjoint(spoken_tokens(text)):
        for unit in units(text, (), vocabulary):
            if unit.type is not None and unit.value is not None:
                yield unit.type, unit.value


def _single(asked: Asked) -> dict[str, str]:
    every = set(asked)
    by_type = {name: [value for of_type, value in every if of_type == name] for name in TYPES}
    return {name: values[0] for name, values in by_type.items() if len(values) == 1}


def _may_be(thing: Thing, noun: str) -> bool:
    """Return whether one name ends as the other does: coffee mug, mugs."""
    ours, theirs = _head(thing.name), _head(noun)
    short = min(len(ours), len(theirs))
    return same_kind(" ".join(ours[-short:]), " ".join(theirs[-short:]))


def _head(name: str) -> list[str]:
    """Return the words of a name up to the noun that it is about: bowl of soup is about a bowl."""
    words = name.partition("(")[0].lower().replace("_", " ").split()
    joins = (i for i, word in enumerate(words) if i and word in shipped_words().joining)
    return words[: next(joins, len(words))]
