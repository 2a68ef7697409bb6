"""Wiring of accepted pictures: their pixels as models see them, stored where they are not stored anyway."""

import cv2
import numpy as np

from genval_assets.assets.known_pictures import Known
from genval_assets.instances.gate import Frame
from genval_assets.instances.ground import in_frame
from genval_assets.ports import Images, Photographs
from genval_assets.rows import Reference, Scene, Verdict
from genval_assets.types import RefusedItem, Rgb

LONGEST_PX = 768
"""Longest side of what models are shown (our choice)."""
MARGIN = 0.08
"""Ground around a cut-out, and surroundings of a real object, as a share of the longer side (our choice)."""


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
    try:
        return images.put([_about(photographs.pixels(row.image_id), row)], lossless=False)[0]
    except KeyError as err:
        raise RefusedItem(row.photograph, "lost_picture", "the annotation file no longer names it") from err


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
