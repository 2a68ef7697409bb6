"""Where a person and the verdict differ, the person's word is a verdict of its own; masks are never invented."""

from datetime import UTC, datetime

import pytest

from genval_assets.golden.overrule import overrule
from genval_assets.golden.record import Stamp
from genval_assets.instances.in_force import by_machine, in_force
from genval_assets.rows import GoldenLabel, Verdict

STAMP = Stamp("run", datetime(2026, 11, 1, tzinfo=UTC))
CUTOUT = {"cutout": "c.webp", "area_px": 90, "mask_threshold": 127, "width": 10, "height": 9}


def verdict(make_row, outcome: str, stage: str = "vlm", **given: object) -> Verdict:
    reasons = ["wrong_category"] if outcome == "rejected" else []
    return make_row(
        Verdict, instance_id="i", outcome=outcome, stage=stage, judge="model", reasons=reasons,
        **{"cutout": None} | given,
    )  # fmt: skip


def decide(make_row, history: list[Verdict], *, keep: bool, **label: object):
    labels = [make_row(GoldenLabel, instance_id="i", keep=keep, **label)]
    current, machine = ({v.instance_id: v for v in chosen} for chosen in (in_force(history), by_machine(history)))
    return overrule(labels, current, machine, STAMP)


def test_a_rejected_candidate_with_a_cutout_is_accepted_with_its_mask(make_row):
    before = verdict(make_row, "rejected", **CUTOUT, seen='{"colour": "red"}')
    (row,) = decide(make_row, [before], keep=True, note="a fine mug").verdicts
    assert (row.outcome, row.stage, row.judge, row.reasons) == ("accepted", "person", "person", [])
    assert {name: getattr(row, name) for name in CUTOUT} == CUTOUT
    assert row.explanation == "a person keeps what model had as rejected (wrong_category): a fine mug"
    assert (row.run_id, row.created_at, row.seen) == ("run", STAMP.now, before.seen)
    assert row.verdict_id != before.verdict_id


@pytest.mark.parametrize(
    ("given", "reasons"), [(["incomplete", "wrong_category"], ["incomplete", "wrong_category"]), ([], ["person"])]
)
def test_an_accepted_candidate_is_rejected_for_the_reasons_given_or_for_a_persons_word(make_row, given, reasons):
    before = verdict(make_row, "accepted", **CUTOUT, record='{"colour": "red"}')
    (row,) = decide(make_row, [before], keep=False, reasons=given).verdicts
    assert (row.outcome, row.stage, row.reasons, row.record) == ("rejected", "person", reasons, None)


def test_what_the_gate_refused_stays_refused_and_is_named(make_row):
    found = decide(make_row, [verdict(make_row, "rejected", "gate", mask_threshold=127)], keep=True)
    assert (found.verdicts, found.without_cutout) == ((), ("i",))


@pytest.mark.parametrize(("outcome", "keep"), [("accepted", True), ("rejected", False)])
def test_agreement_changes_nothing(make_row, outcome, keep):
    found = decide(make_row, [verdict(make_row, outcome, **CUTOUT)], keep=keep)
    assert (found.verdicts, found.without_cutout) == ((), ())


@pytest.mark.parametrize("keep", [True, False])
def test_an_error_is_decided_by_the_person(make_row, keep):
    (row,) = decide(make_row, [verdict(make_row, "error", **CUTOUT)], keep=keep).verdicts
    assert row.outcome == ("accepted" if keep else "rejected")


def test_a_person_may_overrule_themselves_and_the_mask_comes_back(make_row):
    history = [verdict(make_row, "accepted", **CUTOUT, record="{}")]
    for number, keep in enumerate((False, True, False)):
        (row,) = decide(make_row, history, keep=keep, golden_label_id=f"label {number}").verdicts
        history.append(row)
    assert [row.outcome for row in history] == ["accepted", "rejected", "accepted", "rejected"]
    assert len({row.verdict_id for row in history}) == 4
    assert (history[2].cutout, history[2].record) == ("c.webp", "{}")
