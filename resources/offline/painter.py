"""The offline background painter: places in which nothing countable stands."""

import dagster as dg
import numpy as np
from pydantic import Field

from genval_assets.types import Rgb
from resources.offline.scenery import PLACES, paint_place


class OfflinePainter(dg.ConfigurableResource[None]):
    """Fits `ports.BackgroundPainter`."""

    width: int = Field(default=640, ge=64, le=4096, description="Width of a painted background, px.")
    height: int = Field(default=480, ge=64, le=4096, description="Height of a painted background, px.")

    def paint(self, count: int, seed: int) -> list[Rgb]:
        """Return `count` pictures, the places in turn; picture i depends on the seed and i alone."""
        places = list(PLACES)
        return [
            paint_place(places[i % len(places)], np.random.default_rng([seed, i]), self.width, self.height)[0]
            for i in range(count)
        ]
