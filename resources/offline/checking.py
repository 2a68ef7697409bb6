"""The offline vision model says of statements about a picture whether it shows them, from pixels. Simulated.

A statement is false where it is false of every thing of the kind that it names. What lies between two names of colours,
and what a flat drawing cannot show, is unclear.
"""

import json
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache

from genval_assets.negatives.claims import ClaimsAnswer, Holds, Judged
from genval_assets.negatives.vocabulary import Vocabulary, vocabulary
from genval_assets.types import ChatRequest
from resources.offline.scrutiny import Looked, View, looked_at
from resources.offline.surface import NEIGHBOURS
from resources.offline.vision import NoPicture
from resources.offline.wording import kind_mentions

BORNE, TRACE = 0.15, 0.01
"""Share of a patterned thing's paint from which it is of that colour, too; share from which nobody denies it."""
SHADING = 0.2
"""Share of the paint that bears a colour from which what light may make of it is not denied. Of 1,573 good draws of the
production hand none is denied its colour, and three in four of all other colours are (measured)."""
TOO_FINE = "woven"
"""A weave is too fine to be told."""
_BEFORE = re.compile(
    r".*(?:\b(?:an?|the|is|are|this|that|of|in|on|at|by|to|with|from|beside|near|behind|under|over|for|or)\b|[.;:])",
    re.DOTALL,
)
"""All up to the words that lead to a noun."""


@dataclass(frozen=True)
class SaidOfKind:
    """What a statement says of things of one kind."""

    kind: str
    words: tuple[str, ...]


def check(request: ChatRequest) -> ClaimsAnswer:
    """Return what the request's picture shows of each statement.

    Raises:
        NoPicture: the request does not hold exactly one picture.
    """
    if len(request.images) != 1:
        raise NoPicture(f"the offline vision model checks one picture at a time; got {len(request.images)}")
    view = looked_at(request.images[0])
    statements = json.loads(request.user)["statements"]
    return ClaimsAnswer(claims=tuple(Judged(id=one["id"], holds=holds(view, one["says"])) for one in statements))


def holds(view: View, says: str) -> Holds:
    """Return whether a picture shows a statement to be true; one that names no known kind is unclear."""
    return _all([_shown(view, said) for said in said_of_kinds(says)])


def said_of_kinds(says: str) -> Iterator[SaidOfKind]:
    """Yield each kind that a statement names, with the words that lead to it."""
    text, done = says.lower(), 0
    for mention in kind_mentions(text):
        lead = _BEFORE.sub("", text[done : mention.start], count=1)
        yield SaidOfKind(mention.kind, tuple(_values(lead)))
        done = mention.end


def _values(lead: str) -> Iterator[str]:
    """Yield the words, a shade with the colour after it."""
    shade = ""
    for word in re.findall(r"[\w-]+", lead):
        if word in _words().shades:
            shade = f"{word} "
        elif word != "and":
            yield f"{shade}{word}"
            shade = ""


def _shown(view: View, said: SaidOfKind) -> Holds:
    """Return whether a thing of the kind has all that is said; what cannot be named may be one."""
    of_kind = [thing for thing in view.things if thing.named and thing.kind == said.kind]
    found = [_all([_bears(thing, word) for word in said.words] or ["true"]) for thing in of_kind]
    if "true" in found:
        return "true"
    return "false" if view.shows_all(said.kind) and "unclear" not in found else "unclear"


def _all(found: Sequence[Holds]) -> Holds:
    if not found:
        return "unclear"
    return next((one for one in ("false", "unclear") if one in found), "true")


def _bears(thing: Looked, word: str) -> Holds:
    """Return whether a thing has an attribute; one that is hardly seen has none that can be told but its kind's."""
    known = _words()
    value, of_type = known.meaning(word), known.type_of(word)
    if of_type == "transparency":
        return "true" if (value == "opaque") != thing.see_through else "false"
    if of_type == "material" and thing.see_through:
        return "true" if value == "glass" else "false"
    if not thing.clear:
        return "unclear"
    if of_type == "pattern":
        return _patterned(thing, value)
    if of_type == "colour":
        bare = known.without_shade(value)
        seen = _coloured(thing, bare)
        return "unclear" if seen == "true" and bare != value else seen
    return "unclear"


def _patterned(thing: Looked, value: str) -> Holds:
    if not thing.pattern or value == TOO_FINE:
        return "unclear"
    return "true" if value == thing.pattern else "false"


def _coloured(thing: Looked, colour: str) -> Holds:
    if colour == thing.colour:
        return "true"
    if colour not in thing.shares or (thing.see_through and not thing.colour):
        return "unclear"
    if thing.shares[colour] >= TRACE:
        return "true" if thing.pattern not in ("", "plain") and thing.shares[colour] >= BORNE else "unclear"
    main = max(thing.shares, key=lambda name: thing.shares[name])
    shading = [name for name, share in thing.shares.items() if share >= SHADING or name == main]
    return "unclear" if any(colour in NEIGHBOURS[name] for name in shading) else "false"


@cache
def _words() -> Vocabulary:
    return vocabulary()
