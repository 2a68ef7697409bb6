import numpy as np
import pytest

from genval_assets.annotated.columns import FAULTS, ColumnBuilder, faults, refusal, rows_of
from genval_assets.annotated.records import AnnotationRecord

GOOD = (1.0, 1.0, 2.0, 2.0)
IMAGES = np.array([[8, 6], [100, 50]])  # width, height


def columns(*records):
    builder = ColumnBuilder()
    builder.add(records)
    return builder.columns()


def record(annotation_id=1, image_id=10, category_id=20, bbox=GOOD, iscrowd=0):
    return AnnotationRecord(annotation_id, image_id, category_id, bbox, 4.0, iscrowd)


def reasons(*records):
    table = columns(*records)
    found = faults(table, rows_of([10, 11], table.image_id), rows_of([20, 0], table.category_id), IMAGES)
    return [FAULTS[fault] for fault in found]


def test_ids_may_be_zero_negative_and_have_gaps():
    assert rows_of([7, 0, -5, 2**40], np.array([-5, 1, 2**40, 0, 7, 2**62])).tolist() == [2, -1, 3, 1, 0, -1]
    assert rows_of([], np.array([1, 2])).tolist() == [-1, -1]


@pytest.mark.parametrize(
    ("bad", "reason"),
    [
        (record(2, image_id=12), "image_unknown"),
        (record(2, category_id=21), "category_unknown"),
        (record(2, iscrowd=2), "crowd_flag"),
        (record(2, bbox=(1.0, 1.0, -2.0, 2.0)), "box_size"),
        (record(2, bbox=(1.0, 1.0, 2.0, float("nan"))), "box_size"),
        (record(2, bbox=(float("-inf"), 1.0, float("inf"), 1.0)), "box_size"),
        (record(2, bbox=(8.0, 1.0, 2.0, 2.0)), "box_outside"),
        (record(2, bbox=(1.0, 6.0, 2.0, 2.0)), "box_outside"),
        (record(2, bbox=(-5.0, 1.0, 4.0, 2.0)), "box_outside"),
        (record(2, bbox=(1e308, 1e308, 1e308, 1e308)), "box_outside"),
        (record(1), "repeated_id"),
    ],
)
def test_a_fault_is_named_and_the_neighbours_stay(bad, reason):
    assert reasons(record(1), bad, record(3)) == ["", reason, ""]


@pytest.mark.parametrize(
    "odd",
    [
        record(bbox=(6.0, 4.0, 9.0, 9.0)),  # overhangs
        record(bbox=(-1.0, -1.0, 99.0, 99.0)),
        record(bbox=(0.0, 0.0, 0.0, 0.0)),
        record(image_id=11, bbox=(90.0, 40.0, 5.0, 5.0)),  # within its own image, not within the other
        record(category_id=0),
        record(iscrowd=True),
    ],
)
def test_what_real_files_hold_is_accepted(odd):
    assert reasons(odd) == [""]


def test_of_three_with_one_id_the_first_is_used():
    assert reasons(record(5), record(4), record(5), record(5), record(4)) == ["", "", *["repeated_id"] * 3]


def test_without_images_every_annotation_is_refused():
    table = columns(record())
    found = faults(table, rows_of([], table.image_id), rows_of([20], table.category_id), np.empty((0, 2), dtype=int))
    assert [FAULTS[fault] for fault in found] == ["image_unknown"]


def test_a_refusal_says_what_was_seen():
    refused = refusal(columns(record(7, iscrowd=3)), 0, FAULTS.index("crowd_flag"))
    assert str(refused) == "annotation 7: crowd_flag: iscrowd is 3; 0 or 1 would be accepted"
