"""IP-Adapter in memory: its weights in SDXL's UNet, and pictures as its image encoder takes them."""

from typing import Any

import numpy as np
import torch
from diffusers import StableDiffusionXLImg2ImgPipeline
from numpy.typing import NDArray
from PIL import Image
from safetensors.torch import load_file
from transformers import CLIPVisionModelWithProjection

from genval_assets.types import Rgb
from resources._loading import loading
from resources._parts import dtype_of, refuse_keys, whole
from resources._quiet import without
from resources._sdxl import Sdxl
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


def with_adapter(sdxl: Sdxl, adapter: Adapter) -> Any:  # noqa: ANN401 - the library's pipelines are untyped
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
    kind: Any = OneReferenceEach
    pipeline = kind(**parts, add_watermarker=False)
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


def adapter_shapes(unet: Any, embedding: int) -> dict[str, tuple[int, ...]]:  # noqa: ANN401
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


def clip_pixels(picture: Rgb, side: int) -> NDArray[np.float32]:
    """Return (3, side, side) of a square picture as CLIP's image encoder takes it.

    As transformers' processor of CLIP does, which wants torchvision for its default kind.
    """
    small = Image.fromarray(picture).resize((side, side), Image.Resampling.BICUBIC)
    shares = np.asarray(small, dtype=np.float32) / 255
    scaled = (shares - np.array(CLIP_MEAN, dtype=np.float32)) / np.array(CLIP_STD, dtype=np.float32)
    return np.ascontiguousarray(scaled.transpose(2, 0, 1))
