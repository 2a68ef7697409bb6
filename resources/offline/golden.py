"""The offline world's own golden labels: draws of a hand and of seeds that nothing else uses, labelled by their truth.

They stand in for the labels that a person makes with `genval review`. Simulated.
"""

from collections.abc import Iterator, Mapping

from genval_assets.keys import recipe, seed_of
from genval_assets.types import LabelledDraw
from resources.offline.drawing import draft
from resources.offline.hands import GOLDEN
from resources.offline.wording import kind_named, read_wording

CAREFUL = "A single {}, the whole object in view, isolated on a plain background"
CARELESS = "A {}"
"""One draw in two has a careless prompt, so that the labels know every fault."""


class OfflineGolden:
    """Fits `ports.GoldenSource`."""

    def __init__(self, frame: int = 384, seed: int = 0) -> None:
        self._frame = frame
        self._seed = seed

    def labelled(self, names: Mapping[str, str], per_category: int) -> Iterator[LabelledDraw]:
        """Yield so many labelled draws of each category that the studio knows."""
        for category, name in names.items():
            kind = kind_named(name)
            if kind is not None:
                yield from (self._draw(category, kind, i) for i in range(per_category))

    def _draw(self, category: str, kind: str, i: int) -> LabelledDraw:
        seed = seed_of("golden", kind, self._seed, i)
        wording = read_wording((CARELESS if i % 2 else CAREFUL).format(kind))
        made = draft(wording, seed, self._frame, GOLDEN)
        reasons = tuple(made.faults.reasons())
        return LabelledDraw(recipe("golden", category=category, seed=seed), category, made.rgba, not reasons, reasons)
