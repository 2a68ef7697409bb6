import pytest

from genval_assets.annotated.records import (
    CategoryRecord,
    ImageRecord,
    candidate_paths,
    path_below,
    usable_categories,
    usable_images,
)
from genval_assets.types import RefusedItem


def image(image_id=1, width=4, height=3, **fields):
    return ImageRecord(image_id, width, height, **({"file_name": "a.jpg"} | fields))


@pytest.mark.parametrize(
    ("name", "path"),
    [("a.jpg", "a.jpg"), ("x/../a.jpg", "a.jpg"), ("./x//a.jpg", "x/a.jpg"), ("..a.jpg", "..a.jpg"), ("a\\b", "a\\b")],
)
def test_a_path_that_stays_in_the_folder_is_normalised(name, path):
    assert path_below(name, "it") == path


@pytest.mark.parametrize("name", ["", ".", "..", "../a.jpg", "x/../../a.jpg", "/etc/passwd", "//a", "a\0.jpg", "x/.."])
def test_a_path_that_leaves_the_folder_is_refused(name):
    with pytest.raises(RefusedItem) as caught:
        path_below(name, "it")
    assert (caught.value.item, caught.value.reason) == ("it", "image_path")


@pytest.mark.parametrize(
    ("url", "paths"),
    [
        ("http://images.cocodataset.org/train2017/9.jpg", ("train2017/9.jpg", "9.jpg")),
        ("http://host/9.jpg?size=big", ("host/9.jpg", "9.jpg")),
        ("9.jpg", ("9.jpg",)),
    ],
)
def test_a_url_stands_for_its_last_two_parts_then_its_last(url, paths):
    assert candidate_paths(image(file_name=None, coco_url=url)) == paths


def test_a_file_name_is_preferred_to_a_url():
    assert candidate_paths(image(coco_url="http://host/train2017/9.jpg")) == ("a.jpg",)


@pytest.mark.parametrize(
    ("record", "reason"),
    [
        (image(1), "repeated_id"),
        (image(2, width=0), "image_size"),
        (image(2, height=-3), "image_size"),
        (image(2, width=10**6, height=10**6), "image_size"),
        (image(2, file_name=None), "image_path"),
        (image(2, file_name=""), "image_path"),
        (image(2, file_name="../b.jpg"), "image_path"),
        (image(2, file_name=None, coco_url="http://host/../b.jpg"), "image_path"),
    ],
)
def test_an_unusable_image_is_refused_and_the_others_stay(record, reason):
    first, last = image(1), image(3)
    usable, refused = usable_images([first, record, last])
    assert usable == [first, last]
    assert [refusal.reason for refusal in refused] == [reason]
    assert refused[0].item == f"image {record.id}"


def test_the_first_of_two_categories_with_one_id_is_used():
    usable, refused = usable_categories([CategoryRecord(0, "cup"), CategoryRecord(0, "mug"), CategoryRecord(7, "pot")])
    assert [record.name for record in usable] == ["cup", "pot"]
    (refusal,) = refused
    assert (refusal.item, refusal.reason, refusal.raw) == ("category 0", "repeated_id", "mug")
