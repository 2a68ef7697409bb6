"""Which pictures still lack a caption or its negatives: the planner asks for them until none is left."""

import pytest

from genval_assets.negatives.owed import owed_pictures


def test_a_picture_is_owed_until_it_is_finished():
    wanted = {"mug": ["i1", "i2", "s1"], "key": ["i3"]}
    assert owed_pictures(wanted, set()) == {"mug": 3, "key": 1}
    assert owed_pictures(wanted, {"i2", "i3"}) == {"mug": 2}


def test_a_category_with_all_of_its_pictures_is_not_named():
    assert owed_pictures({"mug": ["i1"], "key": []}, {"i1"}) == {}


@pytest.mark.parametrize("finished", [{"old", "older"}, {"i9"}])
def test_what_was_finished_beyond_the_wanted_pictures_stands_for_none_of_them(finished):
    assert owed_pictures({"mug": ["i1", "i2"]}, finished) == {"mug": 2}


def test_a_picture_that_is_named_twice_is_owed_once():
    assert owed_pictures({"mug": ["i1", "i1"]}, set()) == {"mug": 1}
