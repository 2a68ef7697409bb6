"""What a picture shows of what its prompt asked for, and the record of it that is true (InstaDA's image utilisation).

By code, on words: the vision model described the picture without being told the requested values, so a value that it
names on its own counts. The word lists are ours.
"""

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass

SUBJECT = "subject"
"""The slot that is the category itself: validation judges it, by criteria of its own."""

_SPELLINGS = {
    "gray": "grey", "color": "colour", "colored": "coloured", "aluminum": "aluminium", "golden": "gold",
    "wooden": "wood", "woolen": "wool", "woollen": "wool", "metallic": "metal", "matt": "matte", "mat": "matte",
    "checked": "check", "checker": "check", "checkered": "check", "chequered": "check", "checkerboard": "check",
    "chequerboard": "check", "spot": "dot", "spots": "dot", "spotted": "dot", "spotty": "dot", "shiny": "glossy",
}  # fmt: skip
"""Two words for one thing: American and British spelling, and forms that no ending explains."""
_SHADES = {
    "red": ("crimson", "scarlet", "burgundy", "maroon", "ruby", "vermilion"),
    "blue": ("navy", "azure", "cobalt", "sapphire", "ultramarine"),
    "green": ("emerald", "olive", "lime", "jade", "mint"),
    "yellow": ("gold", "lemon", "mustard"),
    "purple": ("violet", "lilac", "lavender", "plum"),
    "white": ("ivory", "cream"),
    "grey": ("silver", "slate"),
    "brown": ("chestnut", "chocolate", "tan", "copper", "bronze"),
    "orange": ("tangerine", "apricot"),
    "black": ("ebony", "jet"),
}
"""Basic colour -> names of its shades: crimson shows red."""
_FILLERS = frozenset({
    "a", "an", "the", "of", "in", "on", "from", "with", "and", "or", "its", "is", "by", "very", "quite", "rather",
    "somewhat", "slightly", "carefully", "freshly", "finely", "softly", "well", "view", "viewpoint", "angle",
    "perspective", "shot", "colour", "coloured", "tone", "texture", "surface", "finish", "pattern", "material", "light",
    "lighting", "lit", "style", "mood", "look",
})  # fmt: skip
"""Words that tell no value from another, or only its degree."""
_DENIALS = frozenset({"no", "not", "non", "without", "never"})
_ENDINGS = ("ing", "ed", "es", "s", "y", "e")


@dataclass(frozen=True)
class Comparison:
    """The slots of a prompt by what the picture shows of them, each in the prompt's order; the subject is in none."""

    kept: tuple[str, ...] = ()
    missing: tuple[str, ...] = ()
    unknown: tuple[str, ...] = ()  # not described, or less exactly than it was asked for


def compare(slots: Mapping[str, str], seen: Mapping[str, str]) -> Comparison:
    """Return which slots a picture shows, by the words of both.

    A slot is kept when what is seen holds all words of its value (navy blue shows blue), missing when it says
    something else, and unknown when it says nothing or less than was asked for (blue does not tell navy blue).

    Args:
        slots: slot -> requested value.
        seen: attribute -> value as the vision model described the picture.
    """
    described = _described(seen)
    found: dict[bool | None, list[str]] = {True: [], False: [], None: []}
    for slot, value in slots.items():
        if slot != SUBJECT:
            found[_shows(value, described.get(_attribute(slot), ""))].append(slot)
    return Comparison(tuple(found[True]), tuple(found[False]), tuple(found[None]))


def corrected(slots: Mapping[str, str], seen: Mapping[str, str]) -> dict[str, str]:
    """Return the record of a valid picture: its prompt's slots, with what is seen where that differs."""
    described = _described(seen)
    differs = compare(slots, seen).missing
    return {slot: described[_attribute(slot)] if slot in differs else value for slot, value in slots.items()}


def states(text: str, value: str) -> bool:
    """Return whether a text holds all words of a value, wherever they stand."""
    return words(value) <= _with_basic_colours(words(text))


def words(text: str) -> frozenset[str]:
    """Return the words of a value that tell it from others: folded, one spelling, endings removed.

    Where only fillers would be left (`pattern`), they stay.
    """
    spoken = _spoken(text)
    telling = [word for word in spoken if word not in _FILLERS]
    return frozenset(_stem(word) for word in telling or spoken)


def _shows(wanted: str, seen: str) -> bool | None:
    """Return whether what is seen has the wanted value; None where it does not tell."""
    asserted, denied = _assertions(seen)
    asked, there = words(wanted), words(asserted) if asserted else frozenset()
    if asked <= _with_basic_colours(there):
        return True
    if asked & _with_basic_colours(denied):
        return False
    return None if there <= _with_basic_colours(asked) else False


def _assertions(seen: str) -> tuple[str, frozenset[str]]:
    """Return what a description says, and the words that it denies: `plain, no stripes` has plain and denies strip."""
    said: list[str] = []
    denied: list[str] = []
    before = ""
    for word in _spoken(seen):
        if word not in _DENIALS:
            (denied if before in _DENIALS else said).append(word)
        before = word
    return " ".join(said), frozenset(_stem(word) for word in denied)


def _described(seen: Mapping[str, str]) -> dict[str, str]:
    return {_attribute(name): " ".join(value.split()) for name, value in seen.items()}


def _attribute(name: str) -> str:
    """Return one name for a slot and the attribute that answers it, however it is spelled: `Color`, `time period`."""
    return "_".join(_spoken(name))


def _spoken(text: str) -> list[str]:
    folded = unicodedata.normalize("NFKC", text).casefold().replace("_", " ")
    return [_SPELLINGS.get(word, word) for word in re.findall(r"[^\W_]+", folded)]


def _stem(word: str) -> str:
    """Return the word without its ending: striped, stripes and stripy are one, and so are dotted and dots."""
    for ending in _ENDINGS:
        if word.endswith(ending) and not word.endswith("ss") and len(word) - len(ending) >= 3:
            word = word[: -len(ending)]
            break
    return word[:-1] if len(word) > 3 and word[-1] == word[-2] else word


_BASIC = {_stem(shade): _stem(basic) for basic, shades in _SHADES.items() for shade in shades}


def _with_basic_colours(found: frozenset[str]) -> frozenset[str]:
    return found | {_BASIC[word] for word in found if word in _BASIC}
