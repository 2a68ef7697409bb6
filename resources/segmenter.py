"""The segmenter SAM 2.1: what can be said of it without loading anything.

Not here: torch and transformers (`_segmenter.py`), which take seconds to import. Nothing is ever downloaded.
"""

from collections.abc import Iterator
from contextlib import closing, contextmanager
from typing import TYPE_CHECKING

import dagster as dg
from pydantic import Field

from genval_assets.types import ModelUnavailable
from resources.weights import Weights, missing_device

if TYPE_CHECKING:
    from resources._segmenter import Sam2SegmenterModel

NAME = "the segmenter (SAM 2.1)"
FILES = ("config.json", "model.safetensors")


class Sam2Segmenter(dg.ConfigurableResource[None]):
    """Holds SAM 2.1 on `device` for the length of one `with` block. Fits `model_ports.Segmenters`."""

    weights: Weights
    device: str = Field(default="cuda", description="Any torch device.")
    batch: int = Field(default=4, ge=1, description="Pictures segmented at once.")

    @contextmanager
    def open(self) -> Iterator["Sam2SegmenterModel"]:
        """Return the model for the length of one `with` block.

        Raises:
            ModelUnavailable: see `fault`; or the files are damaged, incomplete, or of another kind.
        """
        if why := self.fault():
            raise ModelUnavailable(why)
        # imported here: torch and transformers take 2 s each, and listing assets should not pay for them
        from resources._segmenter import Sam2SegmenterModel

        with closing(Sam2SegmenterModel(self.weights, self.device, self.batch)) as model:
            yield model

    def fault(self) -> str:
        """Return why the model cannot be opened now, with what to do; empty when it can. No weights are read.

        torch is imported only to look for another device than the CPU.
        """
        return self.weights.fault(NAME, FILES) or missing_device(self.device, "[models]")
