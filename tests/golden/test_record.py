"""Labels become rows: what is said again is no new row, a change of mind is, and the last one counts."""

from datetime import UTC, datetime

import pytest

from genval_assets.golden.labels import Label
from genval_assets.golden.record import LABELLER, Stamp, judgement_rows, label_rows, labels_in_force, said
from genval_assets.rows import GoldenLabel, Instance, Verdict

STAMP = Stamp("run", datetime(2026, 11, 1, tzinfo=UTC))
KEEP = Label("i1", keep=True)
REJECT = Label("i1", keep=False, reasons=("incomplete",), note="no handle")


@pytest.fixture
def rows_of(make_row):
    """Make the rows of labels of candidate i1, given what is stored."""
    instances = {"i1": make_row(Instance, instance_id="i1", category="mug-1", image="a.webp", frame_x=3)}

    def rows_of(label: Label, stored: list[GoldenLabel]) -> list[GoldenLabel]:
        return label_rows([label], stored, instances, {"mug-1": "mug (../x)"}, STAMP)

    return rows_of


def test_a_label_knows_what_was_shown(rows_of):
    (row,) = rows_of(REJECT, [])
    assert said(row) == REJECT
    assert (row.category, row.name, row.image, row.frame_x) == ("mug-1", "mug (../x)", "a.webp", 3)
    assert (row.labeller, row.run_id, row.created_at) == ("person", STAMP.run_id, STAMP.now)


def test_the_same_label_again_is_no_new_row_and_two_imports_at_once_make_the_same_one(rows_of):
    stored = rows_of(REJECT, [])
    assert rows_of(REJECT, stored) == []
    assert rows_of(REJECT, []) == stored


def test_who_changes_their_mind_and_back_has_the_last_word(rows_of):
    stored: list[GoldenLabel] = []
    for label in (KEEP, REJECT, KEEP):
        stored += rows_of(label, stored)
        assert said(labels_in_force(stored, LABELLER)["i1"]) == label
    assert len({row.golden_label_id for row in stored}) == 3


def test_a_simulated_label_is_no_persons(rows_of, make_row):
    simulated = make_row(GoldenLabel, instance_id="i1", labeller="simulated", keep=True)
    (row,) = rows_of(KEEP, [simulated])
    assert labels_in_force([row, simulated], LABELLER) == {"i1": row}


def judged(make_row, instance: str, stage: str, outcome: str, version: str, **given: object) -> Verdict:
    return make_row(
        Verdict, instance_id=instance, stage=stage, outcome=outcome, judge_version=version, source="offline", **given
    )


def test_what_the_gate_refused_belongs_to_the_version_that_judged_the_rest_of_the_run(make_row):
    verdicts = [
        judged(make_row, "i1", "vlm", "accepted", "v1", run_id="first", judge="model"),
        judged(make_row, "i2", "gate", "rejected", "1", run_id="first", reasons=["too_small"], judge="mask_gate"),
        judged(make_row, "i3", "vlm", "rejected", "v2", run_id="second"),
        judged(make_row, "i4", "gate", "rejected", "1", run_id="second"),
        judged(make_row, "i5", "gate", "rejected", "1", run_id="third"),
    ]
    labels = [make_row(GoldenLabel, instance_id=f"i{n}") for n in range(1, 7)]
    rows = judgement_rows(labels, verdicts, STAMP)
    assert [(row.instance_id, row.judge_version) for row in rows] == [
        ("i1", "v1"), ("i2", "v1"), ("i3", "v2"), ("i4", "v2"), ("i5", "1"),
    ]  # fmt: skip
    assert [row.golden_label_id for row in rows] == [label.golden_label_id for label in labels[:5]]
    assert (rows[1].stage, rows[1].outcome, rows[1].reasons, rows[1].judge) == (
        "gate", "rejected", ["too_small"], "mask_gate",
    )  # fmt: skip


def test_what_the_gate_accepts_alone_is_its_own_judgement(make_row):
    verdicts = [
        judged(make_row, "i1", "gate", "accepted", "1"),
        judged(make_row, "i2", "vlm", "accepted", "v1"),
    ]
    labels = [make_row(GoldenLabel, instance_id="i1")]
    assert [row.judge_version for row in judgement_rows(labels, verdicts, STAMP)] == ["1"]
