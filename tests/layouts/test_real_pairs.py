import json

import pytest

from genval_assets.keys import category_key
from genval_assets.layouts.real_pairs import RealPair, derived_pairs, read_relation_file

RARE_FIRST = {"yak": 0, "cat": 1, "person": 2}
LEFT, RIGHT = (0.0, 40.0, 20.0, 20.0), (160.0, 40.0, 20.0, 20.0)


def row(**given):
    plain = {"image_id": 7, "obj1": ["cat", [0.1, 0.1, 0.2, 0.2]], "obj2": ["dog", [0.6, 0.1, 0.2, 0.2]]}
    return plain | {"relation": "left"} | given


def read(*rows):
    return read_relation_file(json.dumps(rows).encode(), "pairs.json", category_key)


def test_both_orders_of_two_objects_are_pairs_with_boxes_as_shares():
    pairs = derived_pairs(200, 100, [("cat", LEFT), ("yak", RIGHT)], "a.jpg", 9, RARE_FIRST)
    left, right = (0.0, 0.4, 0.1, 0.2), (0.8, 0.4, 0.1, 0.2)
    assert pairs == [
        RealPair("yak", "right of", "cat", right, left, "a.jpg", "annotations"),
        RealPair("cat", "left of", "yak", left, right, "a.jpg", "annotations"),
    ]


def test_pairs_with_rare_classes_come_first_and_the_limit_cuts_the_rest():
    crowd = [("person", (30.0 * i, 0.0, 10.0, 20.0)) for i in range(6)]
    pairs = derived_pairs(200, 100, [*crowd, ("yak", RIGHT), ("cat", LEFT)], "a.jpg", 4, RARE_FIRST)
    assert [{pair.subject, pair.object} for pair in pairs] == [{"yak", "cat"}] * 2 + [{"yak", "person"}] * 2


def test_an_object_without_an_area_or_a_clear_relation_makes_no_pair():
    objects = [("cat", LEFT), ("cat", LEFT), ("yak", (160.0, 40.0, 0.0, 20.0)), ("yak", (160.0, 40.0, 1e-9, 1e-9))]
    assert derived_pairs(200, 100, objects, "a.jpg", 9, RARE_FIRST) == []


def test_a_relation_file_is_read_with_keys_and_one_name_per_relation():
    pairs, refused = read(row(prompt="a cat to the left of a dog"))
    assert refused == []
    assert pairs == [
        RealPair("cat", "left of", "dog", (0.1, 0.1, 0.2, 0.2), (0.6, 0.1, 0.2, 0.2), "7", "pairs.json"),
    ]


@pytest.mark.parametrize(
    ("given", "reason"),
    [
        ({"obj1": ["cat", [0, 0, 0, 0]]}, "degenerate_box"),
        ({"obj2": ["cat", [0.1, 0.1, 0.2, -0.1]]}, "degenerate_box"),
        ({"obj2": ["cat", [0.1, 0.1, 1e-200, 1e-200]]}, "degenerate_box"),
        ({"obj2": ["cat", [0.9, 0.1, 0.2, 0.1]]}, "outside_picture"),
        ({"obj1": ["cat", [12, 40, 200, 100]]}, "outside_picture"),
        ({"relation": " "}, "no_relation"),
        ({"obj1": ["?", [0.1, 0.1, 0.2, 0.2]]}, "meaningless_name"),
    ],
)
def test_a_row_that_cannot_be_used_is_named_and_the_others_are_read(given, reason):
    pairs, refused = read(row(), row(**given), row())
    assert len(pairs) == 2
    assert [(one.item, one.reason) for one in refused] == [("pairs.json, row 2", reason)]


@pytest.mark.parametrize(
    "text",
    [
        b"",
        b"{}",
        b'[{"image_id": 1}]',
        b"\xff",
        json.dumps([row(obj1=["cat", [0.1, 0.1, 0.2]])]).encode(),
        json.dumps([row(obj1=["cat", [0.1, 0.1, 0.2, "0.2"]])]).encode(),
        json.dumps([row(obj1=["cat", [0.1, 0.1, 0.2, float("nan")]])]).encode(),
        json.dumps([row(relation=None)]).encode(),
        json.dumps([row()]).replace("0.6", "1e999").encode(),
    ],
)
def test_a_file_of_another_form_is_refused_whole_with_what_would_be_accepted(text):
    with pytest.raises(ValueError, match=r"pairs\.json is no relation file.*accepted is a JSON list"):
        read_relation_file(text, "pairs.json", category_key)


def test_the_real_relation_file_gives_1002_pairs_and_19_degenerate_rows(shared_data):
    data = (shared_data / "relations" / "nsr1k_spatial_real_coco.json").read_bytes()
    pairs, refused = read_relation_file(data, "nsr1k", category_key)
    assert (len(pairs), len(refused)) == (1002, 19)
    assert {one.reason for one in refused} == {"degenerate_box"}
    assert {pair.relation for pair in pairs} == {"left of", "right of", "above", "below", "next to"}
