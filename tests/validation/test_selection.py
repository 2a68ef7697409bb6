"""The proportional filter: the best by rank are used, the target is never undercut, nothing becomes invalid."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from genval_assets.validation.selection import Likeness, Selection, likeness, select, select_by

TEN = {f"i{k}": k / 10 for k in range(10)}


def test_the_best_seventy_percent_are_used_and_the_rest_is_named():
    assert select(TEN, None, needed=0) == Selection(("i9", "i8", "i7", "i6", "i5", "i4", "i3"), ("i2", "i1", "i0"))


def test_below_the_target_the_filter_is_off_and_it_never_undercuts_it():
    assert select(TEN, None, needed=11).not_selected == ()
    assert select(TEN, None, needed=10).not_selected == ()
    assert len(select(TEN, None, needed=9).selected) == 9
    assert len(select(TEN, None, needed=5).selected) == 7


def test_quality_is_the_mean_of_ranks_so_the_scale_of_a_similarity_does_not_matter():
    text = {"a": 0.30, "b": 0.29, "c": 0.28, "d": 0.01}
    image = {"a": 1.0, "b": 3.0, "c": 900.0, "d": 2.0}  # ranks: a 4+1, b 3+3, c 2+4, d 1+2
    assert select(text, image, needed=0, keep_share=0.5) == Selection(("b", "c"), ("a", "d"))


def test_without_real_crops_the_text_decides_alone():
    assert select(TEN, {"i0": 1.0}, needed=0) == select(TEN, None, needed=0)
    assert select(TEN, {}, needed=0) == select(TEN, None, needed=0)


def test_equal_scores_share_a_rank_and_ties_go_by_id():
    same = dict.fromkeys("dcba", 0.5)
    assert select(same, {"a": 1.0, "b": 2.0, "c": 2.0, "d": 3.0}, needed=0, keep_share=0.5).selected == ("d", "b")


def test_the_share_is_not_moved_by_floating_point():
    hundred = {f"{k:03}": k / 100 for k in range(100)}
    assert len(select(hundred, None, needed=0, keep_share=0.55).selected) == 55


def test_no_picture_selects_nothing_and_a_similarity_that_is_no_number_is_refused():
    assert select({}, None, needed=5) == Selection(())
    with pytest.raises(ValueError, match="finite numbers; got nan"):
        select({"a": 0.1, "b": float("nan")}, None, needed=0)


@given(
    st.dictionaries(st.text(max_size=4), st.floats(-1, 1), max_size=20),
    st.integers(0, 25),
    st.floats(0.05, 1),
)
def test_every_picture_is_in_one_list_and_the_order_of_arrival_does_not_matter(scores, needed, share):
    found = select(scores, None, needed, share)
    assert sorted(found.selected + found.not_selected) == sorted(scores)
    assert len(found.selected) >= min(needed, len(scores))
    assert select(dict(reversed(scores.items())), None, needed, share) == found
    if found.not_selected:
        assert min(scores[i] for i in found.selected) >= np.max([scores[i] for i in found.not_selected])


def test_likeness_is_the_cosine_with_the_name_and_the_mean_cosine_with_the_real_crops():
    pictures = np.array([[1, 0], [0.6, 0.8]], np.float32)
    crops = np.array([[1, 0], [0, 1]], np.float32)
    found = likeness(["a", "b"], pictures, np.array([0, 1], np.float32), crops)
    assert found.s_txt == pytest.approx({"a": 0.0, "b": 0.8})
    assert found.s_img == pytest.approx({"a": 0.5, "b": 0.7})


def test_a_name_of_which_nothing_is_known_and_crops_that_are_not_there_say_nothing():
    nothing = likeness(["a"], np.ones((1, 1), np.float32), np.zeros(1, np.float32), np.zeros((0, 0), np.float32))
    assert nothing == Likeness(None, None)


def test_the_real_crops_decide_where_the_name_says_nothing_and_all_are_used_where_they_do_not_either():
    assert select_by(list(TEN), Likeness(None, TEN), 0, 0.7) == select(TEN, None, 0, 0.7)
    assert select_by(list(TEN), Likeness(TEN, None), 0, 0.7) == select(TEN, None, 0, 0.7)
    assert select_by(list(TEN), Likeness(None, None), 0, 0.7) == Selection(tuple(sorted(TEN)))
