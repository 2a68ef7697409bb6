"""What stands together in a picture is what stands together in the user's own images, or lists."""

from collections import Counter

import pytest

from genval_assets.layouts.objects import ObjectList, Thing, object_lists, things
from genval_assets.rows import Category

IMAGES = [(1, ("mug", "teapot", "mug")), (2, ("mug",)), (3, ("chair", "mug", "lamp"))]
ALL = ("mug", "teapot", "chair", "lamp")


def lists(indices, images=IMAGES, own=(), most=6, drawable=ALL, category="mug") -> list[ObjectList]:
    return object_lists(category, indices, images, own, most, drawable)


def test_the_objects_are_those_of_a_training_image_with_their_repetitions():
    found = lists(range(3))
    assert {o.image_id: o.keys for o in found} == dict(IMAGES)
    assert {o.source for o in found} == {"training image"}


def test_every_image_has_its_turn_before_one_comes_again():
    found = lists(range(7))
    assert Counter(o.image_id for o in found[:6]) == {1: 2, 2: 2, 3: 2}
    assert found[6] == found[0]


def test_an_index_keeps_its_objects_whatever_else_is_asked_for_and_in_whichever_order_images_come():
    assert lists([5, 2]) == [lists(range(6))[5], lists(range(6))[2]]
    assert lists(range(6), images=IMAGES[::-1]) == lists(range(6))


def test_categories_do_not_all_begin_with_the_same_image():
    images = [(i, ("mug", "lamp")) for i in range(50)]
    assert lists([0], images)[0].image_id != lists([0], images, category="lamp")[0].image_id


def test_the_users_lists_come_first_and_only_those_that_hold_the_category():
    own = [("mug", "teapot"), ("chair", "lamp"), ("lamp", "mug", "mug")]
    assert [o.keys for o in lists(range(3), own=own)] == [("mug", "teapot"), ("lamp", "mug", "mug"), ("mug", "teapot")]
    assert lists([0], own=own)[0] == ObjectList(("mug", "teapot"), "list")


@pytest.mark.parametrize(("images", "own"), [([], ()), ([], [("chair",)]), (IMAGES, [("chair",)])])
def test_a_category_that_is_nowhere_stands_alone(images, own):
    assert lists([0, 1], images, own) == [ObjectList(("mug",), "alone")] * 2


def test_what_cannot_be_drawn_is_left_out_and_the_category_is_not():
    assert lists([0], [(1, ("ufo", "mug", "ufo", "lamp"))], drawable=["lamp"])[0].keys == ("mug", "lamp")


@pytest.mark.parametrize("most", [1, 2, 5])
def test_of_too_many_objects_the_category_stays_and_the_others_are_chosen_by_seed(most):
    crowded = [(1, ("a", "b", "c", "d", "mug", "e", "f", "g"))]
    found = lists(range(30), crowded, most=most, drawable="abcdefg")
    assert all(len(o.keys) == most and "mug" in o.keys for o in found)
    assert all(list(o.keys) == sorted(o.keys, key=crowded[0][1].index) for o in found)
    assert len({o.keys for o in found}) > 4 or most == 1


def test_a_model_is_told_ids_in_order_and_names_as_a_sentence_holds_them(make_row):
    categories = {
        "bow-1": make_row(Category, category="bow-1", name="Bow_(weapon)", definition="for arrows"),
        "mug": make_row(Category, category="mug", name="mug", definition=None),
    }
    assert things(("mug", "bow-1", "mug"), categories) == (
        Thing("n1", "mug", "mug"),
        Thing("n2", "bow-1", "bow", "for arrows"),
        Thing("n3", "mug", "mug"),
    )
