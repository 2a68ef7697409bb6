"""Where the next candidates of a category may come from: what is left of each source, and how well it has done.

A round of a category draws from one source only, so that its fingerprint tells which.
"""

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from genval_assets.instances.effective import PER_SOURCE
from genval_assets.layouts.settings import LayoutSettings
from genval_assets.negatives.settings import NegativeSettings
from genval_assets.topup.owed import OF_OBJECTS
from genval_assets.topup.settings import TopUpSettings
from genval_assets.topup.wilson import wilson
from genval_assets.types import RoundTally, Tally

MIN_TRIED = 20
"""Fewer candidates do not prove a low yield: at a yield of .25, 20 misses in a row happen once in 300 times."""

PRIOR_YIELD, PRIOR_WEIGHT = 0.75, 20.0
"""Before anything was judged: as if 15 of 20 candidates had been accepted, between MosaicFusion's half and
Gen-n-Val's 93 % (arXiv 2506.04676). Its lower bound is .53, so a first round asks for twice the deficit at most."""


@dataclass(frozen=True)
class Sources:
    """The sources of a project, in the order in which they are used up."""

    fingerprints: Mapping[str, str]  # source -> model, prompts and settings in one line; the order is that of use
    per_object: Mapping[str, int] = field(default_factory=dict)  # source -> candidates per real source object; else 3
    max_references: int = 64  # source objects cut out per category at most
    looked_for: Collection[str] = ()  # keys whose source objects have all been cut out, also where there were none

    can_draw: Callable[[str], bool] = lambda _name: True  # whether the generators may know a category, by its name
    layouts: LayoutSettings = field(default_factory=LayoutSettings)  # scenes drawn as a whole
    hard_negatives: NegativeSettings = field(default_factory=NegativeSettings)  # captions of what was accepted
    eyes: str = ""  # digest of what answers questions about pictures: what another model refused is owed

    def generators(self, name: str) -> list[str]:
        """Return the sources that can draw a category without end, in order."""
        return [source for source in self.fingerprints if source not in OF_OBJECTS and self.can_draw(name)]

    def left(self, tally: Tally, source: str) -> float:
        """Return how many more candidates a source can give a category; infinite for a generator.

        Until a category's source objects have been looked for, each of its real instances is taken for one.
        """
        if source not in OF_OBJECTS:
            return float("inf") if self.can_draw(tally.name) else 0
        objects = tally.references
        if tally.category not in self.looked_for:
            objects = max(objects, min(tally.real, self.max_references))
        return max(0, objects * self.candidates_of(source) - tally.next_index.get(source, 0))

    def candidates_of(self, source: str) -> int:
        """Return how many candidates a source makes of each real object."""
        return self.per_object.get(source, PER_SOURCE)

    @property
    def of_objects(self) -> list[str]:
        """The sources among them that start from real objects, in order."""
        return [source for source in self.fingerprints if source in OF_OBJECTS]


def tried(rounds: Iterable[RoundTally]) -> int:
    """Return how many candidates of some rounds were judged or ended in an error."""
    return sum(r.accepted + r.rejected + r.errors for r in rounds)


def is_exhausted(history: Sequence[RoundTally], fingerprint: str, settings: TopUpSettings) -> bool:
    """Return whether the yield under this fingerprint has stayed under the floor.

    Judged by the latest rounds: as few as make up both `rounds_before_exhausted` and 20 candidates. Errors count
    as tried here, though in no published rate: a source that only errs must not be asked for ever.
    """
    recent: list[RoundTally] = []
    for round_ in reversed([r for r in history if r.fingerprint == fingerprint]):
        recent.append(round_)
        if len(recent) >= settings.rounds_before_exhausted and tried(recent) >= MIN_TRIED:
            return sum(r.accepted for r in recent) < settings.min_yield * tried(recent)
    return False


def yield_lower(history: Sequence[RoundTally], fingerprint: str, settings: TopUpSettings) -> float:
    """Return a cautious forecast of accepted / drawn: the lower Wilson bound over the rounds of a fingerprint.

    The prior counts as `PRIOR_WEIGHT` candidates, and fades as real ones come in. Never under the floor, below
    which the source is exhausted anyway.
    """
    rounds = [r for r in history if r.fingerprint == fingerprint]
    weight = max(0.0, PRIOR_WEIGHT - tried(rounds))
    accepted = sum(r.accepted for r in rounds) + PRIOR_YIELD * weight
    return max(wilson(accepted, tried(rounds) + weight).low, settings.min_yield)


def usable(tally: Tally, sources: Sources, settings: TopUpSettings) -> list[str]:
    """Return the sources, in order, that have something left for a category and are not exhausted."""
    return [
        source
        for source, fingerprint in sources.fingerprints.items()
        if sources.left(tally, source) > 0 and not is_exhausted(tally.history, fingerprint, settings)
    ]
