"""Promises of what tells one search of a picture from another, and of how finds are told."""

import numpy as np
import pytest

from genval_assets.backgrounds.search import Terms, known_searches, shows_category, told
from genval_assets.rows import Background, Quarantined
from genval_assets.types import Found

WALL = np.zeros((4, 6, 3), np.uint8)
TERMS = Terms("owl@3 min_score=0.3", ("ant", "bee"))


def test_the_same_search_has_the_same_mark_in_whatever_order_the_names_come():
    assert TERMS.mark(WALL) == Terms("owl@3 min_score=0.3", ("bee", "ant")).mark(WALL.copy())
    assert TERMS.mark(WALL).startswith("owl@3 min_score=0.3 names=")


@pytest.mark.parametrize(
    "other",
    [Terms("owl@4 min_score=0.3", ("ant", "bee")), Terms("owl@3 min_score=0.2", ("ant", "bee")),
     Terms("owl@3 min_score=0.3", ("ant",)), Terms("owl@3 min_score=0.3", ("ant", "bee", "cow")),
     Terms("owl@3 min_score=0.3", ("ant bee",))],
)  # fmt: skip
def test_another_detector_or_other_names_are_another_search(other):
    assert other.mark(WALL) != TERMS.mark(WALL)


def test_one_changed_pixel_or_another_shape_is_another_picture():
    touched = WALL.copy()
    touched[3, 5, 2] = 1
    assert len({TERMS.mark(rgb) for rgb in (WALL, touched, WALL.reshape(6, 4, 3))}) == 3


def test_a_picture_that_is_a_view_has_the_mark_of_its_pixels():
    wide = np.arange(4 * 12 * 3, dtype=np.uint8).reshape(4, 12, 3)
    assert TERMS.mark(wide[:, ::2]) == TERMS.mark(wide[:, ::2].copy())


def test_rows_tell_what_was_searched_and_what_was_found(make_row):
    refusal = shows_category("zoo.jpg", "mark 2", "zebra, there")
    rows = [
        make_row(Quarantined, reason="shows_category", item="zoo.jpg", detail=refusal.detail, raw=refusal.raw),
        make_row(Quarantined, reason="too_small", item="tiny.jpg", detail="3 px", raw=""),
    ]
    kept = [make_row(Background, screened="detector", screen="mark 1"), make_row(Background)]
    assert known_searches(kept, rows) == {"mark 1": "", "mark 2": "zebra, there"}


def test_finds_are_told_with_name_place_and_score_the_surest_first():
    finds = [Found("cow", (0, 1, 2, 3), 0.5), Found("zebra", (10.4, 20.0, 30.6, 40.0), 0.834)]
    assert told(finds) == "zebra, 31 x 40 px at (10, 20), score 0.83; cow, 2 x 3 px at (0, 1), score 0.50"
    assert told([]) == ""


def test_of_many_finds_five_are_told_and_the_rest_counted():
    text = told([Found("ant", (n, 0, 1, 1), 0.9) for n in range(7)])
    assert text.count("ant") == 5
    assert text.endswith("; 2 more")
