"""The demo's 'real' dataset: a long-tailed COCO file with its images, and bare places as backgrounds. Simulated."""

import io
import json
from collections.abc import Iterator
from pathlib import Path

import cv2
import numpy as np
from PIL import Image
from pycocotools import mask as coco_mask

from genval_assets.types import Mask, Rgb
from resources.files import write_atomically
from resources.offline.scenery import PLACES, paint_place
from resources.offline.studio import KINDS
from resources.offline.world_scenes import HEIGHT, WIDTH, Scene, kinds_per_image, render_scene

Json = dict[str, object]

IMAGES = 75
BACKGROUNDS = 12
CROWDS = {3: "duck", 11: "traffic cone"}
"""Which images hold a heap annotated as one crowd region."""

SUBPIXELS = 4
HOLE = 0.01
"""A mask whose holes are more than this share of it is stored as RLE: a polygon would fill them."""


def write_world(folder: Path, seed: int = 0, scale: float = 1.0) -> None:
    """Write `instances.json`, `images/` and `backgrounds/` below the folder; the same seed gives the same bytes.

    The annotation file is written last, so a folder that has one is whole. As in real files, ids have gaps,
    masks have several parts or holes, and heaps are crowd regions.

    Args:
        folder: made if it is not there.
        seed: of everything drawn.
        scale: 1 gives 75 images of 640 x 480; the number of images and of each kind grows with it.
    """
    rng = np.random.default_rng([seed, 1])
    contents = kinds_per_image(rng, max(max(CROWDS) + 1, round(scale * IMAGES)))
    image_ids = 100 + np.cumsum(rng.integers(1, 40, len(contents)))
    category_ids = dict(zip(sorted(KINDS), np.cumsum(rng.integers(1, 4, len(KINDS))).tolist(), strict=True))
    images: list[Json] = []
    annotations: list[Json] = []
    for i, kinds in enumerate(contents):
        scene = render_scene(kinds, np.random.default_rng([seed, 2, i]), CROWDS.get(i))
        image_id = int(image_ids[i])
        name = f"{image_id:06d}.jpg"
        write_atomically(folder / "images" / name, _jpeg(scene.picture))
        images.append({"id": image_id, "file_name": name, "width": WIDTH, "height": HEIGHT})
        annotations += _annotations(scene, image_id, category_ids)
    for annotation, step in zip(annotations, np.cumsum(rng.integers(1, 9, len(annotations))), strict=True):
        annotation["id"] = int(step)
    for i in range(BACKGROUNDS):
        place = list(PLACES)[i % len(PLACES)]
        bare, _ = paint_place(place, np.random.default_rng([seed, 3, i]), WIDTH, HEIGHT)
        write_atomically(folder / "backgrounds" / f"{place}_{i:02d}.jpg", _jpeg(bare))
    document = {
        "info": {"description": "genval's offline world: drawn, not photographed", "version": "1", "year": 2026},
        "images": images,
        "annotations": annotations,
        "categories": [
            {"id": category_ids[k], "name": k, "supercategory": KINDS[k].supercategory} for k in sorted(KINDS)
        ],
    }
    write_atomically(folder / "instances.json", json.dumps(document).encode())


def _annotations(scene: Scene, image_id: int, category_ids: dict[str, int]) -> Iterator[Json]:
    """Yield the scene's annotations without ids; a crowd's things become one region."""
    heap = [i for i, thing in enumerate(scene.things) if thing.crowd]
    for i, (thing, mask) in enumerate(zip(scene.things, scene.visible, strict=True)):
        if i not in heap:
            yield _annotation(mask, image_id, category_ids[thing.look.kind], segmentation(mask), crowd=False)
    if heap:
        region = np.logical_or.reduce([scene.visible[i] for i in heap])
        kind = scene.things[heap[0]].look.kind
        yield _annotation(region, image_id, category_ids[kind], _run_lengths(region), crowd=True)


def _annotation(mask: Mask, image_id: int, category_id: int, shape: object, *, crowd: bool) -> Json:
    ys, xs = np.flatnonzero(mask.any(axis=1)), np.flatnonzero(mask.any(axis=0))
    box = [int(xs[0]), int(ys[0]), int(xs[-1] - xs[0] + 1), int(ys[-1] - ys[0] + 1)]
    return {
        "id": 0,
        "image_id": image_id,
        "category_id": category_id,
        "segmentation": shape,
        "area": int(mask.sum()),
        "bbox": box,
        "iscrowd": int(crowd),
    }


def segmentation(mask: Mask) -> list[list[float]] | Json:
    """Return polygons along the mask's pixel edges, one per part; compressed RLE where it has holes worth keeping."""
    ys, xs = np.flatnonzero(mask.any(axis=1)), np.flatnonzero(mask.any(axis=0))
    top, left = int(ys[0]), int(xs[0])
    crop = mask[top : ys[-1] + 1, left : xs[-1] + 1].astype(np.uint8)
    filled = np.zeros_like(crop)
    outer, _ = cv2.findContours(crop, cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_NONE)
    cv2.drawContours(filled, outer, -1, 1, cv2.FILLED)
    if (filled > crop).sum() > HOLE * crop.sum():
        rle = coco_mask.encode(np.asfortranarray(mask.astype(np.uint8)))
        return {"size": [HEIGHT, WIDTH], "counts": rle["counts"].decode()}
    # contours run through pixel centres; on a finer grid they run along the edges
    fine = np.kron(crop, np.ones((SUBPIXELS, SUBPIXELS), dtype=np.uint8))
    contours, _ = cv2.findContours(fine, cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_NONE)
    slim = [cv2.approxPolyDP(c, 0.3 * SUBPIXELS, True)[:, 0] for c in contours]
    polygons = [((c + 0.5) / SUBPIXELS + (left, top)).round(2) for c in slim if len(c) >= 3]
    return [polygon.reshape(-1).tolist() for polygon in polygons]


def _run_lengths(mask: Mask) -> Json:
    """Return COCO's uncompressed RLE: run lengths down the columns, background first."""
    flat = mask.T.reshape(-1)
    edges = np.flatnonzero(np.diff(flat)) + 1
    counts = np.diff(np.concatenate([[0], edges, [flat.size]])).tolist()
    return {"size": [HEIGHT, WIDTH], "counts": [0, *counts] if flat[0] else counts}


def _jpeg(picture: Rgb) -> bytes:
    buffer = io.BytesIO()
    Image.fromarray(picture).save(buffer, "JPEG", quality=92)
    return buffer.getvalue()
