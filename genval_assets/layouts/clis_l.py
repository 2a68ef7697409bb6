"""CLIS-L: how much pairs of a layout look like real pairs (Auto Cherry-Picker, arXiv 2406.20085, eq. 3 to 9).

`separate` is the paper: size, distance and direction are each compared with whichever real pair is nearest in that.
`joint` takes one real pair for all three. The released code compares a pair's distance with itself, so that its
distance term is always full; we follow the paper. It also leaves out the best 2 % of examples; we do not.

Where a pair of categories has too few real examples, those of the relation count, then those of its spatial class.
Where these are too few as well there is no score: what is rare is not bad.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from genval_assets.layouts.nearest import joint_terms
from genval_assets.layouts.pair_terms import LEAST_SIDE, Floats, measured, scored, terms, total
from genval_assets.layouts.percentiles import percentiles
from genval_assets.layouts.pool import Evidence, Level, Pool
from genval_assets.layouts.relations import is_sided
from genval_assets.layouts.settings import ClisLSettings
from genval_assets.types import Xywh

FEW = 256
"""So many examples are looked at one by one: that is faster than to prepare them (measured, bench/clis.py)."""


@dataclass(frozen=True)
class Pair:
    """Two objects of a layout: the subject is `relation` the object."""

    subject: str  # key
    relation: str
    object: str  # key
    subject_box: Xywh  # left, top, width, height as shares of the picture, sides from LEAST_SIDE
    object_box: Xywh


@dataclass(frozen=True)
class PairScore:
    """How much a pair looks like real ones; all None where there is too little to compare with."""

    level: Level
    examples: int  # real pairs that it was compared with
    size: float | None = None  # the terms, in [0, 1]
    distance: float | None = None
    direction: float | None = None
    score: float | None = None  # raw, 0 to 100: grows with the number of examples
    percentile: float | None = None  # percent of real pairs that score lower, from equally many examples


def clis_l(pool: Pool, pairs: Sequence[Pair], settings: ClisLSettings) -> list[PairScore]:
    """Return the score of each pair, in order. The pool keeps what is prepared on the way, for the next call.

    Raises:
        ValueError: a box is not finite, or has no area.
    """
    if not pairs:
        return []
    asked = _measured(pairs)
    evidence = pool.evidence([(pair.subject, pair.relation, pair.object) for pair in pairs])
    scores = [PairScore("none", 0)] * len(pairs)
    for found, rows in _grouped(evidence):
        if found.level != "none":
            for row, score in zip(rows, _scores(pool, found, asked[:, rows], settings), strict=True):
                scores[row] = score
    return scores


def _measured(pairs: Sequence[Pair]) -> Floats:
    boxes = np.array([(*pair.subject_box, *pair.object_box) for pair in pairs], dtype=np.float64)
    if not np.isfinite(boxes).all() or (boxes[:, [2, 3, 6, 7]] < LEAST_SIDE).any():
        raise ValueError(f"boxes of a layout must be finite, with sides of at least {LEAST_SIDE}")
    return measured(boxes[:, :4], boxes[:, 4:], np.array([is_sided(pair.relation) for pair in pairs]))


def _grouped(evidence: Sequence[Evidence]) -> list[tuple[Evidence, list[int]]]:
    rows: dict[Evidence, list[int]] = {}
    for row, found in enumerate(evidence):
        rows.setdefault(found, []).append(row)
    return list(rows.items())


def _scores(pool: Pool, found: Evidence, asked: Floats, settings: ClisLSettings) -> list[PairScore]:
    """Return the scores of pairs, (4, Q), that are compared with the same real ones."""
    best = _terms(pool, found, asked, settings)
    references = pool.references(found, settings.matching, settings.iou_weight)
    compared = scored(asked, references.examples[:, None, :], settings.matching, settings.iou_weight)
    columns = np.vstack((best, total(*best), percentiles(compared, references)))
    return [PairScore(found.level, found.count, *numbers) for numbers in columns.T.tolist()]


def _terms(pool: Pool, found: Evidence, asked: Floats, settings: ClisLSettings) -> Floats:
    """Return the terms of each pair, (3, Q): of the best example for each, or of the one that is best in all."""
    weight = settings.iou_weight
    if found.count > FEW:
        if settings.matching == "joint":
            return joint_terms(pool.blocks(found), asked, weight)
        return pool.ordered(found).terms(asked, weight)
    likeness = terms(asked[:, :, None], pool.measures[:, None, found.start : found.stop], weight)
    if settings.matching == "joint":
        at = total(*likeness).argmax(axis=-1)
        likeness = np.take_along_axis(likeness, at[None, :, None], axis=-1)
    best: Floats = likeness.max(axis=-1)
    return best
