"""SDXL image-to-image in memory: each picture is drawn over its own source, with its own reference.

Not here: how the reference reaches the network (`_ip_adapter.py`).
"""

from collections.abc import Sequence
from typing import Any

import cv2
import torch

from genval_assets.types import Rgb, Varied, VaryRequest
from resources._ip_adapter import clip_pixels, with_adapter
from resources._redraw import Made, fault_of, made
from resources._sdxl import Sdxl
from resources._vae import decoded, levels
from resources.sdxl import Drawing
from resources.variation import Adapter


class SdxlVariationModel:
    """Fits `model_ports.VariationModel`."""

    def __init__(self, identity: tuple[str, str], how: Drawing, adapter: Adapter) -> None:
        self.model, self.revision = identity
        self.best_batch = how.batch
        self._how = how
        self._strength = adapter.strength
        self._sdxl = Sdxl(how)
        self._pipeline: Any = with_adapter(self._sdxl, adapter)

    def close(self) -> None:
        """Let go of the networks, also on the device."""
        self._pipeline = None
        self._sdxl.close()

    @torch.inference_mode()
    def vary(self, requests: Sequence[VaryRequest]) -> list[Varied]:
        """Return one picture of `side` per request, in order; each depends on its own request alone, but for rounding.

        The request's picture is both what is drawn over and the reference; its mask is not used.

        Raises:
            ModelUnavailable: the model was closed.
        """
        results = made(requests, self._vary, self.best_batch, least=self._sdxl.least)
        return [Varied(one.request, one.picture, one.error, one.owed) for one in results]

    def _vary(self, requests: Sequence[VaryRequest]) -> list[Made[VaryRequest]]:
        latents = self._latents(requests)
        return [self._one(request, latent) for request, latent in zip(requests, latents[:, None], strict=True)]

    def _one(self, request: VaryRequest, latent: torch.Tensor) -> Made[VaryRequest]:
        rgb = decoded(self._sdxl.pipeline.vae, latent)
        picture = levels(rgb)
        fault = fault_of(picture, finite=bool(torch.isfinite(rgb).all()))
        return Made(request, None, error=fault) if fault else Made(request, picture)

    def _latents(self, requests: Sequence[VaryRequest]) -> torch.Tensor:
        """Return (N, 4, side / 8, side / 8) latents as the VAE takes them, float32, on the device."""
        texts, how = self._sdxl.texts(requests), self._how  # first: a closed model says so here
        pictures = [_scaled(request.picture, how.side) for request in requests]
        latents = self._noised(pictures, self._sdxl.noise(requests))
        found: torch.Tensor = self._pipeline(
            prompt_embeds=texts.prompt_embeds,
            pooled_prompt_embeds=texts.pooled_prompt_embeds,
            negative_prompt_embeds=texts.negative_prompt_embeds,
            negative_pooled_prompt_embeds=texts.negative_pooled_prompt_embeds,
            ip_adapter_image_embeds=[self._references(requests)],
            image=latents,  # only its form is looked at, where latents are given
            latents=latents,
            strength=self._strength,
            num_inference_steps=how.steps,
            guidance_scale=how.guidance,
            output_type="latent",
        ).images
        vae: Any = self._sdxl.pipeline.vae
        return found.float().div(vae.config.scaling_factor)

    def _noised(self, pictures: Sequence[torch.Tensor], noise: torch.Tensor) -> torch.Tensor:
        """Return the pictures' latents with as much noise as the strength asks for, in the networks' type.

        The latent is the mean of what the VAE says: the noise is then the seed's alone. The pipeline would draw it
        in the networks' type, which is another noise in every type.
        """
        pipeline, vae = self._pipeline, self._sdxl.pipeline.vae
        encoded = [vae.encode(one[None].to(vae.device, vae.dtype)).latent_dist.mode() for one in pictures]
        latents = (torch.cat(encoded).float() * vae.config.scaling_factor).to(noise)
        pipeline.scheduler.set_timesteps(self._how.steps, device=noise.device)
        timesteps, _ = pipeline.get_timesteps(self._how.steps, self._strength, noise.device)
        noised: torch.Tensor = pipeline.scheduler.add_noise(latents, noise, timesteps[:1].repeat(len(noise)))
        return noised

    def _references(self, requests: Sequence[VaryRequest]) -> torch.Tensor:
        """Return (R, 1, D) embeddings of the references, a row of zeros before for each that is guided away from."""
        encoder = self._pipeline.image_encoder
        side = encoder.config.image_size
        rows = [
            encoder(torch.from_numpy(clip_pixels(request.picture, side))[None].to(encoder.device, encoder.dtype))
            for request in requests
        ]
        embeds = torch.stack([row.image_embeds for row in rows])
        return torch.cat([torch.zeros_like(embeds), embeds]) if self._how.guidance > 1 else embeds


def _scaled(picture: Rgb, side: int) -> torch.Tensor:
    """Return (3, side, side) in [-1, 1] of a square picture, float32, on the CPU."""
    how = cv2.INTER_AREA if side < picture.shape[0] else cv2.INTER_CUBIC
    scaled = cv2.resize(picture, (side, side), interpolation=how)
    return torch.from_numpy(scaled).permute(2, 0, 1).float() / 127.5 - 1
