"""Real pairs of objects: derived from annotations, or read from a file of relations.

Not here: how layouts are compared with them (`pool.py`, `clis_l.py`).
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations, islice

import msgspec

from genval_assets.keys import MeaninglessName
from genval_assets.layouts.pair_terms import LEAST_SIDE
from genval_assets.layouts.relations import canonical, derived
from genval_assets.types import RefusedItem, Xywh

ACCEPTED = (
    'a JSON list of {"image_id": …, "obj1": [name, [x, y, w, h]], "obj2": [name, [x, y, w, h]], "relation": …}, '
    "boxes as shares of the picture"
)
OUTSIDE = 1e-6
"""How far a box may reach beyond the picture: edges are sums of rounded numbers."""


@dataclass(frozen=True)
class RealPair:
    """Two objects of one real image: the subject is `relation` the object."""

    subject: str  # key
    relation: str  # canonical
    object: str  # key
    subject_box: Xywh  # as shares of the picture, as is the other
    object_box: Xywh
    image: str
    source: str  # annotations | the relation file's name


Named = tuple[str, Xywh]
"""An object by name, with its box."""


class RelationRecord(msgspec.Struct, frozen=True):
    """An element of a relation file; other fields are ignored."""

    image_id: int | str
    obj1: Named
    obj2: Named
    relation: str


def derived_pairs(
    width: int, height: int, objects: Sequence[Named], image: str, limit: int, positions: Mapping[str, int]
) -> list[RealPair]:
    """Return at most `limit` pairs of one image, those with rare classes first. Both orders of two objects count.

    Pairs without a clear relation, and objects without an area, are left out.

    Args:
        width: of the image in px.
        height: of the image in px.
        objects: key and box in px; no crowds.
        image: what to call it.
        limit: at least 0.
        positions: key -> place of the class when the rarest comes first.

    Raises:
        KeyError: an object's class has no position.
    """
    shares = [(key, (x / width, y / height, w / width, h / height)) for key, (x, y, w, h) in objects]
    shares = [(key, box) for key, box in shares if min(box[2:]) >= LEAST_SIDE]
    shares.sort(key=lambda one: positions[one[0]])
    return list(islice(_derived(shares, image), limit))


def _derived(objects: Sequence[Named], image: str) -> Iterator[RealPair]:
    for a, b in combinations(objects, 2):  # in this order the rarest class comes first
        for (subject, subject_box), (object_, object_box) in ((a, b), (b, a)):
            relation = derived(subject_box, object_box)
            if relation is not None:
                yield RealPair(subject, relation, object_, subject_box, object_box, image, "annotations")


def read_relation_file(
    data: bytes, name: str, key_of: Callable[[str], str]
) -> tuple[list[RealPair], list[RefusedItem]]:
    """Return the pairs of a relation file in order, and the rows that cannot be used.

    Args:
        data: the file.
        name: what to call it.
        key_of: name of an object -> key; may raise MeaninglessName.

    Raises:
        ValueError: the file as a whole is of another form.
    """
    try:
        records = msgspec.json.decode(data, type=list[RelationRecord])
    except (msgspec.DecodeError, UnicodeDecodeError) as err:
        raise ValueError(f"{name} is no relation file: {err}; accepted is {ACCEPTED}") from err
    pairs: list[RealPair] = []
    refused: list[RefusedItem] = []
    for row, record in enumerate(records, start=1):
        try:
            pairs.append(_read(record, name, f"{name}, row {row}", key_of))
        except RefusedItem as refusal:
            refused.append(refusal)
    return pairs, refused


def _read(record: RelationRecord, name: str, item: str, key_of: Callable[[str], str]) -> RealPair:
    raw = msgspec.json.encode(record).decode()
    for what, (_, box) in (("obj1", record.obj1), ("obj2", record.obj2)):
        if min(box[2:]) < LEAST_SIDE:
            accepted = f"sides of at least {LEAST_SIDE} would be accepted"
            raise RefusedItem(item, "degenerate_box", f"{what} is {_said(box)}; {accepted}", raw)
        if min(box[:2]) < -OUTSIDE or max(box[0] + box[2], box[1] + box[3]) > 1 + OUTSIDE:
            raise RefusedItem(item, "outside_picture", f"{what} is {_said(box)}; shares within 0 and 1 are", raw)
    relation = canonical(record.relation)
    if not relation:
        raise RefusedItem(item, "no_relation", "relation is blank; words such as `left of` would be accepted", raw)
    try:
        subject, object_ = key_of(record.obj1[0]), key_of(record.obj2[0])
    except MeaninglessName as err:
        raise RefusedItem(item, "meaningless_name", str(err), raw) from err
    return RealPair(subject, relation, object_, record.obj1[1], record.obj2[1], str(record.image_id), name)


def _said(box: Xywh) -> str:
    return "[" + ", ".join(f"{value:.6g}" for value in box) + "]"
