"""How many negatives of which difficulty a caption gets, and how many it can have at all."""

import pytest

from genval_assets.negatives.quota import Quota, possible


@pytest.mark.parametrize(("attributes", "numbers"), [(1, (10, 0, 0)), (2, (7, 3, 0)), (3, (4, 3, 3)), (5, (4, 3, 3))])
def test_captions_of_few_attributes_get_more_hard_ones(attributes, numbers):
    assert tuple(Quota().of(attributes).values()) == numbers
    assert tuple(Quota().of(attributes)) == ("hard", "medium", "easy")


def test_a_project_may_want_other_numbers():
    assert Quota(0, 2, 1).of(2) == {"hard": 1, "medium": 2, "easy": 0}


def test_a_caption_without_attributes_has_no_negatives():
    with pytest.raises(ValueError, match="without attributes"):
        Quota().of(0)


@pytest.mark.parametrize(
    ("alternatives", "numbers"),
    [
        ([], (0, 0, 0)),
        ([1], (1, 0, 0)),
        ([10, 8], (18, 80, 0)),
        ([10, 8, 1], (19, 98, 80)),
        ([2, 2, 2, 2], (8, 24, 32)),
    ],
)
def test_how_many_negatives_there_can_be_follows_from_the_words(alternatives, numbers):
    assert tuple(possible(alternatives).values()) == numbers
