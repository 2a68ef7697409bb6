# ruff: noqa: TID253 - only tests that need torch import this
"""A tiny random GLIGEN, in the layout and under the names of the published one. What it draws means nothing.

Its gates are open (published ones were opened by training; a new network's are shut), and its weights are wider than
a network starts with, so that every box and every phrase moves the picture.
"""

from pathlib import Path

import torch
from diffusers import AutoencoderKL, PNDMScheduler, UNet2DConditionModel
from safetensors.torch import load_file
from transformers import CLIPTextModel

from tests.resources.tiny_sdxl import WIDTH, text_config, tokenizer, widened

NETWORKS = ("unet", "vae", "text_encoder")


def unet(attention_type: str = "gated") -> UNet2DConditionModel:
    return UNet2DConditionModel(
        sample_size=8,
        block_out_channels=(8, 16),
        layers_per_block=1,
        norm_num_groups=4,
        down_block_types=("CrossAttnDownBlock2D", "DownBlock2D"),
        up_block_types=("UpBlock2D", "CrossAttnUpBlock2D"),
        attention_head_dim=2,
        cross_attention_dim=WIDTH,
        attention_type=attention_type,
    )


def vae() -> AutoencoderKL:
    return AutoencoderKL(
        down_block_types=("DownEncoderBlock2D",) * 4,
        up_block_types=("UpDecoderBlock2D",) * 4,
        block_out_channels=(8, 8, 8, 8),
        norm_num_groups=4,
        latent_channels=4,
    )


def opened(network: UNet2DConditionModel) -> UNet2DConditionModel:
    """Open every gate."""
    with torch.no_grad():
        for name, weight in network.named_parameters():
            if name.endswith(("alpha_attn", "alpha_dense")):
                weight.fill_(1.5)
    return network


def save(folder: Path, attention_type: str = "gated") -> Path:
    """Save a whole checkpoint of safetensors."""
    network = opened(widened(unet(attention_type), seed=11))
    network.save_pretrained(folder / "unet")
    widened(vae(), seed=12).save_pretrained(folder / "vae")
    widened(CLIPTextModel(text_config()), seed=13, spread=0.6).save_pretrained(folder / "text_encoder")
    tokenizer().save_pretrained(folder / "tokenizer")
    PNDMScheduler(
        beta_start=0.00085, beta_end=0.012, beta_schedule="scaled_linear", skip_prk_steps=True, steps_offset=1
    ).save_pretrained(folder / "scheduler")
    folder.joinpath("model_index.json").write_text(INDEX)
    return folder


INDEX = """{
  "_class_name": "StableDiffusionGLIGENPipeline",
  "_diffusers_version": "0.17.0.dev0",
  "feature_extractor": ["transformers", "CLIPFeatureExtractor"],
  "requires_safety_checker": true,
  "safety_checker": ["stable_diffusion", "StableDiffusionSafetyChecker"],
  "scheduler": ["diffusers", "PNDMScheduler"],
  "text_encoder": ["transformers", "CLIPTextModel"],
  "tokenizer": ["transformers", "CLIPTokenizer"],
  "unet": ["diffusers", "UNet2DConditionModel"],
  "vae": ["diffusers", "AutoencoderKL"]
}
"""


def pickle_networks(folder: Path) -> Path:
    """Turn the safetensors of a checkpoint into .bin files, as GLIGEN's are published."""
    for part in NETWORKS:
        stem = "model" if part == "text_encoder" else "diffusion_pytorch_model"
        source = folder / part / f"{stem}.safetensors"
        weights = load_file(source)
        if part == "text_encoder":  # as published: older names, and a buffer that is none any more
            weights = {f"text_model.{key.removeprefix('text_model.')}": value for key, value in weights.items()}
            weights["text_model.embeddings.position_ids"] = torch.arange(77)[None]
        torch.save(weights, source.with_name("pytorch_model.bin" if part == "text_encoder" else f"{stem}.bin"))
        source.unlink()
    return folder
