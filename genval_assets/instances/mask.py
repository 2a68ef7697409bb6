"""From an alpha channel to an object's mask: the threshold, the parts that are the object, and the cleaned cut-out.

Not here: whether the object is acceptable (`gate.py`).
"""

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from genval_assets.instances.gate_settings import GateSettings
from genval_assets.types import Mask, Rgba

Alpha = NDArray[np.uint8]
"""(H, W), 0 clear to 255 opaque."""

OPAQUE_THRESHOLD = 127
"""Highest mask threshold: half of opaque."""
LEAST_RIM_PX = 2.0
"""The soft rim of a small cut-out: an anti-aliased edge must survive cleaning."""
PLATEAU_RANGE = 16
"""A pixel lies on a plateau if alpha differs by at most this within the 5 x 5 px around it (our choice)."""


@dataclass(frozen=True)
class ObjectMask:
    """An object's mask within its crop, and what was measured on the way."""

    mask: Mask
    threshold: int  # alpha level; a pixel of the smoothed alpha above it belongs to the object
    smooth: Alpha  # the median-filtered alpha
    distance: NDArray[np.float32]  # (H, W), px from the mask; 0 in it
    area_px: int
    parts: int  # connected parts kept
    largest_part_share: float  # of everything above the threshold, small parts included
    residue_px: int  # visible pixels away from the object
    haze_px: int  # visible pixels near the object, too faint for the mask


def smoothed(alpha: Alpha, kernel: int) -> Alpha:
    """Return alpha after a median filter of `kernel` px (odd), with clear pixels beyond the edges.

    A straight edge survives the clear surround; only corners lose a pixel or two.
    """
    pad = kernel // 2
    framed = cv2.copyMakeBorder(alpha, pad, pad, pad, pad, cv2.BORDER_CONSTANT, value=[0])
    height, width = alpha.shape
    return np.asarray(cv2.medianBlur(framed, kernel)[pad : pad + height, pad : pad + width], dtype=np.uint8)


def mask_threshold(smooth: Alpha, visible_alpha: int) -> int:
    """Return the alpha level above which a pixel belongs to the object: half of what its clearest tenth has.

    Only plateaus are looked at, so that soft rims and halos do not pull it down. An opaque object gives 127. Clear
    glass, whose body lies between 16 and 64, gives about 13; a contact shadow of alpha 64 under an opaque object
    stays below its 127 as long as it covers less than a tenth. Our choice, measured on Layer Diffusion's outputs.
    """
    plateau = smooth[(smooth > visible_alpha) & (_span(smooth) <= PLATEAU_RANGE)]
    if plateau.size == 0:
        return OPAQUE_THRESHOLD
    return max(visible_alpha, int(np.percentile(plateau, 10) / 2))


def _span(alpha: Alpha) -> Alpha:
    """Return the difference between the largest and the least alpha of the 5 x 5 px around each pixel.

    Beyond the edges is clear, as the crop of an object is.
    """
    window = np.ones((5, 5), np.uint8)
    lowest = cv2.erode(alpha, window, borderType=cv2.BORDER_CONSTANT, borderValue=0)
    return np.asarray(cv2.subtract(cv2.dilate(alpha, window), lowest), dtype=np.uint8)


def outline_step(found: ObjectMask) -> float:
    """Return how far alpha falls within 2 px of the mask's outline, in levels of 255: the median along it.

    Opaque objects and glass alike have 190 and more, a fog without an outline under 20 (measured).
    """
    return float(np.median(_span(found.smooth)[contour(found.mask)]))


def object_mask(alpha: Alpha, settings: GateSettings) -> ObjectMask:
    """Return the mask of the object that `alpha` shows, with what lies around it measured.

    Kept is every connected part (8 neighbours) of at least `min_part_share` of the filtered alpha, with the outline
    of the alpha as drawn: thin detail that hangs on a part stays, and only pinholes that the filter closes whole are
    closed. An alpha without visible pixels gives an empty mask.
    """
    smooth = smoothed(alpha, settings.median_kernel)
    threshold = mask_threshold(smooth, settings.visible_alpha)
    solid = smooth > threshold
    kept, parts, largest_share = _large_parts(solid, settings.min_part_share)
    drawn = alpha > threshold
    drawn |= _pinholes(drawn, solid)
    mask = _connected_to(drawn, kept)
    area_px = int(mask.sum())
    distance = _distance(mask)
    visible = (smooth > settings.visible_alpha) & ~mask
    away = distance > settings.residue_distance * np.sqrt(area_px)
    return ObjectMask(
        mask=mask,
        threshold=threshold,
        smooth=smooth,
        distance=distance,
        area_px=area_px,
        parts=parts,
        largest_part_share=largest_share,
        residue_px=int((visible & away).sum()),
        haze_px=int((visible & ~away).sum()),
    )


def annotated_mask(alpha: Alpha) -> ObjectMask:
    """Return the mask of an object cut out by an annotation: alpha above half, every part of it, nothing filtered."""
    mask = np.asarray(alpha > OPAQUE_THRESHOLD, dtype=bool)
    _, parts, largest_share = _large_parts(mask, min_share=0.0)
    return ObjectMask(
        mask=mask,
        threshold=OPAQUE_THRESHOLD,
        smooth=alpha,
        distance=_distance(mask),
        area_px=int(mask.sum()),
        parts=parts,
        largest_part_share=largest_share,
        residue_px=0,
        haze_px=0,
    )


def _distance(mask: Mask) -> NDArray[np.float32]:
    """Return each pixel's distance from the mask in px."""
    return np.asarray(cv2.distanceTransform((~mask).astype(np.uint8), cv2.DIST_L2, 3), dtype=np.float32)


def _large_parts(solid: Mask, min_share: float) -> tuple[Mask, int, float]:
    """Return (the parts of at least `min_share`, how many, the largest one's share of everything)."""
    _, labels, stats, _ = cv2.connectedComponentsWithStats(solid.astype(np.uint8), connectivity=8)
    areas = stats[:, cv2.CC_STAT_AREA].copy()
    areas[0] = 0  # the ground
    total = int(areas.sum())
    if total == 0:
        return np.zeros_like(solid), 0, 0.0
    large = areas >= max(1.0, min_share * total)
    return large[labels], int(large.sum()), float(areas.max() / total)


def _connected_to(candidates: Mask, seeds: Mask) -> Mask:
    """Return the connected parts of `candidates` (8 neighbours) that hold at least one of `seeds`."""
    count, labels = cv2.connectedComponents(candidates.astype(np.uint8), connectivity=8)
    hit = np.zeros(count, dtype=bool)
    hit[labels[seeds & candidates]] = True
    return np.asarray(hit[labels], dtype=bool)


def _pinholes(drawn: Mask, solid: Mask) -> Mask:
    """Return the connected clear parts (4 neighbours) of `drawn` that lie wholly within `solid`."""
    count, labels = cv2.connectedComponents((~drawn).astype(np.uint8), connectivity=4)
    inside = np.ones(count, dtype=bool)
    inside[labels[~solid]] = False
    inside[0] = False  # what is drawn
    return np.asarray(inside[labels], dtype=bool)


def cleaned(rgba: Rgba, found: ObjectMask, settings: GateSettings) -> Rgba:
    """Return the tight crop of the object alone: residue gone, soft rim kept, mask = alpha above the threshold.

    Pinholes that the median filter closed take the filtered alpha; pixels outside the mask are held at or below the
    threshold and are clear beyond the rim. Colours stay as drawn, also under alpha 0.
    """
    alpha = rgba[..., 3]
    rim_px = max(LEAST_RIM_PX, settings.rim * np.sqrt(found.area_px))
    clean = rgba.copy()
    clean[..., 3] = np.where(
        found.mask,
        np.where(alpha > found.threshold, alpha, found.smooth),
        np.where(found.distance <= rim_px, np.minimum(alpha, found.threshold), 0),
    )
    return tight_crop(clean)[0]


def tight_crop(rgba: Rgba) -> tuple[Rgba, int, int]:
    """Return (everything with alpha > 0, x, y); an empty (0, 0, 4) crop at (0, 0) where nothing is visible."""
    seen = rgba[..., 3] > 0
    columns = np.flatnonzero(seen.any(axis=0))
    rows = np.flatnonzero(seen.any(axis=1))
    if not columns.size:
        return np.zeros((0, 0, 4), dtype=np.uint8), 0, 0
    x, y = int(columns[0]), int(rows[0])
    return np.ascontiguousarray(rgba[y : rows[-1] + 1, x : columns[-1] + 1]), x, y


def enclosed_px(mask: Mask) -> int:
    """Return the number of clear pixels that the mask encloses (holes of a mug's handle, or eaten white parts)."""
    ground = cv2.copyMakeBorder((~mask).astype(np.uint8), 1, 1, 1, 1, cv2.BORDER_CONSTANT, value=[1])
    cv2.floodFill(ground, None, (0, 0), (0,))
    return int(ground.sum())


def contour(mask: Mask) -> Mask:
    """Return the mask's pixels that have a neighbour (of 4) outside it; beyond the edges counts as outside."""
    framed = cv2.copyMakeBorder(mask.astype(np.uint8), 1, 1, 1, 1, cv2.BORDER_CONSTANT, value=[0])
    core = cv2.erode(framed, cv2.getStructuringElement(cv2.MORPH_CROSS, (3, 3)))[1:-1, 1:-1]
    return np.asarray(mask & (core == 0), dtype=bool)
