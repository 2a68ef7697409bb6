"""How long each export takes, written and read back by another library: medians of interleaved rounds.

    python bench/exports.py [--pictures 1000] [--rounds 3]

The set is that of `bench/gallery.py`: three objects in each picture, 640 x 480 JPEG files of smooth noise. A round
exports it once in every format, to a folder of its own: writing, copying, syncing, reading back, comparing, hashing.
Seconds are of the processor; what a disk adds is not in them.
"""

import argparse
import os
import platform
import statistics
import tempfile
import time
from pathlib import Path
from typing import get_args

import cv2
import numpy as np
from gallery import HEIGHT, OBJECTS, WIDTH, content
from PIL import Image

from genval_assets.export.build import export_as
from genval_assets.export.content import SetContent
from genval_assets.export.settings import ExportSettings
from genval_assets.export.words import Format
from resources.datasets import DatasetFolders

CATEGORIES = 60
DIFFERENT = 50
"""Picture files with pixels of their own; the others repeat them."""


def write_pictures(rows: SetContent, home: Path) -> None:
    """Write the files that the rows name."""
    rng = np.random.default_rng(0)
    noise = rng.integers(0, 256, (DIFFERENT, HEIGHT // 8, WIDTH // 8, 3), dtype=np.uint8)
    encoded = [cv2.imencode(".jpg", cv2.resize(one, (WIDTH, HEIGHT)))[1].tobytes() for one in noise]
    (home / "data/images/00").mkdir(parents=True)
    for number, scene in enumerate(rows.scenes):
        (home / scene.image).write_bytes(encoded[number % DIFFERENT])
    cutout = np.zeros((64, 64, 4), dtype=np.uint8)
    cutout[:30, :30] = 255  # the 900 px that the verdicts say
    Image.fromarray(cutout).save(home / "x.webp", lossless=True, exact=True)


def export(wanted: Format, rows: SetContent, sets: DatasetFolders, folder: Path) -> float:
    """Export the set once and return the seconds of the processor."""
    start = time.process_time()
    sets.write_to(export_as(wanted, rows, ExportSettings(), sets.picture), str(folder), overwrite=False)
    return time.process_time() - start


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--pictures", type=int, default=1000)
    parser.add_argument("--rounds", type=int, default=3)
    options = parser.parse_args()
    rows = content(options.pictures, CATEGORIES)
    formats = get_args(Format)
    seconds: dict[str, list[float]] = {wanted: [] for wanted in formats}
    sizes: dict[str, float] = {}
    with tempfile.TemporaryDirectory() as temporary:
        home = Path(temporary, "home")
        write_pictures(rows, home)
        sets = DatasetFolders(home=str(home))
        for number in range(options.rounds):
            for wanted in formats:
                folder = Path(temporary, f"{wanted}-{number}")
                seconds[wanted].append(export(wanted, rows, sets, folder))
                sizes[wanted] = sum(path.stat().st_size for path in folder.rglob("*") if path.is_file()) / 1e6
    print(f"{options.pictures:,} pictures with {OBJECTS} objects each in {CATEGORIES} categories; CPU time,")
    print(f"medians of {options.rounds} rounds; {os.cpu_count()} cores, {platform.machine()}\n")
    print("| format | s | ms a picture | against coco | MB |\n|---|---:|---:|---:|---:|")
    plain = statistics.median(seconds["coco"])
    for wanted in formats:
        median = statistics.median(seconds[wanted])
        each = 1000 * median / options.pictures
        print(f"| {wanted} | {median:.2f} | {each:.1f} | {median / plain:.2f} | {sizes[wanted]:.1f} |")


if __name__ == "__main__":
    main()
