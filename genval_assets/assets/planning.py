"""Wiring of plans: what the next wave is, and the `top_ups` rows that a run writes before it works.

The rows are written in one part before anything is drawn, so that a killed run resumes the same plan.
"""

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Sequence
from datetime import datetime, timedelta

from genval_assets import keys
from genval_assets.assets.cost import stage_costs
from genval_assets.assets.questions import asked_scenes
from genval_assets.assets.subjects import finished_subjects, wanted_subjects
from genval_assets.batches import Batch
from genval_assets.layout_rows import LayoutScene, StoredGraph, StoredLayout
from genval_assets.layouts.owed import Worked, owed_graphs, wanted_graphs
from genval_assets.negatives.owed import QUESTIONS, owed_pictures
from genval_assets.ports import Tables
from genval_assets.rows import Reference, TopUp
from genval_assets.topup.extras import CAPTIONS, GRAPHS, OwedExtra
from genval_assets.topup.owed import OF_OBJECTS, owes
from genval_assets.topup.plan import Ask, PlannedTopUp, Spent, WavePlan, plan_wave
from genval_assets.topup.seconds import StageCost, pace
from genval_assets.topup.settings import BudgetSettings, TopUpSettings
from genval_assets.topup.sources import Sources
from genval_assets.types import Tally

BUDGET_WINDOW = timedelta(hours=24)


def next_wave(
    tables: Tables,
    settings: TopUpSettings,
    budget: BudgetSettings,
    sources: Sources,
    in_flight: Collection[str],
    now: datetime,
    given_up: Collection[str] = (),
) -> WavePlan:
    """Return the next wave, without the categories given up.

    While anything planned is unfinished and can be gone on with, a wave is only that: it is finished first.
    """
    costs = stage_costs(tables)
    tallies, used, measured = tables.tallies(), spent(costs, tables.free_bytes(), now), pace(costs)
    extras = owed_extras(tables, tallies, sources)

    def plan(some: Iterable[Tally]) -> WavePlan:
        return plan_wave(
            tuple(some),
            settings,
            budget,
            sources,
            extras=extras,
            in_flight=in_flight,
            given_up=given_up,
            spent=used,
            pace=measured,
        )

    unfinished = plan(tally for tally in tallies if owes(tally))
    return unfinished if unfinished.categories else plan(tallies)


def owed_extras(tables: Tables, tallies: Sequence[Tally], sources: Sources) -> list[OwedExtra]:
    """Return what the categories owe beside candidates, of each kind; what the settings do not want is not read.

    Before any graph was measured, each of its pictures is taken for a candidate (our choice).
    """
    return [
        OwedExtra(GRAPHS, _graphs_to_go(tables, tallies, sources), sources.layouts.images),
        OwedExtra(CAPTIONS, _pictures_to_go(tables, tallies, sources), QUESTIONS),
    ]


def _pictures_to_go(tables: Tables, tallies: Iterable[Tally], sources: Sources) -> dict[str, int]:
    known, wanted = {tally.category for tally in tallies}, defaultdict(set)
    for subject in wanted_subjects(tables, sources.hard_negatives):
        if subject.category in known:
            wanted[subject.category].add(subject.subject_id)
    return owed_pictures(wanted, finished_subjects(tables, sources.eyes)) if wanted else {}


def _graphs_to_go(tables: Tables, tallies: Iterable[Tally], sources: Sources) -> dict[str, int]:
    drawable = ((t.category, t.target, t.real) for t in tallies if sources.can_draw(t.name))
    wanted = wanted_graphs(drawable, sources.layouts.graphs)
    return owed_graphs(wanted, _worked(tables), questions=sources.layouts.questions) if wanted else {}


def _worked(tables: Tables) -> Worked:
    graphs = tables.values(StoredGraph, ("graph_id", "category", "index"))
    layouts = tables.values(StoredLayout, ("layout_id", "graph_id", "outcome"))
    ended = tables.values(LayoutScene, ("layout_id", "scene_id"))
    return Worked(
        graphs={str(graph): (str(category), int(str(index))) for graph, category, index in graphs},
        layouts={str(layout): str(graph) for layout, graph, _ in layouts},
        rejected={str(layout) for layout, _, outcome in layouts if outcome == "rejected"},
        ended={str(layout): None if scene is None else str(scene) for layout, scene in ended},
        asked=asked_scenes(tables),
    )


def spent(costs: Iterable[StageCost], free_bytes: int, now: datetime) -> Spent:
    """Return what the last 24 hours have cost, and the disk that is left."""
    recent = [row for row in costs if now - row.created_at <= BUDGET_WINDOW]
    return Spent(
        candidates=sum(row.items for row in recent if row.stage == "raw_instances"),
        seconds=sum(row.seconds for row in recent),
        free_bytes=free_bytes,
    )


def record_plans(
    batch: Batch, settings: TopUpSettings, budget: BudgetSettings, sources: Sources, candidates: int
) -> None:
    """Append the plans of the batch's categories.

    One that still owes work gets no new plan but finishes the old; with `candidates` it gets one for so many more.
    """
    tallies = [t for t in batch.tables.tallies() if t.category in set(batch.keys)]
    costs = stage_costs(batch.tables)
    plan = plan_wave(
        tallies,
        settings,
        budget,
        sources,
        spent=spent(costs, batch.tables.free_bytes(), batch.now),
        pace=pace(costs),
        ask=Ask(batch.keys, candidates),
    )
    for stop in plan.stops:
        batch.log(f"{stop.category}: {stop.reason}: {stop.why}")
    for resumed in plan.resumed:
        batch.log(f"{resumed.category}: resumes {resumed.owed} unfinished items of an earlier plan")
    references = Counter(row.category for row in batch.tables.read(Reference, batch.keys))
    batch.tables.append([_row(batch, top, references[top.category]) for top in plan.tops])


def _row(batch: Batch, top: PlannedTopUp, references: int) -> TopUp:
    return TopUp(
        top_up_id=keys.recipe("top_ups", category=top.category, source=top.source, first_index=top.first_index),
        run_id=batch.run_id,
        created_at=batch.now,
        source_objects=references if top.source in OF_OBJECTS else None,
        **vars(top),
    )
