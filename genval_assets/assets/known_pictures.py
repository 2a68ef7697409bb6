"""Wiring of accepted pictures: what was requested of what they show, before anybody looks at them."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass

from genval_assets.assets.subjects import Subject
from genval_assets.batches import Batch
from genval_assets.instances.in_force import in_force
from genval_assets.layout_rows import LayoutImage, LayoutScene, StoredGraph, StoredLayout
from genval_assets.layouts.graph import Node, read_graph
from genval_assets.negatives.picture import Thing
from genval_assets.negatives.requested import requested_of_words, requested_values
from genval_assets.negatives.vocabulary import Vocabulary
from genval_assets.prompting.lint import spoken_name
from genval_assets.prompting.slots import read_slots
from genval_assets.rows import Annotation, Background, Category, Instance, Prompt, Reference, Scene, Verdict


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
    laid_out = any(row.layout_image_id is not None for row in rows.values())
    drawn, composed = _Drawn.of(at) if laid_out else None, _Composed.of(at, objects)
    known = []
    for subject in subjects:
        row = rows.get(subject.subject_id)
        if row is not None:
            source = composed if row.layout_image_id is None or drawn is None else drawn
            things, complete = source.holds(row, objects[row.scene_id])
            own = at.names[subject.category]
            things = tuple(sorted(things, key=lambda thing: thing.name != own))
            known.append(Known(subject, row, things, complete and not any(o.iscrowd for o in objects[row.scene_id])))
    return known


@dataclass(frozen=True)
class _Composed:
    """What is known of scenes that were composed."""

    at: _Lookup
    requested: Mapping[str, Mapping[str, str]]  # instance id -> what its prompt asked for
    screened: Mapping[str, bool]  # background id -> whether nothing of the categories stands on it unseen

    @classmethod
    def of(cls, at: _Lookup, objects: Mapping[str, Sequence[_Object]]) -> "_Composed":
        pasted = at.requested(one.instance_id for some in objects.values() for one in some if one.instance_id)
        rows = at.batch.tables.read(Background)
        return cls(at, pasted, {row.background_id: row.screened != "unscreened" for row in rows})

    def holds(self, row: Scene, objects: Sequence[_Object]) -> tuple[tuple[Thing, ...], bool]:
        """Return the things of a scene, and whether there are no others; of a training image LVIS may tell but some."""
        things = tuple(
            Thing(self.at.names[one.category], self.requested.get(one.instance_id or "", {})) for one in objects
        )
        return things, row.canvas != "training" and self.screened.get(row.background_id or "", False)


@dataclass(frozen=True)
class _Drawn:
    """What is known of scenes that were drawn from layouts."""

    at: _Lookup
    nodes: Mapping[str, Sequence[Node]]  # layout image id -> what it should show
    searched: frozenset[str]  # scene ids in which a detector looked for more

    @classmethod
    def of(cls, at: _Lookup) -> "_Drawn":
        tables, keys = at.batch.tables, at.batch.keys
        graphs = {row.graph_id: read_graph(row.graph).nodes for row in tables.read(StoredGraph, keys)}
        graph_of = dict(map(_pair, tables.values(StoredLayout, ("layout_id", "graph_id"), keys)))
        pictures = map(_pair, tables.values(LayoutImage, ("layout_image_id", "layout_id"), keys))
        ends = tables.values(LayoutScene, ("scene_id", "detector"), keys)
        return cls(
            at,
            {picture: graphs[graph_of[layout]] for picture, layout in pictures},
            frozenset(str(scene) for scene, detector in ends if detector),
        )

    def holds(self, row: Scene, objects: Sequence[_Object]) -> tuple[tuple[Thing, ...], bool]:
        """Return what a scene should show, and whether it shows all of it and a search found nothing else."""
        nodes, there = self.nodes[row.layout_image_id or ""], {one.node_id for one in objects}
        things = tuple(
            Thing(self.at.names[one.category], requested_of_words(one.attributes, self.at.vocabulary)) for one in nodes
        )
        whole = there == {one.node_id for one in nodes} and not row.not_exhaustive
        return things, whole and row.scene_id in self.searched


def _pair(values: tuple[object, ...]) -> tuple[str, str]:
    first, second = values
    return str(first), str(second)


OF_KIND: Mapping[str, Callable[[_Lookup, Sequence[Subject]], list[Known]]] = {
    "instance": _instances,
    "scene": _scenes,
    "real": _real,
}
