"""Which relations the boxes of two objects show clearly enough to be said. Rules and bounds are our choice.

Not here: what a layout may be drawn with (`layouts/relations.py`), which is less strict. Boxes are xywh in px.
"""

from collections.abc import Callable, Mapping
from math import hypot

from genval_assets.layouts.boxes import shared_area, shared_length
from genval_assets.layouts.graph import Relation
from genval_assets.layouts.relations import canonical, violated
from genval_assets.types import Xywh

CLEAR = 0.25
"""Least distance of the centres along the axis of left, right, above and below, in mean sides."""
RESTING = (-0.1, 0.5)
"""Where the lower edge of something `on` another lies, in heights of the other below its upper edge."""
CARRIED = 0.5
"""Least share of the width of something `on` another that is over or under the other's."""
CONTAINED = 0.8
"""Least share of the area of something `in` another that lies within the other's box."""
LEVEL = 0.25
"""Least share of the lower box's height that boxes `next to` one another have in common."""
OVERLAID = 0.5
"""Largest share of the smaller area that boxes `next to` one another have in common."""


def shown(relation: Relation, subject: Xywh, other: Xywh) -> str | None:
    """Return the one name of a relation when the boxes show it.

    None for actions and for relations that no box can show (behind, holding).

    - left of, right of, above, below: `layouts.relations.violated` does not object, and the centres are `CLEAR` apart;
    - on: the subject's lower edge is `RESTING`, so its centre is the higher one, and enough of its width is `CARRIED`;
    - in: the subject is the smaller one and `CONTAINED`;
    - next to: the gap is at most the mean diagonal, and the boxes are level and side by side.
    """
    name = canonical(relation.predicate)
    rule = _RULES.get(name)
    if relation.kind != "spatial" or rule is None or violated(name, subject, other):
        return None
    return name if rule(subject, other) else None


def _clear(axis: int) -> Callable[[Xywh, Xywh], bool]:
    def rule(subject: Xywh, other: Xywh) -> bool:
        mean_side = (subject[axis + 2] + other[axis + 2]) / 2
        return abs(_centre(subject, axis) - _centre(other, axis)) >= CLEAR * mean_side

    return rule


def _on(subject: Xywh, other: Xywh) -> bool:
    depth = (subject[1] + subject[3] - other[1]) / other[3]
    return RESTING[0] <= depth <= RESTING[1] and shared_length(subject, other, 0) >= CARRIED * subject[2]


def _in(subject: Xywh, other: Xywh) -> bool:
    area = subject[2] * subject[3]
    return area < other[2] * other[3] and shared_area(subject, other) >= CONTAINED * area


def _next_to(subject: Xywh, other: Xywh) -> bool:
    gap = hypot(*(max(0.0, -shared_length(subject, other, axis)) for axis in (0, 1)))
    near = gap <= (hypot(*subject[2:]) + hypot(*other[2:])) / 2
    level = shared_length(subject, other, 1) >= LEVEL * min(subject[3], other[3])
    return near and level and shared_area(subject, other) <= OVERLAID * min(_area(subject), _area(other))


_RULES: Mapping[str, Callable[[Xywh, Xywh], bool]] = {
    "left of": _clear(0),
    "right of": _clear(0),
    "above": _clear(1),
    "below": _clear(1),
    "on": _on,
    "in": _in,
    "next to": _next_to,
}


def _centre(box: Xywh, axis: int) -> float:
    return box[axis] + box[axis + 2] / 2


def _area(box: Xywh) -> float:
    return box[2] * box[3]
