# ruff: noqa: TID253 - imported only where the bench measures
"""Full-size random checkpoints of every model, in the layout of the published ones: time and memory, no pictures.

Architectures are the published ones, built from their settings; weights are drawn on the device in half precision.
Tokenizers are those of the tests, one token per byte: SDXL reads 77 tokens of any prompt, so its time is the same.
"""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from diffusers import (
    AutoencoderKL,
    EulerDiscreteScheduler,
    PNDMScheduler,
    UNet2DConditionModel,
)
from safetensors.torch import save_file
from transformers import (
    CLIPTextConfig,
    CLIPTextModel,
    CLIPTextModelWithProjection,
    CLIPVisionConfig,
    CLIPVisionModelWithProjection,
    Owlv2Config,
    Owlv2ForObjectDetection,
    Qwen3VLConfig,
    Qwen3VLForConditionalGeneration,
    Sam2Config,
    Sam2Model,
    SiglipConfig,
    SiglipModel,
)
from transformers.models.clip.image_processing_pil_clip import CLIPImageProcessorPil
from transformers.models.owlv2.image_processing_pil_owlv2 import Owlv2ImageProcessorPil
from transformers.models.qwen2_vl.image_processing_pil_qwen2_vl import Qwen2VLImageProcessorPil
from transformers.models.siglip.image_processing_pil_siglip import SiglipImageProcessorPil

from genval_assets.models.memory import PUBLISHED
from genval_assets.models.settings import ModelsSettings
from resources._transparent_decoder import TransparentDecoder
from tests.resources import tiny_chat, tiny_gligen, tiny_sdxl, tiny_vision

HALF = torch.float16
ADAPTER_TOKENS = 4


@dataclass(frozen=True)
class Builder:
    """Builds networks with random weights on a device."""

    device: str
    dtype: torch.dtype = HALF

    def __call__(self, make: Callable[[], Any]) -> Any:  # noqa: ANN401 - networks have no common type
        """Return the network, made where and in the number format that it is wanted in."""
        before = torch.get_default_dtype()
        torch.set_default_dtype(self.dtype)
        try:
            with torch.device(self.device):
                return make().eval()
        finally:
            torch.set_default_dtype(before)


def sdxl_unet() -> UNet2DConditionModel:
    """SDXL base 1.0: 2.57 B parameters."""
    return UNet2DConditionModel(
        sample_size=128,
        down_block_types=("DownBlock2D", "CrossAttnDownBlock2D", "CrossAttnDownBlock2D"),
        up_block_types=("CrossAttnUpBlock2D", "CrossAttnUpBlock2D", "UpBlock2D"),
        block_out_channels=(320, 640, 1280),
        cross_attention_dim=2048,
        transformer_layers_per_block=(1, 2, 10),
        attention_head_dim=(5, 10, 20),
        use_linear_projection=True,
        addition_embed_type="text_time",
        addition_time_embed_dim=256,
        projection_class_embeddings_input_dim=2816,
    )


def clip_l() -> CLIPTextModel:
    """CLIP ViT-L/14's text encoder, of SDXL and of Stable Diffusion 1.4."""
    return CLIPTextModel(text_config(768, 12, 12, "quick_gelu"))


def clip_big_g() -> CLIPTextModelWithProjection:
    """OpenCLIP ViT-bigG/14's text encoder."""
    return CLIPTextModelWithProjection(text_config(1280, 32, 20, "gelu"))


def text_config(width: int, layers: int, heads: int, act: str) -> CLIPTextConfig:
    """Return a text encoder's settings; its special tokens are those of the small tokenizer."""
    words = {f"{name}_token_id": tiny_sdxl.WORDS.index(tiny_sdxl.END) for name in ("eos", "pad")}
    return CLIPTextConfig(
        vocab_size=49408,
        hidden_size=width,
        projection_dim=width,
        intermediate_size=4 * width,
        num_hidden_layers=layers,
        num_attention_heads=heads,
        hidden_act=act,
        bos_token_id=tiny_sdxl.WORDS.index(tiny_sdxl.START),
        **words,
    )


def vae(scaling_factor: float = 0.13025) -> AutoencoderKL:
    """Stable Diffusion's VAE, of SDXL and of 1.4."""
    return AutoencoderKL(
        down_block_types=("DownEncoderBlock2D",) * 4,
        up_block_types=("UpDecoderBlock2D",) * 4,
        block_out_channels=(128, 256, 512, 512),
        layers_per_block=2,
        sample_size=1024,
        scaling_factor=scaling_factor,
        force_upcast=False,
    )


def vit_h() -> CLIPVisionModelWithProjection:
    """OpenCLIP ViT-H/14's picture encoder, of IP-Adapter."""
    return CLIPVisionModelWithProjection(
        CLIPVisionConfig(
            hidden_size=1280,
            intermediate_size=5120,
            num_hidden_layers=32,
            num_attention_heads=16,
            patch_size=14,
            projection_dim=1024,
            hidden_act="gelu",
        )
    )


def gligen_unet() -> UNet2DConditionModel:
    """Stable Diffusion 1.4's UNet with gated attention."""
    return UNet2DConditionModel(
        sample_size=64,
        cross_attention_dim=768,
        block_out_channels=(320, 640, 1280, 1280),
        attention_head_dim=8,
        attention_type="gated",
    )


def sam2_large() -> Sam2Model:
    """SAM 2.1 Hiera-L without what films need."""
    backbone = {
        "model_type": "sam2_hiera_det_model",
        "hidden_size": 144,
        "num_attention_heads": 2,
        "blocks_per_stage": [2, 6, 36, 4],
        "embed_dim_per_stage": [144, 288, 576, 1152],
        "num_attention_heads_per_stage": [2, 4, 8, 16],
        "window_size_per_stage": [8, 4, 16, 8],
        "global_attention_blocks": [23, 33, 43],
    }
    return Sam2Model(
        Sam2Config(
            vision_config={"backbone_config": backbone, "backbone_channel_list": [1152, 576, 288, 144]},
            prompt_encoder_config={},
            mask_decoder_config={},
        )
    )


def owlv2_base() -> Owlv2ForObjectDetection:
    """OWLv2 base, patch 16, 960 px."""
    words = tiny_vision.vocabulary(tiny_vision.clip_tokenizer(16)) | {"vocab_size": 49408}
    return Owlv2ForObjectDetection(
        Owlv2Config(text_config=words, vision_config={"image_size": 960, "patch_size": 16}, projection_dim=512)
    )


def siglip2_base() -> SiglipModel:
    """SigLIP 2 base, patch 16, 224 px, with its large vocabulary."""
    text = {"vocab_size": 256_000, "max_position_embeddings": 64}
    return SiglipModel(SiglipConfig(text_config=text, vision_config={"image_size": 224, "patch_size": 16}))


def qwen3_vl_4b() -> Qwen3VLForConditionalGeneration:
    """Qwen3-VL-4B; of its 151,936 tokens the small tokenizer has the first few."""
    rope = {"rope_type": "default", "rope_theta": 5e6, "mrope_section": [24, 20, 20], "mrope_interleaved": True}
    text = {
        "hidden_size": 2560,
        "intermediate_size": 9728,
        "num_hidden_layers": 36,
        "num_attention_heads": 32,
        "num_key_value_heads": 8,
        "head_dim": 128,
        "vocab_size": 151_936,
        "tie_word_embeddings": True,
        "rope_parameters": rope,
    }
    eyes = {
        "depth": 24,
        "hidden_size": 1024,
        "intermediate_size": 4096,
        "num_heads": 16,
        "out_hidden_size": 2560,
        "patch_size": 16,
        "num_position_embeddings": 2304,
        "deepstack_visual_indexes": [5, 11, 17],
    }
    return Qwen3VLForConditionalGeneration(
        Qwen3VLConfig(
            text_config=text,
            vision_config=eyes,
            tie_word_embeddings=True,
            image_token_id=tiny_chat.token("<|picture|>"),
            video_token_id=tiny_chat.token("<|video|>"),
            vision_start_token_id=tiny_chat.token("<|picture_start|>"),
            vision_end_token_id=tiny_chat.token("<|picture_end|>"),
        )
    )


NETWORKS: Mapping[str, tuple[Callable[[], Any], ...]] = {
    "chat": (qwen3_vl_4b,),
    "sdxl_unet": (sdxl_unet,),
    "sdxl_text": (clip_l, clip_big_g),
    "vae": (vae,),
    "transparent_decoder": (TransparentDecoder,),
    "image_encoder": (vit_h,),
    "layout": (gligen_unet, clip_l, vae),
    "segmenter": (sam2_large,),
    "detector": (owlv2_base,),
    "embedder": (siglip2_base,),
}
"""Network -> what it is made of; the adapter is drawn from SDXL's keys."""


def parameters(name: str) -> int:
    """Return how many parameters a network has, without its weights."""
    build = Builder("meta", torch.float32)
    return sum(one.numel() for make in NETWORKS[name] for one in build(make).parameters())


def check_sizes() -> None:
    """Refuse to measure architectures of another size than the published ones."""
    for name in NETWORKS:
        assert parameters(name) == PUBLISHED[name], f"{name}: {parameters(name):,} parameters, not {PUBLISHED[name]:,}"


def save_drawing(root: Path, build: Builder) -> None:
    """Save SDXL, the VAE of its own, and Layer Diffusion's two files."""
    sdxl = root / "sdxl"
    unet = build(sdxl_unet)
    unet.save_pretrained(sdxl / "unet", variant="fp16")
    save_layer_diffuse(root / "layer_diffuse", unet, build)
    save_adapter(root / "ip_adapter", unet, build(vit_h))
    del unet
    for part, make in (("text_encoder", clip_l), ("text_encoder_2", clip_big_g)):
        build(make).save_pretrained(sdxl / part, variant="fp16")
    for part in ("tokenizer", "tokenizer_2"):
        tiny_sdxl.tokenizer().save_pretrained(sdxl / part)
    EulerDiscreteScheduler(
        beta_start=0.00085, beta_end=0.012, beta_schedule="scaled_linear", steps_offset=1, timestep_spacing="leading"
    ).save_pretrained(sdxl / "scheduler")
    build(vae).save_pretrained(root / "vae")


def save_layer_diffuse(folder: Path, unet: UNet2DConditionModel, build: Builder) -> None:
    """Save offsets of every attention weight, and the decoder of transparency."""
    folder.mkdir(parents=True)
    offsets = {
        key: (torch.randn_like(weight) * 1e-3).to(HALF)
        for key, weight in unet.state_dict().items()
        if ".attn" in key and key.endswith(tiny_sdxl.ATTENTION)
    }
    save_file(offsets, folder / tiny_sdxl.OFFSETS)
    save_file(build(TransparentDecoder).state_dict(), folder / tiny_sdxl.DECODER)


def save_adapter(folder: Path, unet: UNet2DConditionModel, encoder: CLIPVisionModelWithProjection) -> None:
    """Save an IP-Adapter for a UNet with its picture encoder, by the names of the published files."""
    settings, width = ModelsSettings().ip_adapter, unet.config.cross_attention_dim
    state = unet.state_dict()
    # a cross attention is numbered by its place among all attentions: 1, 3, 5, …
    crossing = [name.removesuffix("processor") for name in unet.attn_processors if name.endswith("attn2.processor")]
    weights = {
        f"ip_adapter.{2 * i + 1}.to_{part}_ip.weight": torch.randn_like(state[f"{name}to_{part}.weight"]) * 0.02
        for i, name in enumerate(crossing)
        for part in "kv"
    }
    embedded = encoder.config.projection_dim
    weights["image_proj.proj.weight"] = torch.randn(ADAPTER_TOKENS * width, embedded, device=unet.device) * 0.02
    weights["image_proj.proj.bias"] = torch.zeros(ADAPTER_TOKENS * width, device=unet.device)
    weights["image_proj.norm.weight"] = torch.ones(width, device=unet.device)
    weights["image_proj.norm.bias"] = torch.zeros(width, device=unet.device)
    file = folder / settings.subfolder / settings.file
    file.parent.mkdir(parents=True)
    save_file({key: weight.to(HALF).contiguous() for key, weight in weights.items()}, file)
    encoder.save_pretrained(folder / settings.image_encoder)
    side = encoder.config.image_size
    CLIPImageProcessorPil(size={"shortest_edge": side}, crop_size={"height": side, "width": side}).save_pretrained(
        folder / settings.image_encoder
    )


def save_layout(folder: Path, build: Builder) -> None:
    """Save GLIGEN as safetensors."""
    for part, make in (("unet", gligen_unet), ("text_encoder", clip_l), ("vae", lambda: vae(0.18215))):
        build(make).save_pretrained(folder / part)
    tiny_sdxl.tokenizer().save_pretrained(folder / "tokenizer")
    PNDMScheduler(
        beta_start=0.00085, beta_end=0.012, beta_schedule="scaled_linear", skip_prk_steps=True, steps_offset=1
    ).save_pretrained(folder / "scheduler")
    folder.joinpath("model_index.json").write_text(tiny_gligen.INDEX)


def save_seeing(root: Path, build: Builder) -> None:
    """Save the segmenter, the detector and the embedder."""
    build(sam2_large).save_pretrained(root / "segmenter")
    build(owlv2_base).save_pretrained(root / "detector")
    tiny_vision.clip_tokenizer(16).save_pretrained(root / "detector")
    Owlv2ImageProcessorPil(size={"height": 960, "width": 960}).save_pretrained(root / "detector")
    tiny_vision.save_siglip(root / "embedder")  # its tokenizer and its way with pictures; the network is replaced
    build(siglip2_base).save_pretrained(root / "embedder")
    SiglipImageProcessorPil(size={"height": 224, "width": 224}).save_pretrained(root / "embedder")


def save_chat(folder: Path, build: Builder) -> None:
    """Save the vision-language model with the small tokenizer."""
    network = build(qwen3_vl_4b)
    network.generation_config.eos_token_id = [tiny_chat.token("<|end|>"), tiny_chat.token("<|pad|>")]
    network.save_pretrained(folder)
    tiny_chat.tokenizer().save_pretrained(folder)
    size = {"shortest_edge": 256 * 256, "longest_edge": 1024 * 1024}
    Qwen2VLImageProcessorPil(patch_size=16, merge_size=2, size=size).save_pretrained(folder)


def save_full(root: Path, device: str) -> None:
    """Save all of them, about 30 GB; what a folder already holds complete is left as it is."""
    done = root / "complete.json"
    if done.is_file():
        return
    build = Builder(device)
    save_drawing(root, build)
    save_layout(root / "layout", build)
    save_seeing(root, build)
    save_chat(root / "chat", Builder(device, torch.bfloat16))
    done.write_text(json.dumps(sorted(path.name for path in root.iterdir())))
    if device != "cpu":
        torch.accelerator.empty_cache()
