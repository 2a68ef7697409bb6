"""How much indexing an annotation file costs, against the least that reading it typed can cost.

    python bench/annotations.py [--count 1270000] [--rounds 5]

The file is synthetic and as large as LVIS v1 train: 1.27 million annotations on 100,000 images, 1 GB. Two ways to
read it, each run in a process of its own, in turn:

- plain: one typed msgspec pass over the mapped file, segmentations left as text, the garbage collector spared.
  It proves nothing but the types.
- index: what genval does when it opens the file: prove the whole file, guard every record, and leave columns by which
  any image's or category's annotations are found.

CPU time is that of the work, imports not counted. Peak memory is told apart: what the process owns, and all that is
resident, of which the file's own pages are the system's to take back.
"""

import argparse
import json
import mmap
import platform
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import msgspec
import numpy as np

from resources.annotations import CocoPhotographs

LVIS_TRAIN = 1_270_000
ANNOTATIONS_PER_IMAGE = 12.7
CATEGORIES = 1203
CHUNK = 20_000
WAYS = ("plain", "index")


class PlainImage(msgspec.Struct, gc=False):
    """An image, of a reader that checks types only."""

    id: int
    width: int
    height: int
    coco_url: str
    neg_category_ids: list[int]
    not_exhaustive_category_ids: list[int]


class PlainCategory(msgspec.Struct, gc=False):
    """A category, of that reader."""

    id: int
    name: str
    frequency: str


class PlainAnnotation(msgspec.Struct, gc=False):
    """An annotation, of that reader."""

    id: int
    image_id: int
    category_id: int
    bbox: tuple[float, float, float, float]
    area: float
    segmentation: msgspec.Raw


class PlainFile(msgspec.Struct, gc=False):
    """A whole file, of that reader."""

    images: list[PlainImage]
    annotations: list[PlainAnnotation]
    categories: list[PlainCategory]


@dataclass(frozen=True)
class Run:
    """What one run of one way took."""

    cpu_s: float
    resident_mb: float
    own_mb: float


def file_parts(count: int) -> Iterator[str]:
    """Yield the text of a file of `count` annotations, in LVIS's order of keys."""
    rng = np.random.default_rng(0)
    images = np.arange(1, max(1, int(count / ANNOTATIONS_PER_IMAGE)) + 1) * 5
    yield '{"info": {"year": 2020}, "images": ['
    yield ", ".join(
        f'{{"id": {i}, "width": 640, "height": 480, "license": 1, "date_captured": "2013-11-14 11:18:45", '
        f'"coco_url": "http://images.cocodataset.org/train2017/{i:012d}.jpg", '
        f'"neg_category_ids": [12, 97, 301, 744, 1002], "not_exhaustive_category_ids": []}}'
        for i in images.tolist()
    )
    yield '], "annotations": ['
    polygons = [polygon(rng) for _ in range(2000)]
    for start in range(0, count, CHUNK):
        ids = np.arange(start, min(count, start + CHUNK))
        of_image = images[np.minimum(ids / ANNOTATIONS_PER_IMAGE, len(images) - 1).astype(int)]
        box = rng.uniform(0, 320, (len(ids), 4))
        rows = zip(
            ids.tolist(), of_image.tolist(), rng.integers(1, CATEGORIES + 1, len(ids)), box.tolist(), strict=True
        )
        yield ("" if start == 0 else ", ") + ", ".join(
            f'{{"area": {w * h:.2f}, "id": {n + 1}, "segmentation": {polygons[n * 7919 % 2000]}, "image_id": {i}, '
            f'"bbox": [{x:.2f}, {y:.2f}, {w:.2f}, {h:.2f}], "category_id": {c}}}'
            for n, i, c, (x, y, w, h) in rows
        )
    yield '], "categories": ['
    yield ", ".join(
        f'{{"id": {c}, "name": "thing_{c}", "synset": "thing.n.{c}", "synonyms": ["thing_{c}"], "def": "a thing", '
        f'"frequency": "f", "image_count": 9, "instance_count": 9}}'
        for c in range(1, CATEGORIES + 1)
    )
    yield '], "licenses": []}'


def polygon(rng: np.random.Generator) -> str:
    """Return an outline of some 40 corners, 3 to 600: 650 bytes on average."""
    corners = int(np.clip(rng.lognormal(3.45, 0.8), 3, 600))
    return "[[" + ", ".join(f"{v:.2f}" for v in rng.uniform(0, 479, 2 * corners)) + "]]"


def plain(file: Path) -> object:
    """Return the decoded file."""
    with file.open("rb") as handle:
        return msgspec.json.decode(mmap.mmap(handle.fileno(), 0, access=mmap.ACCESS_READ), type=PlainFile)


def index(file: Path) -> object:
    """Return the opened file."""
    with CocoPhotographs(annotations=str(file), images=str(file.parent)).open() as photographs:
        if photographs is None or photographs.refused:
            raise SystemExit("the synthetic file should be read without a refusal")
        return photographs


def measured(way: str, file: Path) -> Run:
    """Run one way in a process of its own, and watch its memory until it ends."""
    command = [sys.executable, __file__, "--run", way, str(file)]
    own = 0.0
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        while process.poll() is None:
            own = max(own, status_mb(process.pid, "RssAnon"))
            time.sleep(0.02)
        if process.returncode or process.stdout is None:
            raise SystemExit(f"{way} failed")
        answer = json.loads(process.stdout.read())
    return Run(answer["cpu_s"], answer["resident_mb"], own)


def status_mb(pid: int | str, field: str) -> float:
    """Return a field of /proc/PID/status in MB; 0 once the process is gone."""
    try:
        lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    except OSError:
        return 0.0
    return next((int(line.split()[1]) / 1024 for line in lines if line.startswith(field)), 0.0)


def run_once(way: str, file: Path) -> None:
    start = time.process_time()
    kept = {"plain": plain, "index": index}[way](file)
    cpu = time.process_time() - start
    print(json.dumps({"cpu_s": cpu, "resident_mb": status_mb("self", "VmHWM")}))
    del kept


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--count", type=int, default=LVIS_TRAIN, help="annotations of the file")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--run", nargs=2, metavar=("WAY", "FILE"), help="run one way once, as this bench does")
    options = parser.parse_args()
    if options.run:
        run_once(options.run[0], Path(options.run[1]))
        return
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "annotations.json"
        with file.open("w") as handle:
            handle.writelines(file_parts(options.count))
        runs: dict[str, list[Run]] = {way: [] for way in WAYS}
        for _ in range(options.rounds):
            for way in WAYS:
                runs[way].append(measured(way, file))
        report(options.count, file.stat().st_size, runs)


def report(count: int, size: int, runs: dict[str, list[Run]]) -> None:
    print(
        f"{count:,} annotations, {size / 1e6:,.0f} MB; {platform.processor() or platform.machine()}, "
        f"Python {platform.python_version()}; medians of {len(runs['plain'])} interleaved rounds\n"
    )
    base = statistics.median(run.cpu_s for run in runs["plain"])
    print(
        "| way | CPU s | ratio | own memory, peak MB | resident with file pages, peak MB |\n|---|---:|---:|---:|---:|"
    )
    for way, of_way in runs.items():
        cpu = statistics.median(run.cpu_s for run in of_way)
        own = statistics.median(run.own_mb for run in of_way)
        resident = statistics.median(run.resident_mb for run in of_way)
        print(f"| {way} | {cpu:.2f} | {cpu / base:.2f} | {own:.0f} | {resident:.0f} |")


if __name__ == "__main__":
    main()
