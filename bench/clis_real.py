"""Does CLIS-L tell real pairs of objects from others? NSR-1K's 1,002 pairs with a relation, split by image.

    python bench/clis_real.py [--data ../shared/data] [--splits 20]

Of each split 70 % of the images are the pool, the pairs of the others are asked about. All categories count as one, so
that every comparison is made at the level of the relation: a raw score grows with the number of examples, and a
relation has many where a pair of categories has three.

Three measures see the same pairs: CLIS-L; its direction term alone; and CLIS-L with the defect of the released code,
which compares a pair's distance with itself, so that the distance term is always 1. A share is that of cases in which
the real pair scores higher than the other one; ties count half.

- swapped: subject and object have changed boxes;
- another relation: the same boxes under one of the four other labels;
- random boxes: both boxes drawn evenly (sides .05 to .9 of the picture);
- farther, nearer: sizes and direction as they are, the object's centre three times as far, or a third as far.

Then the percentile filter: how much it keeps from pools of exactly 3, 10 and 30 examples of each relation, ten such
pools of each split, because three examples are a lottery. Layouts of several relations are drawn from the same test
pairs: a layout is kept when its worst pair of k reaches the percentile 10 / k. Last, the paper's raw threshold.
"""

import argparse
import platform
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from genval_assets.keys import category_key
from genval_assets.layouts.clis_l import Pair, PairScore, clis_l
from genval_assets.layouts.layout_score import layout_score
from genval_assets.layouts.pair_terms import total
from genval_assets.layouts.pool import Pool
from genval_assets.layouts.real_pairs import RealPair, read_relation_file
from genval_assets.layouts.settings import ClisLSettings
from genval_assets.types import Xywh

FILE = Path("relations") / "nsr1k_spatial_real_coco.json"
POOL_SHARE = 0.7
THING = "thing"
SIZES = (3, 10, 30)
LAYOUTS = 100
DRAWS = 10
SETTINGS = ClisLSettings()

Floats = NDArray[np.float64]
Measure = Callable[[PairScore], float]


@dataclass(frozen=True)
class Split:
    """Real pairs of some images to compare with, and of the others to ask about."""

    known: list[RealPair]
    asked: list[RealPair]


def number(value: float | None) -> float:
    """Return a value that every scored pair has."""
    assert value is not None
    return value


def defective(one: PairScore) -> float:
    """Return CLIS-L with a distance term that is always full."""
    return float(total(np.array(one.size), np.array(1.0), np.array(one.direction)))


MEASURES: Mapping[str, Measure] = {
    "CLIS-L": lambda one: number(one.score),
    "direction only": lambda one: number(one.direction),
    "released code's defect": defective,
}
DISTANCE_TERMS: Mapping[str, Measure] = {
    "distance term": lambda one: number(one.distance),
    "distance term, defect": lambda _: 1.0,
}


def splits_of(pairs: Sequence[RealPair], count: int) -> list[Split]:
    images = sorted({pair.image for pair in pairs})
    splits = []
    for seed in range(count):
        order = np.random.default_rng(seed).permutation(len(images))
        known = {images[i] for i in order[: int(POOL_SHARE * len(images))]}
        splits.append(Split([p for p in pairs if p.image in known], [p for p in pairs if p.image not in known]))
    return splits


def pool_of(known: Sequence[RealPair]) -> Pool:
    things = [THING] * len(known)
    subject_boxes = np.array([pair.subject_box for pair in known])
    object_boxes = np.array([pair.object_box for pair in known])
    return Pool.of(things, [pair.relation for pair in known], things, subject_boxes, object_boxes)


def as_asked(pair: RealPair) -> Pair:
    return Pair(THING, pair.relation, THING, pair.subject_box, pair.object_box)


def swapped(pair: Pair) -> Pair:
    return replace(pair, subject_box=pair.object_box, object_box=pair.subject_box)


def relabelled(pair: Pair, relations: Sequence[str], rng: np.random.Generator) -> Pair:
    others = [relation for relation in relations if relation != pair.relation]
    return replace(pair, relation=others[rng.integers(len(others))])


def random_boxes(pair: Pair, rng: np.random.Generator) -> Pair:
    def box() -> Xywh:
        w, h = rng.uniform(0.05, 0.9, 2).tolist()
        return float(rng.uniform(0, 1 - w)), float(rng.uniform(0, 1 - h)), w, h

    return replace(pair, subject_box=box(), object_box=box())


def moved(pair: Pair, scale: float) -> Pair:
    """Return the pair with its object's centre `scale` times as far from the subject's; it may leave the picture."""
    (sx, sy, sw, sh), (ox, oy, ow, oh) = pair.subject_box, pair.object_box
    across, down = ox + ow / 2 - sx - sw / 2, oy + oh / 2 - sy - sh / 2
    return replace(
        pair, object_box=(sx + sw / 2 + scale * across - ow / 2, sy + sh / 2 + scale * down - oh / 2, ow, oh)
    )


def share(real: Floats, other: Floats) -> float:
    """Return how often the first of two is the higher; equal counts half, and so does a difference of rounding."""
    return float(np.mean(real > other + 1e-9) + np.mean(np.abs(real - other) <= 1e-9) / 2)


def compare(split: Split, relations: Sequence[str], rng: np.random.Generator) -> dict[tuple[str, str], float]:
    """Return (row, measure) -> share, of one split."""
    pool = pool_of(split.known)
    asked = [as_asked(pair) for pair in split.asked]
    others = {
        "another relation": [relabelled(pair, relations, rng) for pair in asked],
        "random boxes": [random_boxes(pair, rng) for pair in asked],
        "three times as far": [moved(pair, 3.0) for pair in asked],
        "a third as far": [moved(pair, 1 / 3) for pair in asked],
    }
    others |= {f"swapped, {relation}": [swapped(p) for p in asked if p.relation == relation] for relation in relations}
    found = {}
    for row, some in others.items():
        real = [pair for pair in asked if row == f"swapped, {pair.relation}" or not row.startswith("swapped")]
        scores, other_scores = clis_l(pool, real, SETTINGS), clis_l(pool, some, SETTINGS)
        for name, measure in {**MEASURES, **(DISTANCE_TERMS if row.endswith("as far") else {})}.items():
            values = [np.array([measure(one) for one in both]) for both in (scores, other_scores)]
            found[row, name] = share(*values)
    return found


def kept(split: Split, size: int, relations: Sequence[str], rng: np.random.Generator) -> dict[tuple[str, str], float]:
    """Return (pairs, relations of a layout or raw filter) -> share that is kept, of one split: mean of its pools."""
    draws = [kept_once(split, size, relations, rng) for _ in range(DRAWS)]
    return {what: float(np.mean([draw[what] for draw in draws])) for what in draws[0]}


def kept_once(
    split: Split, size: int, relations: Sequence[str], rng: np.random.Generator
) -> dict[tuple[str, str], float]:
    """Return the shares from one pool."""
    of_relation = [[pair for pair in split.known if pair.relation == relation] for relation in relations]
    pool = pool_of([some[i] for some in of_relation for i in rng.permutation(len(some))[:size]])
    asked = [as_asked(pair) for pair in split.asked]
    sets = {
        "real": asked,
        "random boxes": [random_boxes(pair, rng) for pair in asked],
        "another relation": [relabelled(pair, relations, rng) for pair in asked],
    }
    found = {}
    for name, some in sets.items():
        scores = clis_l(pool, some, SETTINGS)
        assert {one.examples for one in scores} == {size}
        for k in (1, 2, 4):
            layouts = [[scores[i] for i in rng.integers(len(scores), size=k)] for _ in range(LAYOUTS)]
            layouts = [[one] for one in scores] if k == 1 else layouts
            found[name, str(k)] = float(np.mean([layout_score(one, SETTINGS).outcome == "kept" for one in layouts]))
        found[name, "raw"] = float(np.mean([number(one.score) >= SETTINGS.floor for one in scores]))
    return found


def spread(values: Sequence[float]) -> str:
    return f"{np.mean(values):.3f} ± {np.std(values, ddof=1):.3f}"


def table(heads: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
    print("\n| " + " | ".join(heads) + " |\n|---|" + "---:|" * (len(heads) - 1))
    for row in rows:
        print("| " + " | ".join(row) + " |")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--data", type=Path, default=Path("../shared/data"))
    parser.add_argument("--splits", type=int, default=20)
    options = parser.parse_args()
    file = options.data / FILE
    if not file.is_file():
        print(f"skipped: there is no {file}")
        return
    pairs, refused = read_relation_file(file.read_bytes(), file.name, category_key)
    relations = sorted({pair.relation for pair in pairs})
    splits = splits_of(pairs, options.splits)
    print(
        f"{len(pairs):,} real pairs ({len(refused)} rows refused), {len(splits)} splits by image; mean and standard "
        f"deviation; {platform.processor() or platform.machine()}, Python {platform.python_version()}"
    )
    report_shares([compare(split, relations, np.random.default_rng(i)) for i, split in enumerate(splits)])
    report_kept(splits, relations)


def report_shares(of_splits: Sequence[Mapping[tuple[str, str], float]]) -> None:
    rows = list(dict.fromkeys(row for row, _ in of_splits[0]))
    for title, some, measures in (
        ("real scores higher than", sorted(rows, reverse=True), list(MEASURES)),
        ("separation alone", [row for row in rows if row.endswith("as far")], list(DISTANCE_TERMS)),
    ):
        table((title, *measures), [(row, *(spread([s[row, m] for s in of_splits]) for m in measures)) for row in some])


def report_kept(splits: Sequence[Split], relations: Sequence[str]) -> None:
    rows = []
    for size in SIZES:
        of_splits = [kept(split, size, relations, np.random.default_rng(i)) for i, split in enumerate(splits)]
        for name in dict.fromkeys(name for name, _ in of_splits[0]):
            shares = (spread([some[name, column] for some in of_splits]) for column in ("1", "2", "4", "raw"))
            rows.append((f"{size} examples, {name}", *shares))
    table(("kept", "1 relation", "2 relations", "4 relations", f"raw score at {SETTINGS.floor:.0f}"), rows)


if __name__ == "__main__":
    main()
