"""Three rates with three denominators, unknown where no truth is."""

from datetime import UTC, datetime

from genval_assets.evaluation.rates import invalid_rates
from genval_assets.rows import Verdict


def verdict(instance_id: str, outcome: str, category: str = "mug", stage: str = "gate") -> Verdict:
    return Verdict(
        run_id="r", created_at=datetime(2026, 1, 1, tzinfo=UTC), verdict_id=f"v-{instance_id}", instance_id=instance_id,
        category=category, source="offline", reference_id=None, round=1, index=0, outcome=outcome, stage=stage,
        reasons=[], explanation="", mask_threshold=None, area_px=None, cutout=None, width=None, height=None,
        measurements="{}", judge="gate", judge_version="1",
    )  # fmt: skip


VERDICTS = [
    verdict("a", "accepted"), verdict("b", "accepted"), verdict("c", "rejected"), verdict("d", "rejected"),
    verdict("e", "rejected"), verdict("f", "error"),
]  # fmt: skip


def test_each_rate_has_its_own_denominator():
    truth = {"a": True, "b": False, "c": False, "d": True, "e": False, "f": False}
    (rate,) = invalid_rates(VERDICTS, truth, {})
    assert (rate.generated, rate.judged) == (6, 5)
    assert rate.rejected == 3 / 5  # of the judged; the error is not among them
    assert rate.generation_invalid == 4 / 6  # of all generated
    assert rate.residual_invalid == 1 / 2  # of the accepted
    assert rate.truth == "simulated"


def test_without_a_truth_two_rates_are_unknown():
    (rate,) = invalid_rates(VERDICTS, {}, {})
    assert rate.rejected == 3 / 5
    assert rate.generation_invalid is None
    assert rate.residual_invalid is None
    assert rate.truth == "unknown"


def test_instances_without_a_truth_count_in_no_rate_that_needs_one():
    (rate,) = invalid_rates(VERDICTS, {}, {"a": True, "c": False, "elsewhere": False})
    assert rate.generation_invalid == 1 / 2
    assert rate.residual_invalid == 0.0
    assert rate.truth == "golden"


def test_errors_alone_give_no_rejection_rate():
    (rate,) = invalid_rates([verdict("a", "error")], {"a": True}, {})
    assert rate.rejected is None
    assert rate.residual_invalid is None
    assert rate.generation_invalid == 0.0


def test_categories_stay_apart_and_come_in_order():
    rates = invalid_rates([verdict("a", "accepted", "zebra"), verdict("b", "rejected", "ant")], {}, {"a": False})
    assert [(r.category, r.rejected, r.residual_invalid, r.truth) for r in rates] == [
        ("ant", 1.0, None, "unknown"),
        ("zebra", 0.0, 1.0, "golden"),
    ]
    assert invalid_rates([], {}, {}) == []


def test_a_row_has_one_truth_the_simulated_one_where_there_is_any():
    rows = [*VERDICTS, verdict("g", "accepted", "ant")]
    mug, ant = invalid_rates(rows, {"a": True}, {"a": False, "b": False, "g": False})[::-1]
    assert (mug.truth, mug.residual_invalid) == ("simulated", 0.0)
    assert (ant.truth, ant.residual_invalid) == ("golden", 1.0)


def test_labels_measure_the_machine_also_after_they_overruled_it():
    person = [verdict("a", "rejected", stage="person"), verdict("c", "accepted", stage="person")]
    labels = {"a": False, "b": True, "c": True}
    (rate,) = invalid_rates([*VERDICTS, *person], {}, labels)
    assert (rate.generated, rate.rejected, rate.residual_invalid) == (6, 3 / 5, 1 / 2)
    (rate,) = invalid_rates([*VERDICTS, *person], {"a": False, "b": True}, labels)
    assert (rate.generated, rate.rejected, rate.residual_invalid) == (6, 3 / 5, 0.0)
