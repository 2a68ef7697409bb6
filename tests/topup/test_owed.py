"""What a killed run still owes is told by what is stored, and nothing is owed twice."""

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from genval_assets.rows import TopUp
from genval_assets.topup.owed import Cut, cuts, owes, planned_indices, undrawn
from genval_assets.types import RoundTally


def top_up(round_: int, source: str, first: int, count: int, references: int | None = None) -> TopUp:
    return TopUp(
        run_id="r", created_at=datetime(2026, 11, 20, tzinfo=UTC), top_up_id=f"{round_}", category="zebra",
        round=round_,
        source=source, first_index=first, count=count, deficit=1, yield_lower=1.0, fingerprint="m", requested_by="plan",
        source_objects=references,
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


def meanings(*plans: TopUp) -> list[tuple[int, int, int]]:
    return [(index, cut.reference, cut.variant) for index, cut in cuts(plans).items()]


def test_every_reference_comes_once_before_any_comes_twice():
    two_of_each = [(0, 0, 0), (1, 1, 0), (2, 0, 1), (3, 1, 1)]
    assert meanings(top_up(1, "cutout", 0, 4, references=2)) == two_of_each
    later = top_up(2, "cutout", 3, 1, references=2)
    assert meanings(later, top_up(1, "cutout", 0, 3, references=2)) == two_of_each


def test_a_reference_that_was_cut_later_takes_its_turns_and_no_index_changes_its_meaning():
    first = top_up(1, "cutout", 0, 4, references=2)
    grown = top_up(2, "cutout", 4, 5, references=3)
    assert meanings(first, grown)[:4] == meanings(first)
    assert meanings(first, grown)[4:] == [(4, 2, 0), (5, 2, 1), (6, 0, 2), (7, 1, 2), (8, 2, 2)]


def test_what_a_model_draws_is_no_cut_out():
    assert cuts([top_up(1, "offline", 0, 9)]) == {}


@pytest.mark.parametrize("references", [None, 0])
def test_cutouts_planned_of_no_reference_are_an_error_that_names_the_plan(references):
    with pytest.raises(ValueError, match=r"round 7 of zebra plans 3 of source cutout, made of (None|0) references"):
        cuts([top_up(7, "cutout", 0, 3, references=references)])


@given(st.lists(st.tuples(st.integers(1, 4), st.integers(0, 30)), min_size=1, max_size=5), st.integers(1, 4))
def test_however_the_references_grow_no_pair_is_made_twice_and_none_beyond_the_capacity(growth, per_source):
    plans, references, planned = [], 0, 0
    for round_, (new, wanted) in enumerate(growth, start=1):
        references += new
        count = min(wanted, references * per_source - planned)
        plans.append(top_up(round_, "cutout", planned, count, references=references))
        planned += count
    made = cuts(plans)
    assert list(made) == list(range(planned))
    assert len(set(made.values())) == planned
    assert all(cut.variant < per_source for cut in made.values())
    for plan in plans:
        for index in range(plan.first_index, plan.first_index + plan.count):
            assert made[index].reference < plan.source_objects


def test_a_meaning_does_not_hang_on_how_many_candidates_an_object_may_have():
    assert cuts([top_up(1, "cutout", 0, 5, references=1)])[4] == Cut(reference=0, variant=4)


@pytest.mark.parametrize(
    ("drawn", "accepted", "rejected", "errors", "to_draw"),
    [
        (0, 0, 0, 0, 10),
        (7, 0, 0, 0, 3),
        (7, 3, 2, 0, 3),  # verdicts and scenes are still owed, but are no candidates
        (10, 9, 0, 0, 0),
        (8, 4, 4, 2, 0),  # two could not be drawn
    ],
)
def test_only_what_is_neither_stored_nor_judged_is_still_to_be_drawn(tally, drawn, accepted, rejected, errors, to_draw):
    one = RoundTally(1, "m", planned=10, drawn=drawn, accepted=accepted, rejected=rejected, errors=errors)
    assert undrawn(tally(rounds=(one,), scenes=0)) == to_draw


def test_cut_outs_and_variations_are_counted_apart():
    plans = [top_up(1, "cutout", 0, 2, references=2), top_up(2, "variation", 0, 3, references=2)]
    assert cuts(plans, "variation") == {0: Cut(0, 0), 1: Cut(1, 0), 2: Cut(0, 1)}
    assert cuts(plans) == {0: Cut(0, 0), 1: Cut(1, 0)}
