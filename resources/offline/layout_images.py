"""The offline layout model: draws the studio's things at the boxes, and errs as such models do. Simulated."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import dagster as dg
from pydantic import Field

from genval_assets.types import LayoutDrawn, LayoutRequest
from resources.offline.foregrounds import unknown_concept
from resources.offline.layout_drawing import draft_layout
from resources.offline.sealed_layouts import layout_truth, seal_layouts
from resources.offline.wording import read_wording

MODEL_NAME = "genval-offline-layouts"
REVISION = "1"


class OfflineLayoutModel:
    """Fits `model_ports.LayoutModel`; it reads the phrases and of the caption only where it takes place."""

    model = MODEL_NAME
    revision = REVISION

    def __init__(self, home: Path, size: int) -> None:
        self._home = home
        self._size = size

    def draw(self, requests: Sequence[LayoutRequest]) -> list[LayoutDrawn]:
        """Return one result per request, in order; their truth is sealed before any picture is handed out."""
        return [self._drawn(request) for request in requests]

    def _drawn(self, request: LayoutRequest) -> LayoutDrawn:
        unknown = [phrase for phrase in request.phrases if not read_wording(phrase).kinds]
        if unknown:
            return LayoutDrawn(request, tuple(None for _ in request.seeds), unknown_concept(unknown[0]))
        drafts = [draft_layout(request, seed, self._size) for seed in request.seeds]
        truths = [
            layout_truth(request.layout_id, seed, draft) for seed, draft in zip(request.seeds, drafts, strict=True)
        ]
        seal_layouts(self._home, truths)
        return LayoutDrawn(request, tuple(draft.rgb for draft in drafts))


class OfflineLayouts(dg.ConfigurableResource[None]):
    """Opens the offline layout model: no weights, some CPU milliseconds a picture."""

    home: str = Field(description="The project's home folder; the truth of each picture is sealed below it.")
    size: int = Field(default=512, ge=128, le=2048, description="Side of the square pictures, px.")

    @contextmanager
    def open(self) -> Iterator[OfflineLayoutModel]:
        """Return the model for the length of one `with` block."""
        yield OfflineLayoutModel(Path(self.home), self.size)

    def fault(self) -> str:
        """Return nothing: it can always be opened."""
        return ""

    def can_draw(self, name: str) -> bool:
        """Return whether the studio finds a kind that it can draw in the name."""
        return bool(read_wording(name).kinds)
