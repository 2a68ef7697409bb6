"""The real pairs that layouts are compared with, in the order in which they are looked up.

Not here: where they come from (`real_pairs.py`) and how they are compared (`clis_l.py`).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from genval_assets.keys import seed_of
from genval_assets.layouts.nearest import Blocks, Ordered, blocks_of, ordered
from genval_assets.layouts.pair_terms import LEAST_SIDE, Floats, Matching, measured
from genval_assets.layouts.percentiles import References, references
from genval_assets.layouts.relations import canonical, is_sided, spatial_class

Level = Literal["pair", "relation", "class", "none"]
LEVELS: tuple[Level, ...] = ("pair", "relation", "class")
"""From the finest: the same two categories and relation, the same relation, a relation of the same spatial class."""
FEWEST = 3
"""Real pairs that a comparison needs (our choice)."""


@dataclass(frozen=True)
class Evidence:
    """Rows of the pool that a pair is compared with. Rows of one level are neighbours."""

    level: Level
    start: int = 0
    stop: int = 0

    @property
    def count(self) -> int:
        """How many these are."""
        return self.stop - self.start


NO_EVIDENCE = Evidence("none")


@dataclass(frozen=True, eq=False)
class Pool:
    """Real pairs sorted by spatial class, relation, subject and object. What it prepares it keeps."""

    boxes: Floats  # (N, 8): subject, object
    measures: Floats  # (4, N), see pair_terms.py
    _keys: NDArray[np.int64]  # (N,), ascending: relation, subject and object as one number
    _relations: Mapping[str, int]  # canonical relation -> number, by class and name
    _classes: Mapping[str, tuple[int, int]]  # spatial class -> first of its relations' numbers, and the one after
    _categories: Mapping[str, int]
    _ordered: dict[tuple[int, int], Ordered] = field(default_factory=dict)
    _blocks: dict[tuple[int, int], Blocks] = field(default_factory=dict)
    _references: dict[tuple[int, int, Matching, float], References] = field(default_factory=dict)

    @classmethod
    def of(
        cls,
        subjects: Sequence[str],
        relations: Sequence[str],
        objects: Sequence[str],
        subject_boxes: Floats,
        object_boxes: Floats,
    ) -> "Pool":
        """Return the pool of real pairs, given as columns of one length; there may be none.

        Args:
            subjects: keys.
            relations: in any words, see `relations.py`.
            objects: keys.
            subject_boxes: (N, 4), left, top, width, height as shares of the picture.
            object_boxes: (N, 4), of the same kind.

        Raises:
            ValueError: the columns differ in length, or a box has no area or is not finite.
        """
        both = [np.asarray(boxes, dtype=np.float64).reshape(-1, 4) for boxes in (subject_boxes, object_boxes)]
        if len({len(subjects), len(relations), len(objects), *map(len, both)}) > 1:
            raise ValueError(f"columns of one length make a pool; subjects are {len(subjects)}, others differ")
        boxes = np.hstack(both)
        _refuse(boxes)
        canonical_of = {relation: canonical(relation) for relation in set(relations)}
        in_order = sorted(set(canonical_of.values()), key=lambda r: (spatial_class(r) or "", r))
        numbers = {relation: i for i, relation in enumerate(in_order)}
        categories = {key: i for i, key in enumerate(dict.fromkeys((*subjects, *objects)))}
        of_relation = _numbered({r: numbers[c] for r, c in canonical_of.items()}, relations)
        keys = of_relation * len(categories) + _numbered(categories, subjects)
        keys = keys * len(categories) + _numbered(categories, objects)
        order = np.argsort(keys, kind="stable")
        sided = np.array([is_sided(relation) for relation in in_order], dtype=np.bool_)[of_relation]
        return cls(
            boxes=boxes[order],
            measures=measured(boxes[:, :4], boxes[:, 4:], sided)[:, order],
            _keys=keys[order],
            _relations=numbers,
            _classes=_classes(in_order),
            _categories=categories,
        )

    def __len__(self) -> int:
        return len(self._keys)

    def evidence(self, names: Sequence[tuple[str, str, str]]) -> list[Evidence]:
        """Return what each (subject, relation, object) is compared with: the finest level with enough real pairs."""
        bounds = np.array([self._bounds(*name) for name in names], dtype=np.int64).reshape(-1, len(LEVELS), 2)
        rows = np.searchsorted(self._keys, bounds)
        enough = np.diff(rows, axis=2)[..., 0] >= FEWEST
        first = np.where(enough.any(axis=1), enough.argmax(axis=1), len(LEVELS)).tolist()
        return [
            Evidence(LEVELS[at], *map(int, rows[i, at])) if at < len(LEVELS) else NO_EVIDENCE
            for i, at in enumerate(first)
        ]

    def examples(self, subject: str, relation: str, object: str) -> Floats:  # noqa: A002  # the field's word
        """Return subject and object boxes of real pairs at the finest level with enough of them: (n, 8), n may be 0."""
        (found,) = self.evidence([(subject, relation, object)])
        return self.boxes[found.start : found.stop].copy()

    def ordered(self, evidence: Evidence) -> Ordered:
        """Return some evidence as `separate` searches it."""
        where = (evidence.start, evidence.stop)
        if where not in self._ordered:
            self._ordered[where] = ordered(self.measures[:, slice(*where)])
        return self._ordered[where]

    def blocks(self, evidence: Evidence) -> Blocks:
        """Return some evidence as `joint` searches it."""
        where = (evidence.start, evidence.stop)
        if where not in self._blocks:
            self._blocks[where] = blocks_of(self.measures[:, slice(*where)])
        return self._blocks[where]

    def references(self, evidence: Evidence, matching: Matching, iou_weight: float) -> References:
        """Return the scores of the real pairs of some evidence, each without itself."""
        what = (evidence.start, evidence.stop, matching, iou_weight)
        if what not in self._references:
            found = self.measures[:, evidence.start : evidence.stop]
            seed = seed_of("references", evidence.count)  # not its place: that changes with pairs of other groups
            self._references[what] = references(found, seed, matching, iou_weight)
        return self._references[what]

    def _bounds(self, subject: str, relation: str, object_: str) -> tuple[tuple[int, int], ...]:
        """Return first key, and the one after the last, of each level; both 0 where the pool has none of it."""
        width = len(self._categories)
        number = self._relations.get(canonical(relation))
        first, after = self._classes.get(spatial_class(relation) or "", (0, 0))
        of_class = (first * width**2, after * width**2)
        if number is None:
            return ((0, 0), (0, 0), of_class)
        of_relation = (number * width**2, (number + 1) * width**2)
        if subject not in self._categories or object_ not in self._categories:
            return ((0, 0), of_relation, of_class)
        key = (number * width + self._categories[subject]) * width + self._categories[object_]
        return ((key, key + 1), of_relation, of_class)


def _numbered(numbers: Mapping[str, int], names: Sequence[str]) -> NDArray[np.int64]:
    return np.fromiter(map(numbers.__getitem__, names), dtype=np.int64, count=len(names))


def _classes(relations: Sequence[str]) -> dict[str, tuple[int, int]]:
    """Return class -> first number of its relations and the one after, of relations sorted by class."""
    spans: dict[str, tuple[int, int]] = {}
    for number, relation in enumerate(relations):
        of_class = spatial_class(relation)
        if of_class is not None:
            spans[of_class] = (spans.get(of_class, (number, 0))[0], number + 1)
    return spans


def _refuse(boxes: Floats) -> None:
    usable = np.isfinite(boxes).all(axis=1) & (boxes[:, [2, 3, 6, 7]] >= LEAST_SIDE).all(axis=1)
    if not usable.all():
        row = int(usable.argmin())
        raise ValueError(
            f"boxes of a pool are finite, with sides of at least {LEAST_SIDE}; row {row} is {boxes[row].tolist()}"
        )
