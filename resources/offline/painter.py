"""The offline background painter: places in which nothing countable stands. Simulated."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager

import dagster as dg
import numpy as np
from pydantic import Field

from genval_assets.types import Painted, PaintRequest, Rgb
from resources.offline.scenery import PLACES, paint_place

MODEL_NAME = "genval-offline-painter"
REVISION = "1"


class OfflinePainterModel:
    """Fits `model_ports.PainterModel`; it paints its own places in turn, by index and seed, and reads no prompt."""

    model = MODEL_NAME
    revision = REVISION
    best_batch = 16

    def __init__(self, width: int, height: int) -> None:
        self._width = width
        self._height = height

    def paint(self, requests: Sequence[PaintRequest]) -> list[Painted]:
        """Return one picture per request, in order; each depends on its own request alone."""
        return [Painted(request, self._picture(request)) for request in requests]

    def _picture(self, request: PaintRequest) -> Rgb:
        place = list(PLACES)[request.index % len(PLACES)]
        return paint_place(place, np.random.default_rng(request.seed), self._width, self._height)[0]


class OfflinePainter(dg.ConfigurableResource[None]):
    """Opens the offline painter: no weights, some CPU milliseconds a picture."""

    width: int = Field(default=640, ge=64, le=4096, description="Width of a painted background, px.")
    height: int = Field(default=480, ge=64, le=4096, description="Height of a painted background, px.")

    @contextmanager
    def open(self) -> Iterator[OfflinePainterModel]:
        """Return the model for the length of one `with` block."""
        yield OfflinePainterModel(self.width, self.height)

    def fingerprint(self) -> str:
        """Return model, revision and settings in one line."""
        return f"{MODEL_NAME}@{REVISION} {self.width}x{self.height}"

    def fault(self) -> str:
        """Return why it cannot be opened: never."""
        return ""
