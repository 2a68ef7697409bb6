"""Wiring of the first part of `layout_scenes`: several pictures of every layout that is to be drawn."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from genval_assets import keys
from genval_assets.assets.cost import chunks, metered
from genval_assets.assets.drawing import NoRoom
from genval_assets.batches import Batch
from genval_assets.layout_rows import LayoutImage, LayoutScene, StoredGraph, StoredLayout
from genval_assets.layouts.graph import Boxes, SceneGraph, read_boxes, read_graph
from genval_assets.layouts.seeing import STAGE
from genval_assets.model_ports import LayoutImages, LayoutModel
from genval_assets.ports import Images
from genval_assets.rows import Category
from genval_assets.types import LayoutDrawn, LayoutRequest

LAYOUTS_PER_FLUSH = 4


@dataclass(frozen=True)
class Planned:
    """A layout that is to be drawn and has not come to its end."""

    category: Category
    layout: StoredLayout
    graph: SceneGraph
    boxes: Boxes


def planned_layouts(batch: Batch, wanted: Mapping[str, int]) -> list[Planned]:
    """Return the layouts of wanted graphs that are to be drawn, and whose pictures are not decided yet."""
    categories = {category.category: category for category in batch.alive}
    ended = {layout for (layout,) in batch.tables.values(LayoutScene, ("layout_id",), batch.keys)}
    asked = [row for row in batch.tables.read(StoredLayout, batch.keys) if row.index < wanted.get(row.category, 0)]
    todo = [row for row in asked if row.outcome != "rejected" and row.layout_id not in ended]
    graphs = {row.graph_id: row.graph for row in batch.tables.read(StoredGraph, batch.keys)} if todo else {}
    return [
        Planned(categories[row.category], row, read_graph(graphs[row.graph_id]), read_boxes(row.boxes)) for row in todo
    ]


@dataclass(frozen=True)
class _Job:
    """One layout with those of its pictures that are missing."""

    planned: Planned
    missing: tuple[int, ...]

    @property
    def category(self) -> Category:
        return self.planned.category


def draw_layouts(
    batch: Batch,
    planned: Sequence[Planned],
    layout_images: LayoutImages,
    images: Images,
    per_layout: int,
) -> None:
    """Draw and store the pictures that the layouts lack; what the device had no room for stays owed.

    They are stored without loss: masks are found in them, and JPEG blurs what is thin.
    """
    jobs = list(_jobs(batch, planned, per_layout))
    if not jobs:
        return
    with (
        metered(batch, STAGE, model="layout model") as meter,
        layout_images.open() as model,
        batch.progress.stage(f"{STAGE}, drawing", len(jobs)) as advance,
    ):
        meter.opened(f"{model.model}@{model.revision}")
        studio = _Studio(batch, model, images)
        for some in chunks(jobs, LAYOUTS_PER_FLUSH):
            batch.stop_here()
            batch.attempt_together(STAGE, some, studio.draw)
            meter.items = studio.made
            advance(len(some))
    for category in batch.alive:
        if category.category in studio.unmade:
            batch.fail(STAGE, category, NoRoom(studio.unmade[category.category]))


def _jobs(batch: Batch, planned: Sequence[Planned], per_layout: int) -> Iterator[_Job]:
    stored = set(batch.tables.values(LayoutImage, ("layout_id", "index"), batch.keys)) if planned else set()
    for one in planned:
        missing = tuple(i for i in range(per_layout) if (one.layout.layout_id, i) not in stored)
        if missing:
            yield _Job(one, missing)


class _Studio:
    """An open layout model, and where its pictures go."""

    def __init__(self, batch: Batch, model: LayoutModel, images: Images) -> None:
        self._batch = batch
        self._model = model
        self._images = images
        self.made = 0
        self.unmade: dict[str, str] = {}  # category key -> why it still owes pictures

    def draw(self, jobs: Sequence[_Job]) -> None:
        """Draw and store the pictures of some layouts."""
        drawn = self._model.draw([_request(job) for job in jobs])
        rows: list[LayoutImage] = []
        for job, result in zip(jobs, drawn, strict=True):
            if result.owed:
                self.unmade[job.category.category] = result.error
            rows += self._rows(job, result)
        self._batch.tables.append(rows)
        self.made += len(rows)

    def _rows(self, job: _Job, result: LayoutDrawn) -> Iterator[LayoutImage]:
        """Yield the rows of what came, and of what cannot; what is owed has none."""
        paths = iter(self._images.put([p for p in result.pictures if p is not None]))
        for index, seed, picture in zip(job.missing, result.request.seeds, result.pictures, strict=True):
            if picture is None and result.owed:
                continue
            layout_id = job.planned.layout.layout_id
            height, width = (None, None) if picture is None else picture.shape[:2]
            yield LayoutImage(
                layout_image_id=keys.recipe(
                    "layout_images",
                    layout_id=layout_id,
                    index=index,
                    model=self._model.model,
                    revision=self._model.revision,
                ),
                run_id=self._batch.run_id,
                created_at=self._batch.now,
                layout_id=layout_id,
                category=job.category.category,
                index=index,
                image=None if picture is None else next(paths),
                width=width,
                height=height,
                error="" if picture is not None else result.error or "the model returned no picture",
                model=self._model.model,
                revision=self._model.revision,
                seed=seed,
            )


def _request(job: _Job) -> LayoutRequest:
    """Return what is asked of the layout model; the boxes of nearer layers come later."""
    graph, layout = job.planned.graph, job.planned.layout
    nodes = graph.back_to_front
    return LayoutRequest(
        layout_id=layout.layout_id,
        caption=graph.caption,
        phrases=tuple(node.phrase for node in nodes),
        boxes=tuple(job.planned.boxes[node.node_id] for node in nodes),
        seeds=tuple(keys.seed_of(layout.layout_id, "image", index) for index in job.missing),
    )
