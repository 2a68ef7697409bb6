"""Checks name the categories that stand out for the worse."""

from genval_assets.rows import Annotation, Verdict
from genval_assets.topup.worst import LowYield, empty_masks, least_yield, used_too_often


def verdicts(make_row, category: str, accepted: int, **rejected: int) -> list[Verdict]:
    """Return verdicts of one category: so many accepted, so many rejected for each reason."""
    return [make_row(Verdict, category=category, outcome="accepted") for _ in range(accepted)] + [
        make_row(Verdict, category=category, outcome="rejected", reasons=[reason])
        for reason, n in rejected.items()
        for _ in range(n)
    ]


def test_the_lowest_yields_come_first_with_their_commonest_reason(make_row):
    rows = verdicts(make_row, "ant", 1, several_parts=2, too_flat=1) + verdicts(make_row, "bee", 0, too_flat=1)
    rows += verdicts(make_row, "cat", 5)
    assert least_yield(rows, 2) == [LowYield("bee", 0.0, 1, "too_flat"), LowYield("ant", 0.25, 4, "several_parts")]


def test_equal_yields_and_reasons_come_by_name(make_row):
    rows = verdicts(make_row, "bee", 1, too_flat=1, cut_by_frame=1) + verdicts(make_row, "ant", 1, too_flat=2)
    assert [(one.category, one.reason) for one in least_yield(rows, 9)] == [
        ("ant", "too_flat"),
        ("bee", "cut_by_frame"),
    ]


def test_errors_count_in_no_yield(make_row):
    rows = [*verdicts(make_row, "ant", 1), make_row(Verdict, category="ant", outcome="error", reasons=["not_drawn"])]
    rows.append(make_row(Verdict, category="bee", outcome="error"))
    assert least_yield(rows, 9) == [LowYield("ant", 1.0, 1, "none")]


def test_masks_that_cover_nothing_or_more_than_their_box_are_counted(make_row):
    sizes = [(0, 4), (16, 4), (17, 4), (1, 4), (17, 4)]
    rows = [make_row(Annotation, category="ant", area_px=area, w=float(side), h=4.0) for area, side in sizes]
    rows.append(make_row(Annotation, category="bee", area_px=1, w=1.0, h=1.0))
    assert empty_masks(rows) == {"ant": 3}


def test_cut_outs_that_are_pasted_too_often_are_counted(make_row):
    uses = {("ant", "i1"): 4, ("ant", "i2"): 5, ("ant", "i3"): 6, ("bee", "i4"): 1}
    rows = [
        make_row(Annotation, category=category, instance_id=instance, source_annotation_id=None)
        for (category, instance), n in uses.items()
        for _ in range(n)
    ]
    rows += [make_row(Annotation, category="cat", instance_id=None) for _ in range(9)]  # real ones
    assert used_too_often(rows, 4) == {"ant": 2}
    assert used_too_often(rows, 6) == {}
