"""Promises of the count that a category's target is held against."""

import pytest

from genval_assets.instances.effective import effective_instances


@pytest.mark.parametrize(
    ("reference_ids", "counted"),
    [
        ([], 0),
        (["a"], 1),
        (["a", "a", "a", "a", "a"], 3),
        (["a", "b", "a", "a", "a", "b"], 5),
        ([None, None, None, None], 4),
        ([None, "a", "a", "a", "a", None], 5),
    ],
)
def test_at_most_three_per_source_object_count_and_every_one_without_a_source(reference_ids, counted):
    assert effective_instances(reference_ids) == counted


def test_the_cap_is_a_parameter():
    assert effective_instances(["a", "a", "a", None], per_source=1) == 2
