"""The next wave of a top-up: one pure function for the sensor, the schedule, the command line and the chain itself.

Every plan either spends a bounded number of candidates or says why it spends none. A category is given up as
exhausted before it has cost more than about deficit / min_yield candidates, so no loop over plans spends without end.
"""

from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from math import ceil, floor
from typing import Literal

from genval_assets.keys import recipe
from genval_assets.topup.deficit import deficit
from genval_assets.topup.extras import Extra, OwedExtra, PlannedExtra, in_words
from genval_assets.topup.owed import owes, undrawn
from genval_assets.topup.seconds import Pace
from genval_assets.topup.settings import BudgetSettings, TopUpSettings
from genval_assets.topup.sources import Sources, usable, yield_lower
from genval_assets.topup.standing import Standing, State, standing
from genval_assets.types import Tally

ASSUMED_SECONDS = 2.0
"""Per candidate, before any was measured: a first wave of 45 minutes is 1,350 candidates (our choice)."""

Limit = Literal["wave_full", "budget_candidates", "budget_seconds", "budget_disk"]
Reason = State | Limit | Literal["given_up"]


@dataclass(frozen=True)
class Spent:
    """What has been used of the budget's 24 hours, and the disk that is left; `free_bytes` None: not looked at."""

    candidates: int = 0
    seconds: float = 0.0
    free_bytes: int | None = None


@dataclass(frozen=True)
class Ask:
    """What somebody asked for by hand, instead of the next wave."""

    categories: Collection[str]  # only these; the wave's size does not limit them, and failing ones are tried again
    candidates: int = 0  # draw so many more of each whatever its target; 0: bring each to its target


@dataclass(frozen=True)
class PlannedTopUp:
    """One round of a category: indices first_index .. first_index + count - 1 of one source."""

    category: str
    source: str
    round: int
    first_index: int
    count: int
    deficit: int
    yield_lower: float
    fingerprint: str
    requested_by: Literal["plan", "candidates"]


@dataclass(frozen=True)
class Resumed:
    """A category whose last run was interrupted: its stored plan is finished before anything new is planned."""

    category: str
    owed: int  # candidates, verdicts and scenes to go
    candidates: int  # those of them that are still to be drawn


@dataclass(frozen=True)
class Stop:
    """Why a category is not in the wave, or gets less than it needs."""

    category: str
    reason: Reason
    why: str


@dataclass(frozen=True)
class WavePlan:
    """The next wave, rarest first."""

    tops: tuple[PlannedTopUp, ...] = ()
    resumed: tuple[Resumed, ...] = ()
    extras: tuple[PlannedExtra, ...] = ()
    stops: tuple[Stop, ...] = ()
    seconds: float = 0.0  # expected, loading included
    categories: tuple[str, ...] = ()  # of tops, resumed and extras, each once, rarest first: the run's batch

    @property
    def candidates(self) -> int:
        """How many candidates the wave draws, those of plans that it finishes included."""
        return sum(top.count for top in self.tops) + sum(r.candidates for r in self.resumed)

    @property
    def key(self) -> str:
        """A digest of what the wave does: the same work has the same key."""
        tops = [f"{t.category} {t.source} {t.round} {t.first_index} {t.count}" for t in self.tops]
        extras = [f"{one.category} {one.count} {one.extra.items}" for one in self.extras]
        return recipe("wave", tops=tops, resumed=[f"{r.category} {r.owed}" for r in self.resumed], extras=extras)

    @property
    def why(self) -> str:
        """What the wave does, or why it does nothing, in a sentence."""
        reasons = "; ".join(f"{n} {_IN_WORDS[reason]}" for reason, n in Counter(s.reason for s in self.stops).items())
        if not self.categories:
            return f"nothing to do: {reasons or 'there is no active category; materialize concept_list'}"
        unfinished = sum(r.owed - r.candidates for r in self.resumed)
        more = f" and {unfinished} unfinished verdicts or scenes" if unfinished else ""
        extras = in_words((one.extra, one.count) for one in self.extras)
        more += f" and {extras}" if extras else ""
        whom = f"{len(self.categories)} categories, about {self.seconds / 60:.0f} min"
        made = f"{self.candidates} candidates{more} for {whom}"
        return f"{made} ({reasons})" if reasons else made


_IN_WORDS: dict[Reason, str] = {
    "done": "at target",
    "short": "short",
    "in_flight": "in flight",
    "needs_generator": "out of source objects, without a foreground model",
    "exhausted": "exhausted (yield under the floor)",
    "failing": "failing",
    "given_up": "given up for now, tried in vain",
    "wave_full": "waiting for the next wave",
    "budget_candidates": "stopped by the budget of candidates",
    "budget_seconds": "stopped by the budget of seconds",
    "budget_disk": "stopped for want of disk space",
}


_WHY: dict[Limit, str] = {
    "wave_full": "this wave is full; the next one takes it",
    "budget_candidates": "the candidates that [budget] allows in 24 hours are used up",
    "budget_seconds": "the seconds that [budget] allows in 24 hours are used up",
    "budget_disk": "less disk is free than [budget] disk_gb wants left; run `genval gc`, or make room",
}


def plan_wave(
    tallies: Sequence[Tally],
    settings: TopUpSettings,
    budget: BudgetSettings,
    sources: Sources,
    *,
    extras: Sequence[OwedExtra] = (),
    in_flight: Collection[str] = (),
    given_up: Collection[str] = (),
    spent: Spent | None = None,
    pace: Pace | None = None,
    ask: Ask | None = None,
) -> WavePlan:
    """Return the next wave: each deficit divided by a cautious yield, rarest first, within caps and budgets.

    Args:
        tallies: the active categories.
        settings: targets are in the tallies; caps and floors here.
        budget: limits of the last 24 hours, and of the disk.
        sources: where candidates come from, in order of use.
        extras: what the categories owe beside candidates, of each kind.
        in_flight: keys that other unfinished runs serve.
        given_up: keys that are left out, because the same work on them was tried in vain (`attempts.next_turn`).
        spent: what the last 24 hours have cost.
        pace: seconds per candidate and for loading, as measured.
        ask: what somebody asked for by hand; None plans a wave.
    """
    pace = pace or Pace()
    room = _room(settings, budget, spent or Spent(), pace, bounded=ask is None)
    wave = _Wave(
        settings, sources, room, frozenset(in_flight), frozenset(given_up), ask, extras, _per_items(pace, extras)
    )
    for tally in sorted(tallies, key=lambda t: (t.position, t.category)):
        if ask is None or tally.category in ask.categories:
            wave.consider(tally)
    seconds = pace.load_seconds + room.work * _per_candidate(pace) if wave.chosen else 0.0
    return WavePlan(
        tuple(wave.tops), tuple(wave.resumed), tuple(wave.extras), tuple(wave.stops), seconds, tuple(wave.chosen)
    )


def _per_candidate(pace: Pace) -> float:
    return ASSUMED_SECONDS if pace.seconds_per_candidate is None else max(pace.seconds_per_candidate, 1e-4)


def _per_items(pace: Pace, extras: Iterable[OwedExtra]) -> dict[Extra, float]:
    """Return for each kind the candidates in whose time an item is worked: as measured, else as assumed."""
    measured = {extra: seconds / _per_candidate(pace) for extra, seconds in pace.seconds_per_extra.items()}
    return {owed.extra: measured.get(owed.extra, owed.assumed) for owed in extras}


@dataclass
class _Room:
    """How many candidates still fit, and which limit it is that says so.

    A verdict or scene that a plan owes takes the time of a candidate at most, but is none of the budget's candidates.
    """

    limits: dict[Limit, float]
    work: int = 0  # candidates, and the verdicts and scenes of plans that are finished
    candidates: int = 0

    @property
    def left(self) -> int:
        return max(0, floor(self._room(self.tightest)))

    @property
    def tightest(self) -> Limit:
        return min(self.limits, key=self._room)

    def refuses(self, work: int, candidates: int) -> Limit | None:
        """Return the limit that a plan which cannot be cut exceeds; the first of a wave may exceed the wave."""
        hard = [limit for limit in self.limits if limit != "wave_full" or self.work]
        asked = {limit: candidates if limit == "budget_candidates" else work for limit in hard}
        return next((limit for limit in hard if asked[limit] > self._room(limit)), None)

    def take(self, work: int, candidates: int) -> None:
        self.work += work
        self.candidates += candidates

    def _room(self, limit: Limit) -> float:
        return self.limits[limit] - (self.candidates if limit == "budget_candidates" else self.work)


def _room(settings: TopUpSettings, budget: BudgetSettings, spent: Spent, pace: Pace, *, bounded: bool) -> _Room:
    """Return the candidates that fit into the wave (if `bounded` by one) and the budgets."""
    working = budget.seconds - spent.seconds - pace.load_seconds
    limits: dict[Limit, float] = {
        "budget_disk": float("inf"),
        "budget_candidates": max(0, budget.candidates - spent.candidates),
        "budget_seconds": max(0.0, working / _per_candidate(pace)),
    }
    if spent.free_bytes is not None and spent.free_bytes < budget.disk_gb * 1e9:
        limits["budget_disk"] = 0
    if bounded:
        wave_seconds = max(settings.wave_minutes * 60, pace.load_seconds / settings.max_loading_share)
        limits["wave_full"] = max(1.0, (wave_seconds - pace.load_seconds) / _per_candidate(pace))
    return _Room(limits)


@dataclass
class _Wave:
    """The wave as far as it has been planned."""

    settings: TopUpSettings
    sources: Sources
    room: _Room
    in_flight: frozenset[str]
    given_up: frozenset[str]
    ask: Ask | None
    owed: Sequence[OwedExtra]
    per_item: Mapping[Extra, float]  # in candidates' time
    tops: list[PlannedTopUp] = field(default_factory=list)
    resumed: list[Resumed] = field(default_factory=list)
    extras: list[PlannedExtra] = field(default_factory=list)
    stops: list[Stop] = field(default_factory=list)
    chosen: list[str] = field(default_factory=list)

    def consider(self, tally: Tally) -> None:
        """Take a category into the wave, or note why not."""
        now = standing(tally, self.settings, self.sources, self.in_flight, retry=self.ask is not None)
        if tally.category in self.given_up:
            self.stop(tally, "given_up", "the same work was tried in vain; see why its runs failed")
        elif now.state in ("in_flight", "failing"):
            self.stop(tally, now.state, now.why)
        else:
            self.bring_to_target(tally, now)
            self.take_extras(tally)

    def bring_to_target(self, tally: Tally, now: Standing) -> None:
        """Finish what a category owes, else close its deficit, or note why not."""
        if self.ask and self.ask.candidates:
            if not owes(tally) or self.resume(tally):
                self.draw_more(tally, self.ask.candidates)
        elif owes(tally):
            self.resume(tally)
        elif now.state == "short":
            self.close_deficit(tally)
        else:
            self.stop(tally, now.state, now.why)

    def take_extras(self, tally: Tally) -> None:
        """Take what a category owes beside candidates, or note which limit keeps it.

        A category that is in the wave anyway brings it along. One that a limit keeps out stays out: the run would
        work all that it owes.
        """
        counts = {owed.extra: owed.counts.get(tally.category, 0) for owed in self.owed}
        found = [PlannedExtra(tally.category, extra, count) for extra, count in counts.items() if count]
        refused = any(stop.category == tally.category and stop.reason in self.room.limits for stop in self.stops[-1:])
        if not found or refused:
            return
        served = tally.category in self.chosen[-1:]
        work = sum(ceil(one.count * self.per_item[one.extra]) for one in found)
        full = self.ask is None and len(self.chosen) >= self.settings.max_categories_per_wave
        limit: Limit | None = "wave_full" if full else self.room.refuses(work, 0)
        if limit and not served:
            self.stop(tally, limit, _WHY[limit])
            return
        self.room.take(work, 0)
        self.extras += found
        if not served:
            self.chosen.append(tally.category)

    def stop(self, tally: Tally, reason: Reason, why: str) -> None:
        self.stops.append(Stop(tally.category, reason, why))

    def resume(self, tally: Tally) -> bool:
        """Take what a category owes whole, and return whether there was room for it."""
        owed, candidates = owes(tally), undrawn(tally)
        limit = self.room.refuses(owed, candidates)
        if limit:
            self.stop(tally, limit, _WHY[limit])
            return False
        self.room.take(owed, candidates)
        self.resumed.append(Resumed(tally.category, owed, candidates))
        self.chosen.append(tally.category)
        return True

    def close_deficit(self, tally: Tally) -> None:
        """Plan the rounds that the deficit asks for, source by source, within the caps and the room left."""
        missing = deficit(tally)
        allowed = self.settings.max_candidates_per_category
        if self.ask is None and len(self.chosen) >= self.settings.max_categories_per_wave:
            allowed = 0
        for source in usable(tally, self.sources, self.settings):
            lower = yield_lower(tally.history, self.sources.fingerprints[source], self.settings)
            needed = ceil(missing / lower)
            count = self.draw(tally, source, min(needed, allowed), lower)
            allowed -= count
            missing -= floor(count * lower)
        self.note_if_left_out(tally)

    def draw_more(self, tally: Tally, candidates: int) -> None:
        """Plan so many candidates whatever the target and the yield say, source by source."""
        for source, fingerprint in self.sources.fingerprints.items():
            lower = yield_lower(tally.history, fingerprint, self.settings)
            candidates -= self.draw(tally, source, candidates, lower, requested_by="candidates")
        if self.room.left and candidates and not self.sources.generators(tally.name):
            self.stop(
                tally, "needs_generator", f"no source object is left for {candidates} of the candidates asked for"
            )
        else:
            self.note_if_left_out(tally)

    def draw(
        self,
        tally: Tally,
        source: str,
        wanted: int,
        lower: float,
        requested_by: Literal["plan", "candidates"] = "plan",
    ) -> int:
        """Plan one round of at most `wanted` candidates and return how many it has; none is no round."""
        count = int(min(wanted, self.sources.left(tally, source), self.room.left))
        if count <= 0:
            return 0
        new = sum(top.category == tally.category for top in self.tops[-len(self.sources.fingerprints) :])
        self.tops.append(
            PlannedTopUp(
                category=tally.category,
                source=source,
                round=max((r.round for r in tally.history), default=0) + 1 + new,
                first_index=tally.next_index.get(source, 0),
                count=count,
                deficit=deficit(tally),
                yield_lower=lower,
                fingerprint=self.sources.fingerprints[source],
                requested_by=requested_by,
            )
        )
        self.room.take(count, count)
        if tally.category not in self.chosen[-1:]:
            self.chosen.append(tally.category)
        return count

    def note_if_left_out(self, tally: Tally) -> None:
        if tally.category not in [top.category for top in self.tops[-1:]]:
            limit = self.room.tightest if not self.room.left else "wave_full"
            self.stop(tally, limit, _WHY[limit])
