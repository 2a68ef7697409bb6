"""One draw of the offline foreground model: the look that the words ask for, and the faults put into the picture."""

from collections.abc import Mapping
from dataclasses import dataclass, replace

import cv2
import numpy as np
from numpy.typing import NDArray

from genval_assets.keys import seed_of
from genval_assets.types import Rgba
from resources.offline.errors import Faults, sample_faults
from resources.offline.scenery import PLACES, paint_place
from resources.offline.studio import KINDS, MODEL, Look, Style, draw, sample_look
from resources.offline.wording import Wording

STUBBORN: Mapping[str, frozenset[str]] = {
    "banana": frozenset({"colour"}),
    "cactus": frozenset({"colour"}),
    "pineapple": frozenset({"colour"}),
    "traffic cone": frozenset({"colour"}),
}
"""Kind -> what it keeps whatever the words say, as real generators do where they have seen nothing else. The draw is
good all the same, and its truth says what it shows."""


@dataclass(frozen=True, eq=False)
class Draft:
    """A picture and what it really shows."""

    rgba: Rgba
    look: Look
    faults: Faults


def draft(wording: Wording, seed: int, frame: int, hand: Style = MODEL) -> Draft:
    """Return the (frame, frame, 4) picture for a prompt that names at least one kind; hand and seed decide the rest."""
    asked = wording.kinds[0]
    faults = sample_faults(asked, wording, seed)
    rng = np.random.default_rng(seed_of("look", asked, seed))
    shown = _another(asked, rng) if faults.wrong else asked
    look = worded_look(shown, wording, rng, hand)
    picture = _picture(look, wording, faults, rng, frame, hand)
    return Draft(_with_remains(picture, rng) if faults.remains else picture, look, faults)


def worded_look(kind: str, wording: Wording, rng: np.random.Generator, hand: Style = MODEL) -> Look:
    """Return a look of the kind that obeys the words; where they are silent or it is stubborn, the hand decides."""
    kept = STUBBORN.get(kind, frozenset())
    look = sample_look(
        kind,
        rng,
        hand,
        colour=None if "colour" in kept else wording.colour,
        second=wording.second,
        pattern=wording.pattern,
        material=wording.material if KINDS[kind].material != "glass" else None,
    )
    light = replace(
        look.light,
        azimuth=look.light.azimuth if wording.azimuth is None else wording.azimuth,
        contrast=look.light.contrast if wording.contrast is None else wording.contrast,
    )
    return replace(
        look,
        light=light,
        angle=look.angle if wording.angle is None else wording.angle,
        elevation=look.elevation if wording.elevation is None else wording.elevation,
        flip=look.flip if wording.flip is None else wording.flip,
    )


def _another(kind: str, rng: np.random.Generator) -> str:
    """Return a kind of another sort, each as likely."""
    others = [k for k in KINDS if k != kind]
    return others[int(rng.integers(len(others)))]


def _picture(look: Look, wording: Wording, faults: Faults, rng: np.random.Generator, frame: int, hand: Style) -> Rgba:
    """Return the object, whole or cut, alone or not."""
    if faults.two:
        second = next((k for k in wording.kinds if k != look.kind), look.kind)
        picture = _side_by_side(look, worded_look(second, wording, rng, hand), rng, frame)
    else:
        picture = draw(look, frame, margin=float(rng.uniform(0.06, 0.14)))
    return _cut_by_frame(picture, rng) if faults.cut else picture


def _side_by_side(first: Look, second: Look, rng: np.random.Generator, frame: int) -> Rgba:
    """Return two objects in one frame, apart or overlapping a little."""
    picture = np.zeros((frame, frame, 4), dtype=np.uint8)
    size = int(frame * rng.uniform(0.48, 0.58))
    for look, x in ((second, frame - size - 2), (first, 2)):
        y = int(rng.uniform(0.05, 0.9) * (frame - size))
        _over(picture[y : y + size, x : x + size], draw(look, size, margin=0.02))
    return picture


def _cut_by_frame(picture: Rgba, rng: np.random.Generator) -> Rgba:
    """Return the picture enlarged and moved so that a good part of the object lies outside it."""
    frame = picture.shape[0]
    ys, xs = np.nonzero(picture[..., 3] > 127)
    scale, side = rng.uniform(1.15, 1.5), int(rng.integers(4))
    share = rng.uniform(0.18, 0.4)  # of the extent of what lies on that side that is lost
    low, high = np.array([xs.min(), ys.min()]) * scale, np.array([xs.max(), ys.max()]) * scale
    centre = frame / 2 - (low + high) / 2
    axis = side % 2
    lost = share * scale * _outermost_extent(picture, axis, at_start=side < 2)
    centre[axis] = -low[axis] - lost if side < 2 else frame - high[axis] + lost
    move = np.array([[scale, 0, centre[0]], [0, scale, centre[1]]])
    moved = cv2.warpAffine(_premultiplied(picture), move, (frame, frame), flags=cv2.INTER_LINEAR)
    return _straight(moved.astype(np.float32, copy=False))


def _outermost_extent(picture: Rgba, axis: int, *, at_start: bool) -> int:
    """Return the extent in px along x (axis 0) or y of what comes first from one side: of two things apart, the one."""
    seen = np.flatnonzero((picture[..., 3] > 20).any(axis=axis))  # clear glass, too
    ends = np.flatnonzero(np.diff(seen) > 1)
    if at_start:
        return int(seen[ends[0]] - seen[0]) if len(ends) else int(seen[-1] - seen[0])
    return int(seen[-1] - seen[ends[-1] + 1]) if len(ends) else int(seen[-1] - seen[0])


def _with_remains(picture: Rgba, rng: np.random.Generator) -> Rgba:
    """Return the picture with wisps around the object, a floor below it, or a whole place painted behind it."""
    frame = picture.shape[0]
    kind = rng.random()
    if kind < 0.4:
        behind = _wisps(rng, frame)
    elif kind < 0.7:
        behind = _floor(picture, rng)
    else:
        place = list(PLACES)[int(rng.integers(len(PLACES)))]
        painted, _ = paint_place(place, rng, frame, frame)
        behind = np.dstack([painted, np.full((frame, frame), 255, dtype=np.uint8)])
    _over(behind, picture)
    return behind


def _wisps(rng: np.random.Generator, frame: int) -> Rgba:
    """Return half-transparent scraps, three to six, somewhere in the frame."""
    scraps = np.zeros((frame, frame, 4), dtype=np.uint8)
    for _ in range(int(rng.integers(3, 7))):
        centre = tuple(int(c) for c in rng.uniform(0.08, 0.92, 2) * frame)
        axes = tuple(int(c) for c in rng.uniform(0.04, 0.11, 2) * frame)
        tone = [int(c) for c in rng.uniform(90, 220, 3)]
        cv2.ellipse(scraps, centre, axes, float(rng.uniform(0, 180)), 0, 360, (*tone, int(rng.uniform(140, 235))), -1)
    scraps[..., 3] = cv2.GaussianBlur(scraps[..., 3], (0, 0), frame / 160)
    return scraps


def _floor(picture: Rgba, rng: np.random.Generator) -> Rgba:
    """Return a slab of ground from the object's foot down to the frame."""
    frame = picture.shape[0]
    foot = int(np.flatnonzero((picture[..., 3] > 127).any(axis=1))[-1])
    top = max(0, foot - int(rng.uniform(0.08, 0.2) * frame))
    painted, _ = paint_place("table", rng, frame, frame)
    slab = np.zeros((frame, frame, 4), dtype=np.uint8)
    slab[top:, :, :3], slab[top:, :, 3] = painted[top:], 255
    return slab


def _over(under: Rgba, picture: Rgba) -> None:
    """Lay straight-alpha `picture` over straight-alpha `under`, in place (Porter and Duff 1984)."""
    below, above = (p.astype(np.float32) / np.float32(255) for p in (under, picture))
    share = below[..., 3:] * (1 - above[..., 3:])
    alpha = above[..., 3:] + share
    colour = (above[..., :3] * above[..., 3:] + below[..., :3] * share) / np.maximum(alpha, 1e-4)
    under[...] = np.clip(np.concatenate([colour, alpha], axis=2) * 255 + 0.5, 0, 255).astype(np.uint8)


def _premultiplied(picture: Rgba) -> NDArray[np.float32]:
    floats = picture.astype(np.float32)
    floats[..., :3] *= floats[..., 3:] / np.float32(255)
    return floats


def _straight(premultiplied: NDArray[np.float32]) -> Rgba:
    alpha = premultiplied[..., 3:]
    colour = premultiplied[..., :3] * np.float32(255) / np.maximum(alpha, 1.0)
    return np.clip(np.concatenate([colour, alpha], axis=2) + 0.5, 0, 255).astype(np.uint8)
