"""How many effective instances each category lacks."""

from collections.abc import Iterable

from genval_assets.types import Tally


def deficit(tally: Tally) -> int:
    """Return how many effective instances are missing: the target counts real and synthetic ones together."""
    return max(0, tally.target - tally.real - tally.effective)


def deficits(tallies: Iterable[Tally]) -> dict[str, int]:
    """Return the deficit of each category that has one."""
    return {tally.category: deficit(tally) for tally in tallies if deficit(tally)}
