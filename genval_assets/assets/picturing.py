"""Wiring of accepted pictures: what was requested of what they show, and their pixels as models see them."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass

import cv2
import numpy as np

from genval_assets.assets.subjects import Subject
from genval_assets.batches import Batch
from genval_assets.instances.gate import Frame
from genval_assets.instances.ground import in_frame
from genval_assets.instances.in_force import in_force
from genval_assets.layout_rows import LayoutImage, StoredGraph, StoredLayout
from genval_assets.layouts.graph import Node, read_graph
from genval_assets.negatives.picture import Thing
from genval_assets.negatives.requested import requested_of_words, requested_values
from genval_assets.negatives.vocabulary import Vocabulary
from genval_assets.ports import Images, Photographs
from genval_assets.prompting.lint import spoken_name
from genval_assets.prompting.slots import read_slots
from genval_assets.rows import Annotation, Background, Category, Instance, Prompt, Reference, Scene, Verdict
from genval_assets.types import RefusedItem, Rgb

LONGEST_PX = 768
"""Longest side of what models are shown (our choice)."""
MARGIN = 0.08
"""Ground around a cut-out, and surroundings of a real object, as a share of the longer side (our choice)."""


@dataclass(frozen=True)
class Known:
    """What is known of a picture before anybody looks at it."""

    subject: Subject
    row: Verdict | Scene | Reference
    things: tuple[Thing, ...]
    complete: bool  # nothing of its categories stands in it beyond these things


def known_pictures(batch: Batch, subjects: Sequence[Subject], vocabulary: Vocabulary) -> list[Known]:
    """Return what is known of the pictures, in order; those of which a row is gone are left out."""
    names = {row.category: spoken_name(row.name) for row in batch.tables.read(Category)}
    by_kind: dict[str, list[Subject]] = defaultdict(list)
    for subject in subjects:
        by_kind[subject.kind].append(subject)
    found = {
        one.subject.subject_id: one
        for kind, some in by_kind.items()
        for one in OF_KIND[kind](_Lookup(batch, names, vocabulary), some)
    }
    return [found[subject.subject_id] for subject in subjects if subject.subject_id in found]


@dataclass(frozen=True)
class _Lookup:
    """Where rows are read, what categories are called, and which words are values."""

    batch: Batch
    names: Mapping[str, str]  # key -> as a sentence holds it
    vocabulary: Vocabulary

    def requested(self, instances: Iterable[str]) -> dict[str, dict[str, str]]:
        """Return what the prompts of some instances asked for, by instance id; of cut-outs and variations nothing."""
        wanted = set(instances)
        drawn = self.batch.tables.values(Instance, ("instance_id", "prompt_id"))
        prompt_of = {str(one): str(prompt) for one, prompt in drawn if one in wanted and prompt is not None}
        asked = set(prompt_of.values())
        slots = {
            str(p): str(text) for p, text in self.batch.tables.values(Prompt, ("prompt_id", "slots")) if p in asked
        }
        return {
            one: requested_values(read_slots(slots[prompt]), self.vocabulary)
            for one, prompt in prompt_of.items()
            if prompt in slots
        }


def _instances(at: _Lookup, subjects: Sequence[Subject]) -> list[Known]:
    verdicts = {row.instance_id: row for row in in_force(at.batch.tables.read(Verdict, at.batch.keys))}
    requested = at.requested(subject.subject_id for subject in subjects)
    return [
        Known(one, row, (Thing(at.names[one.category], requested.get(one.subject_id, {})),), complete=True)
        for one in subjects
        if (row := verdicts.get(one.subject_id)) is not None
    ]


def _real(at: _Lookup, subjects: Sequence[Subject]) -> list[Known]:
    """Return real objects; what else a photograph shows about them is not known."""
    rows = {row.reference_id: row for row in at.batch.tables.read(Reference, at.batch.keys)}
    return [
        Known(one, rows[one.subject_id], (Thing(at.names[one.category], {}),), complete=False)
        for one in subjects
        if one.subject_id in rows
    ]


@dataclass(frozen=True)
class _Object:
    """An annotation of a scene, without its mask."""

    category: str
    instance_id: str | None
    iscrowd: bool
    node_id: str | None


def _scenes(at: _Lookup, subjects: Sequence[Subject]) -> list[Known]:
    rows = {row.scene_id: row for row in at.batch.tables.read(Scene, at.batch.keys)}
    columns = ("scene_id", "category", "instance_id", "iscrowd", "node_id")
    objects: dict[str, list[_Object]] = defaultdict(list)
    for scene, *values in at.batch.tables.values(Annotation, columns, at.batch.keys):
        objects[str(scene)].append(_Object(*values))  # type: ignore[arg-type]  # in the order of its fields
    requested = at.requested(one.instance_id for some in objects.values() for one in some if one.instance_id)
    nodes = _nodes_of(at.batch)
    screened = {row.background_id: row.screened != "unscreened" for row in at.batch.tables.read(Background)}
    known = []
    for subject in subjects:
        row = rows.get(subject.subject_id)
        if row is None:
            continue
        held = objects[row.scene_id]
        if row.layout_image_id is None:
            things = tuple(Thing(at.names[o.category], requested.get(o.instance_id or "", {})) for o in held)
            # of a training image only what was annotated is known, which of LVIS is not everything
            complete = row.canvas != "training" and screened.get(row.background_id or "", False)
        else:
            drawn = nodes.get(row.layout_image_id, ())
            things = tuple(Thing(at.names[n.category], requested_of_words(n.attributes, at.vocabulary)) for n in drawn)
            complete = not row.not_exhaustive and {n.node_id for n in drawn} == {o.node_id for o in held}
        known.append(Known(subject, row, things, complete and not any(o.iscrowd for o in held)))
    return known


def _nodes_of(batch: Batch) -> dict[str, tuple[Node, ...]]:
    """Return what the pictures drawn from layouts should show, by layout image id."""
    graphs = {row.graph_id: read_graph(row.graph).nodes for row in batch.tables.read(StoredGraph, batch.keys)}
    graph_of = dict(map(_pair, batch.tables.values(StoredLayout, ("layout_id", "graph_id"), batch.keys)))
    pictures = map(_pair, batch.tables.values(LayoutImage, ("layout_image_id", "layout_id"), batch.keys))
    return {picture: graphs[graph_of[layout]] for picture, layout in pictures}


def _pair(values: tuple[object, ...]) -> tuple[str, str]:
    first, second = values
    return str(first), str(second)


OF_KIND: Mapping[str, Callable[[_Lookup, Sequence[Subject]], list[Known]]] = {
    "instance": _instances,
    "scene": _scenes,
    "real": _real,
}


def stored_picture(known: Known, images: Images, photographs: Photographs | None) -> str:
    """Return the path of the picture as models see it, written if it is not there yet.

    A cut-out lies on a plain ground that it stands out from; of a scene it is the scene's own file; of a photograph the
    part about the object.

    Raises:
        RefusedItem: a picture is gone, or cannot be read.
    """
    row = known.row
    try:
        if isinstance(row, Scene):
            return row.image
        if isinstance(row, Verdict):
            return images.put([_on_ground(images.get(row.cutout or ""))])[0]
    except FileNotFoundError as err:
        raise RefusedItem(known.subject.subject_id, "lost_picture", f"its picture is not on disk: {err}") from err
    if photographs is None:
        raise RefusedItem(row.photograph, "lost_picture", "the project has no photographs any more")
    return images.put([_about(photographs.pixels(row.image_id), row)], lossless=False)[0]


def as_seen(images: Images, path: str) -> Rgb:
    """Return a stored picture as models see it: of `LONGEST_PX` at most.

    Raises:
        FileNotFoundError: it is gone.
    """
    return _within(images.get(path)[..., :3])


def _on_ground(cutout: Rgb) -> Rgb:
    height, width = cutout.shape[:2]
    margin = round(MARGIN * max(height, width))
    frame = Frame(width + 2 * margin, height + 2 * margin, margin, margin)
    return in_frame(cutout, frame, LONGEST_PX)


def _about(photograph: Rgb, reference: Reference) -> Rgb:
    height, width = photograph.shape[:2]
    margin = MARGIN * max(reference.w, reference.h)
    left, top = int(max(0, reference.x - margin)), int(max(0, reference.y - margin))
    right = int(min(width, np.ceil(reference.x + reference.w + margin)))
    bottom = int(min(height, np.ceil(reference.y + reference.h + margin)))
    return _within(photograph[top:bottom, left:right])


def _within(picture: Rgb) -> Rgb:
    height, width = picture.shape[:2]
    scale = LONGEST_PX / max(height, width)
    if scale >= 1:
        return np.ascontiguousarray(picture)
    size = (max(1, round(width * scale)), max(1, round(height * scale)))
    return np.asarray(cv2.resize(picture, size, interpolation=cv2.INTER_AREA), dtype=np.uint8)
