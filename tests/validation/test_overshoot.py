"""Only what a category has above its target may stay unused, and what was decided stays so until it is needed."""

import pytest

from genval_assets.rows import Category, Verdict
from genval_assets.validation.overshoot import Held, overshoots


@pytest.fixture
def category(make_row):
    return lambda target, real=0: make_row(Category, target=target, instance_count=real)


@pytest.fixture
def accepted(make_row):
    """Make verdicts that accept `n` pictures of a round, named `<round>.<index>`."""

    def make(round_: int, n: int, **given: object) -> list[Verdict]:
        good = {"outcome": "accepted", "cutout": "x", "area_px": 9, "source": "offline", "round": round_} | given
        return [make_row(Verdict, instance_id=f"{round_}.{k}", index=k, **good) for k in range(n)]

    return make


def found(category: Category, held: Held, keep_share: float = 0.7) -> list[tuple[int, int, int | None]]:
    """Return (round, needed, how many were left out before) of each round."""
    rounds = overshoots(category, held, keep_share)
    return [(one.round, one.needed, None if one.left_out is None else len(one.left_out)) for one in rounds]


@pytest.mark.parametrize(
    ("target", "real", "expected"),
    [
        (10, 0, []),  # all ten are needed
        (13, 3, []),
        (9, 0, [(1, 9, None)]),
        (9, 3, [(1, 6, None)]),
        (0, 0, [(1, 0, None)]),
    ],
)
def test_a_round_is_looked_at_once_it_brings_more_than_the_target_asks_for(category, accepted, target, real, expected):
    assert found(category(target, real), Held(accepted(1, 10))) == expected


def test_what_a_round_needs_is_told_by_the_rounds_before_it_not_by_later_ones(category, accepted):
    rounds = [*accepted(1, 6), *accepted(2, 10), *accepted(3, 10)]
    assert found(category(10), Held(rounds)) == [(2, 4, None), (3, 0, None)]


def test_of_one_real_object_three_cut_outs_count_and_none_is_left_out(category, accepted):
    cuts = accepted(1, 5, source="cutout", reference_id="r1")
    assert found(category(10), Held([*cuts, *accepted(2, 10)])) == [(2, 7, None)]
    assert found(category(0), Held(cuts)) == []


def test_what_no_scene_could_hold_reaches_no_target(category, accepted):
    rounds = [*accepted(1, 6), *accepted(2, 10)]
    assert found(category(10), Held(rounds, unplaced={"1.0", "1.1", "2.0"})) == [(2, 6, None)]
    assert found(category(10), Held(accepted(1, 10), unplaced={"1.0"})) == []


def test_where_the_share_is_everybody_nothing_is_looked_at(category, accepted):
    assert found(category(0), Held(accepted(1, 3))) == []  # 70 % of 3 are 3
    assert found(category(0), Held(accepted(1, 10)), keep_share=1.0) == []
    assert found(category(0), Held(accepted(1, 10), left_out={"1.3"}), keep_share=1.0) == []


def test_a_round_of_which_every_picture_has_a_scene_is_over(category, accepted):
    everybody = {f"1.{k}" for k in range(10)}
    assert found(category(5), Held(accepted(1, 10), composed=everybody)) == []


def test_a_decision_stands_while_the_target_is_reached_without_what_it_left_out(category, accepted):
    rest = {f"1.{k}" for k in range(8)}
    held = Held(accepted(1, 10), composed=rest, left_out={"1.8", "1.9"})
    assert found(category(8), held) == [(1, 8, 2)]
    assert found(category(9), held) == [(1, 9, None)]
    assert found(category(10), held) == []


def test_a_decision_is_worked_off_before_another_is_made(category, accepted):
    """So a killed run, of whose scenes some could not hold their object, goes on with the same pictures."""
    rounds, left_out, unplaced = accepted(1, 10), {"1.8", "1.9"}, {"1.0"}
    begun = Held(rounds, composed={"1.1"}, unplaced=unplaced, left_out=left_out)
    assert found(category(8), begun) == [(1, 8, 2)]
    done = Held(rounds, composed={f"1.{k}" for k in range(1, 8)}, unplaced=unplaced, left_out=left_out)
    assert found(category(8), done) == [(1, 8, None)]


def test_never_more_is_left_out_than_the_category_has_above_its_target_all_rounds_together(category, accepted):
    """Cut-outs beyond three of one object count for nothing, yet each that no scene holds takes one away."""
    cuts = accepted(2, 6, source="cutout", reference_id="r1")
    composed, unplaced = {f"1.{k}" for k in range(2, 12)}, {one.instance_id for one in cuts}
    held = Held([*accepted(1, 12), *cuts], composed, unplaced, left_out={"1.0", "1.1"})
    assert found(category(10), held) == []
    assert found(category(8), held) == [(1, 11, None)]


def test_what_has_a_scene_is_told_from_what_waits_for_one(category, accepted):
    held = Held(accepted(1, 10), composed={"1.0", "1.1"}, unplaced={"1.2"})
    (one,) = overshoots(category(5), held, 0.7)
    assert [member.instance_id for member in one.members] == [f"1.{k}" for k in (0, 1, *range(3, 10))]
    assert one.waiting == {f"1.{k}" for k in range(3, 10)}
