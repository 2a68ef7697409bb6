"""How many accepted instances count towards a category's target."""

from collections import Counter
from collections.abc import Iterable

PER_SOURCE = 3
"""Accepted instances that count per real source object: further variations of one object teach little (our choice)."""


def effective_instances(reference_ids: Iterable[str | None], per_source: int = PER_SOURCE) -> int:
    """Return how many of a category's accepted instances count.

    Args:
        reference_ids: one entry per accepted instance: the source object it was made from, or None where it was
            drawn without one. Each of the latter counts.
        per_source: at most so many count for one source object.
    """
    of_source = Counter(reference_ids)
    drawn = of_source.pop(None, 0)
    return drawn + sum(min(count, per_source) for count in of_source.values())
