"""Plain fakes of painter, detector and embedder: they count, remember what they were asked, and fail on purpose."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace

import numpy as np

from genval_assets.types import Found, ModelUnavailable, Painted, PaintRequest, Rgb


def blocks(seed: int, side: int = 256) -> Rgb:
    """Return 8 x 8 coloured blocks, which no other seed resembles."""
    small = np.random.default_rng(seed).integers(0, 256, (8, 8, 3), dtype=np.uint8)
    return small.repeat(side // 8, axis=0).repeat(side // 8, axis=1)


class Blocks:
    """A painter of coloured blocks, two at once. It counts how often it was opened, and keeps what it was asked.

    The indices in `black` come to nothing, for those in `no_room` the device has no memory, those in `reseeded` are
    painted with another seed than they were asked with. Before batch `dies_at` (from 1) the process is interrupted.
    """

    model, revision, best_batch = "blocks", "7", 2

    def __init__(self) -> None:
        self.opened = 0
        self.closed = 0
        self.asked: list[list[PaintRequest]] = []  # per batch
        self.settings = ""
        self.black: set[int] = set()
        self.no_room: set[int] = set()
        self.reseeded: set[int] = set()
        self.dies_at = 0

    def fingerprint(self) -> str:
        return f"blocks@7{self.settings}"

    def fault(self) -> str:
        return ""

    @contextmanager
    def open(self) -> Iterator["Blocks"]:
        self.opened += 1
        try:
            yield self
        finally:
            self.closed += 1

    def paint(self, requests: Sequence[PaintRequest]) -> list[Painted]:
        self.asked.append(list(requests))
        if len(self.asked) == self.dies_at:
            raise KeyboardInterrupt
        return [self._paint(request) for request in requests]

    def _paint(self, request: PaintRequest) -> Painted:
        if request.index in self.black:
            return Painted(request, None, "black three times")
        if request.index in self.no_room:
            return Painted(request, None, "out of memory", owed=True)
        if request.index in self.reseeded:
            request = replace(request, seed=4)
        return Painted(request, blocks(request.seed))


class NoDetectors:
    """The profile has no detector."""

    def fingerprint(self) -> str:
        return ""

    def fault(self) -> str:
        return ""

    @contextmanager
    def open(self) -> Iterator[None]:
        yield None


class Spotter:
    """A detector, two pictures at once, that finds `shown[i]` = (name, seed) in the blocks of that seed.

    It knows a name only if it is asked for it. It counts openings, and keeps pictures and names of each search.
    """

    model, revision, best_batch = "spotter", "3", 2

    def __init__(self, *shown: tuple[str, int]) -> None:
        self.shown = list(shown)
        self.opened = 0
        self.closed = 0
        self.searched: list[int] = []  # pictures per call
        self.asked: list[tuple[str, ...]] = []  # names per call
        self.settings = ""
        self.broken = ""

    def fingerprint(self) -> str:
        return f"spotter@3{self.settings}"

    def fault(self) -> str:
        return self.broken

    @contextmanager
    def open(self) -> Iterator["Spotter"]:
        if self.broken:
            raise ModelUnavailable(self.broken)
        self.opened += 1
        try:
            yield self
        finally:
            self.closed += 1

    def find(self, pictures: Sequence[Rgb], names: Sequence[str]) -> list[list[Found]]:
        self.searched.append(len(pictures))
        self.asked.append(tuple(names))
        return [
            [
                Found(name, (10.0, 20.0, 30.0, 40.0), 0.83)
                for name, seed in self.shown
                if name in names and np.array_equal(picture, blocks(seed))
            ]
            for picture in pictures
        ]


class PixelEmbedders:
    """Pictures by their mean colours; of texts it knows the colours in `words`. It counts openings and pictures."""

    model, revision = "pixels", "1"

    def __init__(self) -> None:
        self.opened = 0
        self.seen = 0
        self.words: dict[str, tuple[float, float, float]] = {}

    def fault(self) -> str:
        return ""

    @contextmanager
    def open(self) -> Iterator["PixelEmbedders"]:
        self.opened += 1
        yield self

    def images(self, pictures: Sequence[Rgb]) -> np.ndarray:
        self.seen += len(pictures)
        means = np.array([picture.reshape(-1, 3).mean(axis=0) + 1 for picture in pictures], np.float32)
        return means / np.linalg.norm(means, axis=1, keepdims=True)

    def texts(self, texts: Sequence[str]) -> np.ndarray:
        colours = np.array([self.words.get(text, (0, 0, 0)) for text in texts], np.float32)
        return colours / np.maximum(np.linalg.norm(colours, axis=1, keepdims=True), 1e-6)
