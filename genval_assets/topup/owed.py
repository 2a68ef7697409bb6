"""What is planned but not there yet: the work that a killed or failed run still owes."""

from collections.abc import Iterable, Iterator

from genval_assets.rows import TopUp
from genval_assets.types import Tally

CUTOUT = "cutout"
"""The source that needs no model: variants of real instances."""


def planned_indices(plans: Iterable[TopUp]) -> Iterator[tuple[int, str, int]]:
    """Yield (round, source, index) of every candidate of one category's plans, in that order, each index once."""
    seen = set()
    for plan in sorted(plans, key=lambda p: (p.round, p.source, p.first_index)):
        for index in range(plan.first_index, plan.first_index + plan.count):
            if (plan.source, index) not in seen:
                seen.add((plan.source, index))
                yield plan.round, plan.source, index


def owes(tally: Tally) -> int:
    """Return how many candidates, verdicts and scenes are planned but neither stored nor refused for good.

    Every planned candidate ends as a verdict, every accepted one as a scene or, where none can hold it, as a
    quarantine row.
    """
    planned = sum(entry.planned for entry in tally.history)
    judged = tally.accepted + tally.rejected + tally.errors
    return max(0, planned + tally.accepted - judged - tally.scenes - tally.refused)
