"""Plain fakes of what makes candidates of real objects, and of what is kept and measured on the way."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager

import numpy as np

from genval_assets.types import Latent, ModelUnavailable, Rgb, Segment, Varied, VaryRequest, Xywh


class Mirror:
    """A variation model that returns red noise by the seed; it counts openings and batches.

    For categories in `copies` it returns the source itself, in `fails` nothing, in `no_room` nothing for want of
    memory, and in `raises` it raises.
    """

    model, revision, best_batch = "mirror", "1", 3

    def __init__(self) -> None:
        self.opened = 0
        self.batches: list[list[str]] = []
        self.copies: set[str] = set()
        self.fails: set[str] = set()
        self.no_room: set[str] = set()
        self.raises: set[str] = set()
        self.broken = ""

    @contextmanager
    def open(self) -> Iterator["Mirror"]:
        self.opened += 1
        yield self

    def fingerprint(self) -> str:
        return "mirror@1"

    def fault(self) -> str:
        return self.broken

    def vary(self, requests: Sequence[VaryRequest]) -> list[Varied]:
        self.batches.append([request.category for request in requests])
        for request in requests:
            if request.category in self.raises:
                raise RuntimeError(f"cannot vary {request.category}")
        return [self._vary(request) for request in requests]

    def _vary(self, request: VaryRequest) -> Varied:
        if request.category in self.no_room:
            return Varied(request, None, "out of memory", owed=True)
        if request.category in self.fails:
            return Varied(request, None, "black after 3 tries")
        if request.category in self.copies:
            return Varied(request, request.picture)
        noise = np.random.default_rng(request.seed).integers(0, 256, request.picture.shape, dtype=np.uint8)
        noise[..., 1:] //= 8  # red, so that its mean colour is another than the source's
        return Varied(request, noise)


class BoxSegmenters:
    """Takes every box for the object in it; moved by `shift` px."""

    model, revision, best_batch = "boxes", "1", 4

    def __init__(self) -> None:
        self.shift = 0
        self.empty = False
        self.no_room = False
        self.opened = 0

    @contextmanager
    def open(self) -> Iterator["BoxSegmenters"]:
        self.opened += 1
        yield self

    def fault(self) -> str:
        return ""

    def masks(self, pictures: Sequence[Rgb], boxes: Sequence[Sequence[Xywh]]) -> list[list[Segment]]:
        if self.no_room:
            raise ModelUnavailable("the segmenter: out of memory")
        return [[self._segment(picture, box) for box in of] for picture, of in zip(pictures, boxes, strict=True)]

    def _segment(self, picture: Rgb, box: Xywh) -> Segment:
        x, y, w, h = (int(value) for value in box)
        mask = np.zeros(picture.shape[:2], bool)
        if not self.empty:
            mask[y : y + h, x + self.shift : x + self.shift + w] = True
        return Segment(mask, 0.9)


class DictLatents:
    """Latents by a number."""

    def __init__(self) -> None:
        self.kept: dict[str, Latent] = {}

    def put(self, latents: Sequence[Latent]) -> list[str]:
        paths = [f"data/latents/{len(self.kept) + i}.npy" for i in range(len(latents))]
        self.kept.update(zip(paths, latents, strict=True))
        return paths

    def get(self, path: str) -> Latent:
        if path not in self.kept:
            raise FileNotFoundError(path)
        return self.kept[path]


class CountingGauge:
    """Counts its resets; the device held as many MB."""

    def __init__(self) -> None:
        self.resets = 0

    def reset(self) -> None:
        self.resets += 1

    def peak_mb(self) -> float | None:
        return float(self.resets)
