"""Layer Diffusion on SDXL: single objects on transparent ground (Zhang and Agrawala 2024, arXiv 2402.17113).

Not here: torch and diffusers (`_foregrounds.py`), which take seconds to import.
"""

from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from typing import TYPE_CHECKING

from pydantic import Field

from genval_assets.types import ModelUnavailable
from resources.sdxl import VAE, VAE_FILES, SdxlResource
from resources.weights import Weights, all_of, missing_device

if TYPE_CHECKING:
    from resources._foregrounds import LayerDiffusionFinisher, LayerDiffusionModel

LAYER_DIFFUSE = "transparency (Layer Diffusion)"
VERSION = "1"
"""Raise it when the same latents may give other pixels."""


class LayerDiffusion(SdxlResource):
    """Holds SDXL with Layer Diffusion's offsets, and its decoder of transparency, for the length of one `with`."""

    layer_diffuse: Weights = Field(description="Layer Diffusion: attention offsets and the decoder of transparency.")
    offsets: str = Field(default="ld_diffusers_sdxl_attn.safetensors", description="File of the attention offsets.")
    decoder: str = Field(
        default="ld_diffusers_sdxl_vae_transparent_decoder.safetensors", description="File of the decoder."
    )

    @property
    def source(self) -> str:
        """What its instances are called."""
        return "layer_diffusion"

    @property
    def identity(self) -> tuple[str, str]:
        """The model and the revision that rows store: SDXL's and Layer Diffusion's."""
        (model, revision), (offsets, of_offsets) = self.sdxl.identity, self.layer_diffuse.identity
        return f"{model}+{offsets}", f"{revision}+{of_offsets}" if revision or of_offsets else ""

    @contextmanager
    def open(self) -> Iterator["LayerDiffusionModel"]:
        """Return the model for the length of one `with` block.

        Raises:
            ModelUnavailable: see `fault`; or files are damaged, incomplete, or do not fit one another.
        """
        if why := self.fault():
            raise ModelUnavailable(why)
        # imported here: torch and diffusers take 2 s and 5 s, and listing assets should not pay for them
        from resources._foregrounds import LayerDiffusionModel

        folder = self.layer_diffuse.here(LAYER_DIFFUSE, self._files)
        model = LayerDiffusionModel(self.identity, self.drawing(), folder / self.offsets, folder / self.decoder)
        with closing(model):
            yield model

    @contextmanager
    def finishing(self) -> Iterator["LayerDiffusionFinisher"]:
        """Return the finisher for the length of one `with` block; SDXL itself is not loaded.

        Raises:
            ModelUnavailable: files or the device are missing, or files are damaged.
        """
        if why := self._finishing_fault():
            raise ModelUnavailable(why)
        from resources._foregrounds import LayerDiffusionFinisher

        folder = self.layer_diffuse.here(LAYER_DIFFUSE, self._files[1:])
        vae = self.vae.here(VAE, VAE_FILES)
        with closing(LayerDiffusionFinisher(vae, folder / self.decoder, self.device, self.dtype)) as finisher:
            yield finisher

    def fingerprint(self) -> str:
        """Return model, revision and every setting that shapes pixels in one line, without opening anything."""
        model, revision = self.identity
        files = f"offsets={self.offsets} decoder={self.decoder}"
        return f"{self.source} {VERSION} {model}@{revision} {files} {self.how}"

    def can_draw(self, name: str) -> bool:  # noqa: ARG002 - the port's
        """Return True: it may know any concept."""
        return True

    def fault(self) -> str:
        """Return why the model cannot be opened now, with what to do; empty when it can. No weights are read."""
        return all_of(self.lacking(), self.layer_diffuse.fault(LAYER_DIFFUSE, self._files))

    def _finishing_fault(self) -> str:
        return all_of(
            self.vae.fault(VAE, VAE_FILES),
            self.layer_diffuse.fault(LAYER_DIFFUSE, self._files[1:]),
            missing_device(self.device, "[models]"),
        )

    @property
    def _files(self) -> Sequence[str]:
        return (self.offsets, self.decoder)
