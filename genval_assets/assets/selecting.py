"""Wiring of InstaDA's proportional filter: which valid instances stay without a scene while their category has enough.

The rows of a wave's decisions are stored in one part before anything is composed, so that a killed run goes on with
the same pictures. The embedding model is opened only where something is to be decided.
"""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from genval_assets import keys
from genval_assets.assets.cost import chunks, metered
from genval_assets.assets.scenes import STAGE
from genval_assets.batches import Batch, by_category
from genval_assets.compose.unplaced import UNPLACED
from genval_assets.concepts.register import active
from genval_assets.instances.ground import on_plain_ground
from genval_assets.instances.in_force import in_force
from genval_assets.model_ports import Embedder, Embedders
from genval_assets.ports import Images
from genval_assets.rows import Category, NotSelected, Quarantined, Reference, Scene, Verdict
from genval_assets.validation.overshoot import Held, Overshoot, overshoots
from genval_assets.validation.selection import Likeness, likeness, select_by

REAL_CROPS = 16
"""Real crops of a category that its pictures are compared with at most, the best ones (our choice)."""
PICTURES_TOGETHER = 64
"""So many are embedded at once (our choice)."""


@dataclass(frozen=True)
class Undecided:
    """A round of which some pictures may stay unused, and what to compare them with."""

    category: Category
    overshoot: Overshoot
    references: Sequence[Reference]


def left_out_instances(batch: Batch, embedders: Embedders, images: Images, keep_share: float) -> set[str]:
    """Return the instances that need no scene now, of all categories; what is decided anew on is stored.

    Args:
        batch: its living categories are looked at; of others what was left out stays so.
        embedders: opened where something is to be decided.
        images: cut-outs and real crops.
        keep_share: of a round, in (0, 1]; at 1 nothing is left out.
    """
    stored = _stored(batch)
    served = {category.category for category in batch.categories}
    found = {instance for key, instances in stored.items() if key not in served for instance in instances}
    undecided = []
    references = _references(batch)
    held = _held(batch, stored)
    for category in batch.alive:
        for one in overshoots(category, held[category.category], keep_share):
            found |= one.left_out or set()
            if one.left_out is None:
                undecided.append(Undecided(category, one, references[category.category]))
    rows = _decided(batch, undecided, embedders, images, keep_share) if undecided else []
    batch.tables.append(rows)
    return found | {row.instance_id for row in rows}


def _stored(batch: Batch) -> dict[str, set[str]]:
    """Return which instances of each category were left out at its target of today, or at a higher one."""
    categories = active(batch.tables.read(Category))
    found: dict[str, set[str]] = defaultdict(set)
    for row in batch.tables.read(NotSelected):
        if row.category in categories and row.target >= categories[row.category].target:
            found[row.category].add(row.instance_id)
    return found


def _references(batch: Batch) -> dict[str, list[Reference]]:
    best_first = by_category(batch.tables.read(Reference, batch.keys))
    return {key: best_first[key][:REAL_CROPS] for key in batch.keys}


def _held(batch: Batch, stored: Mapping[str, set[str]]) -> dict[str, Held]:
    verdicts = in_force(batch.tables.read(Verdict, batch.keys))
    accepted = by_category(verdict for verdict in verdicts if verdict.outcome == "accepted")
    composed = {str(instance) for _, instance in batch.tables.values(Scene, ("scene_id", "instance_id"), batch.keys)}
    refused = [row for row in batch.tables.read(Quarantined, batch.keys) if row.stage == STAGE]
    unplaced = {row.item.removeprefix(UNPLACED) for row in refused}
    return {key: Held(accepted[key], composed, unplaced, stored.get(key, ())) for key in batch.keys}


def _decided(
    batch: Batch, undecided: Sequence[Undecided], embedders: Embedders, images: Images, keep_share: float
) -> list[NotSelected]:
    """Return the rows of what is left out; a category whose pictures cannot be read fails and has none."""
    rows: list[NotSelected] = []
    count = sum(len(one.overshoot.members) for one in undecided)
    with (
        metered(batch, STAGE, model="", items=count) as meter,
        embedders.open() as embedder,
        batch.progress.stage("selection", count) as advance,
    ):
        meter.opened(f"{embedder.model}@{embedder.revision}")
        for one in undecided:
            batch.stop_here()
            with batch.attempt(STAGE, one.category):
                own = list(_not_selected(batch, one, _likeness(one, embedder, images), keep_share))
                rows += own
                of, number = len(one.overshoot.members), one.overshoot.round
                batch.log(f"{one.category.category}: round {number}: {of - len(own)} of {of} valid instances are used")
            advance(len(one.overshoot.members))
    return [row for row in rows if row.category not in batch.failed]


def _likeness(one: Undecided, embedder: Embedder, images: Images) -> Likeness:
    members = {member.instance_id: str(member.cutout) for member in one.overshoot.members}
    pictures = _vectors(embedder, images, list(members.values()))
    crops = _vectors(embedder, images, [reference.image for reference in one.references])
    return likeness(list(members), pictures, embedder.texts([one.category.name])[0], crops)


def _vectors(embedder: Embedder, images: Images, paths: Sequence[str]) -> NDArray[np.float32]:
    """Return (N, D) unit vectors of RGBA cut-outs over a plain ground."""
    found = [
        embedder.images([on_plain_ground(images.get(path)) for path in some])
        for some in chunks(paths, PICTURES_TOGETHER)
    ]
    return np.concatenate(found) if found else np.zeros((0, 0), dtype=np.float32)


def _not_selected(batch: Batch, one: Undecided, similar: Likeness, keep_share: float) -> Iterator[NotSelected]:
    """Yield the row of each that is left out; what has a scene since an earlier decision keeps it."""
    members = {member.instance_id: member for member in one.overshoot.members}
    chosen = select_by(list(members), similar, one.overshoot.needed, keep_share)
    for rank, instance in enumerate(chosen.not_selected, start=len(chosen.selected) + 1):
        if instance not in one.overshoot.waiting:
            continue
        yield NotSelected(
            not_selected_id=keys.recipe("not_selected", instance_id=instance, target=one.category.target),
            run_id=batch.run_id,
            created_at=batch.now,
            category=one.category.category,
            instance_id=instance,
            round=members[instance].round,
            index=members[instance].index,
            target=one.category.target,
            needed=one.overshoot.needed,
            rank=rank,
            of=len(members),
            s_txt=similar.s_txt[instance] if similar.s_txt else None,
            s_img=similar.s_img[instance] if similar.s_img else None,
        )
