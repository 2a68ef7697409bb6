"""Wiring of `scene_graphs`: what whole pictures of a category should show, written by the text model."""

from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice

from genval_assets import keys
from genval_assets.assets.asking import answered
from genval_assets.assets.cost import chunks, metered
from genval_assets.assets.recorded import RecordedChat
from genval_assets.batches import Batch
from genval_assets.chat.ask import Reply, ask_all
from genval_assets.concepts.register import active, by_look, by_source_id
from genval_assets.layout_rows import StoredGraph
from genval_assets.layouts.baseline_graph import baseline_graph
from genval_assets.layouts.graph import SceneGraph, graph_json
from genval_assets.layouts.objects import ObjectList, object_lists, things
from genval_assets.layouts.owed import wanted_graphs
from genval_assets.layouts.scene_graph import STAGE, GraphQuestion
from genval_assets.layouts.settings import LayoutSettings
from genval_assets.model_ports import Chat
from genval_assets.ports import Photographs, PhotographSource
from genval_assets.rows import Category

MOST_IMAGES = 500
"""Images of one category whose objects are looked at; a rare one has fewer (our choice)."""


@dataclass(frozen=True)
class GraphJob:
    """One graph to write."""

    category: Category
    index: int
    objects: ObjectList


def wanted_of(batch: Batch, settings: LayoutSettings, can_draw: Callable[[str], bool]) -> dict[str, int]:
    """Return category -> graphs that the settings want of it, for the living categories; those without are left out.

    What is stored beyond that number stays, and is not worked on.
    """
    drawable = (c for c in batch.alive if can_draw(c.name))
    return wanted_graphs(((c.category, c.target, c.instance_count) for c in drawable), settings.graphs)


def write_missing_graphs(
    batch: Batch, settings: LayoutSettings, chat: Chat, photographs: PhotographSource, can_draw: Callable[[str], bool]
) -> None:
    """Write and store the graphs that the batch's categories lack, the model's batch filled across categories."""
    known = active(batch.tables.read(Category))
    with photographs.open() as source:
        jobs = list(_jobs(batch, settings, source, known, can_draw))
    if not jobs:
        return
    with (
        metered(batch, STAGE, model="chat") as meter,
        chat.open() as model,
        meter.asking(RecordedChat(model, batch.tables, batch.run_id, batch.now)) as asked,
        batch.progress.stage(STAGE, len(jobs)) as advance,
    ):
        for some in chunks(jobs, model.best_batch):
            batch.stop_here()
            rows = _written(batch, some, known, asked)
            batch.tables.append(rows)
            meter.items += len(rows)
            advance(len(some))


def _jobs(
    batch: Batch,
    settings: LayoutSettings,
    source: Photographs | None,
    known: Mapping[str, Category],
    can_draw: Callable[[str], bool],
) -> Iterator[GraphJob]:
    """Yield the graphs that are wanted and not stored, by category and index."""
    wanted = wanted_of(batch, settings, can_draw)
    drawable = {key for key, row in known.items() if can_draw(row.name)} if wanted else set()
    stored: dict[str, set[int]] = defaultdict(set)
    for category, index in batch.tables.values(StoredGraph, ("category", "index"), list(wanted)) if wanted else ():
        stored[str(category)].add(int(str(index)))
    lists = _as_keys(batch, settings.objects, known)
    for category in batch.alive:
        key = category.category
        missing = [index for index in range(wanted.get(key, 0)) if index not in stored[key]]
        images = list(_images(source, category, known)) if missing and not lists else []
        found = object_lists(key, missing, images, lists, settings.max_objects, drawable)
        yield from (GraphJob(category, index, objects) for index, objects in zip(missing, found, strict=True))


def _as_keys(batch: Batch, lists: Sequence[Sequence[str]], known: Mapping[str, Category]) -> list[tuple[str, ...]]:
    """Return the user's lists as keys; names that are no category are told and left out: nothing would label them."""
    key_of = by_look(known)
    unknown = sorted({name for names in lists for name in names if keys.look(name) not in key_of})
    if unknown:
        batch.log(f"[layouts] objects names what is no category, and is left out: {', '.join(unknown)}")
    return [tuple(key_of[keys.look(name)] for name in names if keys.look(name) in key_of) for names in lists]


def _images(
    source: Photographs | None, category: Category, known: Mapping[str, Category]
) -> Iterator[tuple[int, tuple[str, ...]]]:
    """Yield the images that show a category, by id, with the keys of all their objects."""
    if source is None or category.source_id is None:
        return
    key_of = by_source_id(known)
    shown = dict.fromkeys(one.image_id for one in source.of_category(category.source_id))
    for image_id in islice(sorted(shown), MOST_IMAGES):
        objects = (one for one in source.of_image(image_id) if not one.iscrowd and one.category_id in key_of)
        yield image_id, tuple(key_of[one.category_id] for one in objects)


def _written(
    batch: Batch, jobs: Sequence[GraphJob], known: Mapping[str, Category], chat: RecordedChat
) -> list[StoredGraph]:
    """Return the rows of graphs; categories for which the model was not reached fail."""
    living = [job for job in jobs if job.category.category not in batch.failed]
    questions = [_question(job, known) for job in living]
    heard = answered(batch, STAGE, living, ask_all(chat, questions))
    return [_row(batch, living[i], questions[i], reply, chat) for i, reply in heard]


def _question(job: GraphJob, known: Mapping[str, Category]) -> GraphQuestion:
    return GraphQuestion(things(job.objects.keys, known), job.category.category, job.index)


def _row(
    batch: Batch, job: GraphJob, question: GraphQuestion, reply: Reply[SceneGraph], chat: RecordedChat
) -> StoredGraph:
    """Return the agent's graph, or the baseline where no attempt brought one that can be used."""
    graph = reply.value or baseline_graph(question.things)
    category = job.category.category
    return StoredGraph(
        graph_id=keys.recipe("scene_graphs", category=category, index=job.index, graph=graph_json(graph)),
        run_id=batch.run_id,
        created_at=batch.now,
        category=category,
        index=job.index,
        objects=list(job.objects.keys),
        objects_from=job.objects.source,
        image_id=job.objects.image_id,
        graph=graph_json(graph),
        caption=graph.caption,
        n_nodes=len(graph.nodes),
        n_relations=len(graph.relations),
        origin="agent" if reply.value else "baseline",
        faults=list(reply.reasons),
        model=chat.model,
        revision=chat.revision,
        seed=question.request(len(reply.answers), ()).seed,
    )
