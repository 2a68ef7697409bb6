import pytest

from genval_assets.layouts.boxes import iou, shared_area, shared_length

HERE = (0.0, 0.0, 10.0, 10.0)


@pytest.mark.parametrize(
    ("other", "along", "area", "overlap"),
    [
        ((5.0, 0.0, 10.0, 10.0), (5, 10), 50, 1 / 3),
        (HERE, (10, 10), 100, 1),
        ((2.0, 4.0, 5.0, 2.0), (5, 2), 10, 0.1),
        ((20.0, 25.0, 1.0, 1.0), (-10, -15), 0, 0),  # two gaps make no area
        ((10.0, 0.0, 10.0, 10.0), (0, 10), 0, 0),
    ],
)
def test_boxes_share_lengths_an_area_and_a_part_of_both_whichever_comes_first(other, along, area, overlap):
    for a, b in ((HERE, other), (other, HERE)):
        assert (shared_length(a, b, 0), shared_length(a, b, 1)) == along
        assert shared_area(a, b) == area
        assert iou(a, b) == pytest.approx(overlap)
