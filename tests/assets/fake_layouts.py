"""Fakes of what layout scenes need: a model that paints blocks into boxes, and a reader of what it painted."""

import json
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

import numpy as np

from genval_assets.types import ChatRequest, LayoutDrawn, LayoutRequest, Rgb

SIDE = 64
"""Of the pictures, px."""


class BoxPainter:
    """A layout model that fills each box with a colour; it counts what it opens and draws, and fails on purpose.

    Layouts whose caption names something in `undrawable` give no picture; of those in `no_room` nothing is decided.
    Names in `unknown` are none that it can draw.
    """

    model, revision = "fake-blocks", "1"

    def __init__(self) -> None:
        self.opened = 0
        self.asked: list[LayoutRequest] = []
        self.undrawable: set[str] = set()
        self.no_room: set[str] = set()
        self.unknown: set[str] = set()
        self.broken = ""

    def can_draw(self, name: str) -> bool:
        return name not in self.unknown

    def fault(self) -> str:
        return self.broken

    @contextmanager
    def open(self) -> Iterator["BoxPainter"]:
        self.opened += 1
        yield self

    def draw(self, requests: Sequence[LayoutRequest]) -> list[LayoutDrawn]:
        self.asked += requests
        return [self._drawn(request) for request in requests]

    def _drawn(self, request: LayoutRequest) -> LayoutDrawn:
        nothing = (None,) * len(request.seeds)
        if any(name in request.caption for name in self.no_room):
            return LayoutDrawn(request, nothing, "the device's memory ended", owed=True)
        if any(name in request.caption for name in self.undrawable):
            return LayoutDrawn(request, nothing, "black, four times")
        return LayoutDrawn(request, tuple(painted(request, seed) for seed in request.seeds))


def painted(request: LayoutRequest, seed: int) -> Rgb:
    """Return a grey picture, its shade by the seed, with a block of another colour in each box."""
    picture = np.full((SIDE, SIDE, 3), 100 + seed % 50, np.uint8)
    for i, (x, y, w, h) in enumerate(request.boxes):
        rows, columns = slice(round(y * SIDE), round((y + h) * SIDE)), slice(round(x * SIDE), round((x + w) * SIDE))
        picture[rows, columns] = [(200, 40, 40), (40, 200, 40), (40, 40, 200), (200, 200, 40)][i % 4]
    return picture


def said(request: ChatRequest) -> str:
    """Return an answer to a question about a picture or two descriptions: all is as it should be."""
    if request.images:
        return json.dumps({"caption": "It is as it should be."})
    return json.dumps({"score": 5})
