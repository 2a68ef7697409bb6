"""The offline vision model writes a caption with attributes, each before its noun, from pixels. Simulated.

It errs as careless writers do, at small rates, and heeds what was wrong with its earlier answers.
"""

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from genval_assets.keys import seed_of
from genval_assets.language.nouns import is_many, with_article
from genval_assets.negatives.positive import MOST_WORDS, PositiveAnswer
from genval_assets.types import ChatRequest
from resources.offline.scrutiny import Looked, View, looked_at
from resources.offline.vision import NoPicture
from resources.offline.wording import kind_named, mentioned_kinds

TOO_SHORT, SHADE, BEHIND = 0.04, 0.04, 0.04
"""Chance, at the first attempt, of a caption of the thing alone; of a finer word for its colour than the task's; and of
attributes behind their noun (our choice)."""
FINER: Mapping[str, str] = {
    "red": "crimson", "orange": "amber", "yellow": "golden", "green": "olive", "blue": "navy", "purple": "violet",
    "pink": "salmon", "brown": "chestnut", "black": "charcoal", "grey": "silver", "white": "ivory",
}  # fmt: skip
ALONE = (
    "The picture shows {thing} in the middle of an empty studio ground.",
    "{thing} {is} shown by itself in front of an even backdrop.",
    "In this picture, {thing} {is} seen as a whole on an even ground.",
    "Here {is} {thing}, pictured by itself with some room on every side.",
    "This picture was taken to show {thing} from one end to the other.",
)
ONE = (
    "At a first glance, this picture shows {thing} and the nearest surroundings.",
    "Somewhere in this picture {thing} can be seen by whoever takes a look.",
    "This picture has {thing} in it, as one sees at the first glance.",
)
TWO = (
    "The picture shows {thing} together with {other} in one and the same scene.",
    "{thing} and {other} can be seen in the same picture of a scene.",
    "One scene in this picture holds {thing} as well as {other}, both in view.",
)
NOTHING = "What this picture shows cannot be named by one who only takes a look."
"""Said where nothing is recognised: it names no thing, so that it is refused."""


@dataclass(frozen=True)
class Said:
    """A thing as the caption speaks of it."""

    name: str
    words: tuple[str, ...]  # its attributes, in the order in which they are said


def describe(request: ChatRequest) -> PositiveAnswer:
    """Return a caption of the request's picture.

    Raises:
        NoPicture: the request does not hold exactly one picture.
    """
    if len(request.images) != 1:
        raise NoPicture(f"the offline vision model describes one picture at a time; got {len(request.images)}")
    picture, task = request.images[0], json.loads(request.user)
    rng = np.random.default_rng(seed_of("describe", request.seed, hashlib.sha256(picture.tobytes()).hexdigest()))
    view = looked_at(picture)
    things = [_said(name, thing, task["words"], rng) for name, thing in _spoken_of(view, task["things"])]
    if not things:
        return PositiveAnswer(caption=NOTHING, nouns=())
    careless = "faults_of_earlier_answers" not in task and request.attempt == 1
    caption = _worded(things, view, rng)
    if careless:
        caption = _carelessly(caption, things, view, rng)
    return PositiveAnswer(caption=caption, nouns=tuple(thing.name for thing in things if thing.name in caption.lower()))


def _spoken_of(view: View, names: Sequence[str]) -> list[tuple[str, Looked]]:
    """Return what the caption is about, at most two kinds, with their names: first what the task lists."""
    called = {kind: name for name in reversed(names) if (kind := _kind_of(name))}
    known = [thing for thing in view.things if thing.named]
    seen = [thing for thing in known if thing.clear] or known[:1]
    seen.sort(key=lambda thing: thing.kind not in called)
    of_each_kind = {thing.kind: thing for thing in reversed(seen)}
    kinds = list(dict.fromkeys(thing.kind for thing in seen))[:2]
    return [(called.get(kind, kind), of_each_kind[kind]) for kind in kinds]


def _kind_of(name: str) -> str | None:
    """Return the kind that a name stands for, or else the first that it mentions."""
    return kind_named(name) or next(iter(mentioned_kinds(name.lower())[0]), None)


def _said(name: str, thing: Looked, words: Mapping[str, Sequence[str]], rng: np.random.Generator) -> Said:
    """Return a thing with its attributes, so far as they are seen and the task has words for them."""
    told = {"transparency": "transparent" if thing.see_through else "opaque"}
    if thing.see_through:
        told["material"] = "glass"
    if thing.clear:
        told |= {"colour": thing.colour, "pattern": thing.pattern}
    seen = [value for of_type, value in told.items() if value in words.get(of_type, ())]
    return Said(name, tuple(seen[i] for i in rng.permutation(len(seen))))


def _worded(things: Sequence[Said], view: View, rng: np.random.Generator) -> str:
    """Return the sentence; of two things only the first where it would be too long."""
    thing, other = _phrase(things[0]), _phrase(things[-1])
    forms = ALONE if view.alone else TWO if len(things) > 1 else ONE
    form = forms[int(rng.integers(len(forms)))]
    said = form.format(thing=thing, other=other, **{"is": _is(things[0])})
    if len(things) > 1 and len(said.split()) > MOST_WORDS:
        return _worded(things[:1], view, rng)
    return _capital(said)


def _carelessly(caption: str, things: Sequence[Said], view: View, rng: np.random.Generator) -> str:
    """Return the caption, or one with a fault in its place; one draw of the generator."""
    chance, first = rng.random(), things[0]
    if chance < TOO_SHORT:
        return _capital(f"{_phrase(first)}.")
    if chance < TOO_SHORT + SHADE:
        finer = Said(first.name, tuple(FINER.get(word, word) for word in first.words))
        return _worded([finer, *things[1:]], view, rng)
    if chance < TOO_SHORT + SHADE + BEHIND:
        behind = f"{with_article(first.name)} that {_is(first)} {' and '.join(first.words)}"
        return _capital(f"{behind} can be seen by itself in this picture.")
    return caption


def _phrase(thing: Said) -> str:
    return with_article(" ".join((*thing.words, thing.name)))


def _is(thing: Said) -> str:
    return "are" if is_many(thing.name) else "is"


def _capital(said: str) -> str:
    return f"{said[0].upper()}{said[1:]}"
