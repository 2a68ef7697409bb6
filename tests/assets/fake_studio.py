"""A foreground model that draws striped discs, and fails on purpose."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager

import numpy as np

from genval_assets.types import Drawn, DrawRequest, Finished, Rgba


class Studio:
    """A foreground model that draws a striped disc, and counts how often it was opened and what it drew.

    For a category in `raises` it raises, in `draws_nothing` it says that it cannot, in `draws_badly` the disc is cut
    by the frame, which the gate refuses; in `no_room` the device has no memory for it. With `latents` each draw comes
    with one, of which `finish` makes the same disc in green, or in `finishes_badly` one that the frame cuts.
    """

    model, revision, source = "disc", "1", "offline"
    best_batch = 3

    def __init__(self) -> None:
        self.opened = 0
        self.closed = 0
        self.batches: list[list[str]] = []  # categories of each batch
        self.raises: set[str] = set()
        self.draws_nothing: set[str] = set()
        self.draws_badly: set[str] = set()
        self.no_room: set[str] = set()
        self.latents = False
        self.finishes_badly = False
        self.finishing_fails = False
        self.finishing_owes = False
        self.finishers = 0
        self.finished: list[float] = []  # what the latents held
        self.broken = ""

    def fingerprint(self) -> str:
        return "disc@1"

    def can_draw(self, name: str) -> bool:
        return True

    def fault(self) -> str:
        return self.broken

    @contextmanager
    def finishing(self) -> Iterator["Studio"]:
        self.finishers += 1
        yield self

    def finish(self, latents: Sequence[np.ndarray]) -> list[Finished]:
        if self.finishing_fails:
            return [Finished(None, "one frame does not fit", owed=self.finishing_owes) for _ in latents]
        self.finished += [float(latent[0, 0, 0]) for latent in latents]
        frames = [disc(0, cut=self.finishes_badly) for _ in latents]
        for frame in frames:
            frame[..., :3] = frame[..., :3] // 4 + np.array([0, 120, 0], np.uint8)
        return [Finished(frame) for frame in frames]

    @contextmanager
    def open(self) -> Iterator["Studio"]:
        self.opened += 1
        yield self
        self.closed += 1

    def draw(self, requests: Sequence[DrawRequest]) -> list[Drawn]:
        self.batches.append([request.category for request in requests])
        for request in requests:
            if request.category in self.raises:
                raise RuntimeError(f"out of memory while drawing {request.category}")
        return [self._draw(request) for request in requests]

    def _draw(self, request: DrawRequest) -> Drawn:
        if request.category in self.draws_nothing:
            return Drawn(request, None, "cannot draw it")
        if request.category in self.no_room:
            return Drawn(request, None, "out of memory", owed=True)
        latent = np.full((4, 8, 8), request.seed % 1000, np.float16) if self.latents else None
        return Drawn(request, disc(request.seed, cut=request.category in self.draws_badly), latent=latent)


def disc(seed: int, *, cut: bool = False) -> Rgba:
    """Draw a disc of 20 px radius with stripes in the middle of 64 x 64 px, or across its border."""
    y, x = np.mgrid[:64, :64]
    inside = (x - (0 if cut else 32)) ** 2 + (y - 32) ** 2 < 20**2
    tint = [seed >> shift & 63 for shift in (0, 6, 12)]  # other pixels for every seed
    colours = [np.where((x // 4) % 2, 40, 180) + one for one in tint]
    return np.dstack([*colours, inside * 255]).astype(np.uint8)
