"""What differs between two exported sets as readers found them: pictures, objects and categories."""

from collections import Counter, defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

import msgspec
from pycocotools import mask as rle

from genval_assets.export.read_set import ReadObject, ReadPicture, ReadSet
from genval_assets.types import Xywh

OfPicture = Literal["split", "size", "bytes"]
OfObject = Literal["category", "box", "mask", "iscrowd"]
ROUNDING = 1e-9


class ChangedPicture(msgspec.Struct, frozen=True):
    """A picture of both sets."""

    picture: str
    what: list[OfPicture]


class ChangedObject(msgspec.Struct, frozen=True):
    """An object of both sets."""

    picture: str
    origin: str
    what: list[OfObject]


class Pictures(msgspec.Struct, frozen=True):
    """The pictures of two sets, by key."""

    before: int
    after: int
    added: list[str]
    removed: list[str]
    changed: list[ChangedPicture]


class NewName(msgspec.Struct, frozen=True):
    """A category that kept its id and got another name."""

    category_id: int
    before: str
    after: str


class NewId(msgspec.Struct, frozen=True):
    """A category that kept its name and got another id."""

    name: str
    before: int
    after: int


class Categories(msgspec.Struct, frozen=True):
    """The categories of two sets."""

    added: list[str]
    removed: list[str]
    renamed: list[NewName]
    renumbered: list[NewId]


class CategoryDiff(msgspec.Struct, frozen=True):
    """What became of the objects of one category. One that was of another category is changed, in its new one."""

    name: str  # in the second set; in the first, where the second has it not
    objects_before: int
    objects_after: int
    pictures_before: int  # that show it
    pictures_after: int
    added: list[str]  # origins
    removed: list[str]
    changed: list[ChangedObject]


class Diff(msgspec.Struct, frozen=True):
    """What differs between two sets."""

    box_px: float  # by which boxes may differ and count as the same
    mask_loss: float  # 1 - IoU, by which masks may
    crowds: bool  # whether regions to ignore were compared
    boxes: bool  # whether boxes were
    pictures: Pictures
    categories: Categories
    objects: list[CategoryDiff]  # of each category in which something differs, by id

    @property
    def is_empty(self) -> bool:
        """Whether nothing differs."""
        pictures, categories = self.pictures, self.categories
        return not any(
            (
                *(pictures.added, pictures.removed, pictures.changed),
                *(categories.added, categories.removed, categories.renamed, categories.renumbered),
                self.objects,
            )
        )


@dataclass(frozen=True)
class Within:
    """What two formats hold alike, so that nothing counts as changed that is only written otherwise."""

    crowds: bool = True  # whether both hold regions to ignore; otherwise these are left out on both sides
    boxes: bool = True  # whether both hold boxes of their own; the bounds of masks are not compared
    box_px: float = 0.0  # what boxes may be off in both together
    mask_loss: float = 0.0  # what masks may have lost in both together; 1 - IoU is a metric, so losses at most add up


EXACT = Within()
Row = tuple[int, str]
"""A category as id and name, in the second set where that has it."""
Place = tuple[str, str]
"""An object: key of its picture, origin."""


@dataclass(frozen=True, slots=True)
class _Placed:
    row: Row
    found: ReadObject
    size: tuple[int, int]  # of its picture: height, width, px


@dataclass(slots=True)
class _Tally:
    added: list[str] = field(default_factory=list)
    removed: list[str] = field(default_factory=list)
    changed: list[ChangedObject] = field(default_factory=list)


def diff(one: ReadSet, other: ReadSet, within: Within = EXACT) -> Diff:
    """Return what was added, removed and changed from one set to the other.

    Pictures and objects are known by where they come from, categories by name, and by id where one name is gone and
    another new. Boxes, masks and bytes are compared only where both sets have them.
    """
    categories, ids = _categories(one.categories, other.categories)
    now: dict[int, Row] = {number: (number, name) for number, name in other.categories.items()}
    was = {number: now[ids[number]] if number in ids else (number, name) for number, name in one.categories.items()}
    return Diff(
        box_px=within.box_px,
        mask_loss=within.mask_loss,
        crowds=within.crowds,
        boxes=within.boxes,
        pictures=_pictures(one.pictures, other.pictures),
        categories=categories,
        objects=_objects(_placed(one, was, within), _placed(other, now, within), within),
    )


def _pictures(one: Mapping[str, ReadPicture], other: Mapping[str, ReadPicture]) -> Pictures:
    both = {key: _of_picture(one[key], other[key]) for key in sorted(one.keys() & other.keys())}
    return Pictures(
        before=len(one),
        after=len(other),
        added=sorted(other.keys() - one.keys()),
        removed=sorted(one.keys() - other.keys()),
        changed=[ChangedPicture(key, what) for key, what in both.items() if what],
    )


def _of_picture(one: ReadPicture, other: ReadPicture) -> list[OfPicture]:
    differs: dict[OfPicture, bool] = {
        "split": one.split != other.split,
        "size": (one.width, one.height) != (other.width, other.height),
        "bytes": "" not in (one.digest, other.digest) and one.digest != other.digest,
    }
    return [what for what, is_so in differs.items() if is_so]


def _categories(one: Mapping[int, str], other: Mapping[int, str]) -> tuple[Categories, dict[int, int]]:
    """Return what became of the categories, and for each id of the first set that of the second, if it has one."""
    numbers = {name: number for number, name in other.items()}
    kept = {number: numbers[name] for number, name in one.items() if name in numbers}
    gone, new = one.keys() - kept.keys(), other.keys() - set(kept.values())
    renamed = {number: number for number in sorted(gone & new)}
    return (
        Categories(
            added=[other[number] for number in sorted(new - gone)],
            removed=[one[number] for number in sorted(gone - new)],
            renamed=[NewName(number, one[number], other[number]) for number in renamed],
            renumbered=[NewId(one[number], number, now) for number, now in sorted(kept.items()) if number != now],
        ),
        kept | renamed,
    )


def _placed(read: ReadSet, rows: Mapping[int, Row], within: Within) -> dict[Place, _Placed]:
    return {
        (key, one.origin): _Placed(rows[one.category_id], one, (shown.height, shown.width))
        for key, shown in read.pictures.items()
        for one in shown.objects
        if within.crowds or not one.iscrowd
    }


def _objects(before: dict[Place, _Placed], after: dict[Place, _Placed], within: Within) -> list[CategoryDiff]:
    tallies: dict[Row, _Tally] = defaultdict(_Tally)
    for place in sorted(before.keys() | after.keys()):
        picture, origin = place
        if place not in before:
            tallies[after[place].row].added.append(origin)
        elif place not in after:
            tallies[before[place].row].removed.append(origin)
        elif what := _of_object(before[place], after[place], within):
            tallies[after[place].row].changed.append(ChangedObject(picture, origin, what))
    objects_before, pictures_before = _counts(before)
    objects_after, pictures_after = _counts(after)
    return [
        CategoryDiff(
            name=row[1],
            objects_before=objects_before[row],
            objects_after=objects_after[row],
            pictures_before=pictures_before[row],
            pictures_after=pictures_after[row],
            added=tally.added,
            removed=tally.removed,
            changed=tally.changed,
        )
        for row, tally in sorted(tallies.items())
    ]


def _counts(placed: dict[Place, _Placed]) -> tuple[Counter[Row], Counter[Row]]:
    """Return how many objects each category has, and how many pictures show it."""
    pictures = {(picture, one.row) for (picture, _), one in placed.items()}
    return Counter(one.row for one in placed.values()), Counter(row for _, row in pictures)


def _of_object(one: _Placed, other: _Placed, within: Within) -> list[OfObject]:
    differs: dict[OfObject, bool] = {
        "category": one.row != other.row,
        "box": within.boxes and _far(one.found.box, other.found.box) > within.box_px + ROUNDING,
        "mask": _mask_differs(one, other, within),
        "iscrowd": one.found.iscrowd != other.found.iscrowd,
    }
    return [what for what, is_so in differs.items() if is_so]


def _far(one: Xywh | None, other: Xywh | None) -> float:
    if one is None or other is None:
        return 0.0
    return max(abs(a - b) for a, b in zip(one, other, strict=True))


def _mask_differs(one: _Placed, other: _Placed, within: Within) -> bool:
    masks = one.found.mask, other.found.mask
    if None in masks or masks[0] == masks[1]:
        return False
    if one.size != other.size or within.mask_loss == 0:
        return True
    first, second = ({"size": list(one.size), "counts": mask} for mask in masks)
    return bool(1 - rle.iou([first], [second], [0])[0, 0] > within.mask_loss + ROUNDING)
