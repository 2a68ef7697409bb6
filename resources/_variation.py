"""SDXL image-to-image in memory: each picture is drawn over its own source, with its own reference."""

from collections.abc import Sequence
from typing import Any

import cv2
import numpy as np
import torch
from diffusers import StableDiffusionXLImg2ImgPipeline, UNet2DConditionModel
from numpy.typing import NDArray
from PIL import Image
from safetensors.torch import load_file
from transformers import CLIPVisionModelWithProjection

from genval_assets.types import Rgb, Varied, VaryRequest
from resources._loading import loading
from resources._parts import dtype_of, refuse_keys, whole
from resources._quiet import without
from resources._redraw import Made, fault_of, made
from resources._sdxl import Sdxl
from resources._vae import decoded, levels
from resources.sdxl import Drawing
from resources.variation import ADAPTER, Adapter

CLIP_MEAN = (0.48145466, 0.4578275, 0.40821073)
CLIP_STD = (0.26862954, 0.26130258, 0.27577711)
"""Of CLIP's training pictures, in [0, 1]: what its encoder takes for 0 and 1."""
TOKENS = 4
"""So many tokens of the cross-attention a plain IP-Adapter makes of a picture."""


class OneReferenceEach(StableDiffusionXLImg2ImgPipeline):
    """The library's pipeline, which shows every reference to every picture, with one reference for each."""

    def prepare_ip_adapter_image_embeds(
        self,
        ip_adapter_image: None,  # noqa: ARG002 - the library's signature
        ip_adapter_image_embeds: list[torch.Tensor],
        device: torch.device,  # noqa: ARG002
        num_images_per_prompt: int,  # noqa: ARG002
        do_classifier_free_guidance: bool,  # noqa: ARG002
    ) -> list[torch.Tensor]:
        """Return the embeddings as they were passed: one row for each row of the network's batch."""
        return ip_adapter_image_embeds


class SdxlVariationModel:
    """Fits `ports.VariationModel`."""

    def __init__(self, identity: tuple[str, str], how: Drawing, adapter: Adapter) -> None:
        self.model, self.revision = identity
        self.best_batch = how.batch
        self._how = how
        self._strength = adapter.strength
        self._sdxl = Sdxl(how)
        self._pipeline: Any = _with_adapter(self._sdxl, adapter)

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
        return found.float() / self._sdxl.pipeline.vae.config.scaling_factor

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


def clip_pixels(picture: Rgb, side: int) -> NDArray[np.float32]:
    """Return (3, side, side) of a square picture as CLIP's image encoder takes it.

    As transformers' processor of CLIP does, which wants torchvision for its default kind.
    """
    small = Image.fromarray(picture).resize((side, side), Image.Resampling.BICUBIC)
    shares = np.asarray(small, dtype=np.float32) / 255
    scaled = (shares - np.array(CLIP_MEAN, dtype=np.float32)) / np.array(CLIP_STD, dtype=np.float32)
    return np.ascontiguousarray(scaled.transpose(2, 0, 1))


def _scaled(picture: Rgb, side: int) -> torch.Tensor:
    """Return (3, side, side) in [-1, 1] of a square picture, float32, on the CPU."""
    how = cv2.INTER_AREA if side < picture.shape[0] else cv2.INTER_CUBIC
    scaled = cv2.resize(picture, (side, side), interpolation=how)
    return torch.from_numpy(scaled).permute(2, 0, 1).float() / 127.5 - 1


def _with_adapter(sdxl: Sdxl, adapter: Adapter) -> OneReferenceEach:
    """Return image-to-image on SDXL's networks, with the adapter in its UNet and its image encoder beside.

    Raises:
        ModelUnavailable: files are damaged, or keys are missing, unknown or of another shape.
    """
    how = sdxl.how
    with loading(ADAPTER, adapter.image_encoder):
        encoder = whole(CLIPVisionModelWithProjection, adapter.image_encoder, dtype=dtype_of(how.dtype))
    with loading(ADAPTER, adapter.file):
        weights = load_file(adapter.file)
    wanted = adapter_shapes(sdxl.pipeline.unet, encoder.config.projection_dim)
    shaped = {key for key in weights.keys() & wanted.keys() if tuple(weights[key].shape) != wanted[key]}
    refuse_keys(adapter.file, unknown=weights.keys() - wanted, missing=wanted.keys() - weights, shaped=shaped)
    parts = {**sdxl.pipeline.components, "image_encoder": encoder.to(how.device)}
    pipeline: Any = OneReferenceEach(**parts, add_watermarker=False)
    state = {
        part: {key.removeprefix(f"{part}."): value for key, value in weights.items() if key.startswith(f"{part}.")}
        for part in ("image_proj", "ip_adapter")
    }
    # moving the adapter to the device casts nothing: all is of one type already
    with without("diffusers.models.modeling_utils", "should be kept in float32: []"):
        pipeline.load_ip_adapter(state, subfolder="", weight_name="", image_encoder_folder=None)
    pipeline.set_ip_adapter_scale(adapter.reference_scale)
    pipeline.set_progress_bar_config(disable=True)
    return pipeline


def adapter_shapes(unet: UNet2DConditionModel, embedding: int) -> dict[str, tuple[int, ...]]:
    """Return key -> shape of the weights that a plain IP-Adapter has for a UNet and an image encoder.

    Published files number the attentions of the UNet from 0 on; every second one looks at the text, and has a key
    and a value for the picture.
    """
    text = unet.config.cross_attention_dim
    shapes: dict[str, tuple[int, ...]] = {
        "image_proj.proj.weight": (TOKENS * text, embedding),
        "image_proj.proj.bias": (TOKENS * text,),
        "image_proj.norm.weight": (text,),
        "image_proj.norm.bias": (text,),
    }
    crossing = [name for name in unet.attn_processors if name.endswith("attn2.processor")]
    for i, name in enumerate(crossing):
        width = unet.get_submodule(name.removesuffix(".processor")).to_k.out_features
        shapes |= {f"ip_adapter.{2 * i + 1}.to_{part}_ip.weight": (width, text) for part in "kv"}
    return shapes
