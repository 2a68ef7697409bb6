"""Labels for Ultralytics: every object one line that keeps its mask or box, every line a way back, losses stated."""

import dataclasses
import json
from pathlib import Path

import numpy as np
import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from pycocotools import mask as rle

from genval_assets.export.build import ExportedSet, export_as
from genval_assets.export.content import SetContent
from genval_assets.export.formats import yolo
from genval_assets.export.formats.yolo_labels import quoted
from genval_assets.export.polygons import filled_iou, joined, mask_polygons
from genval_assets.export.prepared import Prepared, prepare
from genval_assets.export.settings import ExportSettings
from genval_assets.export.verification import ExportDiffers
from genval_assets.export.written import Written
from genval_assets.types import SourceAnnotation
from resources.datasets import DatasetFolders
from tests.export.real_sample import awkward_content, with_pictures
from tests.export.test_build import shuffled

pytestmark = pytest.mark.filterwarnings("ignore:__array__ implementation:DeprecationWarning")

HEIGHT, WIDTH = 48, 64
HOSTILE = (
    "../x",
    "</script>",
    'say "no"\\',
    "two\nlines: # {x}",
    "斑馬 🦓",
    "~",
    "null",
    "- a",
    "\x85\u2028\x00\x7f",
    " ",
)
TASKS = ("segment", "detect")


def prepared(content: SetContent, **others: object) -> Prepared:
    return prepare("exports/yolo", content, ExportSettings(**others))


def written(content: SetContent, **others: object) -> Written:
    return yolo.write(prepared(content, **others), Path.read_bytes)


def text(one: Written, path: str) -> str:
    return dict(one.files)[path].decode()


def lines(one: Written, key: str) -> list[list[float]]:
    return [[float(part) for part in line.split()] for line in text(one, f"labels/train/{key}.txt").splitlines()]


def ways_back(one: Written) -> list[dict]:
    return [json.loads(line) for line in text(one, "labels.jsonl").splitlines()]


def drawn(corners: list[float], height: int = HEIGHT, width: int = WIDTH) -> np.ndarray:
    ring = (np.array(corners).reshape(-1, 2) * (width, height)).ravel().tolist()
    return rle.decode(rle.frPyObjects([ring], height, width))[..., 0].astype(bool)


def land(done: ExportedSet, home: Path) -> dict:
    """Write an export to a folder, which reads it back, and return what was verified."""
    sets = DatasetFolders(home=str(home))
    sets.write_to(dataclasses.replace(done, picture=sets.picture), str(home.parent / "out"), overwrite=True)
    return json.loads((home.parent / "out/verification.json").read_text())["yolo"]


@pytest.fixture
def home(tmp_path) -> Path:
    return tmp_path / "home"


@pytest.fixture
def awkward(mixed, draw) -> SetContent:
    """`mixed`, with a hole in one of two parts, one pixel, and all edges touched; and three photographs, one bare."""
    mixed.scene("s3", "dog", "plain")
    mixed.object("s3", "dog", draw((10, 10, 9, 9), (30, 12, 6, 20), holes=((12, 12, 3, 3),)))
    mixed.object("s3", "dog", draw((63, 47, 1, 1)))
    mixed.object("s3", "zebra", draw((0, 0, 64, 48), holes=((5, 5, 50, 30),)))
    for image_id in (0, 1000):
        mixed.real_image(image_id)
    mixed.real_annotation(0, 0, 0)
    mixed.real_annotation(901, 42, 7)
    mixed.real_annotation(5, 42, 0, crowd=True)
    return mixed.content()


def test_an_object_is_one_line_that_gives_back_its_mask_with_all_parts_and_holes(awkward, mixed):
    one = written(awkward)
    masks = {origin["origin"]: drawn(lines(one, Path(origin["labels"]).stem)[origin["line"]][1:])
             for origin in ways_back(one)}  # fmt: skip
    assert masks.keys() == {"s1-000", "s1-001", "s2-002", "s2-004", "s3-005", "s3-006", "s3-007"}
    assert all(np.array_equal(mask, mixed.masks[key]) for key, mask in masks.items())


@given(hnp.arrays(bool, st.tuples(st.integers(1, 20), st.integers(1, 20))))
@settings(max_examples=60, deadline=None)
def test_any_mask_comes_back_exactly_from_one_ring(mask):
    if mask.any():
        height, width = mask.shape
        ring = joined(mask_polygons(mask)).ravel().tolist()
        assert np.array_equal(rle.decode(rle.frPyObjects([ring], height, width))[..., 0], mask)


def test_parts_are_joined_by_a_seam_there_and_back_where_they_are_near():
    one = np.array([[0, 0], [4, 0], [4, 10], [4, 20], [0, 20]], dtype=float)
    other = np.array([[20, 0], [8, 8], [6, 18], [20, 18]], dtype=float)
    there_and_back = [[8, 8], [6, 18], [20, 18], [20, 0], [8, 8]]
    assert joined([one, other]).tolist() == [[0, 0], [4, 0], [4, 10], *there_and_back, [4, 10], [4, 20], [0, 20]]


def test_what_painted_seams_cost_is_stated_per_label_and_in_all(draw):
    bars = draw((2, 2, 5, 20), (10, 2, 5, 20))  # three px lie between them: one line of it is painted
    ring = joined(mask_polygons(bars))
    assert filled_iou(ring, bars) == pytest.approx(200 / 203)
    assert filled_iou(ring, bars[2:22, 2:15], left=2, top=2) == pytest.approx(200 / 203)


def test_slanted_outlines_are_not_shifted_where_a_trainer_cuts_off_fractions(mixed):
    ys, xs = np.mgrid[:HEIGHT, :WIDTH]
    mixed.scene("s4", "dog", "plain")
    key = mixed.object("s4", "dog", (xs - 30) ** 2 + (2 * ys - xs) ** 2 < 500)
    one = written(mixed.content())
    assert next(way_back["filled_iou"] for way_back in ways_back(one) if way_back["origin"] == key) == 1.0
    straightened = joined(mask_polygons(mixed.masks[key]))
    assert filled_iou(straightened, mixed.masks[key]) < 0.97


def test_both_losses_are_in_the_card_and_on_each_line(awkward):
    exact, filled = written(awkward).losses
    assert (exact.rasteriser, exact.annotations, exact.min_iou, exact.lost) == ("pycocotools", 7, 1.0, 0)
    assert (filled.annotations, filled.min_iou < 1.0) == (7, True)
    worst, iou = filled.worst[0]
    of_worst = next(one for one in ways_back(written(awkward)) if one["id"] == worst)
    assert (of_worst["filled_iou"], of_worst["mask_iou"]) == (iou, 1.0)
    readme = dict(export_as("yolo", awkward, ExportSettings()).files)["README.md"].decode()
    assert "as rasterised by pycocotools" in readme
    assert "cv2.fillPoly, whole pixels, as Ultralytics fills at full size" in readme


def test_a_label_leads_back_to_its_row_or_to_the_users_annotation(awkward):
    found = {one["origin"]: one for one in ways_back(written(awkward, include_real=True))}
    of_row, real = found["s1-001"], found["source-0"]
    assert (of_row["labels"], of_row["line"], of_row["category_id"], of_row["category"]) == (
        "labels/train/s1.txt", 1, 8, 2,
    )  # fmt: skip
    assert (of_row["genval"]["annotation_id"], of_row["genval"]["instance_id"]) == ("s1-001", "inst-unicorn")
    assert (real["labels"], real["genval"]) == ("labels/train/real-0.txt", {"source_annotation_id": 0})


def test_classes_count_from_0_whatever_the_ids_of_the_users_file(awkward):
    one = written(awkward)
    assert [line[0] for line in lines(one, "s3")] == [1, 1, 0]
    assert yaml.safe_load(text(one, "data.yaml"))["names"] == {0: "zebra", 1: "dog", 2: "unicorn"}


def test_coordinates_stay_within_the_picture_even_where_an_object_touches_all_of_its_edges(awkward):
    whole = np.array(lines(written(awkward), "s3")[2][1:]).reshape(-1, 2)
    assert (whole.min(axis=0) * (WIDTH, HEIGHT)).tolist() == pytest.approx([0.25, 0.25], abs=1e-4)
    assert (whole.max(axis=0) * (WIDTH, HEIGHT)).tolist() == pytest.approx([63.75, 47.75], abs=1e-4)


def test_a_box_is_centre_and_size_as_shares_of_the_picture(awkward):
    one = written(awkward, yolo_task="detect")
    assert text(one, "labels/train/s1.txt").splitlines()[0] == "0 0.187500 0.250000 0.312500 0.416667"
    assert (one.losses, one.holds.masks, one.holds.box_px) == ((), "none", pytest.approx(6.4e-5))
    assert all("mask_iou" not in way_back for way_back in ways_back(one))


def test_regions_to_ignore_are_absent_and_counted(awkward):
    one = written(awkward, include_real=True)
    assert one.absent == ((yolo.ABSENT_CROWDS, 2),)
    assert "source-5" not in {way_back["origin"] for way_back in ways_back(one)}


def test_labels_of_pictures_that_a_trainer_passes_over_are_counted(awkward):
    names = ("scan", "clip.gif", "photo.jpeg")
    odd = tuple(dataclasses.replace(awkward.real_images[0], image_id=i, path=name) for i, name in enumerate(names, 90))
    shape = ((4.0, 4.0, 10.0, 10.0), 100.0, False, b"[[4,4,14,4,14,14,4,14]]")
    labels = tuple(SourceAnnotation(image.image_id, image.image_id, 7, *shape) for image in odd)
    content = dataclasses.replace(awkward, real_images=odd, real_annotations=labels)
    assert dict(written(content, include_real=True).absent)[yolo.ABSENT_PICTURES] == 2


def test_a_picture_without_countable_objects_has_an_empty_label_file(awkward):
    one = written(awkward, include_real=True)
    assert text(one, "labels/train/real-1000.txt") == ""
    assert ("images/train/real-1000.jpg", "/photos/day/1000.JPG") in one.links


def with_boxes(content: SetContent, *boxes: tuple[float, float, float, float]) -> SetContent:
    polygon = b"[[4,4,14,4,14,14,4,14]]"
    real = tuple(SourceAnnotation(i, 0, 7, box, 100.0, False, polygon) for i, box in enumerate(boxes))
    return dataclasses.replace(content, real_annotations=real)


def test_boxes_beyond_their_picture_are_cut_and_counted(awkward, home):
    content = with_pictures(with_boxes(awkward, (-3.0, 4.0, 17.0, 60.0), (4, 4, 10, 10), (60.5, 4, 0, 10)), home)
    one = written(content, include_real=True, yolo_task="detect")
    assert lines(one, "real-0")[0] == pytest.approx([1, 7 / WIDTH, 26 / HEIGHT, 14 / WIDTH, 44 / HEIGHT], abs=1e-6)
    assert one.absent[-1] == (yolo.ABSENT_EDGES.format(16), 1)
    done = export_as("yolo", content, ExportSettings(include_real=True, yolo_task="detect"))
    assert land(done, home)["boxes_compared"] == 10


def test_boxes_that_a_polygon_cannot_say_are_counted(awkward, home):
    content = with_pictures(with_boxes(awkward, (2.0, 4.0, 12.0, 10.0), (4, 4, 10, 10)), home)
    one = written(content, include_real=True)
    assert one.absent[1:] == ((yolo.ABSENT_BOUNDS.format(2.5), 1), (yolo.ABSENT_TWINS, 1))
    assert land(export_as("yolo", content, ExportSettings(include_real=True)), home)["boxes_compared"] == 9


@pytest.mark.parametrize("task", TASKS)
@pytest.mark.parametrize("seed", [1, 2])
def test_the_same_rows_in_any_order_give_the_same_bytes(awkward, task, seed):
    chosen = ExportSettings(yolo_task=task, include_real=True)
    first, again = (export_as("yolo", content, chosen) for content in (awkward, shuffled(awkward, seed)))
    assert (first.files, first.links) == (again.files, again.links)


def test_names_are_data_in_yaml_and_reach_no_path(awkward, home):
    row = awkward.categories[0]
    more = [dataclasses.replace(row, category=f"c{i}", name=name, source_id=20 + i) for i, name in enumerate(HOSTILE)]
    content = with_pictures(dataclasses.replace(awkward, categories=(*awkward.categories, *more)), home)
    done = export_as("yolo", content, ExportSettings())
    names = yaml.safe_load(dict(done.files)["data.yaml"])["names"]
    assert tuple(names.values())[2:-1] == HOSTILE
    assert land(done, home)["pictures"] == 3
    assert all(path.isascii() and ".." not in path for path, _ in (*done.files, *done.links))


def test_a_quoted_name_is_one_line():
    assert quoted('a"\\\n斑 \x85') == '"a\\"\\\\\\U0000000A斑 \\U00000085"'


def divided(whole: Prepared, **splits: str) -> Prepared:
    """Put scenes into splits."""
    images = tuple(
        dataclasses.replace(image, split=splits.get(image.scene.scene_id, "train")) for image in whole.numbered.images
    )
    return dataclasses.replace(whole, numbered=dataclasses.replace(whole.numbered, images=images))


def test_splits_are_folders_and_only_those_with_pictures_are_named(awkward, home):
    parts = divided(prepared(with_pictures(awkward, home)), s1="val", s3="test")
    one = yolo.write(parts, Path.read_bytes)
    assert {path for path, _ in one.links} == {"images/val/s1.jpg", "images/train/s2.jpg", "images/test/s3.jpg"}
    assert text(one, "data.yaml").startswith("train: images/train\nval: images/val\ntest: images/test\nnames:\n")
    done = ExportedSet("exports/yolo", one.files, one.links, parts, {"yolo": one}, Path.read_bytes)
    assert land(done, home)["pictures_by_split"] == {"train": 1, "val": 1, "test": 1}


def test_nothing_is_downloaded_and_whoever_has_no_validation_pictures_is_told_what_to_do(awkward):
    data = text(written(awkward), "data.yaml")
    assert yaml.safe_load(data).keys() == {"train", "names"}
    assert "# val:" in data
    assert "# val:" not in text(yolo.write(divided(prepared(awkward), s1="val"), Path.read_bytes), "data.yaml")


@pytest.mark.parametrize("task", TASKS)
def test_what_lands_is_read_back_as_it_was(awkward, home, task):
    content = with_pictures(awkward, home)
    found = land(export_as("yolo", content, ExportSettings(include_real=True, yolo_task=task)), home)
    assert (found["pictures"], found["objects"], found["boxes_compared"]) == (6, 9, 9)
    assert (found["masks_identical"], found["lost_mask_iou"]) == (9 if task == "segment" else 0, 0)


def test_an_empty_set_is_a_set(home):
    home.mkdir()
    assert land(export_as("yolo", SetContent(categories=()), ExportSettings()), home)["pictures"] == 0


def test_a_label_that_is_not_what_was_to_be_written_never_lands(awkward, home):
    done = export_as("yolo", with_pictures(awkward, home), ExportSettings())
    moved = {path: content for path, content in done.files if path != "labels/train/s3.txt"}
    moved["labels/train/s3.txt"] = dict(done.files)["labels/train/s3.txt"].replace(b"0.984375", b"0.884375", 1)
    with pytest.raises(ExportDiffers, match="s3"):
        land(dataclasses.replace(done, files=tuple(moved.items())), home)
    assert not (home.parent / "out").exists()


@pytest.mark.parametrize("task", TASKS)
def test_real_photographs_with_awkward_ids_masks_and_crowds_are_read_back(shared_data, home, task):
    home.mkdir()
    chosen = ExportSettings(include_real=True, yolo_task=task)
    done = export_as("yolo", awkward_content(shared_data), chosen)
    found = land(done, home)
    assert (found["pictures"], found["objects"], found["absent"][yolo.ABSENT_CROWDS]) == (20, 241, 7)
    assert found["masks_identical"] == (241 if task == "segment" else 0)
