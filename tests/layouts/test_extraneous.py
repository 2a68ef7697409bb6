"""An object of the dataset's categories outside all boxes is seen; what a box asked for is not."""

import pytest

from genval_assets.layouts.extraneous import extraneous
from genval_assets.layouts.graph import Node, SceneGraph
from genval_assets.types import Found

GRAPH = SceneGraph((Node("n1", "mug", "mug"), Node("n2", "key-1", "Key")), (), "A mug and a key.")
BOXES = {"n1": (0.1, 0.2, 0.2, 0.4), "n2": (0.5, 0.2, 0.4, 0.4)}  # px: 20 20 40 40 and 100 20 80 40
KEYS = {"mug": "mug", "Key": "key-1", "cup": "cup"}


def seen(*found: tuple[str, float, float, float, float]) -> list[str]:
    finds = [Found(name, (x, y, w, h), 0.9) for name, x, y, w, h in found]
    return extraneous(finds, GRAPH, BOXES, (100, 200), KEYS)


@pytest.mark.parametrize(
    "find",
    [
        ("mug", 20, 20, 40, 40),
        ("mug", 40, 20, 40, 40),  # half of it inside
        ("cup", 40, 20, 40, 40),  # by another name
        ("mug", 0, 0, 200, 40),  # too large, but it covers half of its own box
        ("Key", 0, 0, 140, 60),
    ],
)
def test_what_a_box_asked_for_is_not_extraneous(find):
    assert seen(find) == []


@pytest.mark.parametrize(
    ("find", "key"),
    [
        (("mug", 41, 20, 40, 40), "mug"),  # more than half outside
        (("mug", 150, 70, 20, 20), "mug"),
        (("Key", 60, 0, 79, 60), "key-1"),  # covers a little less than half of its box
        (("cup", 0, 0, 200, 60), "cup"),  # covers a box, but another category's
        (("mug", 80, 0, 30, 60), "mug"),  # covers part of a box, but another category's
    ],
)
def test_what_stands_outside_is(find, key):
    assert seen(find) == [key]


def test_each_category_is_named_once_in_order():
    assert seen(("mug", 0, 80, 9, 9), ("cup", 0, 90, 9, 9), ("mug", 190, 90, 9, 9)) == ["cup", "mug"]
    assert seen() == []


def test_a_find_that_was_not_asked_for_is_an_error():
    with pytest.raises(KeyError, match="teapot"):
        seen(("teapot", 20, 20, 40, 40))
