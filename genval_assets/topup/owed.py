"""What is planned but not there yet: the work that a killed or failed run still owes."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import count

from genval_assets.rows import TopUp
from genval_assets.topup.deficit import surplus
from genval_assets.types import Tally

CUTOUT = "cutout"
"""The source that needs no model: variants of real instances."""
VARIATION = "variation"
"""The source that draws real instances anew (InstaDA's I-Agent)."""
OF_OBJECTS = (CUTOUT, VARIATION)
"""Sources that make their candidates of real source objects; the others are generators, and have no end."""


@dataclass(frozen=True)
class Cut:
    """What a candidate made of a source object shows."""

    reference: int  # position among the category's references in their order
    variant: int  # of a cut-out, 0 is the object as it was cut out


def planned_indices(plans: Iterable[TopUp]) -> Iterator[tuple[int, str, int]]:
    """Yield (round, source, index) of every candidate of one category's plans, in that order, each index once."""
    for plan, index in _each_once(plans):
        yield plan.round, plan.source, index


def cuts(plans: Iterable[TopUp], source: str = CUTOUT) -> dict[int, Cut]:
    """Return what each planned index of one category and one source of objects stands for, in the order of the plans.

    Plan by plan, each index takes the first pair that none before it took: every reference that was known to its
    plan once, before any comes twice. So an index keeps its meaning when further references are cut out, and they
    get as many turns as the others.

    Raises:
        ValueError: candidates were planned of no reference.
    """
    found: dict[int, Cut] = {}
    taken: set[Cut] = set()
    pairs: dict[str, Iterator[Cut]] = {}
    for plan, index in _each_once(plans):
        if plan.source == source:
            fresh = pairs.setdefault(plan.top_up_id, _pairs(plan))
            found[index] = next(pair for pair in fresh if pair not in taken)
            taken.add(found[index])
    return found


def _each_once(plans: Iterable[TopUp]) -> Iterator[tuple[TopUp, int]]:
    seen = set()
    for plan in sorted(plans, key=lambda p: (p.round, p.source, p.first_index)):
        for index in range(plan.first_index, plan.first_index + plan.count):
            if (plan.source, index) not in seen:
                seen.add((plan.source, index))
                yield plan, index


def _pairs(plan: TopUp) -> Iterator[Cut]:
    """Return the pairs of a plan without end: variant 0 of all its references, then variant 1, and so on."""
    if not plan.source_objects:
        raise ValueError(
            f"round {plan.round} of {plan.category} plans {plan.count} of source {plan.source}, made of "
            f"{plan.source_objects} references"
        )
    return (Cut(reference, variant) for variant in count() for reference in range(plan.source_objects))


def unused(tally: Tally) -> int:
    """Return how many accepted instances need no scene, because others were selected and reach the target.

    What was not selected is owed one as soon as it is needed: never more is unused than the category has above its
    target.
    """
    return min(tally.not_selected, surplus(tally))


def owes(tally: Tally) -> int:
    """Return how many candidates, verdicts and scenes are planned but neither stored nor refused for good.

    Every planned candidate ends as a verdict, every accepted one as a scene or, where none can hold it, as a
    quarantine row, or it is not selected.
    """
    planned = sum(entry.planned for entry in tally.history)
    judged = tally.accepted + tally.rejected + tally.errors
    return max(0, planned + tally.accepted - judged - tally.scenes - tally.refused - unused(tally))


def undrawn(tally: Tally) -> int:
    """Return how many of the candidates that are owed are still to be drawn, at most.

    The others owe a verdict or a scene. One that could not be drawn is judged without being stored, so a round owes
    no more candidates than verdicts.
    """
    return sum(max(0, min(r.planned - r.drawn, r.planned - r.accepted - r.rejected - r.errors)) for r in tally.history)
