"""The picture that is pasted onto, and what becomes of the real objects in it."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import cv2
import numpy as np

from genval_assets.compose.rle import area_px
from genval_assets.types import Mask, Rgb


@dataclass(frozen=True, eq=False)
class RealObject:
    """An annotated object of a training image."""

    source_annotation_id: int
    category: str
    mask: Mask  # over the whole picture
    iscrowd: bool


@dataclass(frozen=True, eq=False)
class Remaining:
    """What is left of a real object once others were painted over it."""

    source: RealObject
    mask: Mask  # over the whole picture
    visible_share: float  # of what was visible before
    iscrowd: bool


def fit_canvas(picture: Rgb, real: Sequence[RealObject], longest_side: int) -> tuple[Rgb, list[RealObject]]:
    """Return the picture and its objects, scaled down to a longest side in px; the same ones if they are small enough.

    A mask pixel stays true where at least half of what it covers was true; of an object too fine for that the most
    covered pixels stay, so that none becomes unlabelled.
    """
    height, width = picture.shape[:2]
    scale = longest_side / max(height, width)
    if scale >= 1:
        return picture, list(real)
    size = max(1, round(width * scale)), max(1, round(height * scale))
    small = cv2.resize(picture, size, interpolation=cv2.INTER_AREA)
    return np.asarray(small, dtype=np.uint8), [replace(o, mask=_shrunk_mask(o.mask, size)) for o in real]


def _shrunk_mask(mask: Mask, size: tuple[int, int]) -> Mask:
    share = np.asarray(cv2.resize(mask.astype(np.float32), size, interpolation=cv2.INTER_AREA))
    highest = float(share.max())
    return np.asarray(share >= min(0.5, highest)) & (highest > 0)


def remaining_objects(
    real: Sequence[RealObject], covered: Mask, min_visible: float
) -> tuple[list[Remaining], list[RealObject]]:
    """Return what is left of the real objects, and those of which nothing is left, both in the order given.

    An object of which less than `min_visible` is left becomes an ignored region (iscrowd): a sliver is no example of
    its category, yet an unlabelled one would teach that it is background. Crowds stay crowds.
    """
    left: list[Remaining] = []
    gone: list[RealObject] = []
    for source in real:
        mask = source.mask & ~covered
        remaining_px = area_px(mask)
        if not remaining_px:
            gone.append(source)
            continue
        share = remaining_px / area_px(source.mask)
        left.append(Remaining(source, mask, share, source.iscrowd or share < min_visible))
    return left, gone
