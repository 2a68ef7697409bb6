"""YOLO sets are read by rules of our own: what a trainer would skip or mend is refused, by file and line."""

import json
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from pycocotools import mask as rle

from genval_assets.export.read_set import ReadSet, UnreadableExport
from resources.reading.yolo import read_yolo

pytestmark = pytest.mark.filterwarnings("ignore:__array__ implementation:DeprecationWarning")

SQUARE = "1 0.2 0.2 0.6 0.2 0.6 0.6 0.2 0.6"
BOX = "1 0.400000 0.4 0.4 0.4"
CLASSES = [
    {"index": 0, "category_id": 0, "key": "zebra", "name": "zebra"},
    {"index": 1, "category_id": 7, "key": "dog", "name": "a: dog"},
]


def entry(labels: str = "labels/train/s1.txt", line: int = 0, **others: object) -> str:
    one = {"labels": labels, "line": line, "id": 1, "origin": "a1", "category": 1, "category_id": 7, "genval": {}}
    return json.dumps(one | others) + "\n"


class Export:
    """A small export drawn by hand, 20 x 10 px; what a test changes is written over it."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.put("data.yaml", 'train: images/train\nnames:\n  0: zebra\n  1: "a: dog"\n')
        self.put("classes.json", json.dumps(CLASSES))
        self.put("labels/train/s1.txt", f"{SQUARE}\n")
        self.put("labels/train/s2.txt", "")
        self.put("labels.jsonl", entry())
        self.picture("images/train/s1.png")
        self.picture("images/train/s2.png")

    def put(self, path: str, text: str) -> None:
        (self.folder / path).parent.mkdir(parents=True, exist_ok=True)
        (self.folder / path).write_bytes(text.encode())

    def picture(self, path: str) -> None:
        (self.folder / path).parent.mkdir(parents=True, exist_ok=True)
        Image.new("RGB", (20, 10)).save(self.folder / path)

    def read(self) -> ReadSet:
        return read_yolo(self.folder)


@pytest.fixture
def export(tmp_path) -> Export:
    return Export(tmp_path)


def test_a_polygon_is_drawn_in_pixels_and_its_bounds_are_the_box(export):
    found = export.read()
    assert found.categories == {0: "zebra", 7: "a: dog"}
    assert (found.pictures["s2"].objects, found.pictures["s2"].split) == ((), "train")
    (one,) = found.pictures["s1"].objects
    assert (one.origin, one.category_id, one.iscrowd) == ("a1", 7, False)
    assert one.box == pytest.approx((4, 2, 8, 4))
    wanted = np.zeros((10, 20), dtype=bool)
    wanted[2:6, 4:12] = True
    assert np.array_equal(rle.decode({"size": [10, 20], "counts": one.mask}), wanted)


def test_a_box_is_read_from_centre_and_size(export):
    export.put("labels/train/s1.txt", f"{BOX}\n")
    (one,) = export.read().pictures["s1"].objects
    assert (one.mask, one.box) == (None, pytest.approx((4, 2, 8, 4)))


def test_splits_are_told_by_their_folders(export):
    export.put("data.yaml", "train: images/train\nval: images/val\nnames: {0: zebra, 1: 'a: dog'}\n")
    export.picture("images/val/s3.png")
    export.put("labels/val/s3.txt", f"{SQUARE}\n{SQUARE}\n")
    lines = [entry("labels/val/s3.txt", 1, origin="c"), entry("labels/val/s3.txt", 0, origin="b"), entry()]
    export.put("labels.jsonl", "".join(lines))
    shown = export.read().pictures["s3"]
    assert (shown.split, [one.origin for one in shown.objects]) == ("val", ["b", "c"])


@pytest.mark.parametrize(
    ("line", "named"),
    [
        ("1 0.2 0.2 0.6 0.2 0.6", "5 numbers"),
        ("1 0.2 0.2", "2 numbers"),
        ("1", "0 numbers"),
        (f"{SQUARE} 0.5", "9 numbers"),
        (f"{SQUARE} ", "'' is no number"),
        (f"{SQUARE} x", "'x' is no number"),
        (f"{SQUARE}\r", "is no number"),
        ("1  0.2 0.2 0.6 0.2 0.6 0.6", "'' is no number"),
        ("1 nan 0.2 0.6 0.2 0.6 0.6", "'nan' is no number"),
        ("1 1.1 0.2 0.6 0.2 0.6 0.6", "'1.1' is no number from 0 to 1"),
        ("1 1.000001 0.2 0.6 0.2 0.6 0.6", "is no number from 0 to 1"),
        ("1 -0.1 0.2 0.6 0.2 0.6 0.6", "'-0.1' is no number"),
        ("1 1e-1 0.2 0.6 0.2 0.6 0.6", "'1e-1' is no number"),
        ("2 0.2 0.2 0.6 0.2 0.6 0.6", "the class is '2'; there are 2"),
        ("1.0 0.2 0.2 0.6 0.2 0.6 0.6", "the class is '1.0'"),
        ("-1 0.2 0.2 0.6 0.2 0.6 0.6", "the class is '-1'"),
        ("", "the class is ''"),
        ("1 0.1 0.5 0.4 0.4", "beyond its picture"),
        (BOX, "boxes and polygons"),
        ("0 0.2 0.2 0.6 0.2 0.6 0.6", "another class"),
    ],
)
def test_a_line_that_breaks_a_rule_is_refused_by_file_and_line(export, line, named):
    export.put("labels/train/s1.txt", f"{SQUARE}\n{line}\n")
    export.put("labels.jsonl", entry() + entry(line=1))
    with pytest.raises(UnreadableExport, match=r"labels/train/s1\.txt, line 2: .*" + named):
        export.read()


DATA = "train: images/train\nnames:\n  0: zebra\n  1: 'a: dog'\n"


@pytest.mark.parametrize(
    ("path", "text", "named"),
    [
        ("data.yaml", f"{DATA}download: https://example.org/x.zip\n", "no other key"),
        ("data.yaml", f"{DATA}path: /elsewhere\n", "no other key"),
        ("data.yaml", "names: {0: zebra}\n", "expected train"),
        ("data.yaml", "- train\n", "expected train"),
        ("data.yaml", "train: [\n", "data.yaml"),
        ("data.yaml", DATA.replace("images/train", "../images"), "train is '../images'"),
        ("data.yaml", "train: images/train\nnames: [zebra, dog]\n", "0 to n - 1"),
        ("data.yaml", DATA.replace("1:", "2:"), "0 to n - 1"),
        ("data.yaml", DATA.replace("zebra", "null"), "must be text"),
        ("data.yaml", DATA.replace("zebra", "horse"), "not those of data.yaml"),
        ("classes.json", json.dumps(CLASSES[:1]), "not those of data.yaml"),
        ("labels.jsonl", "", r"s1\.txt, line 1: labels.jsonl does not say"),
        ("labels.jsonl", entry() + entry(), r"labels\.jsonl, line 2: .* twice"),
        ("labels.jsonl", entry() + entry(line=1), "there is no line"),
        ("labels.jsonl", entry(category=0), "another class"),
        ("labels.jsonl", entry(category_id=1), "another class"),
        ("labels.jsonl", entry(more=1), r"labels\.jsonl, line 1"),
        ("labels.jsonl", "{}\n", r"labels\.jsonl, line 1"),
        ("labels/train/s1.txt", SQUARE, "line 1: it does not end"),
        ("labels/train/s3.txt", "", r"label files of train .*s3\.txt"),
        ("labels/val/s3.txt", "", "folders of labels .*val"),
        ("images/val/s3.png", "", "folders of pictures .*val"),
        ("images/train/s3.png", "", r"label files of train .*s3\.txt"),
        ("images/train/s1.jpg", "", "one label file"),
        ("images/train/s1.png", "no picture", r"s1\.png"),
    ],
)
def test_a_file_that_breaks_a_rule_is_refused_by_name(export, path, text, named):
    export.put(path, text)
    with pytest.raises(UnreadableExport, match=named):
        export.read()


@pytest.mark.parametrize(
    ("path", "named"),
    [
        ("labels/train/s2.txt", r"label files of train .*s2\.txt"),
        ("images/train/s2.png", r"label files of train .*s2\.txt"),
        ("data.yaml", r"data\.yaml"),
        ("classes.json", r"classes\.json"),
        ("labels.jsonl", r"labels\.jsonl"),
    ],
)
def test_a_missing_file_is_named(export, path, named):
    (export.folder / path).unlink()
    with pytest.raises(UnreadableExport, match=named):
        export.read()


def test_one_picture_in_two_splits_is_refused(export):
    export.put("data.yaml", f"{DATA}val: images/val\n")
    export.picture("images/val/s1.png")
    export.put("labels/val/s1.txt", "")
    with pytest.raises(UnreadableExport, match="two splits"):
        export.read()
