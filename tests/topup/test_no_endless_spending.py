"""Whatever the yields are, topping up ends, and costs no more than the floor of the yield allows."""

import random
from collections import Counter, defaultdict
from dataclasses import dataclass, field, replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from genval_assets.topup.plan import Ask, PlannedTopUp, Spent, WavePlan, plan_wave
from genval_assets.topup.settings import BudgetSettings, TopUpSettings
from genval_assets.topup.sources import MIN_TRIED, Sources
from genval_assets.types import RoundTally, Tally

TARGET = 30


@dataclass
class World:
    """Does what the planner says; each candidate is an error, accepted or rejected with a fixed chance."""

    real: dict[str, int]
    objects: dict[str, int]  # usable source objects: fewer than real ones, known once a run has looked
    chance: dict[str, float]  # by source
    error: float
    refusing: float  # chance that no scene can hold an accepted instance
    tally: object  # the fixture
    drawn: list[tuple[str, str, int]] = field(default_factory=list)
    rounds: dict[str, list[RoundTally]] = field(default_factory=lambda: defaultdict(list))
    looked_for: set[str] = field(default_factory=set)
    refused: Counter = field(default_factory=Counter)
    kept: dict[str, Counter] = field(default_factory=lambda: defaultdict(Counter))  # accepted, by source object

    def effective(self, key: str) -> int:
        return sum(n if one is None else min(3, n) for one, n in self.kept[key].items())

    def tallies(self) -> list[Tally]:
        next_index: dict[str, dict[str, int]] = defaultdict(dict)
        for key, source, index in self.drawn:
            next_index[key][source] = max(next_index[key].get(source, 0), index + 1)
        return [
            self.tally(
                key,
                position=position,
                rounds=tuple(self.rounds[key]),
                target=TARGET,
                real=real,
                references=self.objects[key] if key in self.looked_for else 0,
                effective=self.effective(key),
                scenes=sum(self.kept[key].values()) - self.refused[key],
                refused=self.refused[key],
                next_index=next_index[key],
            )
            for position, (key, real) in enumerate(self.real.items())
        ]

    def do(self, top: PlannedTopUp) -> None:
        outcomes = Counter()
        for index in range(top.first_index, top.first_index + top.count):
            self.drawn.append((top.category, top.source, index))
            luck = random.Random(f"{top.category} {top.source} {index}")
            if luck.random() < self.error:
                outcomes["errors"] += 1
            elif luck.random() < self.chance[top.source]:
                outcomes["accepted"] += 1
                one = index % self.objects[top.category] if top.source == "cutout" else None
                self.kept[top.category][one] += 1
                self.refused[top.category] += luck.random() < self.refusing
            else:
                outcomes["rejected"] += 1
        done = {name: outcomes[name] for name in ("accepted", "rejected", "errors")}
        self.rounds[top.category].append(
            RoundTally(top.round, top.fingerprint, planned=top.count, drawn=top.count, **done)
        )


def run_to_the_end(world: World, top_up: TopUpSettings, budget: BudgetSettings) -> WavePlan:
    """Ask for wave after wave until there is none; a run looks for source objects first, then plans what it does."""
    for _ in range(3000):
        sources = Sources({s: f"{s} 1" for s in world.chance}, looked_for=set(world.looked_for))
        spent = Spent(candidates=len(world.drawn))
        wave = plan_wave(world.tallies(), top_up, budget, sources, spent=spent)
        if not wave.categories:
            return wave
        world.looked_for |= set(wave.categories)
        sources = replace(sources, looked_for=set(world.looked_for))
        own = plan_wave(world.tallies(), top_up, budget, sources, spent=spent, ask=Ask(wave.categories))
        for top in own.tops:
            world.do(top)
    pytest.fail("3,000 waves and no end")


CHANCES = st.sampled_from([0.0, 0.01, 0.04, 0.05, 0.06, 0.2, 0.7, 1.0])
WORLDS = st.fixed_dictionaries(
    {
        "real": st.lists(st.integers(0, 12), min_size=1, max_size=4),
        "unusable": st.integers(0, 4),
        "cutout": st.none() | CHANCES,
        "offline": st.none() | CHANCES,
        "error": st.sampled_from([0.0, 0.3, 1.0]),
        "refusing": st.sampled_from([0.0, 0.3, 0.5, 1.0]),
        "cap": st.sampled_from([1, 7, 100]),
        "budget": st.sampled_from([0, 5, 60, 10**6]),
    }
)


@given(WORLDS)
@settings(max_examples=120, deadline=None)
def test_topping_up_ends_within_bounds_whatever_the_yields(tally, case):
    real = {f"c{i}": n for i, n in enumerate(case["real"])}
    chance = {source: case[source] for source in ("cutout", "offline") if case[source] is not None}
    objects = {key: max(0, n - case["unusable"]) for key, n in real.items()}
    world = World(real, objects, chance, case["error"], case["refusing"], tally)
    top_up = TopUpSettings(max_candidates_per_category=case["cap"])
    last = run_to_the_end(world, top_up, BudgetSettings(candidates=case["budget"]))

    assert len(world.drawn) <= case["budget"]
    assert len(set(world.drawn)) == len(world.drawn)
    per = Counter((key, source) for key, source, _ in world.drawn)
    window = top_up.rounds_before_exhausted * case["cap"] + MIN_TRIED
    for (key, source), n in per.items():
        if source == "cutout":
            assert n <= 3 * objects[key]
        else:
            wanted = 2 * TARGET if case["refusing"] else TARGET  # no more than half is refused, or it ends
            assert n <= (wanted + case["cap"]) / top_up.min_yield + 2 * window
    assert {stop.category for stop in last.stops} == set(real)
    for one in world.tallies():
        stop = next(s for s in last.stops if s.category == one.category)
        in_scenes = max(0, world.effective(one.category) - world.refused[one.category])
        assert (stop.reason == "done") == (TARGET - one.real - in_scenes <= 0)


@pytest.mark.parametrize("chance", [0.2, 0.5, 0.9])
def test_a_category_that_can_reach_its_target_does_and_wastes_little(tally, chance):
    world = World({"zebra": 0}, {"zebra": 0}, {"offline": chance}, 0.0, 0.0, tally)
    run_to_the_end(world, TopUpSettings(), BudgetSettings())
    made = sum(world.kept["zebra"].values())
    assert TARGET <= made <= 2 * TARGET


def test_a_source_that_only_errs_is_given_up(tally):
    world = World({"zebra": 0}, {"zebra": 0}, {"offline": 1.0}, 1.0, 0.0, tally)
    last = run_to_the_end(world, TopUpSettings(), BudgetSettings())
    assert [stop.reason for stop in last.stops] == ["exhausted"]
    assert len(world.drawn) < 1000


def test_where_scenes_refuse_everything_one_wave_is_all_it_costs(tally):
    world = World({"zebra": 0}, {"zebra": 0}, {"offline": 1.0}, 0.0, 1.0, tally)
    last = run_to_the_end(world, TopUpSettings(), BudgetSettings())
    assert [stop.reason for stop in last.stops] == ["failing"]
    assert len(world.drawn) <= 2 * TARGET


@pytest.mark.parametrize("cap", [1, 7, 100])
def test_where_scenes_refuse_some_what_they_hold_reaches_the_target(tally, cap):
    world = World({"zebra": 0}, {"zebra": 0}, {"offline": 0.9}, 0.0, 0.2, tally)
    run_to_the_end(world, TopUpSettings(max_candidates_per_category=cap), BudgetSettings())
    assert TARGET <= world.effective("zebra") - world.refused["zebra"] <= 2 * TARGET
