"""Which pictures scenes may be composed on.

Refused are validation pictures and their near-duplicates, copies of a background already kept, pictures that are too
small, blank ones, and where a detector looks those in which it finds a category. What a search is: `search.py`.
"""

import hashlib
from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace

import numpy as np
from pydantic import Field

from genval_assets.backgrounds.hashes import ValidationGuard, nearest_distances, phash, words
from genval_assets.backgrounds.search import Search, shows_category, told
from genval_assets.types import RefusedItem, Rgb, Settings

SCREENED = {"training": "annotated", "drawn": "drawn", "yours": "unscreened"}
"""Kind of background -> what is known of the objects in it, where no detector looked."""
SEARCHED = ("drawn", "yours")
"""Kinds that a detector searches: objects in the others are annotated."""


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
    screen: str | None = None  # mark of the search; None: no detector looked


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
    search: Search | None = None,
) -> Screening:
    """Return the backgrounds kept and the pictures refused; those kept in the candidates' sampled order.

    Only the sample is decoded: of each kind, loading stops when `max_backgrounds` are kept. At most one batch of the
    detector is held in memory.

    Args:
        candidates: all pictures there are, in any order.
        load: returns a candidate's pixels, or raises RefusedItem.
        guard: the validation pictures.
        settings: limits.
        seed: chooses the sample.
        search: looks for objects that nobody annotated; None: nothing does.
    """
    sieve = _Sieve(load, guard, settings, search)
    for candidate in sample_order(candidates, seed):
        if not sieve.has_enough(candidate.kind):
            sieve.take(candidate)
    sieve.settle()
    return Screening(sieve.kept, sieve.refused)


@dataclass(frozen=True)
class _Waiting:
    """A picture that passed everything but the search."""

    background: KeptBackground
    pixels: Rgb | None  # None: it need not be searched
    found: str = ""  # by an earlier search


class _Sieve:
    """Takes one candidate after the other. What it keeps depends on their order alone, never on the batches."""

    def __init__(
        self,
        load: Callable[[BackgroundCandidate], Rgb],
        guard: ValidationGuard,
        settings: ScreeningSettings,
        search: Search | None,
    ) -> None:
        self.kept: list[KeptBackground] = []
        self.refused: list[RefusedItem] = []
        self._load, self._guard, self._settings, self._search = load, guard, settings, search
        self._waiting: list[_Waiting] = []
        self._kept_of_kind: Counter[str] = Counter()
        self._seen = words(())

    def has_enough(self, kind: str) -> bool:
        """Return whether as many of a kind are kept as the settings permit; what waits is searched where it decides."""
        most = self._settings.max_backgrounds
        if self._kept_of_kind[kind] + sum(one.background.kind == kind for one in self._waiting) >= most:
            self.settle()
        return self._kept_of_kind[kind] >= most

    def take(self, candidate: BackgroundCandidate) -> None:
        """Refuse the candidate, or let it wait for the search; a full batch is searched."""
        try:
            passed = self._passed(candidate)
        except RefusedItem as refusal:
            self.refused.append(refusal)
            return
        self._waiting.append(passed)
        unsearched = sum(one.pixels is not None for one in self._waiting)
        if self._search is None or unsearched == 0 or unsearched >= self._search.batch():
            self.settle()

    def settle(self) -> None:
        """Search what waits, and keep or refuse it."""
        waiting, self._waiting = self._waiting, []
        pictures = [one.pixels for one in waiting if one.pixels is not None]
        finds = self._search.find(pictures) if self._search is not None and pictures else []
        if len(finds) != len(pictures):
            raise ValueError(f"the detector answered for {len(finds)} pictures of {len(pictures)}")
        answers = iter(finds)
        for one in waiting:
            found = one.found if one.pixels is None else told(next(answers))
            if found:
                self.refused.append(shows_category(one.background.path, one.background.screen or "", found))
                continue
            self.kept.append(one.background)
            self._kept_of_kind[one.background.kind] += 1
            self._seen = np.append(self._seen, words([one.background.phash]))

    def _passed(self, candidate: BackgroundCandidate) -> _Waiting:
        """Return the candidate as a background that may still have to be searched.

        Raises:
            RefusedItem: with reason `near_duplicate_of_validation`, `too_small`, `flat`, `duplicate`, or whatever
                `load` raises.
        """
        if candidate.width is not None and candidate.height is not None:
            _refuse_small(candidate, candidate.width, candidate.height, self._settings.min_side_px)
        pixels = self._load(candidate)
        height, width = pixels.shape[:2]
        _refuse_small(candidate, width, height, self._settings.min_side_px)
        _refuse_flat(candidate, pixels, self._settings.min_luma_std)
        own = phash(pixels)
        if self._guard.is_validation(own):
            near = f"within {self._guard.distance} bits of a validation picture; training data must not show those"
            raise RefusedItem(candidate.path, "near_duplicate_of_validation", near)
        self._refuse_copy(candidate, own)
        kept = KeptBackground(
            candidate.kind, candidate.path, width, height, candidate.image_id, own, SCREENED[candidate.kind]
        )
        return self._to_search(kept, pixels)

    def _to_search(self, kept: KeptBackground, pixels: Rgb) -> _Waiting:
        if self._search is None or kept.kind not in SEARCHED:
            return _Waiting(kept, None)
        mark = self._search.terms.mark(pixels)
        searched = replace(kept, screened="detector", screen=mark)
        known = self._search.known.get(mark)
        return _Waiting(searched, pixels) if known is None else _Waiting(searched, None, known)

    def _refuse_copy(self, candidate: BackgroundCandidate, own: str) -> None:
        """Refuse a copy of what is kept. What waits may yet be refused, so a copy of that has it searched first."""
        distance = self._settings.phash_distance
        waiting = words(one.background.phash for one in self._waiting)
        if int(nearest_distances(words([own]), waiting)[0]) <= distance:
            self.settle()
        nearest = int(nearest_distances(words([own]), self._seen)[0])
        if nearest <= distance:
            raise RefusedItem(candidate.path, "duplicate", f"{nearest} bits from a background already kept")


def _refuse_small(candidate: BackgroundCandidate, width: int, height: int, min_side_px: int) -> None:
    if min(width, height) < min_side_px:
        raise RefusedItem(candidate.path, "too_small", f"{width} x {height} px; both sides at least {min_side_px}")


def _refuse_flat(candidate: BackgroundCandidate, pixels: Rgb, min_luma_std: float) -> None:
    spread = float(pixels.mean(axis=2).std())
    if spread < min_luma_std:
        raise RefusedItem(candidate.path, "flat", f"luma varies by {spread:.2f}; at least {min_luma_std}")
