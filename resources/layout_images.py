"""GLIGEN, which draws named things into given boxes: what can be said of it without loading anything.

Not here: torch and diffusers (`_layout_images.py`), which take seconds to import. Nothing is ever downloaded.
"""

from collections.abc import Iterator
from contextlib import closing, contextmanager
from typing import TYPE_CHECKING, Literal

import dagster as dg
from pydantic import Field

from genval_assets.types import ModelUnavailable
from resources.weights import Weights, missing_device

if TYPE_CHECKING:
    from resources._layout_images import GligenModel

WHAT = "the layout model (GLIGEN)"
PLAIN = (
    "model_index.json",
    "scheduler/scheduler_config.json",
    "tokenizer/tokenizer_config.json",
    "tokenizer/vocab.json|tokenizer/tokenizer.json",
    "tokenizer/merges.txt|tokenizer/tokenizer.json",
    "text_encoder/config.json",
    "unet/config.json",
    "vae/config.json",
)
PICKLED = ("text_encoder/pytorch_model.bin", "unet/diffusion_pytorch_model.bin", "vae/diffusion_pytorch_model.bin")
SAFE = (
    "text_encoder/model.safetensors",
    "unet/diffusion_pytorch_model.safetensors",
    "vae/diffusion_pytorch_model.safetensors",
)


class GligenLayouts(dg.ConfigurableResource[None]):
    """Fits `model_ports.LayoutImages`: holds GLIGEN on `device` for the length of one `with` block."""

    weights: Weights = Field(description="GLIGEN for text and boxes, in the layout of diffusers.")
    pickled: bool = Field(
        default=True, description="Read .bin files, as tensors only: a file that holds anything else is refused."
    )
    device: str = Field(default="cuda", description="Any torch device.")
    dtype: Literal["bfloat16", "float16", "float32"] = Field(default="bfloat16", description="Of the weights.")
    steps: int = Field(default=30, ge=1, description="Denoising steps.")
    guidance: float = Field(default=7.5, ge=1, description="Classifier-free guidance; 1 is none.")

    @contextmanager
    def open(self) -> Iterator["GligenModel"]:
        """Return the model for the length of one `with` block.

        Raises:
            ModelUnavailable: see `fault`; or the files are damaged, incomplete, hold code, or are not GLIGEN's.
        """
        if why := self.fault():
            raise ModelUnavailable(why)
        # imported here: torch and diffusers take 7 s, and listing assets should not pay for them
        from resources._layout_images import GligenModel

        folder = self.weights.here(WHAT, self._files)
        with closing(GligenModel(folder, self.weights.identity, self)) as model:
            yield model

    def can_draw(self, name: str) -> bool:  # noqa: ARG002 - the port's
        """Return True: it may know any concept."""
        return True

    def fault(self) -> str:
        """Return why the model cannot be opened now, with what to do; empty when it can. No weights are read."""
        return self.weights.fault(WHAT, self._files) or missing_device(self.device, "[models]")

    @property
    def _files(self) -> tuple[str, ...]:
        return PLAIN + (PICKLED if self.pickled else SAFE)
