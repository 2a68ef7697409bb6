"""How long the pages of a large set take, how large they are, and how much memory making them needs.

    python bench/gallery.py [--pictures 50000] [--categories 1203] [--rounds 3]

The set is synthetic: rows alone, no picture files. Each picture holds three objects of different categories, with
masks of some 120 px on 640 x 480, and the gallery shows every picture of every category. Pages are made one after
another and dropped, as they are when a set is written. Memory is what the process owns: with the set in memory and no
page made, and the most while pages are made.
"""

import argparse
import os
import platform
import statistics
import time
from collections import defaultdict
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

import numpy as np

from genval_assets.compose.rle import encode
from genval_assets.export.build import nothing_to_read
from genval_assets.export.candidates import Candidates, CategoryCandidates
from genval_assets.export.content import SetContent
from genval_assets.export.gallery import gallery
from genval_assets.export.prepared import Prepared, prepare
from genval_assets.export.settings import ExportSettings
from genval_assets.rows import Annotation, Background, Category, Instance, Scene, Verdict

WIDTH, HEIGHT = 640, 480
OBJECTS = 3
SHAPES = 2000
"""Different masks; every object has one of them."""
PLAIN = {"run_id": "bench", "created_at": datetime(2026, 11, 1, tzinfo=UTC)}


@dataclass
class Kind:
    """Pages of one kind in one round."""

    pages: int = 0
    size: int = 0  # bytes
    largest: int = 0
    seconds: float = 0.0


@dataclass
class Round:
    """All pages, made once."""

    kinds: dict[str, Kind] = field(default_factory=lambda: defaultdict(Kind))
    peak_mb: float = 0.0


def shapes() -> list[tuple[str, tuple[int, int, int, int], int]]:
    """Return (counts, box, area) of wavy ellipses of 60 to 180 px, anywhere on the canvas."""
    rng = np.random.default_rng(0)
    made = []
    for _ in range(SHAPES):
        width, height = rng.integers(60, 180, 2).tolist()
        y, x = np.mgrid[:height, :width]
        wave = 0.15 * np.sin(x / 5) * np.cos(y / 7)
        mask = ((x - width / 2) / (width / 2)) ** 2 + ((y - height / 2) / (height / 2)) ** 2 + wave < 1
        rows, columns = np.flatnonzero(mask.any(axis=1)), np.flatnonzero(mask.any(axis=0))
        mask = mask[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1]
        left, top = int(rng.integers(0, WIDTH - mask.shape[1])), int(rng.integers(0, HEIGHT - mask.shape[0]))
        counts = encode(mask, (HEIGHT, WIDTH), left, top)
        made.append((counts, (left, top, mask.shape[1], mask.shape[0]), int(mask.sum())))
    return made


def content(pictures: int, categories: int) -> SetContent:
    """Return the rows of a set; its categories are as unequal as those of a long tail, some hold nothing."""
    rng = np.random.default_rng(1)
    keys = [f"category_{number:04d}" for number in range(categories)]
    weights = 1 / np.arange(1, categories + 1)
    drawn = rng.choice(categories, (pictures, OBJECTS), p=weights / weights.sum())
    outlines, chosen = shapes(), rng.integers(0, SHAPES, (pictures, OBJECTS))
    scenes = [_scene(i, keys[of[0]]) for i, of in enumerate(drawn.tolist())]
    annotations = [
        _annotation(scene, keys[of], z, *outlines[shape])
        for scene, objects, of_shape in zip(scenes, drawn.tolist(), chosen.tolist(), strict=True)
        for z, (of, shape) in enumerate(zip(objects, of_shape, strict=True))
    ]
    return SetContent(
        categories=tuple(_category(key, number) for number, key in enumerate(keys)),
        scenes=tuple(scenes),
        annotations=tuple(annotations),
        instances=tuple(_instance(key) for key in keys),
        verdicts=tuple(_verdict(key) for key in keys),
        backgrounds=(_background(),),
        candidates=Candidates(tuple(CategoryCandidates(key, 80, 20, 1, (("flat", 20),)) for key in keys)),
    )


def _category(key: str, number: int) -> Category:
    return Category(
        **PLAIN, category_row_id=key, category=key, name=key, generation=1, position=number, state="active",
        source_id=number, supercategory=None, synset=None, definition=None, synonyms=[], frequency=None,
        image_count=number, instance_count=2 * number, rare=number < 300, rare_reason="", target=100,
    )  # fmt: skip


def _background() -> Background:
    return Background(
        **PLAIN, background_id="plain", generation=1, kind="drawn", path="plain.png", width=WIDTH, height=HEIGHT,
        image_id=None, phash="0" * 16, screened="drawn",
    )  # fmt: skip


def _scene(index: int, category: str) -> Scene:
    key = f"{index:016x}"
    return Scene(
        **PLAIN, scene_id=key, category=category, round=index // 1000, index=index, instance_id=f"i-{category}",
        background_id="plain", canvas="drawn", image_id=None, image=f"data/images/00/{key}.jpg", width=WIDTH,
        height=HEIGHT, n_pasted=OBJECTS, n_dropped=0, n_real=0, seed=1, settings="{}",
    )  # fmt: skip


def _annotation(
    scene: Scene, category: str, z: int, counts: str, box: tuple[int, int, int, int], area: int
) -> Annotation:
    x, y, w, h = box
    return Annotation(
        **PLAIN, annotation_id=f"{scene.scene_id}-{z}", scene_id=scene.scene_id, category=category,
        scene_category=scene.category, round=scene.round, instance_id=f"i-{category}", source_annotation_id=None, x=x,
        y=y, w=w, h=h, area_px=area, segmentation=counts, amodal=None, z=z, visible_share=1.0, iscrowd=0, blend=None,
    )  # fmt: skip


def _instance(category: str) -> Instance:
    return Instance(
        **PLAIN, instance_id=f"i-{category}", category=category, source="layer_diffusion", round=1, index=0,
        prompt_id=None, reference_id=None, seed=1, model="bench", revision="1", settings="{}", image="x.webp",
        width=64, height=64, frame_width=64, frame_height=64, frame_x=0, frame_y=0,
    )  # fmt: skip


def _verdict(category: str) -> Verdict:
    return Verdict(
        **PLAIN, verdict_id=f"v-{category}", instance_id=f"i-{category}", category=category, source="layer_diffusion",
        reference_id=None, round=1, index=0, outcome="accepted", stage="gate", reasons=[], explanation="",
        mask_threshold=127, area_px=900, cutout="x.webp", width=64, height=64, measurements="{}", judge="mask_gate",
        judge_version="1",
    )  # fmt: skip


def make_all(prepared: Prepared) -> Round:
    """Make every page once, and drop it."""
    found = Round()
    files = iter(gallery(prepared, nothing_to_read))
    while True:
        start = time.process_time()
        path, page = next(files, ("", b""))  # finding out which pages there are is part of the first one's time
        if not path:
            return found
        size = len(page if isinstance(page, bytes) else page())
        kind = found.kinds[_kind(path)]
        kind.seconds += time.process_time() - start
        kind.pages, kind.size, kind.largest = kind.pages + 1, kind.size + size, max(kind.largest, size)
        found.peak_mb = max(found.peak_mb, own_mb())


def _kind(path: str) -> str:
    if path.startswith("gallery/categories/"):
        return "pictures by category"
    if path.startswith("gallery/index"):
        return "index"
    return "statistics, table" if path.startswith("gallery/statistics.") else "statistics by category"


def own_mb() -> float:
    """Return the memory that this process owns, MB; 0 where the system does not tell."""
    try:
        lines = Path("/proc/self/status").read_text().splitlines()
    except OSError:
        return 0.0
    return next((int(line.split()[1]) / 1024 for line in lines if line.startswith("RssAnon")), 0.0)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--pictures", type=int, default=50_000)
    parser.add_argument("--categories", type=int, default=1203)
    parser.add_argument("--rounds", type=int, default=3)
    options = parser.parse_args()
    rows = content(options.pictures, options.categories)
    prepared = prepare("training", rows, ExportSettings(gallery_size=50_000, pool=False))
    before = own_mb()
    rounds = [make_all(prepared) for _ in range(options.rounds)]
    print(
        f"{options.pictures:,} pictures with {OBJECTS} objects each in {options.categories:,} categories; "
        f"{os.cpu_count()} cores, {platform.machine()}, Python {platform.python_version()}; medians of "
        f"{options.rounds} rounds, CPU time\n"
    )
    print("| pages | files | MB | largest, kB | s | ms each |\n|---|---:|---:|---:|---:|---:|")
    for name, kind in rounds[0].kinds.items():
        seconds = statistics.median(one.kinds[name].seconds for one in rounds)
        size, largest, each = kind.size / 1e6, kind.largest / 1e3, 1000 * seconds / kind.pages
        print(f"| {name} | {kind.pages:,} | {size:.1f} | {largest:.0f} | {seconds:.1f} | {each:.1f} |")
    peak = statistics.median(one.peak_mb for one in rounds)
    print(f"\nmemory: {before:.0f} MB with the set, {peak:.0f} MB at most while pages are made")


if __name__ == "__main__":
    main()
