# ruff: noqa: TID253 - only tests that need torch import this
"""Tiny random checkpoints in the layout of SDXL's, its VAE's and Layer Diffusion's. What they draw means nothing.

Their weights are wider than a model starts with, so that every prompt and every seed moves the picture.
"""

import json
from pathlib import Path

import torch
from diffusers import AutoencoderKL, EulerDiscreteScheduler, StableDiffusionXLPipeline, UNet2DConditionModel
from safetensors.torch import load_file, save_file
from tokenizers.pre_tokenizers import ByteLevel
from torch import nn
from transformers import CLIPTextConfig, CLIPTextModel, CLIPTextModelWithProjection, CLIPTokenizer

OFFSETS = "ld_diffusers_sdxl_attn.safetensors"
DECODER = "ld_diffusers_sdxl_vae_transparent_decoder.safetensors"
START, END = "<|startoftext|>", "<|endoftext|>"
WORDS = (*(byte for letter in sorted(ByteLevel.alphabet()) for byte in (letter, f"{letter}</w>")), START, END)
WIDTH = 16  # of each text encoder
TIME = 8  # of each of the six numbers of the size condition
DECODER_WIDTHS = (8, 8, 8, 8, 16, 16, 16)
SPREAD = 0.2
SCHEDULE = {"beta_start": 0.00085, "beta_schedule": "scaled_linear", "steps_offset": 1}
# SDXL's ends at 0.012: noise of 14.6 to start with, which random networks do not take away again
ATTENTION = ("to_q.weight", "to_k.weight", "to_v.weight", "to_out.0.weight")


def widened(network: nn.Module, seed: int, spread: float = SPREAD) -> nn.Module:
    """Draw the weights anew and wider; what scales a norm is about one, what shifts is about zero."""
    noise = torch.Generator("cpu").manual_seed(seed)
    with torch.no_grad():
        for name, weight in network.named_parameters():
            drawn = torch.randn(weight.shape, generator=noise)
            if weight.dim() > 1:
                weight.copy_(drawn * spread)
            else:
                weight.copy_(drawn / 10 + (1.0 if "norm" in name and name.endswith("weight") else 0.0))
    return network


def tokenizer() -> CLIPTokenizer:
    """One token per byte, whether it ends a word or not."""
    return CLIPTokenizer(vocab={word: i for i, word in enumerate(WORDS)}, merges=[], model_max_length=77, pad_token=END)


def text_config() -> CLIPTextConfig:
    return CLIPTextConfig(
        vocab_size=len(WORDS),
        hidden_size=WIDTH,
        projection_dim=WIDTH,
        intermediate_size=2 * WIDTH,
        num_hidden_layers=2,
        num_attention_heads=2,
        bos_token_id=WORDS.index(START),
        eos_token_id=WORDS.index(END),
        pad_token_id=WORDS.index(END),
    )


def unet() -> UNet2DConditionModel:
    """SDXL's in small: text and sizes as conditions, attention in the inner of two levels."""
    return UNet2DConditionModel(
        sample_size=8,
        block_out_channels=(8, 16),
        layers_per_block=1,
        norm_num_groups=4,
        down_block_types=("DownBlock2D", "CrossAttnDownBlock2D"),
        up_block_types=("CrossAttnUpBlock2D", "UpBlock2D"),
        attention_head_dim=(1, 2),
        transformer_layers_per_block=(1, 1),
        use_linear_projection=True,
        cross_attention_dim=2 * WIDTH,
        addition_embed_type="text_time",
        addition_time_embed_dim=TIME,
        projection_class_embeddings_input_dim=6 * TIME + WIDTH,
    )


def vae(seed: int) -> AutoencoderKL:
    """Four levels, as SDXL's: a latent is an eighth of the picture. What it decodes is mostly within [0, 1]."""
    network = AutoencoderKL(
        down_block_types=("DownEncoderBlock2D",) * 4,
        up_block_types=("UpDecoderBlock2D",) * 4,
        block_out_channels=(8, 8, 8, 8),
        norm_num_groups=4,
        latent_channels=4,
        scaling_factor=0.13025,
        force_upcast=False,
    )
    widened(network, seed)
    with torch.no_grad():
        network.decoder.conv_out.weight.mul_(0.4)
    return network


def save_sdxl(folder: Path, variant: str = "") -> Path:
    """Save a whole checkpoint; the variant fp16 has half the precision and its name in those of the files."""
    pipeline = StableDiffusionXLPipeline(
        vae=vae(seed=1),
        text_encoder=widened(CLIPTextModel(text_config()), seed=2),
        text_encoder_2=widened(CLIPTextModelWithProjection(text_config()), seed=3),
        tokenizer=tokenizer(),
        tokenizer_2=tokenizer(),
        unet=widened(unet(), seed=4),
        scheduler=EulerDiscreteScheduler(beta_end=0.0009, **SCHEDULE),
        add_watermarker=False,
    )
    if variant:
        pipeline.to(torch.float16)
    pipeline.save_pretrained(folder, variant=variant or None)
    for part in ("tokenizer", "tokenizer_2"):
        _publish_tokenizer(folder / part)
    for part in ("text_encoder", "text_encoder_2"):
        _publish_text_encoder(next((folder / part).glob("*.safetensors")))
    return folder


def _publish_tokenizer(folder: Path) -> None:
    """Write its files as they were written when SDXL was published."""
    (folder / "tokenizer.json").unlink()
    (folder / "vocab.json").write_text(json.dumps({word: i for i, word in enumerate(WORDS)}), encoding="utf-8")
    (folder / "merges.txt").write_text("#version: 0.2\n", encoding="utf-8")


def _publish_text_encoder(file: Path) -> None:
    """Rename its weights to what they were called when SDXL was published."""
    weights = {key.removeprefix("text_model."): weight for key, weight in load_file(file).items()}
    renamed = {key if key.startswith("text_projection") else f"text_model.{key}": w for key, w in weights.items()}
    positions = {"text_model.embeddings.position_ids": torch.arange(77)[None]}
    save_file(renamed | positions, file, metadata={"format": "pt"})


def save_vae(folder: Path) -> Path:
    """Save a VAE of its own, as the one that does not overflow in half precision is published."""
    vae(seed=5).save_pretrained(folder)
    return folder


def offsets() -> dict[str, torch.Tensor]:
    """Return offsets of every attention weight, by the UNet's keys, as published: half precision, no biases."""
    noise = torch.Generator("cpu").manual_seed(6)
    return {
        key: (torch.randn(weight.shape, generator=noise) * SPREAD).half()
        for key, weight in unet().state_dict().items()
        if ".attn" in key and key.endswith(ATTENTION)
    }


def decoder_weights(widths: tuple[int, ...] = DECODER_WIDTHS) -> dict[str, torch.Tensor]:
    """Return weights of the decoder of transparency: its output varies around a half, mostly within [0, 1]."""
    from resources._transparent_decoder import TransparentDecoder

    network = widened(TransparentDecoder(widths), seed=7)
    with torch.no_grad():
        network.conv_out.weight.mul_(0.3)
        network.conv_out.bias.fill_(0.5)
    return network.state_dict()


def save_layer_diffuse(folder: Path) -> Path:
    """Save the two files of Layer Diffusion under their published names."""
    folder.mkdir(parents=True, exist_ok=True)
    save_file(offsets(), folder / OFFSETS)
    save_file(decoder_weights(), folder / DECODER)
    return folder
