"""GLIGEN in memory: the pictures of a layout as one batch, each as if it had been drawn alone."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import torch
from diffusers import AutoencoderKL, StableDiffusionGLIGENPipeline, UNet2DConditionModel
from numpy.typing import NDArray
from transformers import CLIPTextModel

from genval_assets.types import LayoutDrawn, LayoutRequest, ModelUnavailable, Rgb
from resources import _memory
from resources._loading import loading
from resources._parts import whole
from resources._quiet import once, without
from resources._redraw import Made, fault_of, made
from resources._sdxl import ALIKE_ROWS
from resources.layout_images import WHAT

if TYPE_CHECKING:
    from resources.layout_images import GligenLayouts

MOST_BOXES = 30
"""What GLIGEN was trained with; the pipeline drops what is more."""


@dataclass(frozen=True, eq=False)
class Shot:
    """One picture of a layout."""

    layout: LayoutRequest
    seed: int


class GligenModel:
    """Fits `model_ports.LayoutModel` (GLIGEN, arXiv 2301.07093). The grounding works in every step: beta is 1."""

    def __init__(self, folder: Path, identity: tuple[str, str], settings: "GligenLayouts") -> None:
        self.model, self.revision = identity
        self._settings = settings
        with loading(WHAT, folder):
            self._pipeline: Any = _load(folder, settings)

    def close(self) -> None:
        """Let go of the weights, also on the device."""
        self._pipeline = None
        _memory.free()

    def draw(self, requests: Sequence[LayoutRequest]) -> list[LayoutDrawn]:
        """Return one result per layout, in order; each picture depends on its layout and its seed alone.

        A layout without boxes is drawn from its caption, by the network without its grounding. Of a caption that is
        longer than CLIP reads (77 tokens) the end is ignored, and diffusers logs it, once for each layout.

        Raises:
            ModelUnavailable: the model was closed.
        """
        if self._pipeline is None:
            raise ModelUnavailable(f"the layout model {self.model} was closed: draw within its `with` block")
        return [self._layout(request) for request in requests]

    def _layout(self, request: LayoutRequest) -> LayoutDrawn:
        if why := _unreadable(request, self._pipeline.tokenizer):
            return LayoutDrawn(request, (None,) * len(request.seeds), why)
        shots = [Shot(request, seed) for seed in request.seeds]
        with once(type(self._pipeline).__module__):  # pictures that are drawn again have the same caption
            drawn = made(shots, self._together, batch=max(1, len(shots)), least=self._least)
        errors = "; ".join(dict.fromkeys(one.error for one in drawn if one.error))
        used = replace(request, seeds=tuple(one.request.seed for one in drawn))
        return LayoutDrawn(used, tuple(one.picture for one in drawn), errors, any(one.owed for one in drawn))

    @property
    def _least(self) -> int:
        """How many pictures are drawn at once at least, for one to be bit by bit the same as among others."""
        if self._settings.device != "cpu":
            return 1
        return ALIKE_ROWS // 2 if self._settings.guidance > 1 else ALIKE_ROWS

    @torch.inference_mode()
    def _together(self, shots: Sequence[Shot]) -> list[Made[Shot]]:
        """Return pictures of one layout, drawn together."""
        pipeline, request = self._pipeline, shots[0].layout
        # on the CPU and in float32: a seed is the same noise on every device and in every format
        generators = [torch.Generator("cpu").manual_seed(one.seed) for one in shots]
        side = pipeline.unet.config.sample_size
        noise = [torch.randn((pipeline.unet.config.in_channels, side, side), generator=one) for one in generators]
        boxed = bool(request.boxes)
        latents = pipeline(
            prompt=request.caption,
            num_images_per_prompt=len(shots),
            num_inference_steps=self._settings.steps,
            guidance_scale=self._settings.guidance,
            gligen_phrases=list(request.phrases) if boxed else [""],  # the pipeline needs one, and beta 0 ignores it
            gligen_boxes=[[x, y, x + w, y + h] for x, y, w, h in request.boxes] if boxed else [[0.0] * 4],
            gligen_scheduled_sampling_beta=1.0 if boxed else 0.0,
            latents=torch.stack(noise).to(pipeline.device, pipeline.unet.dtype),
            generator=generators,
            output_type="latent",
        ).images
        decoded = pipeline.vae.decode(latents / pipeline.vae.config.scaling_factor).sample
        levels = (decoded.float() / 2 + 0.5).permute(0, 2, 3, 1).cpu().numpy()
        return [_picture(shot, one) for shot, one in zip(shots, levels, strict=True)]


def _picture(shot: Shot, levels: NDArray[np.float32]) -> Made[Shot]:
    """Return the picture of (H, W, 3) levels in [0, 1], or what is wrong with it."""
    finite = bool(np.isfinite(levels).all())
    rgb: Rgb = np.rint(np.nan_to_num(levels.clip(0, 1)) * 255).astype(np.uint8)
    fault = fault_of(rgb, finite=finite)
    return Made(shot, None if fault else rgb, error=fault)


def _unreadable(request: LayoutRequest, tokenizer: Any) -> str:  # noqa: ANN401
    """Return why GLIGEN cannot read a layout; empty when it can. What it would ignore silently is refused."""
    if len(request.boxes) > MOST_BOXES:
        return f"{len(request.boxes)} boxes; GLIGEN reads at most {MOST_BOXES}"
    for phrase, box in zip(request.phrases, request.boxes, strict=True):
        length = len(tokenizer(phrase, verbose=False).input_ids)
        if length > tokenizer.model_max_length:
            return f"the phrase {phrase[:40]!r} has {length} tokens; CLIP reads {tokenizer.model_max_length}"
        x, y, w, h = box
        if min(x, y) < 0 or min(w, h) <= 0 or max(x + w, y + h) > 1 + 1e-6:
            return f"the box {box} of {phrase[:40]!r} does not lie in the picture: shares within 0 and 1 are needed"
    return ""


def _load(folder: Path, settings: "GligenLayouts") -> Any:  # noqa: ANN401 - the library's pipelines are untyped
    safe, dtype = not settings.pickled, getattr(torch, settings.dtype)
    networks = {
        "unet": whole(UNet2DConditionModel, folder, safe=safe, subfolder="unet", torch_dtype=dtype),
        "vae": whole(AutoencoderKL, folder, safe=safe, subfolder="vae", torch_dtype=dtype),
        "text_encoder": whole(
            CLIPTextModel, folder, safe=safe, subfolder="text_encoder", weights_only=True, dtype=dtype
        ),
    }
    if networks["unet"].config.attention_type != "gated":
        raise ModelUnavailable(f"{folder} holds no GLIGEN for text and boxes: its unet has no gated attention")
    # diffusers is pinned below the version that drops it
    with without("diffusers.pipelines.pipeline_utils", "StableDiffusionGLIGENPipeline has been deprecated"):
        kind: Any = StableDiffusionGLIGENPipeline
        pipeline = kind.from_pretrained(
            folder,
            **networks,
            safety_checker=None,
            feature_extractor=None,
            requires_safety_checker=False,
            local_files_only=True,
        )
    pipeline.set_progress_bar_config(disable=True)
    return pipeline.to(settings.device)
