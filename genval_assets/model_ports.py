"""What stages ask of models, as Protocols. Resources fit them; `profiles.py` proves it to mypy.

Models are opened in a `with` block, once per stage of a run, and freed at its end.
"""

from collections.abc import Sequence
from contextlib import AbstractContextManager
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from genval_assets.types import (
    ChatAnswer,
    ChatRequest,
    Drawn,
    DrawRequest,
    Finished,
    Found,
    Latent,
    LayoutDrawn,
    LayoutRequest,
    Painted,
    PaintRequest,
    Rgb,
    Segment,
    Varied,
    VaryRequest,
    Xywh,
)


class Openable(Protocol):
    """A model that may be missing."""

    def fault(self) -> str:
        """Return why the model cannot be opened now, with what to do, without opening it; empty when it can."""


class ForegroundModel(Protocol):
    """Draws single objects on transparent ground."""

    model: str
    revision: str
    best_batch: int

    def draw(self, requests: Sequence[DrawRequest]) -> list[Drawn]:
        """Return one result per request, in order; each depends on its own request alone."""


class Finisher(Protocol):
    """Decodes latents of accepted candidates with all care; candidates are screened on a quick decode."""

    def finish(self, latents: Sequence[Latent]) -> list[Finished]:
        """Return one result per latent, in order; frames are of the size that the quick decode had."""


class Foregrounds(Protocol):
    """Opens the foreground model of the profile."""

    @property
    def source(self) -> str:
        """What its instances are called in the `source` column."""

    def open(self) -> AbstractContextManager[ForegroundModel]:
        """Return the model for the length of one `with` block."""

    def fingerprint(self) -> str:
        """Return model, revision and settings in one line, without opening anything."""

    def can_draw(self, name: str) -> bool:
        """Return whether the model may know a concept: a real one may know any, the offline one knows its kinds."""

    def finishing(self) -> AbstractContextManager[Finisher]:
        """Return the finisher for the length of one `with` block; asked where a draw came with a latent."""

    def fault(self) -> str:
        """Return why the model cannot be opened now, with what to do, without opening it; empty when it can."""


class VariationModel(Protocol):
    """Makes new instances that resemble a real one."""

    model: str
    revision: str
    best_batch: int

    def vary(self, requests: Sequence[VaryRequest]) -> list[Varied]:
        """Return one result per request, in order; each depends on its own request alone."""


class Variations(Protocol):
    """Opens the variation model of the profile."""

    def open(self) -> AbstractContextManager[VariationModel]:
        """Return the model for the length of one `with` block.

        Raises:
            ModelUnavailable: it cannot be opened; the message says what to do.
        """

    def fingerprint(self) -> str:
        """Return model, revision and settings in one line, without opening anything."""

    def fault(self) -> str:
        """Return why the model cannot be opened now, with what to do, without opening it; empty when it can."""


class LayoutModel(Protocol):
    """Draws pictures in which named things stand in given boxes."""

    model: str
    revision: str

    def draw(self, requests: Sequence[LayoutRequest]) -> list[LayoutDrawn]:
        """Return one result per request, in order; each picture depends on its layout and its seed alone."""


class LayoutImages(Protocol):
    """Opens the layout-conditioned model of the profile."""

    def can_draw(self, name: str) -> bool:
        """Return whether the model may know a concept: a real one may know any, the offline one knows its kinds."""

    def open(self) -> AbstractContextManager[LayoutModel]:
        """Return the model for the length of one `with` block.

        Raises:
            ModelUnavailable: it cannot be opened; the message says what to do.
        """

    def fault(self) -> str:
        """Return why the model cannot be opened now, with what to do, without opening it; empty when it can."""


class Segmenter(Protocol):
    """Finds the mask of what stands in a box; it sees pixels only."""

    model: str
    revision: str
    best_batch: int

    def masks(self, pictures: Sequence[Rgb], boxes: Sequence[Sequence[Xywh]]) -> list[list[Segment]]:
        """Return one segment per box of each picture, in order; pictures may have any number of boxes, also none.

        Every part of the object is kept, also what lies outside the box.
        """


class Segmenters(Protocol):
    """Opens the segmentation model of the profile."""

    def open(self) -> AbstractContextManager[Segmenter]:
        """Return the model for the length of one `with` block.

        Raises:
            ModelUnavailable: it cannot be opened; the message says what to do.
        """

    def fault(self) -> str:
        """Return why the model cannot be opened now, with what to do, without opening it; empty when it can."""


class Detector(Protocol):
    """Finds things by their names."""

    model: str
    revision: str
    best_batch: int

    def find(self, pictures: Sequence[Rgb], names: Sequence[str]) -> list[list[Found]]:
        """Return what is found in each picture, the surest first; of finds on one spot only the surest."""


class Detectors(Protocol):
    """Opens the open-vocabulary detector, in profiles that have one."""

    def open(self) -> AbstractContextManager[Detector | None]:
        """Return the model for the length of one `with` block; None where the profile has none.

        Raises:
            ModelUnavailable: it cannot be opened; the message says what to do.
        """

    def fingerprint(self) -> str:
        """Return model, revision and settings in one line, without opening anything; empty where there is none."""

    def fault(self) -> str:
        """Return why the model cannot be opened now, with what to do; empty when it can, or there is none."""


class ChatModel(Protocol):
    """Answers questions; text only, or text and images."""

    model: str
    revision: str
    best_batch: int
    max_tokens: int  # the longest answer it gives; 0: as long as it takes

    def ask(self, requests: Sequence[ChatRequest]) -> list[ChatAnswer]:
        """Return one raw answer per request, in order; one that never came says so in `error`."""


class Chat(Protocol):
    """Opens the chat model of the profile."""

    def open(self) -> AbstractContextManager[ChatModel]:
        """Return the model for the length of one `with` block.

        Raises:
            ModelUnavailable: it cannot be opened; the message says what to do.
        """

    def fault(self) -> str:
        """Return why the model cannot be opened now, with what to do, without opening it; empty when it can."""


class Embedder(Protocol):
    """Says how alike pictures are, and pictures and words, by vectors of one space."""

    model: str
    revision: str

    def images(self, pictures: Sequence[Rgb]) -> NDArray[np.float32]:
        """Return (N, D) unit vectors."""

    def texts(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """Return (N, D) unit vectors; a text of which the model knows nothing is a vector of zeros."""


class Embedders(Protocol):
    """Opens the embedding model of the profile."""

    def open(self) -> AbstractContextManager[Embedder]:
        """Return the model for the length of one `with` block.

        Raises:
            ModelUnavailable: it cannot be opened; the message says what to do.
        """

    def fault(self) -> str:
        """Return why the model cannot be opened now, with what to do, without opening it; empty when it can."""


class PainterModel(Protocol):
    """Paints backgrounds in which nothing countable should stand."""

    model: str
    revision: str
    best_batch: int

    def paint(self, requests: Sequence[PaintRequest]) -> list[Painted]:
        """Return one result per request, in order; each depends on its own request alone."""


class Painters(Protocol):
    """Opens the model that paints backgrounds."""

    def open(self) -> AbstractContextManager[PainterModel]:
        """Return the model for the length of one `with` block.

        Raises:
            ModelUnavailable: it cannot be opened; the message says what to do.
        """

    def fingerprint(self) -> str:
        """Return model, revision and settings in one line, without opening anything."""

    def fault(self) -> str:
        """Return why the model cannot be opened now, with what to do, without opening it; empty when it can."""


class Gauge(Protocol):
    """Measures the memory of the device that models run on."""

    def reset(self) -> None:
        """Begin a new measurement."""

    def peak_mb(self) -> float | None:
        """Return the most that was allocated since `reset`, in MB; None where nothing ran on a device."""
