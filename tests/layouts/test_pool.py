import numpy as np
import pytest

from genval_assets.layouts.pool import Pool

A, B = (0.1, 0.1, 0.2, 0.2), (0.6, 0.1, 0.2, 0.3)


def pool_of(*named, subject_box=A, object_box=B):
    """Make a pool of pairs with one and the same boxes, save that the subject's left edge counts them."""
    subjects, relations, objects = (tuple(name[i] for name in named) for i in range(3))
    boxes = np.tile(subject_box, (len(named), 1))
    boxes[:, 0] = np.arange(len(named)) / 100
    return Pool.of(subjects, relations, objects, boxes, np.tile(object_box, (len(named), 1)))


def levels(pool, *names):
    return [(one.level, one.count) for one in pool.evidence(names)]


MUG, POT = ("mug", "left of", "pot"), ("pot", "left of", "mug")


def test_three_pairs_of_the_same_two_categories_are_enough():
    assert levels(pool_of(MUG, MUG, MUG, POT), MUG) == [("pair", 3)]


def test_fewer_fall_back_to_the_relation():
    assert levels(pool_of(MUG, MUG, POT), MUG, POT, ("cup", "left of", "saucer")) == [("relation", 3)] * 3


def test_fewer_of_the_relation_fall_back_to_its_spatial_class():
    pool = pool_of(("a", "above", "b"), ("a", "above", "b"), ("a", "on", "b"), MUG, MUG, MUG)
    assert levels(pool, ("a", "on", "b"), ("a", "above", "b"), ("c", "atop", "d")) == [("class", 3)] * 3


def test_a_relation_that_the_pool_has_not_uses_its_class():
    assert levels(pool_of(*[("a", "above", "b")] * 3), ("a", "on", "b")) == [("class", 3)]


@pytest.mark.parametrize("relation", ["below", "holding"])
def test_without_three_of_the_class_or_without_a_class_there_is_no_evidence(relation):
    pool = pool_of(MUG, MUG, MUG, ("a", "below", "b"), ("a", "below", "b"), ("a", "holding", "b"))
    assert levels(pool, ("a", relation, "b")) == [("none", 0)]


def test_relations_without_a_class_are_not_one_another_s_evidence():
    pool = pool_of(*[("a", "holding", "b")] * 3, *[("a", "facing", "b")] * 3)
    assert levels(pool, ("a", "holding", "b"), ("a", "feeding", "b")) == [("pair", 3), ("none", 0)]


def test_other_words_for_a_relation_find_the_same_pairs():
    pool = pool_of(("mug", "to the left of", "pot"), ("mug", "left", "pot"), MUG)
    assert levels(pool, ("mug", "on the left of", "pot")) == [("pair", 3)]


def test_examples_are_the_boxes_of_the_finest_level():
    examples = pool_of(POT, MUG, POT, MUG, MUG).examples(*MUG)
    assert examples[:, 0].tolist() == [0.01, 0.03, 0.04]
    assert examples[0, 1:].tolist() == [0.1, 0.2, 0.2, 0.6, 0.1, 0.2, 0.3]


def test_examples_can_be_changed_without_changing_the_pool():
    pool = pool_of(MUG, MUG, MUG)
    pool.examples(*MUG)[:] = 9.0
    assert pool.examples(*MUG).max() == 0.6


def test_an_empty_pool_has_no_evidence_and_no_examples():
    pool = pool_of()
    assert len(pool) == 0
    assert levels(pool, MUG) == [("none", 0)]
    assert pool.examples(*MUG).shape == (0, 8)


def test_nothing_asked_is_nothing_found():
    assert pool_of(MUG).evidence([]) == []


@pytest.mark.parametrize(
    "box", [(0.1, 0.1, 0.0, 0.2), (0.1, 0.1, 0.2, -0.2), (np.nan, 0.1, 0.2, 0.2), (0.1, 0.1, 1e-200, 1e-200)]
)
def test_a_box_without_an_area_is_refused_with_its_row(box):
    boxes = np.array([A, box])
    with pytest.raises(ValueError, match="row 1 is"):
        Pool.of(["a", "a"], ["on", "on"], ["b", "b"], np.array([A, A]), boxes)


@pytest.mark.parametrize(("names", "boxes"), [(2, 1), (1, 2)])
def test_columns_of_different_lengths_are_refused(names, boxes):
    with pytest.raises(ValueError, match="columns of one length"):
        Pool.of(["a"] * names, ["on"], ["b"], np.tile(A, (boxes, 1)), np.array([B]))
