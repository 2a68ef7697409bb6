import json
import re

import numpy as np
import pytest
from PIL import Image

from genval_assets.ports import Photographs, PhotographSource
from genval_assets.types import RefusedItem
from resources.annotation_file import UnreadableAnnotations
from resources.annotations import CocoPhotographs, IndexedPhotographs


def fits_its_port(source: CocoPhotographs, opened: IndexedPhotographs) -> None:
    """For the type checker: the resource and what it opens are what stages ask for."""
    port: PhotographSource = source
    photographs: Photographs = opened
    del port, photographs


SQUARE = [[1, 1, 3, 1, 3, 3, 1, 3]]
CROWD = {"size": [6, 8], "counts": [0, 48]}


def image(image_id, **fields):
    return {"id": image_id, "width": 8, "height": 6, "file_name": f"{image_id}.png"} | fields


def annotation(annotation_id, image_id=1, category_id=0, **fields):
    return {
        "id": annotation_id,
        "image_id": image_id,
        "category_id": category_id,
        "bbox": [1, 1, 2, 2],
        "area": 4.5,
        "iscrowd": 0,
        "segmentation": SQUARE,
    } | fields


def document(**sections):
    return {
        "images": [image(1), image(2)],
        "annotations": [annotation(1)],
        "categories": [{"id": 0, "name": "cup"}],
    } | sections


@pytest.fixture
def opened(tmp_path):
    """Open a document, given as an object or as text."""

    def opener(content):
        text = content if isinstance(content, bytes) else json.dumps(content, indent=1).encode()
        (tmp_path / "file.json").write_bytes(text)
        return CocoPhotographs(annotations=str(tmp_path / "file.json"), images=str(tmp_path)).open()

    return opener


def ids(annotations):
    return [annotation.annotation_id for annotation in annotations]


def test_a_project_without_a_file_has_no_photographs():
    with CocoPhotographs().open() as photographs:
        assert photographs is None


def test_annotations_come_by_id_and_crowds_only_with_their_image(opened):
    shuffled = [annotation(n, image_id=1 + n % 2, iscrowd=int(n == 4)) for n in (7, 4, 9, 1, 2)]
    shuffled[1]["segmentation"] = CROWD
    with opened(document(annotations=shuffled)) as photographs:
        assert ids(photographs.of_category(0)) == [1, 2, 7, 9]
        assert ids(photographs.of_image(1)) == [2, 4]
        assert ids(photographs.of_image(2)) == [1, 7, 9]
        assert [each.iscrowd for each in photographs.of_image(1)] == [False, True]
        assert photographs.mask(photographs.of_image(1)[1]).all()


def test_an_annotation_carries_what_the_file_says(opened):
    text = annotation(3, bbox=[1.25, 0, 2, 5.5], area=7.75, segmentation=CROWD)
    with opened(document(annotations=[annotation(2), text])) as photographs:
        found = photographs.of_image(1)[1]
    assert (found.annotation_id, found.image_id, found.category_id) == (3, 1, 0)
    assert (found.box, found.area) == ((1.25, 0.0, 2.0, 5.5), 7.75)
    assert json.loads(found.segmentation) == CROWD


def test_each_of_many_annotations_keeps_its_own_segmentation(opened):
    many = [annotation(n, image_id=1 + n % 2, segmentation=[[n] * 80, {"},{": n}]) for n in range(1000)]
    many[10]["bbox"] = "none"
    many[900] = 7
    with opened(document(annotations=many)) as photographs:
        found = photographs.of_category(0)
        assert [refusal.item for refusal in photographs.refused] == ["annotations[10]", "annotations[900]"]
    assert len(found) == 998
    assert all(json.loads(each.segmentation)[1] == {"},{": each.annotation_id} for each in found)


def test_concepts_come_in_the_files_order_with_counts_of_its_own(opened):
    categories = [
        {"id": 90, "name": "zebra", "supercategory": "animal"},
        {"id": 0, "name": "cup", "synset": "cup.n.01", "def": "to drink", "synonyms": ["cup", "mug"], "frequency": "r"},
        {"id": 5, "name": "none"},
    ]
    categories[1] |= {"image_count": 77, "instance_count": 88}
    shown = [annotation(1), annotation(2), annotation(3, image_id=2), annotation(4, category_id=90, iscrowd=1)]
    with opened(document(annotations=shown, categories=categories)) as photographs:
        zebra, cup, none = photographs.concepts()
    assert (zebra.name, zebra.source_id, zebra.supercategory) == ("zebra", 90, "animal")
    assert (zebra.image_count, zebra.instance_count) == (0, 0)
    assert (cup.synset, cup.definition, cup.synonyms, cup.frequency) == ("cup.n.01", "to drink", ("cup", "mug"), "r")
    assert (cup.image_count, cup.instance_count) == (2, 3)
    assert (none.image_count, none.instance_count) == (0, 0)


def test_lvis_images_are_found_by_their_url_and_keep_their_lists(opened, tmp_path):
    url = "http://images.cocodataset.org/train2017/000000000001.jpg"
    lists = {"neg_category_ids": [3, 5], "not_exhaustive_category_ids": []}
    lvis = {"id": 1, "width": 8, "height": 6, "coco_url": url} | lists
    with opened(document(images=[lvis])) as photographs:
        found = photographs.image(1)
        assert (found.neg_category_ids, found.not_exhaustive_category_ids) == ((3, 5), ())
        (tmp_path / "000000000001.jpg").touch()
        assert photographs.image(1).path == "000000000001.jpg"
        (tmp_path / "train2017").mkdir()
        (tmp_path / "train2017" / "000000000001.jpg").touch()
        assert photographs.image(1).path == "train2017/000000000001.jpg"


def test_lvis_annotations_have_no_crowd_flag(opened):
    lvis = annotation(1)
    del lvis["iscrowd"]
    with opened(document(annotations=[lvis])) as photographs:
        assert ids(photographs.of_category(0)) == [1]


def test_images_come_by_id(opened):
    with opened(document(images=[image(5), image(-1), image(2)])) as photographs:
        assert [each.image_id for each in photographs.images()] == [-1, 2, 5]


def test_coco_images_have_no_federated_lists(opened):
    with opened(document()) as photographs:
        assert photographs.image(1).neg_category_ids is None


def test_an_unknown_category_or_image_has_no_annotations(opened):
    with opened(document()) as photographs:
        assert photographs.of_category(99) == []
        assert photographs.of_image(99) == []
        assert photographs.of_image(2) == []


@pytest.mark.parametrize(
    ("bad", "reason"),
    [
        (annotation(2, image_id=99), "image_unknown"),
        (annotation(2, image_id=3), "image_unknown"),  # its image is refused
        (annotation(2, category_id=99), "category_unknown"),
        (annotation(1), "repeated_id"),
        (annotation(2, bbox=[50, 50, 2, 2]), "box_outside"),
        (annotation(2, bbox=[1, 1, -2, 2]), "box_size"),
        (annotation(2, iscrowd=7), "crowd_flag"),
        (annotation(2, bbox=[1, 1, 2]), "record_malformed"),
        (annotation(2, bbox=None), "record_malformed"),
        (annotation("2"), "record_malformed"),
        (annotation(2**70), "record_malformed"),
        (annotation(2, area="big"), "record_malformed"),
        ({"id": 2}, "record_malformed"),
        ([1, 2], "record_malformed"),
        (None, "record_malformed"),
    ],
)
def test_a_bad_annotation_is_refused_and_the_others_are_used(opened, bad, reason):
    images = [image(1), image(2), image(3, width=0)]
    with opened(document(images=images, annotations=[annotation(1), bad, annotation(5)])) as photographs:
        refused = [refusal for refusal in photographs.refused if not refusal.item.startswith("image")]
        assert [refusal.reason for refusal in refused] == [reason]
        assert ids(photographs.of_category(0)) == [1, 5]
        assert ids(photographs.of_image(1)) == [1, 5]
        assert photographs.concepts()[0].instance_count == 2


def test_a_number_beyond_all_floats_costs_only_its_record(opened):
    text = json.dumps(document(annotations=[annotation(1, area=4711), annotation(2)])).replace("4711", "1e999")
    with opened(text.encode()) as photographs:
        assert ids(photographs.of_image(1)) == [2]
        assert [refusal.item for refusal in photographs.refused] == ["annotations[0]"]


@pytest.mark.parametrize(
    "bad", [image(1), image(9, width=0), image(9, file_name="../../etc/passwd"), {"id": 9, "file_name": "a"}, 3]
)
def test_a_bad_image_is_refused_and_the_others_are_used(opened, bad):
    with opened(document(images=[image(1), bad, image(2)])) as photographs:
        assert [each.image_id for each in photographs.images()] == [1, 2]
        assert len(photographs.refused) == 1


def test_a_bad_category_is_refused_and_the_others_are_used(opened):
    categories = [{"id": 0, "name": "cup"}, {"id": 0, "name": "mug"}, {"id": 1}, {"id": 2, "name": 5}]
    with opened(document(categories=categories)) as photographs:
        assert [each.name for each in photographs.concepts()] == ["cup"]
        reasons = [refusal.reason for refusal in photographs.refused]
    assert reasons == ["record_malformed", "record_malformed", "repeated_id"]


@pytest.mark.parametrize(
    ("segmentation", "reason"),
    [
        ([], "segmentation_missing"),
        ([[0, 0, 1e9, 0, 1e9, 1e9]], "polygon_far"),
        ({"size": [6, 8], "counts": [4]}, "rle_length"),
        ({"size": [8, 6], "counts": [0, 48]}, "rle_size"),
    ],
)
def test_a_bad_segmentation_is_refused_when_it_is_asked_for(opened, segmentation, reason):
    with opened(document(annotations=[annotation(3, segmentation=segmentation)])) as photographs:
        (found,) = photographs.of_image(1)
        with pytest.raises(RefusedItem, match=reason) as caught:
            photographs.mask(found)
    assert caught.value.item == "annotation 3"


def test_an_annotation_without_a_segmentation_has_no_mask(opened):
    box_only = annotation(3)
    del box_only["segmentation"]
    with opened(document(annotations=[box_only])) as photographs, pytest.raises(RefusedItem, match="missing"):
        photographs.mask(photographs.of_image(1)[0])


def test_an_empty_file_of_the_right_shape_is_no_error(opened):
    with opened({"images": [], "annotations": [], "categories": []}) as photographs:
        assert (photographs.concepts(), list(photographs.images()), photographs.refused) == ([], [], [])


WHOLE = json.dumps(document()).encode()
UNREADABLE = [
    (b"", "empty", 0),
    (WHOLE[:150], "ends before", 150),
    (WHOLE + b" }", "trailing", len(WHOLE) + 2),  # seen once it has been read
    (WHOLE.replace(b"4.5", b"NaN"), "malformed", WHOLE.index(b"4.5")),
    (WHOLE.replace(b'"cup"', b'"\\ud83d"'), "surrogate", WHOLE.index(b"cup")),
    (b"[1, 2]", "array", None),
    (b"PK\x03\x04", "malformed", 0),
    (b'{"images": [], "annotations": []}', "categories", None),
    (b'{"images": [], "annotations": {}, "categories": []}', "`annotations` is no array", None),
    (b'{"images": null, "annotations": [], "categories": []}', "`images` is no array", None),
    (b'{"images": [], "categories": [], "annotations": ' + b"[" * 200_000, "recursion", None),
]


@pytest.mark.parametrize(("content", "fault", "byte"), UNREADABLE)
def test_a_file_that_is_no_such_json_is_one_error_that_says_where(opened, content, fault, byte):
    with pytest.raises(UnreadableAnnotations, match=re.escape(fault)) as caught, opened(content):
        pass
    assert caught.value.byte == byte
    assert str(caught.value.file).endswith("file.json")
    assert "would be accepted" in str(caught.value)


def test_a_file_that_is_not_there_is_named(tmp_path):
    source = CocoPhotographs(annotations=str(tmp_path / "no.json"), images=str(tmp_path))
    with pytest.raises(UnreadableAnnotations, match=r"no\.json"), source.open():
        pass


def test_an_image_folder_that_is_not_there_stops_first(tmp_path):
    source = CocoPhotographs(annotations="file.json", images=str(tmp_path / "no"))
    with pytest.raises(NotADirectoryError, match="no folder"), source.open():
        pass


@pytest.mark.parametrize("content", [b"", WHOLE[:200], WHOLE + b" "])
def test_a_file_that_changes_while_it_is_open_is_an_error(opened, tmp_path, content):
    with opened(document()) as photographs:
        (tmp_path / "file.json").write_bytes(content)
        with pytest.raises(UnreadableAnnotations, match="changed"):
            photographs.of_image(1)


def test_a_file_that_is_replaced_while_it_is_open_stays_what_it_was(opened, tmp_path):
    with opened(document()) as photographs:
        (tmp_path / "new.json").write_text("{}")
        (tmp_path / "new.json").replace(tmp_path / "file.json")
        assert ids(photographs.of_image(1)) == [1]


def write(path, width, height, orientation=None):
    exif = Image.Exif()
    if orientation:
        exif[0x112] = orientation
    pixels = np.zeros((height, width, 3), dtype=np.uint8)
    pixels[0, 0] = 255  # marks the stored corner
    Image.fromarray(pixels).save(path, exif=exif)


@pytest.mark.parametrize(
    ("stored", "orientation", "marked"),
    [((8, 6), None, (0, 0)), ((8, 6), 3, (0, 0)), ((8, 6), 6, (0, 0)), ((6, 8), 6, (0, 7)), ((6, 8), 8, (5, 0))],
)
def test_a_photograph_is_turned_only_where_its_annotations_say_so(opened, tmp_path, stored, orientation, marked):
    write(tmp_path / "1.png", *stored, orientation)
    with opened(document()) as photographs:
        pixels = photographs.pixels(1)
    assert pixels.shape == (6, 8, 3)
    assert [tuple(place) for place in np.argwhere(pixels[:, :, 0])] == [marked]


@pytest.mark.parametrize("stored", [(7, 6), (6, 8), (16, 12)])
def test_a_photograph_of_another_size_is_refused(opened, tmp_path, stored):
    write(tmp_path / "1.png", *stored)
    with opened(document()) as photographs, pytest.raises(RefusedItem, match="size_mismatch"):
        photographs.pixels(1)


@pytest.mark.parametrize(
    ("stored", "orientation", "refused"),
    [
        ((8, 6), 1, ""),
        ((8, 6), 0, ""),  # no orientation that there is
        ((6, 8), 6, "exif_orientation"),  # annotated upright: a reader that knows no EXIF sees it lying
        ((8, 6), 6, "exif_orientation"),  # annotated as stored: one that knows it sees it lying
        ((8, 6), 3, "exif_orientation"),
        ((7, 6), 1, "size_mismatch"),
    ],
)
def test_a_photograph_that_readers_of_its_file_may_see_otherwise_does_not_leave(
    opened, tmp_path, stored, orientation, refused
):
    write(tmp_path / "1.png", *stored, orientation)
    with opened(document()) as photographs:
        if not refused:
            photographs.refuse_unlike_stored(1)
            return
        with pytest.raises(RefusedItem, match=refused):
            photographs.refuse_unlike_stored(1)


def test_a_missing_photograph_is_refused_when_it_is_asked_for_and_counted_before(opened, tmp_path):
    write(tmp_path / "2.png", 8, 6)
    with opened(document()) as photographs:
        assert photographs.refused == []
        assert [photographs.has_file(1), photographs.has_file(2)] == [False, True]
        assert photographs.missing_files() == 1
        with pytest.raises(RefusedItem, match="picture_missing"):
            photographs.pixels(1)


def test_every_real_photograph_and_mask_can_be_read(shared_data):
    sample = shared_data / "coco_sample"
    source = CocoPhotographs(annotations=str(sample / "instances.json"), images=str(sample / "images"))
    with source.open() as photographs:
        found = [each for image in photographs.images() for each in photographs.of_image(image.image_id)]
        masks = [photographs.mask(each) for each in found]
        sizes = {image.image_id: photographs.pixels(image.image_id).shape[:2] for image in photographs.images()}
        concepts = photographs.concepts()
        of_categories = [len(photographs.of_category(concept.source_id)) for concept in concepts]
        assert photographs.refused == []
    assert (len(found), sum(each.iscrowd for each in found), len(sizes)) == (616, 7, 75)
    assert all(mask.shape == sizes[each.image_id] and mask.any() for mask, each in zip(masks, found, strict=True))
    assert sum(of_categories) == 609
    assert of_categories == [concept.instance_count for concept in concepts]


def test_an_image_of_which_an_annotation_was_refused_is_not_complete(tmp_path):
    def image(number):
        return {"id": number, "file_name": f"{number}.jpg", "width": 10, "height": 10}

    def box(number, image_id, **other):
        text = {"id": number, "image_id": image_id, "category_id": 1, "bbox": [1, 1, 4, 4], "area": 16, "iscrowd": 0}
        return {**text, "segmentation": [[1, 1, 5, 1, 5, 5]], **other}

    document = {
        "images": [image(1), image(2)],
        "annotations": [box(1, 1), box(2, 2), box(3, 2, category_id=9)],
        "categories": [{"id": 1, "name": "cup"}],
    }
    (tmp_path / "a.json").write_text(json.dumps(document))
    with CocoPhotographs(annotations=str(tmp_path / "a.json"), images=str(tmp_path)).open() as source:
        assert {one.image_id: one.complete for one in source.images()} == {1: True, 2: False}
