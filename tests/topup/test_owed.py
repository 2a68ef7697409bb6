"""What a killed run still owes is told by what is stored, and nothing is owed twice."""

from datetime import UTC, datetime

import pytest

from genval_assets.rows import TopUp
from genval_assets.topup.owed import owes, planned_indices
from genval_assets.types import RoundTally


def top_up(round_: int, source: str, first: int, count: int) -> TopUp:
    return TopUp(
        run_id="r", created_at=datetime(2026, 11, 20, tzinfo=UTC), top_up_id=f"{round_}", category="zebra",
        round=round_,
        source=source, first_index=first, count=count, deficit=1, yield_lower=1.0, fingerprint="m", requested_by="plan",
    )  # fmt: skip


def test_planned_indices_come_by_round_each_once():
    plans = [top_up(2, "offline", 1, 2), top_up(1, "offline", 0, 2), top_up(2, "cutout", 0, 1)]
    assert list(planned_indices(plans)) == [(1, "offline", 0), (1, "offline", 1), (2, "cutout", 0), (2, "offline", 2)]


@pytest.mark.parametrize(
    ("accepted", "rejected", "errors", "scenes", "refused", "owed"),
    [
        (0, 0, 0, 0, 0, 10),  # planned only
        (4, 3, 1, 0, 0, 6),  # two to judge, four scenes to compose
        (6, 3, 1, 5, 0, 1),
        (6, 3, 1, 5, 1, 0),  # one that no scene could hold
    ],
)
def test_every_candidate_owes_a_verdict_and_every_accepted_one_a_scene(
    tally, accepted, rejected, errors, scenes, refused, owed
):
    one = RoundTally(1, "m", planned=10, drawn=10, accepted=accepted, rejected=rejected, errors=errors)
    assert owes(tally(rounds=(one,), scenes=scenes, refused=refused)) == owed
