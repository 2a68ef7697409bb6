"""The views, on rows made by hand."""

import itertools
from datetime import UTC, datetime

import pytest

from genval_assets.compose.unplaced import unplaced_item
from genval_assets.rows import (
    Annotation,
    Background,
    Export,
    Instance,
    NotSelected,
    Prompt,
    Quarantined,
    Reference,
    Scene,
    Usage,
    Verdict,
)
from genval_assets.types import CategoryStat
from resources.published import query
from resources.schema import RefusedRow
from resources.tables import ParquetTables
from resources.warehouse import WAREHOUSE, DuckWarehouse


def test_reject_reasons_counts_every_reason_of_the_rejected_and_its_share_of_them(ask, make_row):
    numbers = itertools.count()

    def rejected(*reasons: str, **given: object) -> Verdict:
        return make_row(Verdict, instance_id=f"i{next(numbers)}", outcome="rejected", reasons=list(reasons), **given)

    found = ask(
        "select category, source, stage, reason, candidates, share from reject_reasons",
        [
            rejected("flat", "residue"),
            rejected("flat"),
            rejected("flat"),
            rejected("no_object", stage="vlm"),
            rejected("flat", source="offline"),
            make_row(Verdict, instance_id="good", outcome="accepted", cutout="x", area_px=1),
            make_row(Verdict, instance_id="undecided", outcome="error", reasons=["timeout"]),
        ],
    )
    assert found == [
        ("zebra", "cutout", "gate", "flat", 3, 0.75),
        ("zebra", "cutout", "vlm", "no_object", 1, 0.25),
        ("zebra", "cutout", "gate", "residue", 1, 0.25),
        ("zebra", "offline", "gate", "flat", 1, 1.0),
    ]


def test_every_view_takes_the_verdict_that_was_stored_last_also_after_merging_and_in_a_new_file(
    ask, make_row, tmp_path
):
    """A person has the last word here although the clock says otherwise."""
    accepted = {"outcome": "accepted", "cutout": "c", "area_px": 1}
    late, early = datetime(2026, 11, 2, tzinfo=UTC), datetime(2026, 11, 1, tzinfo=UTC)
    batches = [
        [make_row(Prompt, prompt_id="p")],
        [make_row(Instance, instance_id=name, prompt_id="p") for name in ("i1", "i2")],
        [make_row(Verdict, instance_id="i1", created_at=late, **accepted)],
        [make_row(Verdict, instance_id="i2", created_at=late, outcome="rejected", reasons=["flat"])],
        [
            make_row(
                Verdict, instance_id="i1", stage="person", created_at=early, outcome="rejected", reasons=["incomplete"]
            )
        ],
        [make_row(Verdict, instance_id="i2", stage="person", created_at=early, **accepted)],
        *([make_row(Verdict, instance_id=f"other{k}", **accepted)] for k in range(13)),
    ]
    question = "select instance_id, outcome, stage from verdicts_in_force where instance_id like 'i%' order by all"
    expected = [("i1", "rejected", "person"), ("i2", "accepted", "person")]
    for batch in batches:
        found = ask(question, batch)
    assert found == expected
    assert DuckWarehouse(home=str(tmp_path)).compact() > 0
    assert ask(question) == expected
    (tmp_path / WAREHOUSE).unlink()
    assert ask(question) == expected
    assert ask("select stage, reason, candidates from reject_reasons") == [("person", "incomplete", 1)]
    assert ask("select accepted, rejected from prompt_lineage") == [(1, 1)]
    assert ask("select count(*) from verdicts") == [(17,)]


def test_prompt_lineage_walks_back_to_the_first_prompt_with_what_each_brought(ask, make_row):
    found = ask(
        "select prompt_id, generation, ancestor_id, text, generated, accepted, rejected from prompt_lineage",
        [
            make_row(Prompt, prompt_id="p1", text="one"),
            make_row(Prompt, prompt_id="p2", text="two", parent_id="p1", origin="rethink"),
        ],
        [make_row(Instance, instance_id=f"i{k}", prompt_id=f"p{1 + k // 2}") for k in range(4)],
        [
            make_row(Verdict, instance_id="i0", outcome="rejected", reasons=["flat"]),
            make_row(Verdict, instance_id="i2", outcome="accepted", cutout="x", area_px=1),
        ],
    )
    assert found == [
        ("p1", 0, "p1", "one", 2, 0, 1),
        ("p2", 0, "p2", "two", 2, 1, 0),
        ("p2", 1, "p1", "one", 2, 0, 1),
    ]


def test_a_prompt_that_is_its_own_ancestor_ends_somewhere(ask, make_row):
    found = ask(
        "select count(*) from prompt_lineage",
        [make_row(Prompt, prompt_id="a", parent_id="b"), make_row(Prompt, prompt_id="b", parent_id="a")],
    )
    assert found == [(202,)]


def test_instance_lineage_leads_from_an_exported_annotation_to_the_photograph_and_the_verdict(ask, make_row):
    found = ask(
        """select exported_annotation_id, annotation_id, scene_image, background_path, source, seed, model, revision,
               outcome, photograph, photograph_annotation_id, source_annotation_id
           from instance_lineage order by exported_annotation_id""",
        [make_row(Reference, reference_id="r", photograph="zoo/1.jpg", annotation_id=77)],
        [make_row(Instance, instance_id="i", reference_id="r", seed=0, model="cutout", revision="3")],
        [make_row(Verdict, instance_id="i", outcome="accepted", cutout="c", area_px=1)],
        [make_row(Background, background_id="b", path="meadow.jpg")],
        [make_row(Scene, scene_id="s", background_id="b", image="s.jpg")],
        [
            make_row(Annotation, annotation_id="pasted", scene_id="s", instance_id="i", source_annotation_id=None),
            make_row(Annotation, annotation_id="real", scene_id="s", source_annotation_id=5),
            make_row(Annotation, annotation_id="not exported", scene_id="s", source_annotation_id=6),
        ],
        [
            make_row(Export, exported_annotation_id=1, annotation_id="pasted", source_annotation_id=None),
            make_row(Export, exported_annotation_id=2, annotation_id="real", source_annotation_id=5),
            make_row(Export, exported_annotation_id=3, annotation_id=None, source_annotation_id=9),
        ],
    )
    pasted = (1, "pasted", "s.jpg", "meadow.jpg", "cutout", 0, "cutout", "3", "accepted", "zoo/1.jpg", 77, None)
    nothing = (None,) * 7
    assert found == [
        pasted,
        (2, "real", "s.jpg", "meadow.jpg", *nothing, 5),
        (3, None, None, None, *nothing, 9),
        (None, "not exported", "s.jpg", "meadow.jpg", *nothing, 6),
    ]


def test_cost_by_stage_adds_up_the_stages_and_divides_by_what_was_accepted(ask, make_row):
    def usage(stage: str, items: int, seconds: float, load_seconds: float, **given: object) -> Usage:
        return make_row(
            Usage,
            **{"stage": stage, "items": items, "seconds": seconds, "load_seconds": load_seconds, "category": None}
            | given,
        )

    found = ask(
        """select stage, model, items, seconds, load_share, seconds_per_item, seconds_per_accepted, peak_memory_mb, runs
           from cost_by_stage""",
        [
            usage("raw", 10, 30.0, 3.0, model="m", peak_memory_mb=100.0),
            usage("raw", 10, 30.0, 3.0, model="m", category="zebra"),
            usage("gate", 40, 4.0, 0.0),
        ],
        [usage("raw", 20, 10.0, 1.0, model="m", peak_memory_mb=50.0, run_id="2")],
        [
            *(make_row(Verdict, instance_id=f"i{k}", outcome="accepted", cutout="c", area_px=1) for k in range(8)),
            make_row(Verdict, outcome="rejected", reasons=["flat"]),
        ],
    )
    assert found == [
        ("raw", "m", 30, 40.0, 0.1, pytest.approx(4 / 3), 5.0, 100.0, 2),
        ("gate", "", 40, 4.0, 0.0, 0.1, 0.5, None, 1),
    ]


def stat(category: str, target: int) -> CategoryStat:
    return CategoryStat(
        category=category, name=category, rare=True, real=0, target=target, generated=9, valid=9, rejected=0,
        errors=0, effective=9, distinct_sources=0, scenes=1, deficit=0, valid_rate=1.0, valid_rate_low=0.7,
        valid_rate_high=1.0, state="done", why="",
    )  # fmt: skip


def test_unused_instances_says_of_every_valid_instance_without_a_scene_why(tmp_path, make_row):
    tables, good = ParquetTables(home=str(tmp_path)), {"outcome": "accepted", "cutout": "c", "area_px": 1}
    own = ("composed", "idle", "outdated", "unplaced", "new")
    tables.append([make_row(Verdict, instance_id=name, **good) for name in own])
    tables.append([make_row(Verdict, instance_id="refused", outcome="rejected", reasons=["flat"])])
    tables.append([make_row(Verdict, instance_id="of dodo", category="dodo", **good)])
    tables.append([make_row(Scene, instance_id="composed")])
    left_out = [("composed", 9), ("idle", 5), ("idle", 9), ("outdated", 8), ("unplaced", 9), ("of dodo", 9)]
    tables.append([make_row(NotSelected, instance_id=name, target=target) for name, target in left_out])
    tables.append([make_row(Quarantined, stage="composite_scenes", item=unplaced_item("unplaced"))])
    DuckWarehouse(home=str(tmp_path)).publish([stat("zebra", 9)], [])
    found = query(tmp_path / WAREHOUSE, "select instance_id, why, target from unused_instances order by instance_id")
    assert found.rows == [
        ("idle", "not_selected", 9),
        ("new", "waiting", None),
        ("of dodo", "retired", 9),
        ("outdated", "waiting", 8),
        ("unplaced", "unplaced", 9),
    ]


@pytest.mark.parametrize("bad", [{"rank": 3, "of": 2}, {"rank": 2, "of": 3, "needed": 2}, {"s_txt": None}])
def test_what_is_not_selected_had_a_rank_beyond_what_is_needed_and_something_to_tell_it_by(tmp_path, make_row, bad):
    with pytest.raises(RefusedRow, match="not_selected"):
        ParquetTables(home=str(tmp_path)).append([make_row(NotSelected, **bad)])
