"""What a generator was asked to show of its things, as attributes, and what that tells of a statement.

Never what the offline world knows of its own drawings: only words of prompts and of scene graphs are read.
"""

from collections.abc import Collection, Iterable, Iterator, Mapping

from genval_assets.language.nouns import shipped_words
from genval_assets.negatives.claims import Claim, stated
from genval_assets.negatives.picture import Pictured
from genval_assets.negatives.positive import Positive
from genval_assets.negatives.sentence import same_kind, units
from genval_assets.negatives.vocabulary import TYPES, Vocabulary, spoken_tokens

SPEAKS_OF: Mapping[str, tuple[str, ...]] = {
    "colour": ("colour", "pattern"),
    "texture": ("pattern",),
    "pattern": ("pattern",),
    "material": ("material", "transparency"),
    "transparency": ("transparency",),
}
"""Slot of a prompt -> the types that it asks for (our choice). A pattern's blue may be that of its stripes, metallic
blue is no metal, and light, mood and medium are not the object's."""
PLAIN = "plain"
PATTERN_NOUNS: Mapping[str, str] = {
    **dict.fromkeys(("stripe", "stripes"), "striped"),
    **dict.fromkeys(("dot", "dots", "spot", "spots"), "dotted"),
    **dict.fromkeys(("check", "checks", "checkerboard"), "checkered"),
    **dict.fromkeys(("flower", "flowers"), "floral"),
}
"""How a request, but no caption, may name a pattern: white polka dots (our choice)."""
SURFACES = frozenset(
    (
        *("smooth", "rough", "soft", "hard", "shiny", "glossy", "gloss", "satin", "matte", "dull", "polished"),
        *("brushed", "grained", "finely", "softly", "slightly", "shaded", "surface", "texture", "finish"),
    )
)
"""Words for textures that bring no second colour (our choice)."""
SEVERAL = frozenset({"and", "or", "with"})
"""Beside a colour they bring a second one, be it one of the vocabulary or not."""
DENIALS = frozenset({"no", "not", "non", "never", "without"})
IMITATIONS = frozenset(
    (
        *("faux", "imitation", "fake", "artificial", "synthetic", "effect", "look", "like"),
        *("print", "printed", "paint", "painted"),
    )
)
"""What has such a word may be something else: imitation wood, leather-like."""
Asked = Iterator[tuple[str, str]]
"""Types and values."""


def requested_values(slots: Mapping[str, str], vocabulary: Vocabulary) -> dict[str, str]:
    """Return type -> value that the slots of a prompt ask for; a type with two values is left out.

    The colour is left out, too, where the thing may have a second one: another of these slots has it, there are two
    patterns, or a texture is neither a pattern of the vocabulary nor a word for a surface.
    """
    texts = {slot: slots.get(slot, "") for slot in SPEAKS_OF}
    asked = _single(
        (kind, value)
        for slot, text in texts.items()
        for kind, value in _values(text, vocabulary)
        if kind in SPEAKS_OF[slot]
    )
    elsewhere = (kind for slot, text in texts.items() if slot != "colour" for kind, _ in _named(text, vocabulary))
    unread = (_may_be_pattern(texts[slot], vocabulary) for slot in ("texture", "pattern"))
    if "colour" in elsewhere or any(unread):
        asked.pop("colour", None)
    return asked


def requested_of_words(words: Iterable[str], vocabulary: Vocabulary) -> dict[str, str]:
    """Return type -> value that attribute words of one thing ask for, such as those of a scene graph's node.

    A type with two values is left out, and the colour where there are two patterns.
    """
    return _single(asked for word in words for asked in _values(word, vocabulary))


def says(pictured: Pictured, claim: Claim, caption: Collection[Claim], vocabulary: Vocabulary) -> bool | None:
    """Return whether what was requested tells that a claim is true of a picture, or false; None: it tells nothing.

    True as soon as one thing that may be the claim's was to have the value, or one that means or includes it. False
    where nothing of these kinds stands in the picture but what is known, and each was to have a value that excludes
    the claimed one. A coffee mug may be the mug of a claim, and a mug its coffee mug.

    Args:
        pictured: the picture, with what was requested.
        claim: what is asked.
        caption: what the picture's own caption states: a pattern that nobody requested may bring a second colour.
        vocabulary: what the values are.
    """
    meant = [thing.requested for thing in pictured.things if _may_be(thing.name, claim.noun)]
    values = [asked[claim.type] for asked in meant if claim.type in asked]
    if any(vocabulary.same_or_entailed(value, claim.value) for value in values):
        return True
    if not meant or not _all_known(pictured, claim.noun):
        return None
    if claim.type == "colour" and _is_patterned(claim.noun, caption):
        return None
    return False if all(_excludes(asked, claim, vocabulary) for asked in meant) else None


def whole_says(pictured: Pictured, other: Positive, caption: Collection[Claim], vocabulary: Vocabulary) -> bool | None:
    """Return False where another picture's caption says an attribute that the requests refute; None: nothing tells.

    That it names other things tells nothing: a mug may be called a cup.
    """
    refuted = any(says(pictured, claim, caption, vocabulary) is False for claim in stated(other))
    return False if refuted else None


def _excludes(asked: Mapping[str, str], claim: Claim, vocabulary: Vocabulary) -> bool:
    """Return whether a thing that was to be so cannot be as claimed. A pattern may bring a second colour."""
    if claim.type == "colour" and asked.get("pattern", PLAIN) != PLAIN:
        return False
    return claim.type in asked and vocabulary.exclude(asked[claim.type], claim.value)


def _is_patterned(noun: str, caption: Collection[Claim]) -> bool:
    return any(one.type == "pattern" and one.value != PLAIN and _may_be(one.noun, noun) for one in caption)


def _values(text: str, vocabulary: Vocabulary) -> Asked:
    """Yield the values in a text, in order; one with a denial or an imitation has none.

    A colour in one piece with a pattern, or with more, says nothing: white of `white-spotted`.
    """
    words = _words(text)
    if words & (DENIALS | IMITATIONS):
        return
    found = list(_named(text, vocabulary))
    mixed = bool(words & SEVERAL) or any(kind == "pattern" and value != PLAIN for kind, value in found)
    yield from ((kind, value) for kind, value in found if not (mixed and kind == "colour"))


def _named(text: str, vocabulary: Vocabulary) -> Asked:
    for unit in units(text, (), vocabulary):
        if unit.type is not None and unit.value is not None:
            yield unit.type, unit.value
        elif (last := unit.text.split("-")[-1]) in PATTERN_NOUNS:
            yield "pattern", PATTERN_NOUNS[last]


def _may_be_pattern(texture: str, vocabulary: Vocabulary) -> bool:
    """Return whether a texture may be a pattern that could not be read."""
    is_read = any(kind == "pattern" for kind, _ in _values(texture, vocabulary))
    return not is_read and not _words(texture) <= SURFACES | SEVERAL


def _words(text: str) -> set[str]:
    """Return the words of a text, hyphened ones taken apart; no marks."""
    return {word for token in spoken_tokens(text) for word in token.split("-") if word.isalnum()}


def _single(asked: Iterable[tuple[str, str]]) -> dict[str, str]:
    every = set(asked)
    by_type = {name: [value for kind, value in every if kind == name] for name in TYPES}
    if len(by_type["pattern"]) > 1:
        by_type["colour"] = []
    return {name: values[0] for name, values in by_type.items() if len(values) == 1}


def _all_known(pictured: Pictured, noun: str) -> bool:
    """Return whether everything in a picture that a noun may mean is known.

    A scene is searched for its categories, by their whole names: of wine glasses all are known, of glasses are not.
    """
    whole = any(same_kind(thing.name, noun) for thing in pictured.things)
    return pictured.complete and (whole or pictured.kind == "instance")


def _may_be(name: str, noun: str) -> bool:
    """Return whether one name ends as the other does: coffee mug, mugs."""
    ours, theirs = _head(name), _head(noun)
    short = min(len(ours), len(theirs))
    return same_kind(" ".join(ours[-short:]), " ".join(theirs[-short:]))


def _head(name: str) -> list[str]:
    """Return the words of a name up to the noun that it is about: bowl of soup is about a bowl."""
    words = name.partition("(")[0].lower().replace("_", " ").split()
    joins = (i for i, word in enumerate(words) if i and word in shipped_words().joining)
    return words[: next(joins, len(words))]
