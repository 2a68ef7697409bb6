"""How far the judge agrees with labels: counted by hand, and watched from version to version."""

import pytest

from genval_assets.evaluation.confusion import OVERALL, judge_agreement, watch
from genval_assets.golden.splits import split_of
from genval_assets.rows import GoldenJudgement, GoldenLabel
from genval_assets.types import JudgeAgreement

MODEL, GATE = "model", "mask_gate"
CODES = {"w": "wrong_category", "m": "multiple_objects", "i": "incomplete"}


class Sheet:
    """Labels and judgements, written as (label, judgement): a letter for keep or a reason each."""

    def __init__(self, make_row) -> None:
        self.make_row, self.labels, self.judgements = make_row, [], []

    def add(self, pairs: str, version: str = "v1", labeller: str = "person", **judgement: object) -> "Sheet":
        """Add candidates such as `k/k k/w w/k wi/i w/e`: label / judgement, k(ept), e(rror) or reasons."""
        for pair in pairs.split():
            label, said = pair.split("/")
            name = f"i{len(self.labels)}"
            given = {"instance_id": name, "labeller": labeller}
            codes = [CODES[letter] for letter in label if letter in CODES]
            self.labels.append(self.make_row(GoldenLabel, **given, keep=label == "k", reasons=codes))
            self.judge(name, said, version, **judgement)
        return self

    def judge(self, instance: str, said: str, version: str = "v1", **given: object) -> "Sheet":
        outcome = {"k": "accepted", "e": "error"}.get(said, "rejected")
        codes = [CODES[letter] for letter in said if letter in CODES]
        row = {"stage": "vlm", "judge": MODEL} | given
        self.judgements.append(
            self.make_row(
                GoldenJudgement, instance_id=instance, outcome=outcome, reasons=codes, judge_version=version, **row
            )
        )
        return self

    def rows(self, *versions: str) -> list[JudgeAgreement]:
        return judge_agreement(self.labels, self.judgements, versions)

    def overall(self, *versions: str) -> list[JudgeAgreement]:
        return [row for row in self.rows(*versions) if row.criterion == OVERALL]


@pytest.fixture
def sheet(make_row) -> Sheet:
    return Sheet(make_row)


def test_overall_keeping_is_positive_and_errors_are_in_no_share(sheet):
    (row,) = sheet.add("k/k k/k k/k k/k w/k k/w k/w w/w i/m i/e k/e").overall("v1")
    assert (row.tp, row.fp, row.fn, row.tn, row.errors, row.labels) == (4, 1, 2, 2, 2, 9)
    assert (row.precision, row.recall) == (4 / 5, 4 / 6)
    assert row.f05 == pytest.approx(0.7692, abs=1e-4)  # 1.25 * .8 * .6667 / (.25 * .8 + .6667)
    # Wilson's interval of 4 of 5, as published tables have it
    assert (row.precision_low, row.precision_high) == (pytest.approx(0.3755, abs=1e-4), pytest.approx(0.9638, abs=1e-4))


def test_by_criterion_finding_the_fault_is_positive(sheet):
    rows = sheet.add("w/w wi/i k/w w/k i/i k/k m/w").rows("v1")
    counts = {row.criterion: (row.tp, row.fp, row.fn, row.tn) for row in rows}
    assert counts["wrong_category"] == (1, 2, 2, 2)
    assert counts["incomplete"] == (2, 0, 0, 5)
    assert counts["multiple_objects"] == (0, 0, 1, 6)
    assert counts["no_object"] == (0, 0, 0, 7)
    nothing = next(row for row in rows if row.criterion == "no_object")
    assert (nothing.precision, nothing.recall, nothing.f05, nothing.precision_low) == (None, None, None, None)


def test_criteria_count_only_what_was_looked_at_and_what_the_label_explains(sheet):
    sheet.add("k/k x/w w/w").add("w/- k/-", stage="gate", judge=GATE)
    by_criterion = {row.criterion: row for row in sheet.rows("v1")}
    assert by_criterion[OVERALL].labels == 5
    assert by_criterion["wrong_category"].labels == 2  # not the one without a reason, not those of the gate
    assert by_criterion["wrong_category"].fp == 0


def test_where_the_gate_decides_alone_it_has_an_overall_row_and_no_criteria(sheet):
    (row,) = sheet.add("k/k w/k", version="1", stage="gate", judge=GATE).rows("v1")
    assert (row.judge, row.judge_version, row.criterion, row.in_force) == (GATE, "1", OVERALL, False)


def test_versions_come_from_the_oldest_to_the_one_in_force_and_labellers_apart(sheet):
    sheet.add("k/k", "b").add("k/k", "a").add("k/k", "1", stage="gate", judge=GATE).add("k/w", "a", "simulated")
    rows = sheet.overall("b", "never judged anything", "a")
    assert [(row.labeller, row.judge_version, row.in_force, row.tp) for row in rows] == [
        ("person", "1", False, 1), ("person", "b", False, 1), ("person", "a", True, 1), ("simulated", "a", True, 0),
    ]  # fmt: skip


def test_two_models_with_the_same_words_are_two_judges_behind_one_gate(sheet):
    sheet.add("k/k").add("w/k", judge="another").add("w/-", stage="gate", judge=GATE)
    rows = {row.judge: (row.tp, row.fp, row.tn) for row in sheet.overall("v1")}
    assert rows == {MODEL: (1, 0, 1), "another": (0, 1, 1)}


def test_of_changed_labels_and_repeated_judgements_the_last_counts(sheet, make_row):
    sheet.add("k/e w/w")
    sheet.judge("i0", "k")
    sheet.labels.append(make_row(GoldenLabel, instance_id="i1", keep=True))
    (row,) = sheet.overall("v1")
    assert (row.tp, row.fn, row.tn, row.errors) == (1, 1, 0, 0)


def test_judgements_without_a_label_say_nothing(sheet):
    assert sheet.judge("unknown", "k").rows("v1") == []


def pairs(good: int, bad_kept: int, good_lost: int) -> str:
    return "k/k " * good + "w/k " * bad_kept + "k/w " * good_lost


def watched(sheet: Sheet, *versions: str):
    return watch(sheet.rows(*versions), 0.9, 0.8)


def test_a_precision_or_recall_under_the_settings_is_a_fault(sheet):
    assert watched(sheet.add(pairs(36, 4, 9)), "v1").faults == ()
    sheet.add("w/k")
    assert watched(sheet, "v1").faults == ("precision of model v1 against person labels is 0.88, under 0.90",)
    sheet.add("k/w")
    assert "recall of model v1 against person labels is 0.78, under 0.80" in watched(sheet, "v1").faults


def test_the_newest_version_is_the_one_that_counts(sheet):
    sheet.add(pairs(10, 30, 30), "old").add(pairs(40, 0, 0), "new")
    assert watched(sheet, "old", "new").faults == ()
    assert len(watched(sheet, "new", "old").faults) == 4  # both under the settings, and worse than before


def test_a_version_that_got_worse_is_a_fault_although_it_does_what_the_settings_ask_for(sheet):
    sheet.add(pairs(99, 0, 1), "old").add(pairs(94, 0, 16), "new")
    (fault,) = watched(sheet, "old", "new").faults
    assert fault == "recall of model new against person labels is 0.85, under what old had at least: 0.95"


@pytest.mark.parametrize(("old", "new"), [(29, 40), (40, 29)])
def test_with_fewer_than_30_labels_nothing_is_concluded(sheet, old, new):
    sheet.add(pairs(old, 0, 0), "old").add(pairs(new - 3, 0, 3), "new")
    found = watched(sheet, "old", "new")
    assert found.faults == ()
    assert bool(found.notes) == (new < 30)


def test_the_gate_alone_is_watched_only_where_there_is_no_judge(sheet):
    sheet.add(pairs(10, 30, 0), "1", stage="gate", judge=GATE)
    assert len(watched(sheet, "v1").faults) == 1
    assert watched(sheet.add(pairs(40, 0, 0)), "v1").faults == ()


def test_without_labels_the_note_says_how_to_make_some(sheet):
    assert "genval review" in watched(sheet).notes[0]


def test_a_version_that_was_refined_by_labels_is_measured_on_those_it_never_saw(sheet):
    sheet.add("k/k " * 40).rows("v1")
    unseen = sum(split_of(label.instance_id) == "final" for label in sheet.labels)
    (row,) = [r for r in judge_agreement(sheet.labels, sheet.judgements, ["v1"], {"v1"}) if r.criterion == OVERALL]
    assert 0 < row.labels == unseen < 40


def test_what_an_older_gate_refused_counts_once_when_the_model_has_judged_it_since(sheet):
    sheet.add("k/w k/k", stage="gate", judge=GATE)
    sheet.judge("i0", "k")
    (row,) = sheet.overall("v1")
    assert (row.tp, row.fn, row.labels) == (2, 0, 2)
