"""What was not selected is owed no scene while the target is reached without it, and one as soon as it is not."""

import random
from dataclasses import dataclass, field

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from genval_assets.rows import Category, Verdict
from genval_assets.topup.owed import owes, unused
from genval_assets.types import RoundTally, Tally
from genval_assets.validation.overshoot import Held, overshoots
from genval_assets.validation.selection import kept


@pytest.mark.parametrize(
    ("target", "not_selected", "refused", "idle"),
    [
        (10, 3, 0, 3),
        (11, 3, 0, 3),  # 4 real and 10 accepted ones: three above the target
        (12, 3, 0, 2),
        (14, 3, 0, 0),
        (20, 3, 0, 0),
        (11, 3, 2, 1),  # no scene could hold two of them
    ],
)
def test_no_more_is_unused_than_the_category_has_above_its_target(tally, round_of, target, not_selected, refused, idle):
    scenes = 10 - not_selected - refused
    one = tally(rounds=(round_of(1, 10),), target=target, scenes=scenes, refused=refused, not_selected=not_selected)
    assert (unused(one), owes(one)) == (idle, not_selected - idle)


@dataclass
class World:
    """One category; a run leaves out what it may, composes the rest, and some objects find no place in a scene."""

    category: Category
    accepted: list[Verdict]
    luck: random.Random
    refusing: float
    composed: set[str] = field(default_factory=set)
    unplaced: set[str] = field(default_factory=set)
    left_out: set[str] = field(default_factory=set)

    def run(self, keep_share: float) -> None:
        held = Held(self.accepted, self.composed, self.unplaced, self.left_out)
        idle: set[str] = set()
        for one in overshoots(self.category, held, keep_share):
            if one.left_out is None:
                ids = [member.instance_id for member in one.members]
                self.luck.shuffle(ids)
                idle |= set(ids[kept(len(ids), one.needed, keep_share) :]) & one.waiting
            else:
                idle |= one.left_out
        self.left_out |= idle
        for instance in sorted({v.instance_id for v in self.accepted} - idle - self.composed - self.unplaced):
            (self.unplaced if self.luck.random() < self.refusing else self.composed).add(instance)
        self.left_out -= self.composed | self.unplaced

    def tally(self, make) -> Tally:
        n = len(self.accepted)
        cuts = [sum(v.reference_id == name for v in self.accepted) for name in "01"]
        rounds = (RoundTally(1, "m", planned=n, drawn=n, accepted=n, rejected=0, errors=0),)
        drawn = sum(v.reference_id is None for v in self.accepted)
        return make(
            rounds=rounds, target=self.category.target, real=self.category.instance_count, scenes=len(self.composed),
            effective=drawn + sum(min(3, cut) for cut in cuts), refused=len(self.unplaced),
            not_selected=len(self.left_out),
        )  # fmt: skip


CASES = {
    "members": st.lists(st.tuples(st.integers(1, 4), st.sampled_from(["cutout", "offline", "offline"])), max_size=30),
    "target": st.integers(0, 30),
    "real": st.integers(0, 10),
    "share": st.sampled_from([0.1, 0.7, 0.99, 1.0]),
    "refusing": st.sampled_from([0.0, 0.3]),
    "rejects": st.integers(0, 4),
    "seed": st.integers(0, 99),
}


@given(st.fixed_dictionaries(CASES))
@settings(max_examples=150, deadline=None)
def test_runs_end_with_the_target_in_scenes_whatever_scenes_refuse_and_people_reject(make_row, tally, case):
    rows = [
        make_row(
            Verdict, instance_id=str(n), round=round_, index=n, source=source, outcome="accepted", cutout="x",
            area_px=9, reference_id=str(n % 2) if source == "cutout" else None,
        )
        for n, (round_, source) in enumerate(case["members"])
    ]  # fmt: skip
    zebra = make_row(Category, target=case["target"], instance_count=case["real"])
    world = World(zebra, rows, random.Random(case["seed"]), case["refusing"])
    for _ in range(2):
        runs = 0
        while owes(world.tally(tally)):
            world.run(case["share"])
            runs += 1
            assert runs <= len(rows) + 1
        now = world.tally(tally)
        assert len(world.left_out) <= max(0, now.real + max(0, now.effective - now.refused) - now.target)
        assert not any(row.source == "cutout" and row.instance_id in world.left_out for row in world.accepted)
        for victim in [row.instance_id for row in world.accepted][: case["rejects"]]:  # a person's word
            world.accepted = [row for row in world.accepted if row.instance_id != victim]
            for of in (world.composed, world.unplaced, world.left_out):
                of.discard(victim)
