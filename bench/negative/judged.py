"""Negatives beside the truth of their pictures, which is opened only once they are all made."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import msgspec
from negative.arms import Arm, is_sound

from genval_assets.evaluation.clustered import clustered_share
from genval_assets.evaluation.estimates import RATES, Drawing, Estimate, difference
from genval_assets.evaluation.negative_truth import Stored, Told, false_of, valid
from genval_assets.negatives.changes import Change
from genval_assets.negatives.lists import Attempt, MadeList
from genval_assets.negatives.positive import Positive
from genval_assets.negatives.sentence import Attribute
from genval_assets.negatives.verification import Captioned
from genval_assets.types import DrawnLook
from resources.offline.studio import KINDS

Things = tuple[DrawnLook, ...]
Looks = Mapping[str, Things]
"""Subject id -> what all things of its picture look like; a picture with a thing that was not sealed is not in it."""


@dataclass(frozen=True)
class Judged:
    """One negative beside the truth."""

    caption: str  # subject id
    attempt: Attempt
    looks: Things  # what its picture really shows; empty: it is not known

    @property
    def sound(self) -> bool:
        """Return whether it stands up to the rules of words."""
        return is_sound(self.attempt)

    @property
    def valid(self) -> bool | None:
        """Return whether it is what a negative should be; None: the truth does not tell."""
        return self.false() if self.sound else False

    def false(self, of_type: str | None = None) -> bool | None:
        """Return whether all exchanged words, or those of a type, are false of the picture; None: it is not told."""
        if not self.looks:
            return None
        told = [{"type": one.type, "target": one.target, "noun": one.noun} for one in self.attempt.compared.changes]
        stored = Stored("", "", self.attempt.level or "", msgspec.json.encode(told).decode())
        return valid(stored, self.looks, of_type)

    def true_words(self) -> list[Change]:
        """Return the exchanged words that are true of the picture."""
        if not self.looks:
            return []
        changes = self.attempt.compared.changes
        return [one for one in changes if false_of(self.looks, Told(one.type, one.target, one.noun)) is False]


def judged(
    captioned: Sequence[Captioned], arm: Arm, looks: Looks, chosen: Callable[[MadeList], Sequence[Attempt]]
) -> list[Judged]:
    """Return some sentences of an arm beside the truth."""
    return [
        Judged(subject, attempt, looks.get(subject, ()))
        for one, made in zip(captioned, arm.lists, strict=True)
        for subject in [one.pictured.subject_id]
        for attempt in chosen(made)
    ]


def accepted(made: MadeList) -> tuple[Attempt, ...]:
    """Return the negatives of a list."""
    return made.accepted


def ended(made: MadeList) -> tuple[Attempt, ...]:
    """Return what became of each negative: the accepted sentence, or its last correction."""
    return tuple(one for one in made.attempts if one.outcome != "corrected")


def attribute_false(attribute: Attribute, things: Things) -> bool | None:
    """Return whether an attribute of a caption is false of a picture; None: it is not told."""
    return false_of(things, Told(attribute.type, attribute.value, attribute.noun))


def whole_false(caption: Positive, things: Things) -> bool | None:
    """Return whether a caption is false of a picture as a whole; None: it is not told.

    It is when a kind that it tells of is not there, or one of its attributes is false. A noun that is no name of a kind
    may be another word for any.
    """
    if not things:
        return None
    nouns = {_spelt(one.noun) for one in caption.attributes}
    if any(noun in _NAMES and noun not in _names_of({one.kind for one in things}) for noun in nouns):
        return True
    told = [attribute_false(one, things) for one in caption.attributes]
    return True if True in told else None if None in told else False


def share(found: Sequence[tuple[str, bool | None]]) -> str:
    """Return a share of those that it is known of, with its interval; they are (caption, whether it is a hit)."""
    known = [(caption, hit) for caption, hit in found if hit is not None]
    return str(clustered_share(known)) if known else "none"


def valid_share(found: Sequence[Judged]) -> str:
    """Return the share that is valid, with its interval."""
    return share([(one.caption, one.valid) for one in found])


def gain(captioned: Sequence[Captioned], before: Sequence[Judged], after: Sequence[Judged]) -> Estimate:
    """Return by how much more are valid, captions resampled together."""
    there = [Drawing(one.pictured.subject_id, "error", good=False) for one in captioned]  # counts for nothing
    rates = [
        [*there, *(Drawing(one.caption, "accepted", good=one.valid) for one in side if one.valid is not None)]
        for side in (before, after)
    ]
    return difference(rates[0], rates[1], RATES["residual_invalid"])


def _names_of(kinds: set[str]) -> set[str]:
    return {_spelt(f"{kind}{ending}") for kind in kinds for ending in ("", "s", "es")}


def _spelt(noun: str) -> str:
    return noun.lower().replace("-", " ")


_NAMES = _names_of(set(KINDS))
