# ruff: noqa: TID253 - only tests that need torch import this
"""A tiny random IP-Adapter for the tiny SDXL, under the published names. What it says of a picture means nothing."""

from pathlib import Path

import torch
from safetensors.torch import save_file
from transformers import CLIPVisionConfig, CLIPVisionModelWithProjection

from tests.resources.tiny_sdxl import unet, widened

FILE = "ip-adapter_sdxl_vit-h.safetensors"
EMBEDDING = 24
TEXT = unet().config.cross_attention_dim
SPREAD = 0.5


def encoder() -> CLIPVisionModelWithProjection:
    return CLIPVisionModelWithProjection(
        CLIPVisionConfig(
            hidden_size=16,
            intermediate_size=32,
            num_hidden_layers=2,
            num_attention_heads=2,
            image_size=32,
            patch_size=8,
            projection_dim=EMBEDDING,
        )
    )


def adapter() -> dict[str, torch.Tensor]:
    """Return its weights: a projection of the embedding, then a key and a value for each attention to the text."""
    noise = torch.Generator("cpu").manual_seed(21)

    def drawn(*shape: int) -> torch.Tensor:
        return torch.randn(shape, generator=noise) * SPREAD

    weights = {
        "image_proj.proj.weight": drawn(4 * TEXT, EMBEDDING),
        "image_proj.proj.bias": drawn(4 * TEXT),
        "image_proj.norm.weight": torch.ones(TEXT),
        "image_proj.norm.bias": torch.zeros(TEXT),
    }
    number = 1
    for name, module in unet().named_modules():
        if name.endswith("attn2"):
            weights[f"ip_adapter.{number}.to_k_ip.weight"] = drawn(module.to_k.out_features, TEXT)
            weights[f"ip_adapter.{number}.to_v_ip.weight"] = drawn(module.to_v.out_features, TEXT)
            number += 2
    return weights


def save(folder: Path) -> Path:
    """Save it in the layout of the published repository."""
    (folder / "sdxl_models").mkdir(parents=True)
    save_file(adapter(), folder / "sdxl_models" / FILE)
    widened(encoder(), seed=22, spread=0.4).save_pretrained(folder / "models" / "image_encoder")
    return folder
