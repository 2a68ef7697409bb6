"""Which real instances are worth cutting out, in which order, and the cut-outs themselves.

A source object is non-crowd, at least 32 x 32 px of mask, fills its box reasonably and is not cut by the photograph's
border (InstaDA's I-Agent, reconstructed; the thresholds are ours).
"""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from itertools import chain, zip_longest

import cv2
import numpy as np
from pydantic import Field

from genval_assets.types import Mask, Rgb, Rgba, Settings, SourceAnnotation, SourceImage


class ReferenceSettings(Settings):
    """Which real instances may be cut out."""

    min_area_px: int = Field(
        default=32 * 32, ge=1, description="Least mask area of a source object, in px (at least 1)."
    )
    min_fill: float = Field(default=0.3, ge=0, le=1, description="Least mask area / area of its box (0..1).")
    frame_margin_px: int = Field(
        default=2, ge=0, description="A mask that comes closer to the photograph's border is taken to be cut, in px."
    )
    max_occlusion: float = Field(
        default=0.15,
        ge=0,
        le=1,
        description="Largest share of the mask's convex hull that other annotated objects may cover outside the mask: "
        "beyond it the instance is taken to be partly hidden (0..1).",
    )
    per_category: int = Field(
        default=64, ge=1, description="Source objects cut out per category at most, best first (at least 1)."
    )


@dataclass(frozen=True)
class CutOut:
    """A tight RGBA crop and where its upper left corner lies in the photograph, in px."""

    rgba: Rgba
    x: int
    y: int
    area_px: int  # of the mask
    fill: float  # mask area / area of its box, in (0, 1]


def unusable(annotation: SourceAnnotation, image: SourceImage, mask: Mask, settings: ReferenceSettings) -> str | None:
    """Return the reason code for which an instance is no source, or None when it is one.

    Codes: `crowd`, `wrong_mask_size`, `empty_mask`, `too_small`, `cut_by_frame`, `sparse`.
    """
    if annotation.iscrowd:
        return "crowd"
    if mask.shape != (image.height, image.width):
        return "wrong_mask_size"
    area_px = int(mask.sum())
    if area_px == 0:
        return "empty_mask"
    if area_px < settings.min_area_px:
        return "too_small"
    x, y, width, height = _box(mask)
    margin = settings.frame_margin_px
    if min(x, y, image.width - x - width, image.height - y - height) < margin:
        return "cut_by_frame"
    return "sparse" if area_px / (width * height) < settings.min_fill else None


def occlusion(mask: Mask, others: Iterable[Mask]) -> float:
    """Return the share of the mask's convex hull that other objects cover outside the mask, in [0, 1].

    Annotated masks end where another object stands in front, so what is missing of an object lies in its hull and
    under the others' masks. What lies within an object (fruit in a bowl) is part of both masks and does not count.
    Our choice; an empty mask has none.
    """
    if not mask.any():
        return 0.0
    x, y, width, height = _box(mask)
    window = slice(y, y + height), slice(x, x + width)
    own = mask[window]
    points = cv2.findNonZero(own.astype(np.uint8))
    hull = np.zeros(own.shape, dtype=np.uint8)
    cv2.fillConvexPoly(hull, cv2.convexHull(points), 1)
    covered = np.zeros(own.shape, dtype=bool)
    for other in others:
        covered |= other[window]
    return float((covered & ~own & (hull > 0)).sum() / hull.sum())


def order_references(annotations: Iterable[SourceAnnotation]) -> list[SourceAnnotation]:
    """Return the annotations best first, spread over photographs: every photograph's best before any second best.

    Better is a larger area times fill, both as the file gives them, so that no mask is decoded before its turn; ties
    go to the smaller annotation id. The order depends on the set of annotations alone.
    """
    of_image: dict[int, list[SourceAnnotation]] = defaultdict(list)
    for annotation in sorted(annotations, key=_worst_last):
        of_image[annotation.image_id].append(annotation)
    rounds = zip_longest(*of_image.values())
    return [annotation for annotation in chain.from_iterable(rounds) if annotation is not None]


def _worst_last(annotation: SourceAnnotation) -> tuple[float, int]:
    box_area = annotation.box[2] * annotation.box[3]
    fill = min(1.0, annotation.area / box_area) if box_area > 0 else 0.0
    return -annotation.area * fill, annotation.annotation_id


def cut_out(pixels: Rgb, mask: Mask) -> CutOut:
    """Return the object under `mask` with hard alpha (0 or 255); its colours are the photograph's, black elsewhere.

    Raises:
        ValueError: the mask is empty or has another size than the photograph.
    """
    if mask.shape != pixels.shape[:2] or not mask.any():
        raise ValueError(f"expected a non-empty mask of shape {pixels.shape[:2]}; got {mask.sum()} px in {mask.shape}")
    x, y, width, height = _box(mask)
    inside = mask[y : y + height, x : x + width]
    colour = np.where(inside[..., None], pixels[y : y + height, x : x + width], 0)
    rgba = np.dstack([colour, np.where(inside, 255, 0)]).astype(np.uint8)
    area_px = int(inside.sum())
    return CutOut(rgba, x, y, area_px, area_px / inside.size)


def _box(mask: Mask) -> tuple[int, int, int, int]:
    """Return the tight box (x, y, width, height) of a mask that is not empty."""
    columns, rows = np.flatnonzero(mask.any(axis=0)), np.flatnonzero(mask.any(axis=1))
    return int(columns[0]), int(rows[0]), int(columns[-1] - columns[0] + 1), int(rows[-1] - rows[0] + 1)
