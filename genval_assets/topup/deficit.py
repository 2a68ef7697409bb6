"""How many effective instances each category lacks."""

from collections.abc import Iterable

from genval_assets.types import Tally


def counting(tally: Tally) -> int:
    """Return how many synthetic instances count towards the target: the effective ones that a scene could hold.

    Which of the accepted ones were refused by scenes is not known here: each is taken for an effective one.
    """
    return max(0, tally.effective - tally.refused)


def deficit(tally: Tally) -> int:
    """Return how many effective instances are missing: the target counts real and synthetic ones together."""
    return max(0, tally.target - tally.real - counting(tally))


def surplus(tally: Tally) -> int:
    """Return how many instances, real and synthetic together, count beyond the target."""
    return max(0, tally.real + counting(tally) - tally.target)


def deficits(tallies: Iterable[Tally]) -> dict[str, int]:
    """Return the deficit of each category that has one."""
    return {tally.category: deficit(tally) for tally in tallies if deficit(tally)}
