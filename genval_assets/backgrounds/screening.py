"""Which pictures scenes may be composed on.

Refused are validation pictures and their near-duplicates, copies of a background already kept, pictures that are too
small, and blank ones. Not here: looking for objects that nobody annotated; `SCREENED` says per kind what is known.
"""

import hashlib
from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray
from pydantic import Field

from genval_assets.backgrounds.hashes import ValidationGuard, nearest_distances, phash, words
from genval_assets.types import RefusedItem, Rgb, Settings

SCREENED = {"training": "annotated", "drawn": "drawn", "yours": "unscreened"}
"""Kind of background -> what is known of the objects in it, where no detector looked."""


class ScreeningSettings(Settings):
    """Which pictures become backgrounds."""

    max_backgrounds: int = Field(
        default=2000, ge=1, description="Backgrounds kept of each kind at most, a seeded sample (at least 1)."
    )
    min_side_px: int = Field(default=200, ge=16, description="Least shorter side of a background, in px (16 or more).")
    phash_distance: int = Field(
        default=6,
        ge=0,
        le=20,
        description="Two pictures whose 64-bit perceptual hashes differ in at most so many bits are near-duplicates "
        "(0..20).",
    )
    min_luma_std: float = Field(
        default=3.0, ge=0, le=127, description="Least standard deviation of luma, in levels of 255 (0..127)."
    )


@dataclass(frozen=True)
class BackgroundCandidate:
    """A picture that may become a background, not yet decoded."""

    kind: str  # yours | training | drawn
    path: str  # below the folder of that kind
    width: int | None = None  # in px, where known without decoding
    height: int | None = None
    image_id: int | None = None  # in the user's file, for training images


@dataclass(frozen=True)
class KeptBackground:
    """A picture that scenes may be composed on."""

    kind: str
    path: str
    width: int
    height: int
    image_id: int | None
    phash: str
    screened: str


@dataclass(frozen=True)
class Screening:
    """What screening brought. Candidates beyond the sample are in neither list."""

    kept: list[KeptBackground] = field(default_factory=list)
    refused: list[RefusedItem] = field(default_factory=list)


def sample_order(candidates: Iterable[BackgroundCandidate], seed: int) -> list[BackgroundCandidate]:
    """Return the candidates in a seeded random order that depends on kind and path alone.

    A picture that is added to a folder moves no other, so that an earlier sample stays mostly as it was. Kinds come
    in the order of SCREENED: of two copies, the one whose objects are annotated is seen first, and stays.
    """
    kinds = list(SCREENED)

    def draw(candidate: BackgroundCandidate) -> tuple[int, bytes]:
        name = f"{seed}\0{candidate.kind}\0{candidate.path}".encode("utf-8", "surrogateescape")
        return kinds.index(candidate.kind), hashlib.sha256(name).digest()

    return sorted(candidates, key=draw)


def screen(
    candidates: Iterable[BackgroundCandidate],
    load: Callable[[BackgroundCandidate], Rgb],
    guard: ValidationGuard,
    settings: ScreeningSettings,
    seed: int,
) -> Screening:
    """Return the backgrounds kept and the pictures refused, in the candidates' sampled order.

    Only the sample is decoded: of each kind, loading stops when `max_backgrounds` are kept.

    Args:
        candidates: all pictures there are, in any order.
        load: returns a candidate's pixels, or raises RefusedItem.
        guard: the validation pictures.
        settings: limits.
        seed: chooses the sample.
    """
    result = Screening()
    kept_of_kind: Counter[str] = Counter()
    seen = words(())
    for candidate in sample_order(candidates, seed):
        if kept_of_kind[candidate.kind] == settings.max_backgrounds:
            continue
        try:
            background = _screen_one(candidate, load, guard, seen, settings)
        except RefusedItem as refusal:
            result.refused.append(refusal)
            continue
        result.kept.append(background)
        kept_of_kind[candidate.kind] += 1
        seen = np.append(seen, words([background.phash]))
    return result


def _screen_one(
    candidate: BackgroundCandidate,
    load: Callable[[BackgroundCandidate], Rgb],
    guard: ValidationGuard,
    seen: NDArray[np.uint64],
    settings: ScreeningSettings,
) -> KeptBackground:
    """Return the candidate as a background.

    Raises:
        RefusedItem: with reason `near_duplicate_of_validation`, `too_small`, `flat`, `duplicate`, or whatever `load`
            raises.
    """
    if candidate.width is not None and candidate.height is not None:
        _refuse_small(candidate, candidate.width, candidate.height, settings.min_side_px)
    pixels = load(candidate)
    height, width = pixels.shape[:2]
    _refuse_small(candidate, width, height, settings.min_side_px)
    spread = float(pixels.mean(axis=2).std())
    if spread < settings.min_luma_std:
        raise RefusedItem(candidate.path, "flat", f"luma varies by {spread:.2f}; at least {settings.min_luma_std}")
    own = phash(pixels)
    if guard.is_validation(own):
        near = f"within {guard.distance} bits of a validation picture; training data must not show those"
        raise RefusedItem(candidate.path, "near_duplicate_of_validation", near)
    _refuse_copy(candidate, own, seen, settings.phash_distance)
    screened = SCREENED[candidate.kind]
    return KeptBackground(candidate.kind, candidate.path, width, height, candidate.image_id, own, screened)


def _refuse_small(candidate: BackgroundCandidate, width: int, height: int, min_side_px: int) -> None:
    if min(width, height) < min_side_px:
        raise RefusedItem(candidate.path, "too_small", f"{width} x {height} px; both sides at least {min_side_px}")


def _refuse_copy(candidate: BackgroundCandidate, own: str, seen: NDArray[np.uint64], distance: int) -> None:
    nearest = int(nearest_distances(words([own]), seen)[0])
    if nearest <= distance:
        raise RefusedItem(candidate.path, "duplicate", f"{nearest} bits from a background already kept")
