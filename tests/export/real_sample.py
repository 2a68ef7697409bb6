"""Sets of real photographs: COCO's sample as it is and with awkward ids; and picture files for worlds drawn by hand."""

import json
import tempfile
from dataclasses import replace
from datetime import UTC, datetime
from functools import cache
from pathlib import Path

import numpy as np
from PIL import Image
from pycocotools import mask as rle

from genval_assets.assets.real_images import real_images
from genval_assets.backgrounds.hashes import ValidationGuard
from genval_assets.concepts.register import Wishes, categories
from genval_assets.export.content import SetContent
from resources.annotations import CocoPhotographs

SAMPLE = Path("coco_sample")


@cache
def sample_content(shared_data: Path) -> SetContent:
    """Return the COCO sample merged whole: 75 photographs, 616 objects of which 7 are crowds, 80 categories."""
    folder = shared_data / SAMPLE
    return content_of(folder / "instances.json", folder / "images")


@cache
def awkward_content(shared_data: Path) -> SetContent:
    """Return 20 photographs of the sample, with everything about them that readers trip over.

    - The first category has id 0, the last 9000; the others keep COCO's own gaps.
    - One image has id 0, and one annotation; one image has no annotation.
    - Crowds are uncompressed run lengths, as COCO has them; one is compressed.
    - One object is given as uncompressed run lengths (two parts, one with a hole), one as compressed ones, and one as
      a polygon whose hole is joined to its outer contour by a seam.
    """
    folder = shared_data / SAMPLE
    given = json.loads((folder / "instances.json").read_bytes())
    numbers = {one["id"]: one["id"] for one in given["categories"]}
    numbers[given["categories"][0]["id"]] = 0
    numbers[given["categories"][-1]["id"]] = 9000
    for one in given["categories"]:
        one["id"] = numbers[one["id"]]
    crowded = {a["image_id"] for a in given["annotations"] if a["iscrowd"]}
    named = {a["image_id"] for a in given["annotations"]}
    bare = [image for image in given["images"] if image["id"] not in named][:1]
    images = [image for image in given["images"] if image["id"] in crowded]
    images += [image for image in given["images"] if image["id"] in named - crowded][: 19 - len(images)] + bare
    kept = {image["id"] for image in images}
    annotations = [a for a in given["annotations"] if a["image_id"] in kept]
    for annotation in annotations:
        annotation["category_id"] = numbers[annotation["category_id"]]
    first = images[0]["id"]
    for one in images:
        one["id"] = 0 if one["id"] == first else one["id"]
    for annotation in annotations:
        annotation["image_id"] = 0 if annotation["image_id"] == first else annotation["image_id"]
    size = {image["id"]: (image["height"], image["width"]) for image in images}
    crowds = [a for a in annotations if a["iscrowd"]]
    crowds[0]["segmentation"] = _compressed(rle.frPyObjects(crowds[0]["segmentation"], *size[crowds[0]["image_id"]]))
    plain = [a for a in annotations if not a["iscrowd"]]
    plain[0]["id"] = 0
    mask = np.zeros(size[plain[0]["image_id"]], dtype=np.uint8)
    mask[10:60, 10:60] = mask[80:100, 10:30] = 1
    mask[20:40, 20:40] = 0
    _shape(plain[0], mask, {"size": list(mask.shape), "counts": _runs(mask)})
    mask = np.zeros(size[plain[1]["image_id"]], dtype=np.uint8)
    mask[5:45, 100:160] = 1
    _shape(plain[1], mask, _compressed(rle.encode(np.asfortranarray(mask))))
    seam = [100, 100, 160, 100, 160, 160, 100, 160, 100, 100, 120, 120, 120, 140, 140, 140, 140, 120, 120, 120]
    mask = np.zeros(size[plain[2]["image_id"]], dtype=np.uint8)
    mask[100:160, 100:160] = 1
    mask[120:140, 120:140] = 0
    _shape(plain[2], mask, [seam])
    with tempfile.TemporaryDirectory() as made:
        file = Path(made, "instances.json")
        file.write_text(json.dumps(given | {"images": images, "annotations": annotations}))
        return content_of(file, folder / "images")


def content_of(annotations: Path, images: Path) -> SetContent:
    """Return an annotation file as a set of real images alone."""
    now = datetime(2026, 1, 2, tzinfo=UTC)
    with CocoPhotographs(annotations=str(annotations), images=str(images)).open() as source:
        assert source is not None
        found = real_images(source, ValidationGuard())
        rows = categories(source.concepts(), [], Wishes(), "run", now).rows
    return SetContent(
        categories=rows,
        real_images=found.images,
        real_annotations=found.annotations,
        real_refused=found.refused,
        image_folder=str(images.resolve()),
    )


def with_scenes(sample: SetContent, world: SetContent) -> SetContent:
    """Return a sample with the scenes of a world beside it; the world's categories that it lacks have no source id."""
    keys = {row.category for row in sample.categories}
    new = tuple(replace(row, source_id=None) for row in world.categories if row.category not in keys)
    return replace(
        world,
        categories=sample.categories + new,
        real_images=sample.real_images,
        real_annotations=sample.real_annotations,
        real_refused=sample.real_refused,
        image_folder=sample.image_folder,
    )


def with_pictures(world: SetContent, home: Path) -> SetContent:
    """Return a world whose picture files are there: those of the home below `home`, photographs in `home`/photos.

    Scenes, pictures of captions and photographs are RGB, cut-outs RGBA; each has pixels of its own.
    """
    sizes = {row.image: (row.width, row.height, "RGB") for row in world.scenes}
    sizes |= {row.image: (8, 8, "RGB") for row in world.captions if row.image not in sizes}
    sizes |= {row.cutout: (row.width, row.height, "RGBA") for row in world.verdicts if row.cutout}
    photographs = (*world.source_images, *world.real_images)
    sizes |= {f"photos/{image.path}": (image.width, image.height, "RGB") for image in photographs}
    for path, (width, height, mode) in sizes.items():
        pixels = np.random.default_rng(list(path.encode())).integers(0, 256, (height, width, len(mode)), dtype=np.uint8)
        (home / path).parent.mkdir(parents=True, exist_ok=True)
        Image.fromarray(pixels).save(home / path)
    return replace(world, image_folder=str((home / "photos").resolve()))


def _shape(annotation: dict, mask: np.ndarray, segmentation: object) -> None:
    """Give an annotation another mask."""
    ys, xs = np.nonzero(mask)
    annotation["segmentation"] = segmentation
    annotation["bbox"] = [int(xs.min()), int(ys.min()), int(np.ptp(xs)) + 1, int(np.ptp(ys)) + 1]
    annotation["area"] = int(mask.sum())


def _runs(mask: np.ndarray) -> list[int]:
    """Return COCO's uncompressed run lengths: column by column, background first."""
    flat = mask.ravel(order="F").astype(int)
    edges = np.flatnonzero(np.diff(flat, prepend=0))
    return np.diff(edges, prepend=0, append=flat.size).tolist()


def _compressed(encoded: dict) -> dict:
    return {"size": [int(side) for side in encoded["size"]], "counts": encoded["counts"].decode()}
