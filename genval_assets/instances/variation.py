"""From a real object to the square that a variation model varies, and whether what came back is a new instance.

InstaDA's I-Agent, reconstructed: its code is not public. The crop follows DiverGen: 40 px of context, the rest blurred.
Not here: the models that vary, segment and embed.
"""

from dataclasses import dataclass

import cv2
import numpy as np

from genval_assets.backgrounds.hashes import nearest_distances, phash, words
from genval_assets.instances.gate import Finding
from genval_assets.models.settings import VariationSettings
from genval_assets.types import Mask, Rgb, Rgba, Xywh

SHARP_SHARE = 0.5
"""Share of the context over which the photograph fades into its blur, so that no edge is drawn (our choice)."""
BLUR_SHARE = 1 / 24
"""Sigma of the blur as a share of the square's side: what stands there has no outline left (our choice)."""


@dataclass(frozen=True, eq=False)
class Square:
    """An object with its surroundings, cut from a photograph."""

    picture: Rgb  # (S, S, 3): sharp in the object's box, fading into a blur around it
    mask: Mask  # (S, S): the object
    box: Xywh  # of the mask in the square
    x: int  # of the square's upper left corner in the photograph; negative where it reaches beyond the border
    y: int


@dataclass(frozen=True)
class Measured:
    """What was measured of a new object against its source."""

    iou: float  # of the masks, in [0, 1]
    phash_distance: int  # differing bits of 64
    similarity: float  # cosine of the embeddings, in [-1, 1]


def source_square(photograph: Rgb, box: Xywh, mask: Mask, context_px: int) -> Square:
    """Return the square around an object's box, with at least `context_px` of context on each side.

    The object stays in the middle. Beyond the photograph's border its outermost pixels are repeated: a reflection
    could show the object twice. Outside the box the picture fades into a blur over half of the context.

    Args:
        photograph: (H, W, 3).
        box: of the object in whole px, within the photograph, as `reference_instances` stores it.
        mask: (h, w) of the box's size: the object in its box, such as the alpha of its cut-out.
        context_px: px of the photograph.

    Raises:
        ValueError: the box does not lie within the photograph, or the mask has another size or is empty.
    """
    left, top, width, height = (round(value) for value in box)
    if min(left, top) < 0 or left + width > photograph.shape[1] or top + height > photograph.shape[0]:
        raise ValueError(f"a box within the photograph {photograph.shape[1::-1]} is needed; got {box}")
    if mask.shape != (height, width) or not mask.any():
        raise ValueError(f"a mask of its box, {(height, width)}, is needed; got {mask.sum()} px in {mask.shape}")
    side = max(width, height) + 2 * context_px
    x, y = left - (side - width) // 2, top - (side - height) // 2
    within = np.zeros((side, side), dtype=bool)
    within[top - y : top - y + height, left - x : left - x + width] = mask
    place = (left - x, top - y, width, height)
    picture = _faded(_window(photograph, x, y, side), place, context_px * SHARP_SHARE)
    return Square(picture, within, box_of(within), x, y)


def scaled_mask(mask: Mask, side: int) -> Mask:
    """Return a square mask at (side, side): where at least half of a pixel is covered. Thin parts may vanish."""
    how = cv2.INTER_AREA if side < mask.shape[0] else cv2.INTER_LINEAR
    covered = cv2.resize(mask.astype(np.float32), (side, side), interpolation=how)
    return np.asarray(covered >= 0.5, dtype=bool)


def box_of(mask: Mask) -> Xywh:
    """Return the tight box of a mask, in whole px.

    Raises:
        ValueError: the mask is empty.
    """
    columns, rows = np.flatnonzero(mask.any(axis=0)), np.flatnonzero(mask.any(axis=1))
    if not columns.size:
        raise ValueError(f"a mask with at least one pixel has a box; got an empty one of {mask.shape}")
    return (
        float(columns[0]),
        float(rows[0]),
        float(columns[-1] - columns[0] + 1),
        float(rows[-1] - rows[0] + 1),
    )


def iou(a: Mask, b: Mask) -> float:
    """Return intersection over union of two masks, in [0, 1]; of two empty ones 0.

    Raises:
        ValueError: they differ in size.
    """
    if a.shape != b.shape:
        raise ValueError(f"masks of one size are needed; got {a.shape} and {b.shape}")
    union = int((a | b).sum())
    return int((a & b).sum()) / union if union else 0.0


def cut_out(rgb: Rgb, mask: Mask) -> Rgba:
    """Return the picture as a frame with hard alpha: 255 in the mask, 0 elsewhere; colours stay everywhere.

    Raises:
        ValueError: the mask has another size than the picture.
    """
    if mask.shape != rgb.shape[:2]:
        raise ValueError(f"a mask of the picture's size, {rgb.shape[:2]}, is needed; got {mask.shape}")
    return np.dstack([rgb, np.where(mask, 255, 0)]).astype(np.uint8)


def in_box(source: Rgb, mask: Mask, made: Rgb) -> tuple[Rgb, Rgb]:
    """Return what both pictures show in the source object's box, at the source's scale: what is hashed and embedded.

    No mask cuts them: two masks of one object differ enough to make a copy look new. Of 57 copies with a pixel's
    grain, the hashes of cut-outs under own masks told 30; those of the boxes all (offline world, offline segmenter).

    Args:
        source: (S, S, 3).
        mask: (S, S), the source object.
        made: (T, T, 3), the same square anew.

    Raises:
        ValueError: the mask is empty.
    """
    x, y, width, height = (int(value) for value in box_of(mask))
    side = source.shape[0]
    how = cv2.INTER_AREA if side < made.shape[0] else cv2.INTER_CUBIC
    scaled: Rgb = np.asarray(cv2.resize(made, (side, side), interpolation=how), dtype=np.uint8)
    return source[y : y + height, x : x + width], scaled[y : y + height, x : x + width]


def phash_distance(source: Rgb, made: Rgb) -> int:
    """Return in how many bits of 64 the perceptual hashes of two pictures differ."""
    return int(nearest_distances(words([phash(source)]), words([phash(made)]))[0])


def variation_findings(measured: Measured, settings: VariationSettings) -> tuple[Finding, ...]:
    """Return what is wrong with a variation, as (reason, explanation); nothing when it is a new instance.

    It must lie where its source did, for the caption and the scale to hold, and it must be no copy: a copy is what
    is too near by its hash or by its embedding, so that both have to be far.
    """
    findings: list[Finding] = []
    if measured.iou < settings.min_iou:
        findings.append(("moved", f"IoU {measured.iou:.2f} with the source's mask; at least {settings.min_iou:g}"))
    near: list[str] = []
    if measured.phash_distance < settings.min_phash_distance:
        near.append(f"{measured.phash_distance} bits of the hash differ; at least {settings.min_phash_distance}")
    if measured.similarity >= settings.max_similarity:
        near.append(f"similarity {measured.similarity:.3f}; below {settings.max_similarity:g}")
    if near:
        findings.append(("copy", ", and ".join(near)))
    return tuple(findings)


def _window(photograph: Rgb, x: int, y: int, side: int) -> Rgb:
    """Return the (side, side, 3) window at (x, y), with the outermost pixels repeated beyond the border."""
    height, width = photograph.shape[:2]
    before_x, before_y = max(0, -x), max(0, -y)
    after_x, after_y = max(0, x + side - width), max(0, y + side - height)
    inside = photograph[max(0, y) : y + side, max(0, x) : x + side]
    framed = cv2.copyMakeBorder(inside, before_y, after_y, before_x, after_x, cv2.BORDER_REPLICATE)
    return np.asarray(framed, dtype=np.uint8)


def _faded(picture: Rgb, place: tuple[int, int, int, int], fade_px: float) -> Rgb:
    """Return the picture as it is in the box, blurred from `fade_px` beyond it on, and mixed in between."""
    side = picture.shape[0]
    left, top, width, height = place
    along = np.arange(side)
    beyond_x = np.maximum(0, np.maximum(left - along, along - (left + width - 1)))
    beyond_y = np.maximum(0, np.maximum(top - along, along - (top + height - 1)))
    beyond = np.maximum(beyond_x[None, :], beyond_y[:, None]).astype(np.float32)
    sharp = np.clip(1 - beyond / max(1.0, fade_px), 0, 1)[..., None]
    blurred = cv2.GaussianBlur(picture, (0, 0), max(1.0, side * BLUR_SHARE), borderType=cv2.BORDER_REPLICATE)
    return np.asarray(np.rint(picture * sharp + blurred * (1 - sharp)), dtype=np.uint8)
