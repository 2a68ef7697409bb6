"""The embedder SigLIP 2 or CLIP: what can be said of it without loading anything.

Not here: torch and transformers (`_embedder.py`), which take seconds to import. Nothing is ever downloaded.
"""

from collections.abc import Iterator
from contextlib import closing, contextmanager
from typing import TYPE_CHECKING

import dagster as dg
from pydantic import Field

from genval_assets.types import ModelUnavailable
from resources.weights import Weights, missing_device

if TYPE_CHECKING:
    from resources._embedder import ImageTextEmbedderModel

NAME = "the embedder (SigLIP 2 or CLIP)"
FILES = (
    "config.json",
    "model.safetensors",
    "preprocessor_config.json",
    "tokenizer_config.json",
    "tokenizer.json|vocab.json|spiece.model",
)


class ImageTextEmbedder(dg.ConfigurableResource[None]):
    """Holds SigLIP 2 or CLIP on `device` for the length of one `with` block. Fits `model_ports.Embedders`."""

    weights: Weights
    device: str = Field(default="cuda", description="Any torch device.")
    batch: int = Field(default=32, ge=1, description="Pictures or texts embedded at once.")

    @contextmanager
    def open(self) -> Iterator["ImageTextEmbedderModel"]:
        """Return the model for the length of one `with` block.

        Raises:
            ModelUnavailable: see `fault`; or the files are damaged, incomplete, or of another kind.
        """
        if why := self.fault():
            raise ModelUnavailable(why)
        # imported here: torch and transformers take 2 s each, and listing assets should not pay for them
        from resources._embedder import ImageTextEmbedderModel

        with closing(ImageTextEmbedderModel(self.weights, self.device, self.batch)) as model:
            yield model

    def fault(self) -> str:
        """Return why the model cannot be opened now, with what to do; empty when it can. No weights are read.

        torch is imported only to look for another device than the CPU.
        """
        return self.weights.fault(NAME, FILES) or missing_device(self.device, "[models]")
