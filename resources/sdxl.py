"""What the models that draw with SDXL share: their settings, and the files they need.

Not here: torch and diffusers (`_sdxl.py`), which take seconds to import.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import dagster as dg
from pydantic import Field

from resources.weights import Weights, all_of, missing_device

SDXL = "the drawing model (SDXL)"
VAE = "the decoder of SDXL's latents (VAE)"
VAE_FILES = ("config.json", "diffusion_pytorch_model.safetensors")


@dataclass(frozen=True)
class Drawing:
    """How SDXL is loaded and draws."""

    sdxl: Path
    vae: Path
    variant: str
    device: str
    dtype: str
    side: int
    steps: int
    guidance: float
    batch: int
    compile: bool


class SdxlResource(dg.ConfigurableResource[None]):
    """SDXL with a VAE of its own on `device`; what is drawn with it is its kinds' matter."""

    sdxl: Weights = Field(description="SDXL: its networks, tokenizers and scheduler.")
    vae: Weights = Field(description="Decoder of its latents; one that half precision does not overflow.")
    variant: Literal["", "fp16"] = Field(default="fp16", description="Of SDXL's files: fp16, or empty for the others.")
    device: str = Field(default="cuda", description="Any torch device.")
    dtype: Literal["bfloat16", "float16", "float32"] = Field(default="bfloat16", description="Of the networks.")
    side: int = Field(default=1024, ge=64, multiple_of=64, description="Side of the square frame, px.")
    steps: int = Field(default=20, ge=1, description="Denoising steps.")
    guidance: float = Field(default=5.0, ge=1, description="Classifier-free guidance; 1 is none.")
    batch: int = Field(default=8, ge=1, description="Pictures drawn at once.")
    compile: bool = Field(default=False, description="Compile the network's repeated blocks.")

    @property
    def how(self) -> str:
        """Every setting that shapes pixels, in one line."""
        vae, revision = self.vae.identity
        return (
            f"vae={vae}@{revision} variant={self.variant} dtype={self.dtype} side={self.side} steps={self.steps} "
            f"guidance={self.guidance:g}"
        )

    def lacking(self) -> str:
        """Return what cannot be had of SDXL, the VAE or the device, with what to do; empty when all is there."""
        return all_of(
            self.sdxl.fault(SDXL, sdxl_files(self.variant)),
            self.vae.fault(VAE, VAE_FILES),
            missing_device(self.device, "[models]"),
        )

    def drawing(self) -> Drawing:
        """Return how it is loaded and draws.

        Raises:
            ModelUnavailable: files are missing.
        """
        return Drawing(
            sdxl=self.sdxl.here(SDXL, sdxl_files(self.variant)),
            vae=self.vae.here(VAE, VAE_FILES),
            variant=self.variant,
            device=self.device,
            dtype=self.dtype,
            side=self.side,
            steps=self.steps,
            guidance=self.guidance,
            batch=self.batch,
            compile=self.compile,
        )


def sdxl_files(variant: str) -> Sequence[str]:
    """Return the files that are loaded of SDXL's folder, as `Weights.fault` takes them; its own VAE is not."""
    ending = f"{variant}.safetensors" if variant else "safetensors"
    encoders = [f"{part}/{file}" for part in PARTS for file in ("config.json", f"model.{ending}")]
    words = [f"{part}/{file}" for part in TOKENIZERS for file in TOKENIZER_FILES]
    return (
        "unet/config.json",
        f"unet/diffusion_pytorch_model.{ending}",
        *encoders,
        *(word.format(part=word.split("/")[0]) for word in words),
        "scheduler/scheduler_config.json",
    )


PARTS = ("text_encoder", "text_encoder_2")
TOKENIZERS = ("tokenizer", "tokenizer_2")
TOKENIZER_FILES = ("tokenizer_config.json", "vocab.json|{part}/tokenizer.json", "merges.txt|{part}/tokenizer.json")
