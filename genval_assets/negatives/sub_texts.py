"""Sub-texts of a caption: each thing with its attributes alone, true ones and those that negatives say (FineGen).

FineGen's things are single words; here a noun of several words stays as it is.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from genval_assets.negatives.changes import Compared
from genval_assets.negatives.number import described
from genval_assets.negatives.positive import Positive
from genval_assets.negatives.sentence import noun_after, noun_up_to, same_kind


@dataclass(frozen=True)
class SubText:
    """What is said of one thing."""

    noun: str  # as it stands in the caption, lower case
    adjectives: tuple[str, ...]  # in the caption's order, synonyms resolved
    label: Literal[0, 1]  # 1: the caption says it; 0: a negative does
    sentence: str


def sub_texts(positive: Positive, negatives: Sequence[Compared]) -> tuple[SubText, ...]:
    """Return the true sub-texts of a caption and the false ones of its accepted negatives, by noun; each once.

    What holds of another thing of the same name is not false: of a red mug and a blue striped mug, neither "a blue mug"
    nor "a striped blue mug" gets label 0. So a false one is left out whose adjectives all belong to one thing of that
    name in the caption (our choice).

    Raises:
        ValueError: one of the negatives has faults.
    """
    for negative in negatives:
        if negative.faults:
            codes = ", ".join(fault.code for fault in negative.faults)
            raise ValueError(f"sub-texts are made of accepted negatives; {negative.sentence!r} has faults: {codes}")
    things = _things(positive)
    made: dict[tuple[str, frozenset[str]], SubText] = {}
    for noun, said in things:
        made.setdefault((noun, frozenset(said.values())), _sub_text(positive, noun, tuple(said.values()), 1))
    for noun, said in things:
        for false in _false(said, negatives):
            if not any(same_kind(noun, other) and set(false) <= set(true.values()) for other, true in things):
                made.setdefault((noun, frozenset(false)), _sub_text(positive, noun, false, 0))
    order = list(dict.fromkeys(noun for noun, _ in things))
    return tuple(sorted(made.values(), key=lambda one: (order.index(one.noun), -one.label)))


def _things(positive: Positive) -> list[tuple[str, Mapping[int, str]]]:
    """Return each occurrence of a noun that has attributes: the noun, and place -> value."""
    of_noun: dict[int, dict[int, str]] = {}
    for one in positive.attributes:
        noun = noun_after(positive.units, one.place)
        if noun is None:
            raise ValueError(f"{one.value!r} stands before no noun; attributes are those of the caption's units")
        of_noun.setdefault(noun, {})[one.place] = one.value
    return [(noun_up_to(positive.units, noun), said) for noun, said in of_noun.items()]


def _false(said: Mapping[int, str], negatives: Sequence[Compared]) -> Iterator[tuple[str, ...]]:
    for negative in negatives:
        targets = {change.place: change.target for change in negative.changes}
        yield tuple(targets.get(place, value) for place, value in said.items())  # unchanged: true, and left out


def _sub_text(positive: Positive, noun: str, adjectives: tuple[str, ...], label: Literal[0, 1]) -> SubText:
    return SubText(noun, adjectives, label, f"A picture of {described(adjectives, noun, positive.nouns)}.")
