"""Wiring of `layouts`: a box for every object of a graph, and how real they look beside one another (CLIS-L)."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from genval_assets import keys
from genval_assets.assets.asking import answered
from genval_assets.assets.cost import chunks, metered
from genval_assets.assets.layout_pool import read_pool
from genval_assets.assets.recorded import RecordedChat
from genval_assets.batches import Batch
from genval_assets.chat.ask import Reply, ask_all
from genval_assets.layout_rows import LayoutPair, StoredGraph, StoredLayout
from genval_assets.layouts.clis_l import Pair, PairScore, clis_l
from genval_assets.layouts.graph import Boxes, SceneGraph, boxes_json, read_graph
from genval_assets.layouts.layout import STAGE, LayoutQuestion
from genval_assets.layouts.layout_score import LayoutScore, layout_score
from genval_assets.layouts.pool import Pool
from genval_assets.layouts.settings import ClisLSettings
from genval_assets.layouts.solver import solve
from genval_assets.model_ports import Chat
from genval_assets.rows import Category
from genval_assets.types import Xywh

ATTEMPTS = 4
"""A layout is asked for once, and its faults go back at most three times (our choice)."""


@dataclass(frozen=True)
class LayoutJob:
    """One graph whose objects need boxes."""

    category: Category
    stored: StoredGraph
    graph: SceneGraph


@dataclass(frozen=True)
class Arranged:
    """A graph with its boxes, before they are scored."""

    job: LayoutJob
    boxes: Boxes
    by_agent: bool  # else by the solver
    faults: tuple[str, ...]  # codes, of the agent's attempts
    seed: int


@dataclass(frozen=True)
class Surveyor:
    """Who lays out, and what with."""

    batch: Batch
    chat: RecordedChat
    pool: Pool
    generation: int | None  # of the pool
    settings: ClisLSettings


def lay_out(batch: Batch, wanted: Mapping[str, int], settings: ClisLSettings, chat: Chat) -> None:
    """Lay out the wanted graphs that have no layout, score and store them; what looks unreal is stored as rejected."""
    jobs = _jobs(batch, wanted)
    if not jobs:
        return
    pool, generation = read_pool(batch.tables)
    with (
        metered(batch, STAGE, model="chat") as meter,
        chat.open() as model,
        meter.asking(RecordedChat(model, batch.tables, batch.run_id, batch.now)) as asked,
        batch.progress.stage(STAGE, len(jobs)) as advance,
    ):
        surveyor = Surveyor(batch, asked, pool, generation, settings)
        for some in chunks(jobs, model.best_batch):
            batch.stop_here()
            arranged = _arranged(surveyor, some)
            _store(surveyor, arranged)
            meter.items += len(arranged)
            advance(len(some))


def _jobs(batch: Batch, wanted: Mapping[str, int]) -> list[LayoutJob]:
    categories = {category.category: category for category in batch.alive}
    done = {graph for (graph,) in batch.tables.values(StoredLayout, ("graph_id",), batch.keys)}
    asked = [row for row in batch.tables.read(StoredGraph, batch.keys) if row.index < wanted.get(row.category, 0)]
    rows = [row for row in asked if row.graph_id not in done]
    return [LayoutJob(categories[row.category], row, read_graph(row.graph)) for row in rows]


def _arranged(surveyor: Surveyor, jobs: Sequence[LayoutJob]) -> list[Arranged]:
    """Return the jobs with boxes: the agent's, or the solver's where no attempt brought any that can be used."""
    living = [job for job in jobs if job.category.category not in surveyor.batch.failed]
    questions = [LayoutQuestion(job.graph, job.category.category, job.stored.index) for job in living]
    heard = answered(surveyor.batch, STAGE, living, ask_all(surveyor.chat, questions, ATTEMPTS))
    return [_laid_out(living[i], questions[i], reply, surveyor.pool) for i, reply in heard]


def _laid_out(job: LayoutJob, question: LayoutQuestion, reply: Reply[dict[str, Xywh]], pool: Pool) -> Arranged:
    if reply.value is not None:
        seed = question.request(len(reply.answers), ()).seed
        return Arranged(job, reply.value, by_agent=True, faults=reply.reasons, seed=seed)
    seed = keys.seed_of(job.stored.graph_id, "solver")
    return Arranged(job, solve(job.graph, pool.examples, seed), by_agent=False, faults=reply.reasons, seed=seed)


def _store(surveyor: Surveyor, arranged: Sequence[Arranged]) -> None:
    """Score the layouts and store them; of each its pairs first, so that a layout's row says that they are there."""
    pairs = [_pairs(one) for one in arranged]
    scores = iter(clis_l(surveyor.pool, [pair for some in pairs for pair in some], surveyor.settings))
    layouts, stored = [], []
    for one, some in zip(arranged, pairs, strict=True):
        scored = [next(scores) for _ in some]
        row = _row(surveyor, one, layout_score(scored, surveyor.settings))
        layouts.append(row)
        stored += [_pair_row(row, i, pair, score) for i, (pair, score) in enumerate(zip(some, scored, strict=True))]
    surveyor.batch.tables.append(stored)
    surveyor.batch.tables.append(layouts)


def _pairs(one: Arranged) -> list[Pair]:
    graph = one.job.graph
    return [
        Pair(
            subject=graph.node(relation.subject).category,
            relation=relation.predicate,
            object=graph.node(relation.object).category,
            subject_box=one.boxes[relation.subject],
            object_box=one.boxes[relation.object],
        )
        for relation in graph.relations
    ]


def _row(surveyor: Surveyor, one: Arranged, score: LayoutScore) -> StoredLayout:
    worst = None if score.worst is None else one.job.graph.relations[score.worst]
    boxes = boxes_json(one.boxes)
    graph_id = one.job.stored.graph_id
    return StoredLayout(
        layout_id=keys.recipe("layouts", graph_id=graph_id, boxes=boxes),
        run_id=surveyor.batch.run_id,
        created_at=surveyor.batch.now,
        graph_id=graph_id,
        category=one.job.category.category,
        index=one.job.stored.index,
        boxes=boxes,
        origin="agent" if one.by_agent else "solver",
        faults=list(one.faults),
        n_relations=len(one.job.graph.relations),
        n_scored=score.n_scored,
        clis_l=score.clis_l,
        worst_pair=None if worst is None else f"{worst.subject} {worst.predicate} {worst.object}",
        worst_percentile=score.worst_percentile,
        pool_generation=surveyor.generation,
        outcome=score.outcome,
        reason=score.reason,
        model=surveyor.chat.model,
        revision=surveyor.chat.revision,
        seed=one.seed,
    )


def _pair_row(layout: StoredLayout, index: int, pair: Pair, score: PairScore) -> LayoutPair:
    return LayoutPair(
        layout_pair_id=keys.recipe("layout_pairs", layout_id=layout.layout_id, index=index),
        run_id=layout.run_id,
        created_at=layout.created_at,
        layout_id=layout.layout_id,
        category=layout.category,
        subject=pair.subject,
        relation=pair.relation,
        object=pair.object,
        **vars(score),
    )
