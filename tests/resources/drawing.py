"""What the tests of foregrounds share: tiny checkpoints, the resource that loads them, and ways to spoil them."""

import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np

from genval_assets.types import Drawn, DrawRequest
from resources.foregrounds import LayerDiffusion
from resources.weights import Weights
from tests.resources.tiny_networks import tiny_networks

UNET = "unet/diffusion_pytorch_model.safetensors"
OFFSETS = "ld_diffusers_sdxl_attn.safetensors"
DECODER = "ld_diffusers_sdxl_vae_transparent_decoder.safetensors"
QUERY = "down_blocks.1.attentions.0.transformer_blocks.0.attn1.to_q.weight"


@contextmanager
def checkpoints(root: Path) -> Iterator[dict[str, Path]]:
    """Save checkpoints by kind and hand them out: they are small, so one thread is fastest."""
    with tiny_networks("tiny_sdxl") as (tiny_sdxl,):
        yield {
            "sdxl": tiny_sdxl.save_sdxl(root / "sdxl"),
            "half": tiny_sdxl.save_sdxl(root / "half", variant="fp16"),
            "vae": tiny_sdxl.save_vae(root / "vae"),
            "layer_diffuse": tiny_sdxl.save_layer_diffuse(root / "layer_diffuse"),
        }


def foregrounds(tiny, **settings) -> LayerDiffusion:
    folders = {kind: Weights(weights=str(tiny[kind]), revision=kind[0]) for kind in ("sdxl", "vae", "layer_diffuse")}
    small = {"variant": "", "device": "cpu", "dtype": "float32", "side": 64, "steps": 2, "batch": 4}
    return LayerDiffusion(**folders | small | settings)


def asked(seed: int = 1, prompt: str = "a dog", negative: str = "") -> DrawRequest:
    return DrawRequest(f"id{seed}", "dog", "dog", prompt, negative, seed)


def drawn(tiny, *requests: DrawRequest, **settings) -> list[Drawn]:
    with foregrounds(tiny, **settings).open() as model:
        return model.draw(requests)


def same(one: Drawn, other: Drawn) -> bool:
    return np.array_equal(one.rgba, other.rgba) and np.array_equal(one.latent, other.latent)


def spoilt(tiny, tmp_path, kind: str, name: str, change: Callable) -> dict[str, Path]:
    """Return the checkpoints with one file of tensors changed in a copy."""
    from safetensors.torch import load_file, save_file

    copy = Path(shutil.copytree(tiny[kind], tmp_path / kind))
    weights = load_file(copy / name)
    change(weights)
    save_file(weights, copy / name, metadata={"format": "pt"})
    return {**tiny, kind: copy}
