"""Promises of the list of backgrounds that are still to be painted."""

from dataclasses import replace

import pytest

from genval_assets.backgrounds.painted import by_id, owed, unpainted_item
from genval_assets.types import PaintRequest

WALL = PaintRequest(0, "a wall", "people", 11)
LAWN = PaintRequest(1, "a lawn", "people", 12)


def test_what_is_neither_painted_nor_given_up_is_owed_in_order():
    wanted = by_id([WALL, LAWN], "sdxl@1")
    wall, lawn = wanted
    assert owed(wanted, (), ()) == {wall: WALL, lawn: LAWN}
    assert owed(wanted, {wall}, ()) == {lawn: LAWN}
    assert owed(wanted, (), {unpainted_item(lawn), "a.jpg"}) == {wall: WALL}
    assert owed(wanted, {wall}, {unpainted_item(lawn)}) == {}


@pytest.mark.parametrize("change", [{"prompt": "a hedge"}, {"negative": ""}, {"seed": 13}])
def test_another_request_is_another_row(change):
    assert by_id([WALL], "sdxl@1").keys() != by_id([replace(WALL, **change)], "sdxl@1").keys()


def test_another_painter_paints_everything_anew_and_the_same_one_nothing():
    assert by_id([WALL], "sdxl@1").keys() != by_id([WALL], "sdxl@2").keys()
    assert by_id([WALL], "sdxl@1") == by_id([WALL], "sdxl@1")
