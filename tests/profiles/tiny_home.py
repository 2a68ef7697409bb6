"""A project of the profile `gpu-24gb` on tiny random checkpoints: three categories of a few photographs each.

Random weights draw nothing that deserves the name, so the gate's limits are wide open. Everything else is as a user has
it: the settings name folders, and the resources that the profile chooses load and run them.
"""

import json
from collections.abc import Mapping
from pathlib import Path

import numpy as np
from PIL import Image

from genval_assets.config import SETTINGS_FILE, parse_settings
from genval_assets.config_text import write_settings

NAMES = ("ant", "bee", "cat")
OPEN_GATE = """
min_area_share = 0.0
max_area_share = 1.0
min_largest_part_share = 0.0
max_border_share = 1.0
max_residue_share = 1.0
max_haze_share = 1.0
min_outline_step = 0.0
min_luma_std = 0.0
"""


def write_photographs(folder: Path) -> None:
    """Write two photographs per category, each with one square object on a noisy ground, and their annotations."""
    (folder / "images").mkdir(parents=True)
    images, annotations = [], []
    for number in range(2 * len(NAMES)):
        rng = np.random.default_rng(number)
        pixels = rng.integers(0, 256, (224, 256, 3), dtype=np.uint8)
        x, y = (int(v) for v in rng.integers(50, 120, 2))
        pixels[y : y + 60, x : x + 50] = rng.integers(0, 256, 3)
        pixels[y + 20 : y + 40, x : x + 50] //= 2
        Image.fromarray(pixels).save(folder / "images" / f"{number}.png")
        images.append({"id": number, "file_name": f"{number}.png", "width": 256, "height": 224})
        polygon = [x, y, x + 50, y, x + 50, y + 60, x, y + 60]
        annotations.append(
            {
                "id": number,
                "image_id": number,
                "category_id": number % len(NAMES) + 1,
                "bbox": [x, y, 50, 60],
                "area": 3000,
                "iscrowd": 0,
                "segmentation": [polygon],
            }
        )
    categories = [{"id": i, "name": name} for i, name in enumerate(NAMES, start=1)]
    document = {"images": images, "annotations": annotations, "categories": categories}
    (folder / "instances.json").write_text(json.dumps(document))


SETTINGS = """
[project]
profile = "gpu-24gb"
[data]
coco = "{data}/instances.json"
images = "{data}/images"
[instances]
sources = ["variation", "foreground"]
[instances.variation]
per_source = 1
min_iou = 0.0
min_phash_distance = 0
max_similarity = 1.0
[instances.gate]{gate}
[models]
device = "cpu"
dtype = "float32"
[models.drawing]
side = 64
steps = 2
batch = 4
[models.sdxl]
weights = "{sdxl}"
variant = ""
[models.vae]
weights = "{vae}"
[models.layer_diffuse]
weights = "{layer_diffuse}"
[models.ip_adapter]
weights = "{ip_adapter}"
[models.layout]
weights = "{layout}"
pickled = false
[models.segmenter]
weights = "{segmenter}"
[models.detector]
weights = "{detector}"
min_score = 1.0
[models.embedder]
weights = "{embedder}"
[chat]
max_tokens = 360
[chat.local]
weights = "{chat}"
device = "cpu"
dtype = "float32"
[backgrounds]
painted = 2
[backgrounds.screening]
min_side_px = 64
[scenes]
max_objects = 2
longest_side = 256
min_side_px = 4
[layouts]
graphs = {graphs}
objects = [["ant", "bee"], ["cat"]]
images = 2
[layouts.clis_i]
floor = 0.0
local_floor = 0.0
extraneous = "not_exhaustive"
mask_score = 0.0
inside = 0.0
[top_up]
target = {target}
"""


def write_project(home: Path, data: Path, weights: Mapping[str, Path], target: int = 4, graphs: int = 1) -> Path:
    """Write the settings of a project whose models are the tiny checkpoints, and return its home."""
    home.mkdir()
    text = SETTINGS.format(data=data, gate=OPEN_GATE, target=target, graphs=graphs, **weights)
    (home / SETTINGS_FILE).write_text(write_settings(parse_settings(text)))
    return home
