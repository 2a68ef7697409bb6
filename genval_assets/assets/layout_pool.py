"""Wiring of `layout_pool`: real pairs of objects, from the user's annotations and a relation file."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path

import dagster as dg
import numpy as np

from genval_assets import keys
from genval_assets.assets.catalog import OWNERS
from genval_assets.assets.cost import chunks
from genval_assets.assets.previews import Metadata
from genval_assets.assets.quarantine import append_quarantined
from genval_assets.concepts.register import active, by_look, by_source_id
from genval_assets.layout_rows import PoolPair
from genval_assets.layouts.pool import Pool
from genval_assets.layouts.real_pairs import RealPair, derived_pairs, read_relation_file
from genval_assets.layouts.settings import PoolSettings
from genval_assets.ports import ConceptSource, Locks, Photographs, PhotographSource, Tables
from genval_assets.project import Project
from genval_assets.rows import Category
from genval_assets.runs import FINGERPRINT, PAIRS, lock_name
from genval_assets.types import RefusedItem

PAIRS_PER_PART = 20_000
NAMED = ("subject", "relation", "object")
PLACED = (
    "subject_x", "subject_y", "subject_w", "subject_h", "object_x", "object_y", "object_w", "object_h",
)  # fmt: skip
CONTENT = (*NAMED, *PLACED, "image", "source")


class NoPairLeft(ValueError):
    """Of a project that had real pairs none is left."""


@dg.asset(
    name=PAIRS,
    deps=["concept_list"],
    group_name="sources",
    owners=OWNERS,
    tags={"system": "auto-cherry-picker"},
    kinds={"parquet"},
)
def layout_pool(
    context: dg.AssetExecutionContext,
    project: dg.ResourceParam[Project],
    concepts: dg.ResourceParam[ConceptSource],
    photographs: dg.ResourceParam[PhotographSource],
    tables: dg.ResourceParam[Tables],
    locks: dg.ResourceParam[Locks],
) -> dg.MaterializeResult[None]:
    """Pairs of real objects with their spatial relation: what CLIS-L compares layouts with (arXiv 2406.20085).

    A pool that differs from the last is the next generation. Degenerate boxes of a relation file are quarantined.
    """
    run_id = context.run.run_id
    with locks.hold(lock_name(run_id)):
        return dg.MaterializeResult(metadata=make_pool(project, concepts, photographs, tables, run_id))


def make_pool(
    project: Project, concepts: ConceptSource, photographs: PhotographSource, tables: Tables, run_id: str
) -> Metadata:
    """Make the pool, and return what people see of it."""
    now, settings = datetime.now(UTC), project.settings.layouts.pool
    categories = active(tables.read(Category))
    found: list[RealPair] = []
    with photographs.open() as source:
        if source is not None and settings.own:
            found += own_pairs(source, categories, settings)
    if settings.relations:
        read, refused = _from_file(Path(settings.relations), categories)
        append_quarantined(tables, PAIRS, refused, run_id, now)
        found += read
    fresh = _store(tables, found, run_id, now)
    return {
        "pairs": len(found),
        "new_generation": fresh,
        "relations": dg.MetadataValue.json(dict(Counter(pair.relation for pair in found).most_common())),
        "sources": dg.MetadataValue.json(dict(Counter(pair.source for pair in found))),
        FINGERPRINT: project.pairs_fingerprint(concepts),
    }


def own_pairs(source: Photographs, categories: Mapping[str, Category], settings: PoolSettings) -> Iterator[RealPair]:
    """Yield the pairs of the user's images, by image; regions to ignore are no objects."""
    key_of = by_source_id(categories)
    positions = {key: row.position for key, row in categories.items()}
    for image in source.images():
        objects = [
            (key_of[one.category_id], one.box)
            for one in source.of_image(image.image_id)
            if not one.iscrowd and one.category_id in key_of
        ]
        yield from derived_pairs(image.width, image.height, objects, image.path, settings.pairs_per_image, positions)


def _from_file(file: Path, categories: Mapping[str, Category]) -> tuple[list[RealPair], list[RefusedItem]]:
    known = by_look(categories)

    def key_of(name: str) -> str:
        return known.get(keys.look(name)) or keys.category_key(name)

    return read_relation_file(file.read_bytes(), file.name, key_of)


def _store(tables: Tables, found: Sequence[RealPair], run_id: str, now: datetime) -> bool:
    """Store the pairs as a new generation, and return whether they differ from the last one.

    Raises:
        NoPairLeft: there is none, but the last generation has some; a generation without rows cannot be told.
    """
    before, generation = _newest(tables, CONTENT)
    fresh = {_content(pair): None for pair in found}
    if before and not fresh:
        raise NoPairLeft(
            f"nothing gives a pair of objects any more; the last pool has {len(before)}. "
            "Give annotations ([data] coco with [layouts.pool] own), or a relation file"
        )
    if set(fresh) == set(before):
        return False
    for part in chunks(list(fresh), PAIRS_PER_PART):
        tables.append([_row((generation or 0) + 1, content, run_id, now) for content in part])
    return True


def _newest(tables: Tables, columns: Sequence[str]) -> tuple[list[tuple[object, ...]], int | None]:
    """Return some columns of the pairs in force, and their generation; nothing and None where no pool was made."""
    stored = tables.values(PoolPair, ("generation", *columns))
    newest = max((int(str(row[0])) for row in stored), default=None)
    return [row[1:] for row in stored if row[0] == newest], newest


def _content(pair: RealPair) -> tuple[object, ...]:
    boxes = (*map(float, pair.subject_box), *map(float, pair.object_box))
    return (pair.subject, pair.relation, pair.object, *boxes, pair.image, pair.source)


def _row(generation: int, content: tuple[object, ...], run_id: str, now: datetime) -> PoolPair:
    named = dict(zip(CONTENT, content, strict=True))
    pair_id = keys.recipe("layout_pool", generation=generation, content=str(content))
    return PoolPair(pair_id=pair_id, generation=generation, run_id=run_id, created_at=now, **named)  # type: ignore[arg-type]  # in the order of CONTENT


def read_pool(tables: Tables) -> tuple[Pool, int | None]:
    """Return the pool in force and its generation; an empty one and None where none was made."""
    rows, newest = _newest(tables, (*NAMED, *PLACED))
    subjects, relations, objects = ([str(row[i]) for row in rows] for i in range(3))
    placed = np.array([row[3:] for row in rows], dtype=np.float64).reshape(-1, len(PLACED))
    return Pool.of(subjects, relations, objects, placed[:, :4], placed[:, 4:]), newest
