"""How an object is spoken of, and whether only that object can be meant.

Of the attributes that an object was asked for, only a colour is said, and only when its pixels bear it: nothing else
that can be read from the picture confirms the others, and a striped mug that came out plain would make a false sentence
(our choice). All of them count where a phrase of another object might mean this one.
"""

import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass

from genval_assets.compose.colours import COLOURS
from genval_assets.language.facts import SceneFacts, SeenObject
from genval_assets.language.nouns import shipped_words, spoken


@dataclass(frozen=True)
class Phrase:
    """What an object is called, without an article."""

    name: str  # spoken form of the category's name
    colour: str | None = None

    @property
    def text(self) -> str:
        """The words in their order."""
        return f"{self.colour} {self.name}" if self.colour else self.name


def words_of(text: str) -> tuple[str, ...]:
    """Return the words of a text as people compare them: no case, no punctuation, nothing invisible."""
    folded = unicodedata.normalize("NFKC", text).casefold()
    visible = "".join(c for c in folded if unicodedata.category(c) != "Cf")
    return tuple(re.findall(r"[^\W_]+", visible))


def colour_word(seen: SeenObject) -> str | None:
    """Return the basic colour term that an object was asked for.

    None where its attributes hold no colour word, more than one, or one that is not basic (turquoise), or where its
    name holds one (orange, green bean).
    """
    if _colours(words_of(seen.name)):
        return None
    asked = _colours(word for attribute in seen.attributes for word in words_of(attribute))
    return asked[0] if len(asked) == 1 and asked[0] in COLOURS else None


def true_colour(seen: SeenObject) -> str | None:
    """Return the colour of an object, where the one it was asked for is the one that its pixels bear; else None."""
    asked = colour_word(seen)
    return asked if asked == seen.colour else None


def fullest_phrase(seen: SeenObject) -> Phrase:
    """Return all that can truly be said of an object."""
    return Phrase(spoken(seen.name), true_colour(seen))


def unique_phrases(facts: SceneFacts, seen: SeenObject) -> list[Phrase]:
    """Return the phrases that mean this object and no other, the shortest first.

    There is none for an object of an ignored category: another one may stand in the picture without annotation.
    """
    if seen.category in facts.ignored:
        return []
    others = [other for other in facts.objects if other.node_id != seen.node_id]
    full = fullest_phrase(seen)
    phrases = [Phrase(full.name)] if full.colour is None else [Phrase(full.name), full]
    return [phrase for phrase in phrases if not any(may_mean(phrase, other) for other in others)]


def may_mean(phrase: Phrase, other: SeenObject) -> bool:
    """Return whether a phrase may be taken for this object.

    It may when the object's name ends in the phrase's (a teddy bear is a bear), or the phrase's name ends in the
    object's and the object was asked for with the words before it (a bear that is teddy); and no colour of the phrase
    is another than the object's true one. A colour that is not known rules nothing out.
    """
    name, others_name = words_of(phrase.name), words_of(other.name)
    if _ends_in(others_name, name):
        before: tuple[str, ...] = ()
    elif _ends_in(name, others_name):
        before = name[: -len(others_name)]
    else:
        return False
    asked = {word for attribute in other.attributes for word in words_of(attribute)}
    colours = {*_colours(before), *filter(None, [phrase.colour])}
    known = true_colour(other)
    if known is not None and colours - {known}:
        return False
    return all(word in asked for word in before if not _colours([word]))


def _ends_in(words: tuple[str, ...], end: tuple[str, ...]) -> bool:
    return len(end) <= len(words) and words[len(words) - len(end) :] == end


def _colours(words: Iterable[str]) -> list[str]:
    """Return the colour words among `words`: basic terms in one spelling, and others as they are."""
    lists = shipped_words()
    normal = (lists.spellings.get(word, word) for word in words)
    return [word for word in normal if word in COLOURS or word in lists.other_colours]
