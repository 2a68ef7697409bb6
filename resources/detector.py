"""The open-vocabulary detector OWLv2, and having none: what can be said of it without loading anything.

Not here: torch and transformers (`_detector.py`), which take seconds to import. Nothing is ever downloaded.
"""

from collections.abc import Iterator
from contextlib import closing, contextmanager
from typing import TYPE_CHECKING

import dagster as dg
from pydantic import Field

from genval_assets.types import ModelUnavailable
from resources.weights import Weights, missing_device

if TYPE_CHECKING:
    from resources._detector import Owlv2DetectorModel

NAME = "the detector (OWLv2)"
FILES = (
    "config.json",
    "model.safetensors",
    "tokenizer_config.json",
    "vocab.json|tokenizer.json",
    "merges.txt|tokenizer.json",
)


class Owlv2Detector(dg.ConfigurableResource[None]):
    """Holds OWLv2 on `device` for the length of one `with` block. Fits `model_ports.Detectors`."""

    weights: Weights
    device: str = Field(default="cuda", description="Any torch device.")
    batch: int = Field(default=4, ge=1, description="Pictures searched at once.")
    min_score: float = Field(default=0.3, ge=0, le=1, description="Least score of a find.")

    @contextmanager
    def open(self) -> Iterator["Owlv2DetectorModel"]:
        """Return the model for the length of one `with` block.

        Raises:
            ModelUnavailable: see `fault`; or the files are damaged, incomplete, or of another kind.
        """
        if why := self.fault():
            raise ModelUnavailable(why)
        # imported here: torch and transformers take 2 s each, and listing assets should not pay for them
        from resources._detector import Owlv2DetectorModel

        with closing(Owlv2DetectorModel(self.weights, self.device, self.batch, self.min_score)) as model:
            yield model

    def fingerprint(self) -> str:
        """Return model, revision and what decides about finds in one line, without opening anything."""
        model, revision = self.weights.identity
        return f"owlv2 {model}@{revision} min_score={self.min_score}"

    def fault(self) -> str:
        """Return why the model cannot be opened now, with what to do; empty when it can. No weights are read.

        torch is imported only to look for another device than the CPU.
        """
        return self.weights.fault(NAME, FILES) or missing_device(self.device, "[models]")


class NoDetector:
    """Fits `model_ports.Detectors` in profiles that have none; a plain object, because there is nothing to set."""

    @contextmanager
    def open(self) -> Iterator[None]:
        """Return no model."""
        yield None

    def fingerprint(self) -> str:
        """Return nothing: there is none."""
        return ""

    def fault(self) -> str:
        """Return nothing: having none is no fault."""
        return ""
