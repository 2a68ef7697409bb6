"""What a COCO or LVIS file says is what its reader returns, as pycocotools takes it."""

import hashlib
import json
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from pycocotools import mask as rle

from genval_assets.export.read_set import UnreadableExport
from resources.reading.coco import read_document
from resources.reading.found import read_export

SIZE = [6, 8]  # height, width


def annotation(number: int, segmentation: object, **more: object) -> dict:
    return {
        "id": number, "image_id": 1, "category_id": 3, "bbox": [1, 1, 2, 2], "area": 4, "iscrowd": 0,
        "segmentation": segmentation, "genval": {"source_annotation_id": number},
    } | more  # fmt: skip


def write(folder: Path, *annotations: dict, name: str = "coco", image: int = 1) -> None:
    """Write a file of one picture."""
    for place in ("annotations", "images"):
        (folder / place).mkdir(parents=True, exist_ok=True)
    Image.fromarray(np.zeros((*SIZE, 3), np.uint8)).save(folder / f"images/real-{image}.png")
    doc = {
        "images": [{"id": 1, "file_name": f"images/real-{image}.png", "width": 8, "height": 6}],
        "annotations": list(annotations),
        "categories": [{"id": 3, "name": "cup"}],
    }
    (folder / "annotations" / f"{name}.json").write_text(json.dumps(doc))


def masks(folder: Path) -> list[str]:
    return [one.mask for one in read_document(folder, "coco").pictures["real-1"].objects]


MASK = np.zeros(SIZE, np.uint8)
MASK[1:3, 1:3] = 1
COUNTS = rle.encode(np.asfortranarray(MASK))["counts"].decode()


@pytest.mark.parametrize(
    "segmentation",
    [
        [[1, 1, 3, 1, 3, 3, 1, 3]],
        {"size": SIZE, "counts": COUNTS},
        {"size": SIZE, "counts": [7, 2, 4, 2, 33]},
        {"size": SIZE, "counts": [7, 2, 2, 0, 2, 2, 33, 0]},  # with empty runs
        {
            "size": SIZE,
            "counts": rle.frPyObjects({"size": SIZE, "counts": [7, 1, 0, 1, 4, 2, 33]}, *SIZE)["counts"].decode(),
        },
    ],
)
def test_one_mask_has_one_form_however_the_file_has_it(tmp_path, segmentation):
    write(tmp_path, annotation(1, segmentation))
    assert masks(tmp_path) == [COUNTS]


def test_objects_come_by_id_with_all_that_the_file_says(tmp_path):
    shape = {"size": SIZE, "counts": COUNTS}
    ours = {"genval": {"annotation_id": "row", "source_annotation_id": 4}}
    write(tmp_path, annotation(2, shape, iscrowd=1, area=4.5), annotation(1, shape, bbox=[0.5, 1, 2, 2], **ours))
    read = read_document(tmp_path, "coco")
    assert read.categories == {3: "cup"}
    picture = read.pictures["real-1"]
    digest = hashlib.sha256((tmp_path / "images/real-1.png").read_bytes()).hexdigest()
    assert (picture.split, picture.width, picture.height, picture.digest) == ("train", 8, 6, digest)
    assert [(o.origin, o.category_id, o.box, o.iscrowd, o.area) for o in picture.objects] == [
        ("row", 3, (0.5, 1, 2, 2), False, 4),
        ("source-2", 3, (1, 1, 2, 2), True, 4.5),
    ]


def test_each_file_is_a_split(tmp_path):
    write(tmp_path)
    write(tmp_path, name="coco_val", image=2)
    write(tmp_path, name="coco_test", image=3)
    read = read_document(tmp_path, "coco").pictures
    assert {key: shown.split for key, shown in read.items()} == {"real-1": "train", "real-2": "val", "real-3": "test"}


def test_a_picture_in_two_splits_is_refused(tmp_path):
    write(tmp_path)
    write(tmp_path, name="coco_val")
    with pytest.raises(UnreadableExport, match=r"images/real-1\.png occurs twice in the set"):
        read_document(tmp_path, "coco")


def test_a_folder_without_the_file_is_refused(tmp_path):
    with pytest.raises(UnreadableExport, match=r"has no annotations/lvis\.json"):
        read_document(tmp_path, "lvis")


def test_the_size_is_the_picture_files_own(tmp_path):
    write(tmp_path)
    (picture,) = read_document(tmp_path, "coco").pictures.values()
    assert (picture.width, picture.height) == (8, 6)


@pytest.mark.parametrize(
    ("content", "named"),
    [
        (None, "is no export of genval's: it has no verification.json"),
        ("{}", "names no format"),
        ("{", r"verification\.json: Input data was truncated"),
        ('{"voc": {}}', r"verification\.json: Invalid enum value 'voc'"),
    ],
)
def test_a_folder_of_no_known_format_is_refused_by_name(tmp_path, content, named):
    if content is not None:
        (tmp_path / "verification.json").write_text(content)
    with pytest.raises(UnreadableExport, match=named):
        read_export(tmp_path)
