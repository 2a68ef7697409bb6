"""SDXL in memory: prompts and seeds in, latents out. Foregrounds, backgrounds and variations draw with it.

Not here: pixels (`_vae.py`), and what is done about pictures that fail (`_redraw.py`).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any, Protocol

import torch
from diffusers import EulerDiscreteScheduler, StableDiffusionXLPipeline, UNet2DConditionModel
from safetensors.torch import load_file
from transformers import CLIPTextModel, CLIPTextModelWithProjection, CLIPTokenizer

from genval_assets.types import ModelUnavailable
from resources import _memory
from resources._loading import loading
from resources._parts import dtype_of, refuse_keys, whole
from resources._quiet import once
from resources._vae import load_vae
from resources.sdxl import SDXL, Drawing

REMEMBERED = 256
"""Texts whose embeddings are kept: 0.3 MB each."""
OFFSET_WEIGHTS = ("to_q.weight", "to_k.weight", "to_v.weight", "to_out.0.weight")
"""Of every attention, as the published offsets have them: 560 of SDXL's, 955 M numbers, 1.91 GB in half precision."""


ALIKE_ROWS = 4
"""On the CPU fewer rows are multiplied by another kernel (MKL), which rounds otherwise."""


class Asked(Protocol):
    """What a picture is drawn from."""

    @property
    def prompt(self) -> str:
        """What should be seen."""

    @property
    def negative(self) -> str:
        """What should not; empty is nothing."""

    @property
    def seed(self) -> int:
        """What decides the noise."""


@dataclass(frozen=True, eq=False)
class Texts:
    """A batch's prompts as SDXL's pipelines take them, on the device."""

    prompt_embeds: torch.Tensor  # (N, 77, D)
    pooled_prompt_embeds: torch.Tensor  # (N, P)
    negative_prompt_embeds: torch.Tensor
    negative_pooled_prompt_embeds: torch.Tensor


class Sdxl:
    """The networks of SDXL with a VAE of its own, on one device."""

    def __init__(self, how: Drawing, offsets: Path | None = None) -> None:
        """Load it; `offsets` are added to the UNet's weights."""
        self.how = how
        self._pipeline: Any = _load(how, offsets)
        self._embedded = lru_cache(REMEMBERED)(self._embed)

    def close(self) -> None:
        """Let go of the networks, also on the device."""
        self._pipeline = None
        self._embedded.cache_clear()
        if self.how.compile:
            _memory.forget_compiled()
        _memory.free()

    @property
    def pipeline(self) -> Any:  # noqa: ANN401 - diffusers' classes look empty to mypy
        """The library's pipeline (`StableDiffusionXLPipeline`); its `components` also make up others.

        Raises:
            ModelUnavailable: it was closed.
        """
        if self._pipeline is None:
            raise ModelUnavailable(f"{SDXL} was closed: draw within its `with` block")
        return self._pipeline

    @property
    def least(self) -> int:
        """How many pictures should be drawn at once at least, for `made`: compiled networks are made for one shape.

        On the CPU the fewest for which a picture is bit by bit the same as in a larger batch.
        """
        if self.how.compile:
            return self.how.batch
        return (ALIKE_ROWS // 2 if self.how.guidance > 1 else ALIKE_ROWS) if self.how.device == "cpu" else 1

    def latents(self, requests: Sequence[Asked]) -> torch.Tensor:
        """Return (N, 4, side / 8, side / 8) latents as the VAE takes them, float32, on the device.

        Each depends on its own request alone. Nothing keeps an overflow from being in them.
        """
        texts, side = self.texts(requests), self.how.side
        found: torch.Tensor = self.pipeline(
            prompt_embeds=texts.prompt_embeds,
            pooled_prompt_embeds=texts.pooled_prompt_embeds,
            negative_prompt_embeds=texts.negative_prompt_embeds,
            negative_pooled_prompt_embeds=texts.negative_pooled_prompt_embeds,
            latents=self.noise(requests),
            height=side,
            width=side,
            num_inference_steps=self.how.steps,
            guidance_scale=self.how.guidance,
            output_type="latent",
        ).images
        scale: float = self.pipeline.vae.config.scaling_factor
        return found.float() / scale

    def noise(self, requests: Sequence[Asked]) -> torch.Tensor:
        """Return (N, 4, side / 8, side / 8) normal noise, in the networks' type on their device.

        It is drawn per request in float32 on the CPU: a seed is the same noise on every device and in every batch.
        """
        shape = (4, self.how.side // 8, self.how.side // 8)
        drawn = [torch.randn(shape, generator=torch.Generator("cpu").manual_seed(one.seed)) for one in requests]
        return torch.stack(drawn).to(self.how.device, dtype_of(self.how.dtype))

    def texts(self, requests: Sequence[Asked]) -> Texts:
        """Return the prompts' embeddings; each text is encoded once, and alone.

        An empty negative prompt is all zeros, as the pipeline's where none is given. CLIP reads 77 tokens:
        diffusers logs what of a longer text is left out, once for each text.
        """
        prompts = [self._embedded(one.prompt) for one in requests]
        negatives = [
            self._embedded(one.negative) if one.negative else _zeros(prompt)
            for one, prompt in zip(requests, prompts, strict=True)
        ]
        (words, pooled), (unwanted, unwanted_pooled) = _stacked(prompts), _stacked(negatives)
        return Texts(words, pooled, unwanted, unwanted_pooled)

    def _embed(self, text: str) -> tuple[torch.Tensor, torch.Tensor]:
        pipeline = self.pipeline
        with once(type(pipeline).__module__):  # both encoders leave out the same
            words, _, pooled, _ = pipeline.encode_prompt(
                text, device=torch.device(self.how.device), do_classifier_free_guidance=False
            )
        return words, pooled


def _zeros(embedded: tuple[torch.Tensor, torch.Tensor]) -> tuple[torch.Tensor, torch.Tensor]:
    return torch.zeros_like(embedded[0]), torch.zeros_like(embedded[1])


def _stacked(embedded: Sequence[tuple[torch.Tensor, torch.Tensor]]) -> tuple[torch.Tensor, torch.Tensor]:
    return torch.cat([words for words, _ in embedded]), torch.cat([pooled for _, pooled in embedded])


def _load(how: Drawing, offsets: Path | None) -> Any:  # noqa: ANN401 - see `Sdxl.pipeline`
    """Return the pipeline on its device.

    The sampler is Euler's, which draws no noise of its own: a picture is its prompt and its seed.
    """
    dtype, variant = dtype_of(how.dtype), how.variant or None
    with loading(SDXL, how.sdxl):
        scheduler = EulerDiscreteScheduler.from_pretrained(  # type: ignore[no-untyped-call]
            how.sdxl, subfolder="scheduler", local_files_only=True
        )
        encoders = [
            whole(kind, how.sdxl, subfolder=part, variant=variant, dtype=dtype)
            for kind, part in ((CLIPTextModel, "text_encoder"), (CLIPTextModelWithProjection, "text_encoder_2"))
        ]
        words = [
            CLIPTokenizer.from_pretrained(how.sdxl, subfolder=part, local_files_only=True)
            for part in ("tokenizer", "tokenizer_2")
        ]
        pipeline: Any = StableDiffusionXLPipeline(  # type: ignore[no-untyped-call]
            vae=load_vae(how.vae, how.device, how.dtype),
            text_encoder=encoders[0].to(how.device),
            text_encoder_2=encoders[1].to(how.device),
            tokenizer=words[0],
            tokenizer_2=words[1],
            unet=_load_unet(how, offsets),
            scheduler=scheduler,
            add_watermarker=False,
        )
    pipeline.set_progress_bar_config(disable=True)
    return pipeline


def _load_unet(how: Drawing, offsets: Path | None) -> Any:  # noqa: ANN401 - see `Sdxl.pipeline`
    """Return the UNet; with offsets it is read as it is stored, for the sum to be rounded once."""
    dtype = dtype_of(how.dtype)
    stored = torch.float16 if how.variant == "fp16" and dtype != torch.float32 else torch.float32
    unet = whole(
        UNet2DConditionModel,
        how.sdxl,
        subfolder="unet",
        variant=how.variant or None,
        torch_dtype=dtype if offsets is None else stored,
    )
    if offsets is not None:
        merge_offsets(unet, offsets, dtype)
    unet.to(how.device, memory_format=torch.channels_last)
    if how.compile:
        unet.compile_repeated_blocks(fullgraph=True)
    return unet


def merge_offsets(unet: torch.nn.Module, file: Path, dtype: torch.dtype) -> None:
    """Add offsets to the UNet's weights, W + dW in float32, and round them all to `dtype`.

    The file must have an offset of each of `OFFSET_WEIGHTS` of every attention of the UNet, and may have others; an
    offset has its weight's name and shape.

    Raises:
        ModelUnavailable: offsets are missing, unknown or of another shape, or the file is damaged.
    """
    with loading("the attention offsets (Layer Diffusion)", file):
        added = load_file(file)
    weights = dict(unet.named_parameters())
    wanted = {key for key in weights if ".attn" in key and key.endswith(OFFSET_WEIGHTS)}
    shaped = {key for key in added if key in weights and added[key].shape != weights[key].shape}
    refuse_keys(file, unknown=added.keys() - weights.keys(), missing=wanted - added.keys(), shaped=shaped)
    for key, weight in weights.items():
        summed = weight.float() + added[key].float() if key in added else weight
        weight.data = summed.to(dtype)
