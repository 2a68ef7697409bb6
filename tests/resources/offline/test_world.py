"""The demo's real data: a COCO file with exact masks, a long tail and the awkward bits of real files."""

import contextlib
import io
import json
from collections import Counter

import numpy as np
import pytest
from PIL import Image
from pycocotools.coco import COCO

from resources.offline.studio import KINDS
from resources.offline.world import CROWDS, segmentation, write_world
from resources.offline.world_scenes import HEIGHT, IMAGES_OF, WIDTH, kinds_per_image, render_scene

SEED = 3

# pycocotools 2.0.11 has not caught up with numpy 2
pytestmark = pytest.mark.filterwarnings("ignore:__array__ implementation:DeprecationWarning")


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    path = tmp_path_factory.mktemp("world")
    write_world(path, seed=SEED, scale=0.1)
    return path


@pytest.fixture(scope="module")
def document(folder):
    return json.loads((folder / "instances.json").read_text())


@pytest.fixture(scope="module")
def coco(folder):
    with contextlib.redirect_stdout(io.StringIO()):
        return COCO(str(folder / "instances.json"))


def test_the_masks_are_what_a_second_rendering_shows(coco):
    contents = kinds_per_image(np.random.default_rng([SEED, 1]), 12)
    for i in (0, 3, 7):
        scene = render_scene(contents[i], np.random.default_rng([SEED, 2, i]), CROWDS.get(i))
        image_id = coco.getImgIds()[i]
        stored = [coco.annToMask(a) > 0 for a in coco.loadAnns(coco.getAnnIds(image_id, iscrowd=False))]
        drawn = [m for m, t in zip(scene.visible, scene.things, strict=True) if not t.crowd]
        assert len(stored) == len(drawn) > 0
        for a, b in zip(stored, drawn, strict=True):
            assert (a & b).sum() / (a | b).sum() > 0.97


def test_no_pixel_is_visible_twice(coco):
    for image_id in coco.getImgIds()[:5]:
        # the corners of polygons are rounded to hundredths, so neighbours may share a pixel of their edge
        masks = [coco.annToMask(a) for a in coco.loadAnns(coco.getAnnIds(image_id))]
        assert (np.sum(masks, axis=0) > 1).sum() <= 0.01 * np.sum(masks)


def test_boxes_are_tight_and_areas_are_of_the_mask(coco):
    for annotation in coco.loadAnns(coco.getAnnIds())[:40]:
        mask = coco.annToMask(annotation)
        ys, xs = np.nonzero(mask)
        x, y, w, h = annotation["bbox"]
        assert abs(x - xs.min()) <= 1
        assert abs(y - ys.min()) <= 1
        assert abs(x + w - xs.max() - 1) <= 1
        assert abs(y + h - ys.max() - 1) <= 1
        assert annotation["area"] == pytest.approx(mask.sum(), rel=0.04, abs=8)


def test_every_picture_is_there_and_has_its_size(folder, document):
    for image in document["images"]:
        with Image.open(folder / "images" / image["file_name"]) as picture:
            picture.load()
            assert picture.size == (image["width"], image["height"]) == (WIDTH, HEIGHT)
    assert len(list((folder / "backgrounds").glob("*.jpg"))) >= 8


def test_it_is_as_awkward_as_a_real_file(document):
    for table in ("images", "annotations", "categories"):
        ids = [row["id"] for row in document[table]]
        assert len(set(ids)) == len(ids)
        assert max(ids) - min(ids) >= len(ids)  # gaps
    kinds = Counter(type(a["segmentation"]).__name__ for a in document["annotations"])
    assert kinds["list"] > 0
    assert kinds["dict"] > 0
    assert any(isinstance(a["segmentation"], list) and len(a["segmentation"]) > 1 for a in document["annotations"])
    crowds = [a for a in document["annotations"] if a["iscrowd"]]
    assert len(crowds) == 2
    assert all(isinstance(a["segmentation"]["counts"], list) for a in crowds)


def test_the_tail_is_long():
    contents = kinds_per_image(np.random.default_rng(0), 75)
    images = Counter(kind for kinds in contents for kind in set(kinds))
    assert images == Counter(IMAGES_OF)
    assert set(images) == set(KINDS)
    assert sum(n <= 3 for n in images.values()) >= 6
    assert sum(n >= 24 for n in images.values()) >= 6


def test_the_same_seed_is_the_same_world(folder, document, tmp_path):
    write_world(tmp_path, seed=SEED, scale=0.1)
    assert (tmp_path / "instances.json").read_bytes() == (folder / "instances.json").read_bytes()
    name = document["images"][4]["file_name"]
    assert (tmp_path / "images" / name).read_bytes() == (folder / "images" / name).read_bytes()


def test_a_mask_with_a_hole_keeps_it():
    mask = np.zeros((HEIGHT, WIDTH), dtype=bool)
    mask[100:140, 100:140] = True
    assert segmentation(mask) == [[100.12, 100.12, 100.12, 139.88, 139.88, 139.88, 139.88, 100.12]]
    mask[115:125, 115:125] = False
    assert isinstance(segmentation(mask), dict)
