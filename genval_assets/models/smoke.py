"""Whether the first few results of a model can be what they should be, before a night is spent on it.

These are looks, not measures of quality: a fault here is one that no prompt and no luck explains. Pictures are 8-bit,
so what was NaN before shows as a flat or black picture; scores and vectors are looked at for NaN themselves.
"""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from genval_assets.types import Found, Mask, Rgb, Rgba, Segment, Xywh

VISIBLE_ALPHA = 25
"""A tenth of opaque: clear glass is seen, haze is not (our choice)."""
VISIBLE_SHARE = (0.01, 0.99)
"""Least and largest share of visible pixels of a foreground: nothing, or no transparency, is neither."""
FLAT_STD = 3.0
"""Levels of 255; a picture that varies less is flat, as the mask gate has it."""
REACH = 0.25
"""How far a mask may reach beyond its box, in sides of the box, and still be what stands in it (our choice)."""
INSIDE_SHARE = 0.9
"""Share of a mask's pixels within that reach."""
UNIT_LENGTH = 0.01
"""By how much a unit vector's length may differ from 1: half precision rounds."""
SAME = 1e-3
"""Two pictures whose vectors differ by less, by length, are one to the embedder."""


def square_picture(side: int, index: int) -> tuple[Rgb, Xywh, Mask]:
    """Return a plain square on a plain ground, with its box in px and its mask; `index` moves and colours it."""
    grounds = ((222, 218, 208), (60, 84, 66), (36, 40, 62), (198, 214, 228))
    colours = ((196, 44, 38), (240, 206, 60), (230, 230, 236), (28, 78, 160))
    w = side // 3
    x, y = side // 4 + (index % 2) * side // 6, side // 4 + (index // 2 % 2) * side // 6
    rgb = np.empty((side, side, 3), dtype=np.uint8)
    rgb[:] = grounds[index % len(grounds)]
    mask = np.zeros((side, side), dtype=bool)
    mask[y : y + w, x : x + w] = True
    rgb[mask] = colours[index % len(colours)]
    return rgb, (float(x), float(y), float(w), float(w)), mask


def flat_fault(rgb: Rgb) -> str:
    """Return why a picture shows nothing; empty when it may show something."""
    deviation = float(rgb.astype(np.float32).std(axis=(0, 1)).max()) if rgb.size else 0.0
    if deviation >= FLAT_STD:
        return ""
    return f"the picture is flat (it varies by {deviation:.1f} of 255, {FLAT_STD:g} is the least)"


def foreground_fault(rgba: Rgba) -> str:
    """Return why a frame is no object on transparent ground; empty when it may be one."""
    alpha = rgba[..., 3]
    if not alpha.size or alpha.min() == alpha.max():
        return f"alpha is {int(alpha.flat[0]) if alpha.size else 'empty'} everywhere: nothing is cut out"
    share = float((alpha >= VISIBLE_ALPHA).mean())
    least, most = VISIBLE_SHARE
    if not least <= share <= most:
        return f"{share:.1%} of the pixels are visible; {least:.0%} to {most:.0%} would be an object with ground around"
    seen = rgba[alpha >= VISIBLE_ALPHA][:, :3]
    return flat_fault(seen[None])


def finished_fault(quick: Rgba, finished: Rgba) -> str:
    """Return why a finished frame does not belong to its quick one; empty when it does."""
    if quick.shape != finished.shape:
        return f"finished as {finished.shape}, screened as {quick.shape}: they must be of one size"
    return foreground_fault(finished)


def mask_fault(found: Segment, box: Xywh, shape: tuple[int, int]) -> str:
    """Return why a mask is not that of a thing in the box; empty when it may be.

    Args:
        found: what the segmenter says.
        box: that of the thing, px.
        shape: (H, W) of the picture.
    """
    if found.mask.shape != shape:
        return f"the mask is {found.mask.shape}, the picture {shape}"
    if why := score_fault(found.score):
        return why
    area = int(found.mask.sum())
    if not area:
        return "the mask is empty"
    share = int(found.mask[_around(box, shape)].sum()) / area
    if share < INSIDE_SHARE:
        return f"only {share:.0%} of the mask lies in or near the box {tuple(round(side) for side in box)}"
    return ""


def _around(box: Xywh, shape: tuple[int, int]) -> tuple[slice, slice]:
    x, y, w, h = box
    left, top = max(0, round(x - REACH * w)), max(0, round(y - REACH * h))
    return slice(top, min(shape[0], round(y + h + REACH * h))), slice(left, min(shape[1], round(x + w + REACH * w)))


def score_fault(score: float) -> str:
    """Return why a score is none; empty when it is one."""
    return "" if 0 <= score <= 1 else f"a score of {score}; 0 to 1 would be one"


def finds_fault(finds: Sequence[Found], names: Sequence[str], shape: tuple[int, int]) -> str:
    """Return why what a detector found cannot be; empty when it can, also when it found nothing."""
    for one in finds:
        if why := score_fault(one.score):
            return f"{one.name}: {why}"
        if one.name not in names:
            return f"found {one.name!r}, which was not asked for ({', '.join(names)})"
        x, y, w, h = one.box
        if not (w > 0 and h > 0 and x < shape[1] and y < shape[0] and x + w > 0 and y + h > 0):
            return f"{one.name}: the box {one.box} is not in the picture of {shape[1]} x {shape[0]} px"
    return ""


def vectors_fault(vectors: NDArray[np.float32], count: int) -> str:
    """Return why an embedder's vectors of different pictures cannot be used; empty when they can."""
    if vectors.ndim != 2 or len(vectors) != count:
        return f"{count} pictures gave an array of {vectors.shape}; one row for each was expected"
    lengths = np.linalg.norm(vectors.astype(np.float64), axis=1)
    if not bool((np.abs(lengths - 1) <= UNIT_LENGTH).all()):  # NaN is not within it either
        return f"vectors have lengths {', '.join(f'{one:.3g}' for one in lengths)}; 1 was expected"
    apart = np.linalg.norm(vectors[:, None].astype(np.float64) - vectors[None], axis=2)[np.triu_indices(count, 1)]
    if apart.size and apart.min() < SAME:
        return "two different pictures have the same vector"
    return ""
