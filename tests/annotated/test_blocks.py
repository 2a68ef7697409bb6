import json

import msgspec
import pytest

from genval_assets.annotated.blocks import read_blocks, split


class Thing(msgspec.Struct):
    id: int


def blocks(things, size=1, indent=None):
    text = things if isinstance(things, bytes) else json.dumps(things, indent=indent).encode()
    return list(read_blocks(memoryview(text), Thing, size))


def ids(things, **kwargs):
    return [record.id for block in blocks(things, **kwargs) for record in block.records]


TRICKY = [
    {"id": 1, "text": "}, {"},
    {"id": 2, "parts": [{"id": 20}, {"id": 21}, {"id": 22}]},
    {"id": 3, "text": '\\"},{"id": 30}]'},
    {"parts": [[{"id": 40}, {"id": 41}]], "id": 4},
    {"id": 5},
]


@pytest.mark.parametrize("size", [1, 7, 20, 50, 10_000])
@pytest.mark.parametrize("indent", [None, 2])
def test_no_cut_falls_within_an_element(size, indent):
    assert ids(TRICKY, size=size, indent=indent) == [1, 2, 3, 4, 5]


@pytest.mark.parametrize("text", [b"[]", b"[ \n ]"])
def test_an_empty_array_has_no_records(text):
    assert ids(text) == []


def test_blocks_end_soon_after_their_size():
    things = [{"id": n, "text": "x" * 80} for n in range(500)]
    found = blocks(things, size=1000)
    assert len(found) > 30
    assert max(block.stop - block.start for block in found) < 1200


def test_a_long_element_makes_no_later_block_long():
    parts = [{"id": n} for n in range(500)]
    _, *later = blocks([{"id": 0, "parts": parts}, *({"id": n} for n in range(1, 5000))], size=20)
    assert len(later) > 1000
    assert max(block.stop - block.start for block in later) < 50


def test_the_text_of_a_block_can_be_read_again():
    text = json.dumps(TRICKY, indent=1).encode()
    again = [
        msgspec.json.decode(element, type=Thing).id
        for block in read_blocks(memoryview(text), Thing, 30)
        for element in split(text[block.start : block.stop])
    ]
    assert again == [1, 2, 3, 4, 5]


def test_a_malformed_element_costs_only_itself():
    (block,) = blocks([{"id": 1}, {"id": "2"}, 3, {"id": 4}], size=1000)
    assert [record.id for record in block.records] == [1, 4]
    assert list(block.places) == [0, 3]
    assert [(bad.place, bad.text) for bad in block.malformed] == [(1, '{"id": "2"}'), (2, "3")]
    assert block.count == 4


def test_malformed_elements_move_no_cut():
    things = [{"id": "bad", "parts": [{"id": 20}, {"id": 21}]}, {"id": 1}, {"id": None}, {"id": 2}]
    assert ids(things, size=1) == [1, 2]
