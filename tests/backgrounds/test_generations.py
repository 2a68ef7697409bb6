"""Promises of the generations of backgrounds."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from genval_assets.backgrounds.generations import NoBackgroundLeft, current, next_generation
from genval_assets.backgrounds.screening import KeptBackground

NOW = datetime(2026, 11, 1, tzinfo=UTC)
WALL = KeptBackground("yours", "wall.png", 256, 208, None, "0" * 16, "unscreened")
LAWN = KeptBackground("training", "lawn.jpg", 640, 480, 7, "f" * 16, "annotated")


def following(kept, previous):
    return next_generation(kept, previous, "run", NOW)


def test_the_first_list_is_generation_1_and_each_row_says_what_was_kept():
    rows = following([WALL, LAWN], [])
    assert [row.generation for row in rows] == [1, 1]
    assert [(r.kind, r.path, r.width, r.height, r.image_id, r.phash, r.screened, r.screen) for r in rows] == [
        tuple(vars(WALL).values()), tuple(vars(LAWN).values())
    ]  # fmt: skip


def test_the_same_pictures_in_any_order_are_no_new_generation():
    assert following([LAWN, WALL], following([WALL, LAWN], [])) == []


@pytest.mark.parametrize(
    "kept", [[WALL], [WALL, LAWN, replace(WALL, path="b.png")], [WALL, replace(LAWN, phash="1" * 16)],
             [WALL, replace(LAWN, image_id=8)], [replace(WALL, screened="detector", screen="mark"), LAWN]],
)  # fmt: skip
def test_any_difference_is_the_next_generation_written_whole_with_ids_of_its_own(kept):
    first = following([WALL, LAWN], [])
    second = following(kept, first)
    assert [row.path for row in second] == [one.path for one in kept]
    assert {row.generation for row in second} == {2}
    assert not {row.background_id for row in first} & {row.background_id for row in second}


def test_a_list_that_comes_back_is_a_generation_again():
    rows = following([WALL], [])
    rows += following([LAWN], rows)
    rows += following([WALL], rows)
    assert [(row.path, row.generation) for row in current(rows)] == [("wall.png", 3)]


def test_before_any_generation_none_is_in_force():
    assert current([]) == following([], []) == []


def test_an_emptied_list_is_refused():
    with pytest.raises(NoBackgroundLeft, match="of 1 before"):
        following([], following([WALL], []))
