"""Relations between two things: one name for each, what it says of their boxes, and which one two boxes show.

The words are in `relations.toml`. Boxes are left, top, width, height, both in the same unit, y downwards.
"""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

from genval_assets.layouts.boxes import shared_area, shared_length
from genval_assets.types import Xywh

SIDES = frozenset({"left", "right"})
CONTAINED = 0.9
"""Share of the subject's box within the object's from which the subject is `in` it (our choice)."""
SMALLER = 0.7
"""The largest share of the object's area that something `in` it has (our choice)."""
SHARED = 0.25
"""The largest overlap along an axis, as a share of the shorter side, of boxes that stand apart (our choice)."""
CLOSE = 0.5
"""The widest gap between boxes that are `next to` one another, as a share of the narrower one (our choice)."""
LEVEL = 0.5
"""Of boxes side by side the shared height is at least, the shared width at most this share (our choice)."""

_CENTRES: Mapping[str, tuple[int, int]] = {
    "left of": (0, 1),
    "right of": (0, -1),
    "above": (1, 1),
    "below": (1, -1),
}
"""Relation -> axis, and the sign of the object's centre minus the subject's along it."""


@dataclass(frozen=True)
class Vocabulary:
    """What `relations.toml` holds."""

    relation_of: Mapping[str, str]  # words, the relation's own name among them -> relation
    class_of: Mapping[str, str]  # relation -> spatial class


@cache
def vocabulary() -> Vocabulary:
    """Return the shipped relations.

    Raises:
        ValueError: the same words are listed for two relations.
    """
    read = tomllib.loads(files("genval_assets.layouts").joinpath("relations.toml").read_text(encoding="utf-8"))
    relation_of: dict[str, str] = {}
    for relation, entry in read.items():
        for words in (relation, *entry["words"]):
            if relation_of.setdefault(words, relation) != relation:
                raise ValueError(f"relations.toml lists {words!r} for {relation_of[words]!r} and {relation!r}")
    return Vocabulary(relation_of, {relation: entry["class"] for relation, entry in read.items()})


def canonical(predicate: str) -> str:
    """Return the one name of a relation; one that the list does not know in lower case, with single blanks for `_-`."""
    words = " ".join(predicate.lower().replace("_", " ").replace("-", " ").split())
    return vocabulary().relation_of.get(words, words)


def spatial_class(predicate: str) -> str | None:
    """Return the class of relations that place two boxes alike; None for one that the list does not know."""
    return vocabulary().class_of.get(canonical(predicate))


def is_sided(predicate: str) -> bool:
    """Return whether a relation says left or right, so that its mirror image is another one.

    Relations of one spatial class are all sided or all not. `left behind` reads as sided: then no mirrored example is
    used, which is the careful way to err.
    """
    of_class = spatial_class(predicate)
    return of_class in SIDES if of_class else bool(SIDES.intersection(canonical(predicate).split()))


def violated(predicate: str, subject_box: Xywh, object_box: Xywh) -> bool:
    """Return whether left of, right of, above or below is contradicted by the boxes' centres; equal centres do."""
    relation = canonical(predicate)
    if relation not in _CENTRES:
        return False
    axis, sign = _CENTRES[relation]
    return sign * _offset(subject_box, object_box, axis) <= 0


def derived(subject_box: Xywh, object_box: Xywh) -> str | None:
    """Return the relation that two boxes show; None where none is clear. Our choice, the first that fits.

    - `in`: nine tenths of the subject's box lie in the object's, and it is clearly smaller;
    - `next to`: on one level, side by side with a gap of at most half the narrower width, or partly overlapping;
    - `left of`, `right of`, `above`, `below`: the centres differ most along that axis, measured in mean sides of the
      boxes, and along it the boxes overlap little.

    Two boxes side by side with a small gap are `left of` one another just as well. They go to `next to`, which would
    else find no examples.
    """
    if _contained(subject_box, object_box):
        return "in"
    across, down = (_apart(subject_box, object_box, axis) for axis in (0, 1))
    if abs(down) > abs(across):
        return _clear("above" if down > 0 else "below", subject_box, object_box, 1)
    beside = -CLOSE <= _overlap(subject_box, object_box, 0) <= LEVEL <= _overlap(subject_box, object_box, 1)
    return "next to" if beside else _clear("left of" if across > 0 else "right of", subject_box, object_box, 0)


def _clear(relation: str, subject_box: Xywh, object_box: Xywh, axis: int) -> str | None:
    return relation if _overlap(subject_box, object_box, axis) <= SHARED else None


def _offset(subject_box: Xywh, object_box: Xywh, axis: int) -> float:
    return (object_box[axis] + object_box[axis + 2] / 2) - (subject_box[axis] + subject_box[axis + 2] / 2)


def _apart(subject_box: Xywh, object_box: Xywh, axis: int) -> float:
    return 2 * _offset(subject_box, object_box, axis) / (subject_box[axis + 2] + object_box[axis + 2])


def _overlap(a: Xywh, b: Xywh, axis: int) -> float:
    return shared_length(a, b, axis) / min(a[axis + 2], b[axis + 2])


def _contained(inner: Xywh, outer: Xywh) -> bool:
    area = inner[2] * inner[3]
    return shared_area(inner, outer) >= CONTAINED * area and area <= SMALLER * outer[2] * outer[3]
