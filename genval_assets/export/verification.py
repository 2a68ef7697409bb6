"""Whether what another reader finds on disk is the set that was to be written: counts, boxes, masks, pictures."""

from collections.abc import Callable, Iterator, Mapping
from functools import partial

import msgspec
from pycocotools import mask as rle

from genval_assets.export.prepared import Prepared
from genval_assets.export.read_set import ReadObject, ReadPicture, ReadSet, expected_set, origin_id, picture_key
from genval_assets.export.words import Format
from genval_assets.export.written import Holds, Written

VERIFICATION = "verification.json"
NAMED = 5
"""Differences that an error names; more would not be read."""
ROUNDING = 1e-9
RASTERISER = "pycocotools"
"""That readers draw polygons with: what was stated as drawn by another is not compared."""


class ExportDiffers(ValueError):
    """Another reader found something else than was to be written: a fault of genval's, never of the data's."""


class Verified(msgspec.Struct, frozen=True):
    """What was found, all of it as expected."""

    pictures: int
    pictures_by_split: dict[str, int]
    picture_bytes_compared: int  # pictures whose bytes were held against their source
    objects: int
    boxes_compared: int
    box_px: float  # by which a box may be off
    own_boxes: bool  # whether the format holds boxes beside masks, and not their bounds alone
    masks_compared: int
    masks_identical: int
    min_mask_iou: float
    lost_mask_iou: float  # sum of (1 - IoU)
    crowds: bool  # whether the format holds regions to ignore
    absent: dict[str, int]  # what the format cannot hold, and how many objects


def verification(found: Mapping[Format, Verified]) -> bytes:
    """Return the file that says what was verified, by format."""
    return msgspec.json.format(msgspec.json.encode(found), indent=2)


def verified(prepared: Prepared, written: Written, found: ReadSet, digest: Callable[[str], str]) -> Verified:
    """Return what was compared of a set that was read back.

    Masks that the format holds exactly must be identical; a polygon must lose no more than is stated of it.

    Args:
        prepared: the set.
        written: what its format holds of it.
        found: what a reader of the format found.
        digest: returns the SHA-256 of a source picture by its path, relative to the home or absolute.

    Raises:
        ExportDiffers: it names the first differences.
    """
    expected = written.expected() if written.expected else expected_set(prepared, written.holds)
    faults = [fault for _, fault in zip(range(NAMED), _faults(expected, found, written.holds), strict=False)]
    if not faults:
        faults = list(_other_bytes(prepared, found, digest))[:NAMED]
    if faults:
        raise ExportDiffers(f"the set {prepared.name} was not written as it is: " + "; ".join(faults))
    masks = list(_ious(expected, found))
    stated = _stated(prepared, written)
    for origin, iou in masks:
        if iou < stated.get(origin, 1.0) - ROUNDING:
            worse = f"IoU {iou:.5f} with the exact one, and {stated.get(origin, 1.0):.5f} is stated"
            raise ExportDiffers(
                f"the set {prepared.name} was not written as it is: object {origin}: its mask has {worse}"
            )
    ious = [iou for _, iou in masks]
    objects = [one for shown in found.pictures.values() for one in shown.objects]
    splits = [shown.split for shown in found.pictures.values()]
    return Verified(
        pictures=len(found.pictures),
        pictures_by_split={split: splits.count(split) for split in prepared.splits if split in splits},
        picture_bytes_compared=sum(bool(shown.digest) for shown in found.pictures.values()),
        objects=len(objects),
        boxes_compared=sum(one.box is not None for one in objects),
        box_px=written.holds.box_px,
        own_boxes=written.holds.own_boxes,
        masks_compared=len(ious),
        masks_identical=sum(iou == 1.0 for iou in ious),
        min_mask_iou=min(ious, default=1.0),
        lost_mask_iou=sum(1 - iou for iou in ious),
        crowds=written.holds.crowds,
        absent=dict(written.absent),
    )


def _faults(expected: ReadSet, found: ReadSet, holds: Holds) -> Iterator[str]:
    if dict(expected.categories) != dict(found.categories):
        yield f"categories are {dict(found.categories)!r:.200}"
    for key in sorted(expected.pictures.keys() ^ found.pictures.keys()):
        yield f"picture {key} is {'missing' if key in expected.pictures else 'not of the set'}"
    for key in sorted(expected.pictures.keys() & found.pictures.keys()):
        yield from (f"picture {key}: {fault}" for fault in _picture(expected.pictures[key], found.pictures[key], holds))


def _picture(expected: ReadPicture, found: ReadPicture, holds: Holds) -> Iterator[str]:
    wanted, got = (expected.split, expected.width, expected.height), (found.split, found.width, found.height)
    if wanted != got:
        yield f"split, width and height are {got}, not {wanted}"
    if expected.digest and expected.digest != found.digest:
        yield "it has other bytes"
    origins = [one.origin for one in found.objects]
    if [one.origin for one in expected.objects] != origins:
        yield f"its objects are {origins!r:.200}"
        return
    for one, other in zip(expected.objects, found.objects, strict=True):
        yield from (f"object {one.origin}: {fault}" for fault in _object(one, other, holds))


def _object(expected: ReadObject, found: ReadObject, holds: Holds) -> Iterator[str]:
    if (expected.category_id, expected.iscrowd) != (found.category_id, found.iscrowd):
        yield f"category and iscrowd are {found.category_id, found.iscrowd}"
    if expected.box and found.box and not all(map(partial(_near, holds.box_px), expected.box, found.box)):
        yield f"its box is {found.box}, not {expected.box}"
    if None not in (expected.area, found.area) and expected.area != found.area:
        yield f"its area is {found.area}, not {expected.area}"
    if None not in (expected.number, found.number) and expected.number != found.number:
        yield f"its id is {found.number}, not {expected.number}"
    if holds.masks == "exact" and expected.mask != found.mask:
        yield "its mask is another"
    if (found.mask is None) != (holds.masks == "none"):
        yield "it has no mask" if found.mask is None else "it has a mask"


def _near(within: float, one: float, other: float) -> bool:
    return abs(one - other) <= within  # nothing is near what is no number


def _other_bytes(prepared: Prepared, found: ReadSet, digest: Callable[[str], str]) -> Iterator[str]:
    """Yield the pictures that are not, byte for byte, those of the home; a pool holds none of these."""
    for image in prepared.numbered.images:
        key = picture_key(image)
        if key not in found.pictures:
            continue
        if digest(prepared.picture_source(image)) != found.pictures[key].digest:
            yield f"picture {key} has other bytes"


def _stated(prepared: Prepared, written: Written) -> dict[str, float]:
    """Return the IoU that each imperfect mask is stated to have, by its object's origin."""
    losses = [loss.imperfect for loss in written.losses if loss.rasteriser == RASTERISER]
    by_id = {number: iou for imperfect in losses for number, iou in imperfect.items()}
    return {origin_id(a): by_id[a.annotation_id] for a in prepared.numbered.annotations if a.annotation_id in by_id}


def _ious(expected: ReadSet, found: ReadSet) -> Iterator[tuple[str, float]]:
    """Yield the origin of each object with a mask, and the IoU of its mask with the exact one."""
    for key, shown in expected.pictures.items():
        size = [shown.height, shown.width]
        for one, other in zip(shown.objects, found.pictures[key].objects, strict=True):
            if one.mask is None or other.mask is None:
                continue
            if one.mask == other.mask:
                yield one.origin, 1.0
                continue
            pair = [{"size": size, "counts": mask} for mask in (one.mask, other.mask)]
            yield one.origin, float(rle.iou(pair[:1], pair[1:], [0])[0, 0])
