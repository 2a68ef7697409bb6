"""`genval top-up`: wave after wave, each one Dagster run; then the merged set and the published tables."""

import json
import time
from collections.abc import Collection
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from pathlib import Path

from genval_assets.assets.planning import next_wave
from genval_assets.commands.session import Session, say, session, stop
from genval_assets.commands.status import print_stats, stats_of
from genval_assets.runs import errors, in_flight, looked_for, materialized, to_set_up
from genval_assets.topup.attempts import MOST_ATTEMPTS, next_turn
from genval_assets.topup.plan import WavePlan


@dataclass
class Outcome:
    """What a top-up did."""

    waves: int = 0
    candidates: int = 0
    stopped_because: str = ""
    errors: list[str] = field(default_factory=list)


def top_up(home: Path, *, hours: float | None, until_done: bool, as_json: bool) -> None:
    """Top up: one wave by default, more with `hours` or `until_done`; exit code 1 if anything failed."""
    with session(home) as one:
        outcome = work(one, hours=hours, until_done=until_done)
        stats = stats_of(one)
    if as_json:
        print(json.dumps({**asdict(outcome), "categories": [asdict(row) for row in stats]}))
    else:
        print_stats(stats)
        say(outcome.stopped_because)
        say(f"dataset: {home / 'data' / 'datasets' / one.project.settings.export.name}")
    if outcome.errors:
        stop("\n".join(outcome.errors), 1)


def work(one: Session, *, hours: float | None = None, until_done: bool = False) -> Outcome:
    """Work waves until there is no next one or the time is over; then merge, export and publish."""
    outcome = Outcome()
    prepare(one)
    end = time.monotonic() + (hours or 0.0) * 3600
    memory: str | None = None
    while True:
        turn = next_turn(lambda given_up: plan(one, given_up), memory)
        wave, memory = turn.wave, turn.memory
        if not wave.categories:
            outcome.stopped_because = wave.why
            break
        say(f"wave {outcome.waves + 1}: {wave.why}")
        result = one.serve(wave.categories)
        outcome.waves += 1
        outcome.candidates += wave.candidates
        outcome.errors += errors(result.all_events)
        if not until_done and time.monotonic() >= end:
            outcome.stopped_because = (
                "one wave done; `--until-done` or `--hours` goes on" if hours is None else "time is over"
            )
            break
    if turn.given_up:
        gave_up = f"gave up after {MOST_ATTEMPTS} runs that changed nothing: {', '.join(sorted(turn.given_up))}"
        outcome.stopped_because += f"; {gave_up}"
        outcome.errors.append(gave_up)
    finish(one, outcome)
    return outcome


def plan(one: Session, given_up: Collection[str] = ()) -> WavePlan:
    """Return the next wave of a project, without the categories given up."""
    settings = one.project.settings
    sources = one.project.sources(one.foregrounds, one.tables, looked_for=looked_for(one.instance))
    busy = in_flight(one.instance)
    return next_wave(one.tables, settings.top_up, settings.budget, sources, busy, datetime.now(UTC), given_up)


def prepare(one: Session) -> None:
    """Materialize what every wave needs, where it never was, or its file or settings have changed since."""
    project, concepts = one.project, one.concepts
    missing = to_set_up(one.instance, project.set_up_fingerprint(concepts), project.pairs_fingerprint(concepts))
    if missing:
        result = one.materialize(missing)
        if not result.success:
            stop("\n".join(errors(result.all_events)), 1)


def finish(one: Session, outcome: Outcome) -> None:
    """Merge and publish after the waves; without a new one only what has never been made."""
    missing = [name for name, done in materialized(one.instance, ("training_dataset", "warehouse")).items() if not done]
    wanted = ["training_dataset", "warehouse"] if outcome.waves else missing
    if wanted:
        result = one.materialize(wanted)
        outcome.errors += errors(result.all_events)
