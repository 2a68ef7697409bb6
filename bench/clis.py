"""How fast CLIS-L is on a large pool, against the straightforward way: CPU time, medians of interleaved rounds.

    python bench/clis.py [--pool 1000000] [--queries 1000] [--rounds 5]

The pool is synthetic: seven relations and 1,203 categories by Zipf's law, so that most pairs of categories are rare,
their queries fall back to a relation's 50,000 to 200,000 examples, and the others meet groups of every size. Half of
the queries are about categories as frequent as in the pool, half about any. Two straightforward ways, one query at a
time, on some of the same queries:

- scan: the rows of each group are known; the formula is written out over the group's boxes;
- filter: the same, and the rows are found by comparing names, three columns at a time.

All ways are asserted to give the same scores.
"""

import argparse
import platform
import statistics
import time
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from genval_assets.layouts.clis_l import Pair, PairScore, clis_l
from genval_assets.layouts.pair_terms import measured, scored
from genval_assets.layouts.percentiles import percentiles
from genval_assets.layouts.pool import Pool
from genval_assets.layouts.relations import is_sided
from genval_assets.layouts.settings import ClisLSettings

Floats = NDArray[np.float64]

DIRECTIONS = {
    "left of": (1, 0),
    "right of": (-1, 0),
    "above": (0, 1),
    "below": (0, -1),
    "next to": (0.7, 0.1),
    "on": (0, 0.4),
    "in": (0, 0.01),
}
SHARES = (0.2, 0.2, 0.15, 0.15, 0.15, 0.1, 0.05)
CATEGORIES = 1203
NAIVE_QUERIES = 20
GOAL_US, GOAL_RATIO = 200, 15


@dataclass(frozen=True)
class Columns:
    """A pool, or queries, as plain columns."""

    subjects: list[str]
    relations: list[str]
    objects: list[str]
    subject_boxes: Floats  # (N, 4)
    object_boxes: Floats


def columns_of(count: int, rng: np.random.Generator, zipf: float) -> Columns:
    """Return pairs whose boxes stand as their relation says, most of the time."""
    names = np.array([f"category_{i}" for i in range(CATEGORIES)])
    shares = 1 / np.arange(1, CATEGORIES + 1) ** zipf
    subjects, objects = (names[rng.choice(CATEGORIES, count, p=shares / shares.sum())].tolist() for _ in range(2))
    relations = rng.choice(list(DIRECTIONS), count, p=SHARES)
    sides = np.exp(rng.normal(-1.6, 0.6, (2, count, 2))).clip(0.02, 0.9)
    towards = np.array(list(DIRECTIONS.values()))[[list(DIRECTIONS).index(r) for r in relations]]
    apart = sides.sum(axis=0) / 2 * np.exp(rng.normal(-0.1, 0.4, (count, 1)))
    centres = rng.uniform(0.2, 0.8, (count, 2))
    others = centres + towards * apart + rng.normal(0, 0.05, (count, 2))
    boxes = [np.hstack((at - size / 2, size)) for at, size in zip((centres, others), sides, strict=True)]
    return Columns(subjects, relations.tolist(), objects, boxes[0], boxes[1])


def pairs_of(columns: Columns) -> list[Pair]:
    rows = zip(
        columns.subjects,
        columns.relations,
        columns.objects,
        map(tuple, columns.subject_boxes.tolist()),
        map(tuple, columns.object_boxes.tolist()),
        strict=True,
    )
    return [Pair(*row) for row in rows]


def naive_score(pair: Pair, subjects: Floats, objects: Floats) -> float:
    """Return CLIS-L of one pair, `separate`, as one would write it first."""
    pair_boxes = np.array([pair.subject_box]), np.array([pair.object_box])

    def measures(s: Floats, o: Floats) -> tuple[Floats, Floats, Floats, Floats]:
        shared = np.minimum(s[:, :2] + s[:, 2:], o[:, :2] + o[:, 2:]) - np.maximum(s[:, :2], o[:, :2])
        shared = np.clip(shared, 0, None).prod(axis=1)
        areas = s[:, 2] * s[:, 3], o[:, 2] * o[:, 3]
        v = o[:, :2] + o[:, 2:] / 2 - s[:, :2] - s[:, 2:] / 2
        diagonal = (np.linalg.norm(s[:, 2:], axis=1) + np.linalg.norm(o[:, 2:], axis=1)) / 2
        return areas[0] / areas[1], shared / (areas[0] + areas[1] - shared), np.linalg.norm(v, axis=1) / diagonal, v

    def sim(a: Floats, b: Floats) -> Floats:
        larger = np.maximum(a, b)
        return np.where(larger == 0, 1.0, np.minimum(a, b) / np.where(larger == 0, 1.0, larger))

    (ratio, iou, apart, v), (ratios, ious, aparts, vs) = measures(*pair_boxes), measures(subjects, objects)
    lengths = np.linalg.norm(v, axis=1) * np.linalg.norm(vs, axis=1)
    cosines = (vs * v).sum(axis=1) / lengths
    if not is_sided(pair.relation):
        cosines = np.maximum(cosines, (vs * (v * (-1, 1))).sum(axis=1) / lengths)
    size, direction = sim(ratio, ratios).max(), (cosines.max() + 1) / 2
    distance = (0.5 * sim(iou, ious) + 0.5 * sim(apart, aparts)).max()
    return float(100 * (0.5 * size + distance + 0.8 * direction) / 2.3)


@dataclass
class Straight:
    """The straightforward ways; rows of a group are looked up, or found by their names."""

    columns: Columns

    def __post_init__(self) -> None:
        self.names = [np.array(some) for some in (self.columns.subjects, self.columns.relations, self.columns.objects)]
        self.rows: dict[tuple[str, ...], NDArray[np.intp]] = {}

    def know(self, pairs: Sequence[Pair]) -> None:
        """Find the rows of some queries ahead of time."""
        for pair in pairs:
            self.rows[pair.subject, pair.relation, pair.object] = self.found(pair)

    def found(self, pair: Pair) -> NDArray[np.intp]:
        """Return the rows that a pair is compared with."""
        subjects, relations, objects = self.names
        of_relation = relations == pair.relation
        of_pair = np.flatnonzero(of_relation & (subjects == pair.subject) & (objects == pair.object))
        return of_pair if len(of_pair) >= 3 else np.flatnonzero(of_relation)

    def scan(self, pair: Pair) -> float:
        """Return the score from rows that are known."""
        return self.score(pair, self.rows[pair.subject, pair.relation, pair.object])

    def filter(self, pair: Pair) -> float:
        """Return the score from rows that are found first."""
        return self.score(pair, self.found(pair))

    def score(self, pair: Pair, rows: NDArray[np.intp]) -> float:
        """Return the score from some rows."""
        return naive_score(pair, self.columns.subject_boxes[rows], self.columns.object_boxes[rows])


def compare_percentiles(pool: Pool, pairs: Sequence[Pair], settings: ClisLSettings) -> None:
    """Do what percentiles cost on top of raw scores: score again from few examples, and count."""
    boxes = np.array([(*pair.subject_box, *pair.object_box) for pair in pairs])
    asked = measured(boxes[:, :4], boxes[:, 4:], np.array([is_sided(pair.relation) for pair in pairs]))
    rows: dict[object, list[int]] = {}
    evidence = pool.evidence([(pair.subject, pair.relation, pair.object) for pair in pairs])
    for i, found in enumerate(evidence):
        rows.setdefault(found, []).append(i)
    for i in rows.values():
        known = pool.references(evidence[i[0]], settings.matching, settings.iou_weight)
        few = scored(asked[:, i], known.examples[:, None, :], settings.matching, settings.iou_weight)
        percentiles(few, known)


def cpu(work: Callable[[], object]) -> float:
    """Return the CPU time of some work in seconds."""
    start = time.process_time()
    work()
    return time.process_time() - start


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--pool", type=int, default=1_000_000)
    parser.add_argument("--queries", type=int, default=1000)
    parser.add_argument("--rounds", type=int, default=5)
    options = parser.parse_args()
    rng = np.random.default_rng(0)
    columns = columns_of(options.pool, rng, 1.0)
    half = options.queries // 2
    asked = pairs_of(columns_of(half, rng, 1.0)) + pairs_of(columns_of(options.queries - half, rng, 0.0))
    asked = [asked[i] for i in rng.permutation(len(asked))]
    few = asked[:NAIVE_QUERIES]

    start = time.process_time()
    pool = Pool.of(columns.subjects, columns.relations, columns.objects, columns.subject_boxes, columns.object_boxes)
    made = time.process_time() - start
    modes = {matching: ClisLSettings(matching=matching) for matching in ("separate", "joint")}
    first = {name: cpu(lambda name=name: clis_l(pool, asked, modes[name])) for name in modes}  # type: ignore[misc]
    straight = Straight(columns)
    straight.know(few)
    check(clis_l(pool, few, modes["separate"]), [straight.scan(pair) for pair in few])

    ways: dict[str, tuple[int, Callable[[], object]]] = {
        "clis_l, separate": (len(asked), lambda: clis_l(pool, asked, modes["separate"])),
        "of that, percentiles": (len(asked), lambda: compare_percentiles(pool, asked, modes["separate"])),
        "clis_l, joint": (len(asked), lambda: clis_l(pool, asked, modes["joint"])),
        "scan of known rows": (len(few), lambda: [straight.scan(pair) for pair in few]),
        "filter by names, then scan": (len(few), lambda: [straight.filter(pair) for pair in few]),
    }
    times: dict[str, list[float]] = {way: [] for way in ways}
    for _ in range(options.rounds):
        for way, (count, work) in ways.items():
            times[way].append(1e6 * cpu(work) / count)
    levels = Counter(one.level for one in clis_l(pool, asked, modes["separate"]))
    report(options, {way: statistics.median(some) for way, some in times.items()}, levels)
    print(f"\npool made in {made:.2f} s; first batch, which prepares the groups it meets:", end=" ")
    print(", ".join(f"{name} {1e6 * took / len(asked):,.0f} us a query" for name, took in first.items()))


def check(found: Sequence[PairScore], expected: Sequence[float]) -> None:
    """Refuse to time ways that disagree."""
    assert np.allclose([one.score for one in found], expected, rtol=0, atol=1e-9)


def report(options: argparse.Namespace, median: dict[str, float], levels: Counter[str]) -> None:
    print(
        f"{options.pool:,} real pairs, {options.queries:,} queries ({dict(levels)}); "
        f"{platform.processor() or platform.machine()}, Python {platform.python_version()}; "
        f"medians of {options.rounds} interleaved rounds\n"
    )
    print("| way | us a query | times clis_l, separate |\n|---|---:|---:|")
    base = median["clis_l, separate"]
    for way, took in median.items():
        print(f"| {way} | {took:,.0f} | {took / base:.1f} |")
    ratio = median["scan of known rows"] / base
    print(f"\ngoal: at most {GOAL_US} us a query: {'met' if base <= GOAL_US else 'MISSED'};", end=" ")
    print(f"at least {GOAL_RATIO} x a scan: {'met' if ratio >= GOAL_RATIO else 'MISSED'}")


if __name__ == "__main__":
    main()
