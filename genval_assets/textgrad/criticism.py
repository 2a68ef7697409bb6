"""Criticism as it reaches the optimizer: each point once, bounded, with what was said before of similar faults."""

import re
from collections.abc import Sequence

from genval_assets.textgrad.roles import LONGEST_CRITICISM

RECALLED = 3
"""Most past criticisms added at a step (our choice): faults that are rare are not forgotten between minibatches."""
LEAST_LIKENESS = 0.2
"""Least Jaccard index of words with a present point for a past one to be recalled (our choice)."""


def settled(points: Sequence[str], memory: Sequence[str] = ()) -> tuple[str, ...]:
    """Return the points for the optimizer: the present ones, then similar past ones, each once, within the cap.

    Args:
        points: of the critic, the most telling first.
        memory: points of earlier steps, oldest first.
    """
    return capped(deduplicated([*points, *recalled(points, memory)]))


def deduplicated(points: Sequence[str]) -> list[str]:
    """Return the points that say something, each once; case, punctuation and white space make no difference."""
    kept: dict[str, str] = {}
    for point in points:
        if said := _said(point):
            kept.setdefault(said, point.strip())
    return list(kept.values())


def recalled(points: Sequence[str], memory: Sequence[str]) -> list[str]:
    """Return at most `RECALLED` past points that resemble a present one without repeating it, the likest first."""
    present = {_said(point) for point in points}
    past = [point for point in deduplicated(list(reversed(memory))) if _said(point) not in present]
    likeness = {point: max((_likeness(point, other) for other in points), default=0.0) for point in past}
    similar = [point for point in past if likeness[point] >= LEAST_LIKENESS]
    return sorted(similar, key=lambda point: -likeness[point])[:RECALLED]


def capped(points: Sequence[str], most: int = LONGEST_CRITICISM) -> tuple[str, ...]:
    """Return the points up to the first that would exceed `most` estimated tokens; none is cut in the middle."""
    kept: list[str] = []
    left = float(most)
    for point in points:
        left -= 1.3 * len(point.split())
        if left < 0:
            break
        kept.append(point)
    return tuple(kept)


def _said(point: str) -> str:
    return " ".join(re.findall(r"\w+", point.lower()))


def _likeness(first: str, second: str) -> float:
    a, b = set(_said(first).split()), set(_said(second).split())
    return len(a & b) / len(a | b) if a | b else 0.0
