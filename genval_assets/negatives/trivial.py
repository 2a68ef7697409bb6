"""Trivial negatives: whole captions of other pictures (FG-OVD's easiest level), verified like any other."""

from bisect import bisect_left
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import chain, islice

from genval_assets.keys import seed_of
from genval_assets.model_ports import ChatModel
from genval_assets.negatives.claims import Claim, stated
from genval_assets.negatives.picture import Pictured
from genval_assets.negatives.positive import Positive
from genval_assets.negatives.verification import Captioned, Case, Opinions, Verifier

CANDIDATES = 3
"""Captions that are held against a picture for each that is wanted (our choice)."""


@dataclass(frozen=True)
class Other:
    """An accepted caption of some picture."""

    positive_id: str
    category: str  # partition key
    positive: Positive

    @property
    def text(self) -> str:
        """The caption."""
        return self.positive.text


@dataclass(frozen=True)
class Trivial:
    """Another picture's caption that is false of this one."""

    other: Other
    confirmed_by: tuple[str, ...]


@dataclass(frozen=True)
class Trivials:
    """What came of the trivial negatives of one caption."""

    chosen: tuple[Trivial, ...] = ()
    unanswered: str = ""  # why the model was not reached


def trivial_negatives(
    chat: ChatModel, captioned: Sequence[Captioned], ring: "Ring", count: int, verifier: Verifier
) -> list[Trivials]:
    """Return for each caption at most `count` captions of other pictures that are false of its own; never filled up."""
    candidates = [ring.candidates(one, CANDIDATES * count) for one in captioned]
    asked = [i for i, some in enumerate(candidates) if some]
    cases = [Case(captioned[i], others=tuple(other.positive for other in candidates[i])) for i in asked]
    opinions = dict(zip(asked, verifier.opinions(chat, cases), strict=True))
    return [_confirmed(some, opinions.get(i, Opinions()), count) for i, some in enumerate(candidates)]


class Ring:
    """All captions in one mixed order, in which each picture begins at a place of its own."""

    def __init__(self, others: Sequence[Other]) -> None:
        placed = {(seed_of("trivial", one.positive_id), one.positive_id): one for one in others}
        self._places = sorted(placed)
        self._others = [placed[place] for place in self._places]

    def candidates(self, captioned: Captioned, most: int) -> tuple[Other, ...]:
        """Return captions that may be trivial negatives of a picture, first those made for other categories.

        Each says something of its things that the caption does not say, and no two say the same. Which they are depends
        on the picture's seed and on what there is, not on the order in which the captions came.
        """
        said = frozenset(stated(captioned.positive))
        chosen: dict[frozenset[Claim], Other] = {}
        for one in self._from(captioned.pictured):
            if len(chosen) == most:
                break
            says = frozenset(stated(one.positive))
            if not says <= said:
                chosen.setdefault(says, one)
        return tuple(chosen.values())

    def _from(self, pictured: Pictured) -> Iterator[Other]:
        """Yield all captions, those made for other categories first."""
        start = bisect_left(self._places, (seed_of("trivial", pictured.seed), ""))
        for own in (False, True):
            mixed = chain(islice(self._others, start, None), islice(self._others, start))
            yield from (one for one in mixed if (one.category == pictured.category) == own)


def _confirmed(candidates: Sequence[Other], opinions: Opinions, count: int) -> Trivials:
    if opinions.unanswered:
        return Trivials(unanswered=opinions.unanswered)
    stand = [
        Trivial(other, opinion.confirmed_by)
        for other, opinion in zip(candidates, opinions.others, strict=True)
        if not opinion.faults
    ]
    return Trivials(tuple(stand[:count]))
