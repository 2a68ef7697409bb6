"""What `genval init` says a category can reach."""

from datetime import UTC, datetime

from genval_assets.concepts.register import Wishes, categories
from genval_assets.rows import Category
from genval_assets.topup.reach import reach, summary
from genval_assets.topup.sources import Sources
from genval_assets.types import Concept

CUTTING = Sources({"cutout": "cuts 1"})


def rows(*instances: int, target: int = 10) -> tuple[Category, ...]:
    concepts = [Concept(f"c{n}", image_count=min(n, 9), instance_count=n) for n in instances]
    return categories(concepts, (), Wishes(target=target), "run", datetime(2026, 11, 20, tzinfo=UTC)).rows


def reached(*instances: int, sources: Sources = CUTTING) -> dict[str, tuple[int, bool]]:
    return {one.name: (one.reachable, one.enough) for one in reach(rows(*instances), sources)}


def test_cutouts_bring_at_most_three_more_per_real_object():
    assert reached(1, 2, 3) == {"c1": (4, False), "c2": (8, False), "c3": (12, True)}


def test_more_candidates_per_object_do_not_count_for_more():
    assert reached(2, sources=Sources({"cutout": "x"}, per_object={"cutout": 9})) == {"c2": (8, False)}
    assert reached(2, sources=Sources({"cutout": "x"}, per_object={"cutout": 1})) == {"c2": (4, False)}


def test_no_more_objects_are_cut_out_than_allowed():
    assert reached(9, sources=Sources({"cutout": "x"}, max_references=2)) == {"c9": (15, True)}


def test_a_generator_reaches_any_target():
    assert reached(0, 1, sources=Sources({"offline": "m"})) == {"c0": (10, True), "c1": (10, True)}


def test_what_has_its_target_is_not_listed():
    assert reached(9, 10, 11) == {"c9": (36, True)}


def test_the_summary_counts_and_names_what_cannot_grow():
    text = summary(reach(rows(0, 1, 5), CUTTING))
    assert text.startswith("3 categories are below their target; the chosen sources can bring 1 of them to it.")
    assert "1 can get nothing (c0)." in text
    assert "need a foreground model or more real images" in text
    assert summary([]) == "Every category has its target already."
    assert "others" not in summary(reach(rows(5), CUTTING))


def test_cut_outs_and_variations_of_one_object_are_three_together():
    both = Sources({"cutout": "c", "variation": "v"}, per_object={"cutout": 1, "variation": 2})
    assert reached(2, sources=both) == {"c2": (8, False)}
    assert reached(2, sources=Sources({"variation": "v"}, per_object={"variation": 2})) == {"c2": (6, False)}
    assert "cut-outs and variations" in reach(rows(2), both)[0].why
