"""SDXL image-to-image with IP-Adapter, for variations of real objects: what can be said of it without loading it.

Not here: torch and diffusers (`_variation.py`), which take seconds to import.
"""

from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from pydantic import Field

from genval_assets.types import ModelUnavailable
from resources.sdxl import SdxlResource
from resources.weights import Weights, all_of

if TYPE_CHECKING:
    from resources._variation import SdxlVariationModel

VERSION = "1"
"""Raise it when the same request may give other pixels."""
ADAPTER = "the reference adapter (IP-Adapter)"


@dataclass(frozen=True)
class Adapter:
    """Where IP-Adapter's two parts are, and how much of what they see is drawn."""

    file: Path
    image_encoder: Path  # folder
    strength: float
    reference_scale: float


class SdxlVariation(SdxlResource):
    """Fits `model_ports.Variations`: holds SDXL and IP-Adapter on `device` for the length of one `with` block."""

    ip_adapter: Weights = Field(description="IP-Adapter: the adapter and its CLIP image encoder.")
    subfolder: str = Field(default="sdxl_models", description="Folder of the adapter within the weights.")
    file: str = Field(
        default="ip-adapter_sdxl_vit-h.safetensors",
        pattern=r"\.safetensors$",
        description="The adapter; one of the plain kind, which reads the image encoder's embedding (not `plus`).",
    )
    image_encoder: str = Field(
        default="models/image_encoder", description="Folder of the CLIP image encoder within the weights."
    )
    strength: float = Field(default=0.55, gt=0, le=1, description="Share of the denoising that is done anew.")
    reference_scale: float = Field(default=0.6, ge=0, le=1, description="Weight of the reference; 0 is the words only.")

    @contextmanager
    def open(self) -> Iterator["SdxlVariationModel"]:
        """Return the model for the length of one `with` block.

        Raises:
            ModelUnavailable: see `fault`; or files are damaged, incomplete, or of another kind.
        """
        if why := self.fault():
            raise ModelUnavailable(why)
        folder = self.ip_adapter.here(ADAPTER, self._files)
        adapter = Adapter(
            folder / self.subfolder / self.file, folder / self.image_encoder, self.strength, self.reference_scale
        )
        # imported here: torch and diffusers take 2 s and 5 s, and listing assets should not pay for them
        from resources._variation import SdxlVariationModel

        with closing(SdxlVariationModel(self.sdxl.identity, self.drawing(), adapter)) as model:
            yield model

    def fingerprint(self) -> str:
        """Return model, revision and every setting that shapes pixels in one line, without opening anything."""
        model, revision = self.sdxl.identity
        adapter, adapter_revision = self.ip_adapter.identity
        return (
            f"variation {VERSION} {model}@{revision} {self.how} ip_adapter={adapter}@{adapter_revision} "
            f"file={self.subfolder}/{self.file} image_encoder={self.image_encoder} strength={self.strength:g} "
            f"reference_scale={self.reference_scale:g}"
        )

    def fault(self) -> str:
        """Return why the model cannot be opened now, with what to do; empty when it can. No weights are read."""
        if int(self.steps * self.strength) < 1:
            return f"{self.steps} steps at strength {self.strength:g} are not one: raise either in [models]"
        return all_of(self.lacking(), self.ip_adapter.fault(ADAPTER, self._files))

    @property
    def _files(self) -> tuple[str, ...]:
        adapter = (Path(self.subfolder) / self.file).as_posix()
        return adapter, *(f"{self.image_encoder}/{name}" for name in ("config.json", "model.safetensors"))
