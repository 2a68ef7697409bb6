"""What a format makes of a prepared set: its files, and what it cannot hold."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:  # what must be read knows what was prepared, which knows files and links
    from genval_assets.export.read_set import ReadSet

FileContent = bytes | Callable[[], bytes]
"""A file's bytes, or what makes them when they are written: shards hold pictures and are made one at a time."""
Files = tuple[tuple[str, FileContent], ...]
"""(path within the set, content)."""
Links = tuple[tuple[str, str], ...]
"""(path within the set, path of a picture relative to the home, or absolute)."""


@dataclass(frozen=True)
class Holds:
    """What of an object a format can hold; whoever reads it back is compared with exactly that."""

    crowds: bool  # regions to ignore
    masks: Literal["exact", "polygons", "none"]
    box_px: float = 0.0  # a box may be off by so much, px: numbers are rounded
    own_boxes: bool = True  # False: whoever trains on it takes the bounds of the mask


@dataclass(frozen=True)
class MaskLoss:
    """How well the masks of a format hold the exact ones, by mask IoU after a rasteriser."""

    rasteriser: str  # whose, as people know it
    annotations: int
    min_iou: float
    mean_iou: float
    lost: float  # sum of (1 - IoU) over the annotations
    worst: tuple[tuple[int, float], ...]  # (exported annotation id, IoU), worst first, below 1.0 only
    imperfect: Mapping[int, float] = field(default_factory=dict, repr=False)  # all of these


def mask_loss(ious: dict[int, float], rasteriser: str, worst: int = 10) -> MaskLoss:
    """Return what is lost over all annotations, from the IoU of each by exported id; nothing is lost by none."""
    imperfect = sorted((iou, number) for number, iou in ious.items() if iou < 1.0)
    return MaskLoss(
        rasteriser=rasteriser,
        annotations=len(ious),
        min_iou=min(ious.values(), default=1.0),
        mean_iou=sum(ious.values()) / len(ious) if ious else 1.0,
        lost=sum(1 - iou for iou, _ in imperfect),
        worst=tuple((number, iou) for iou, number in imperfect[:worst]),
        imperfect={number: iou for iou, number in imperfect},
    )


@dataclass(frozen=True)
class Written:
    """A set in one format. The same prepared set gives the same bytes."""

    files: Files  # annotations and shards; card, manifest and verification come later
    links: Links  # pictures that are files of their own
    holds: Holds
    described: tuple[tuple[str, str], ...]  # (path or folder within the set, what it is), plain text for the card
    losses: tuple[MaskLoss, ...] = ()  # none: masks are exact, or there are none
    absent: tuple[tuple[str, int], ...] = ()  # (what the format cannot hold, and why; how many objects)
    front_matter: str = ""  # YAML that the card begins with, without its dashes
    expected: "Callable[[], ReadSet] | None" = None  # what a reader must find; None: the set's pictures and objects
