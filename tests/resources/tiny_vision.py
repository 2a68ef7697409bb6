# ruff: noqa: TID253 - only tests that need torch import this
"""Tiny random checkpoints of the models that look at pictures, in the layout of the published ones.

Their weights are wider than a model starts with, so that every picture, box and word moves the answer.
"""

from collections.abc import Callable
from pathlib import Path

import torch
from tokenizers.pre_tokenizers import ByteLevel
from transformers import (
    CLIPConfig,
    CLIPModel,
    CLIPTokenizer,
    Owlv2Config,
    Owlv2ForObjectDetection,
    PreTrainedModel,
    PreTrainedTokenizerBase,
    Sam2Config,
    Sam2Model,
    Sam2VideoConfig,
    Sam2VideoModel,
    SiglipConfig,
    SiglipModel,
)
from transformers.models.clip.image_processing_pil_clip import CLIPImageProcessorPil
from transformers.models.owlv2.image_processing_pil_owlv2 import Owlv2ImageProcessorPil
from transformers.models.siglip.image_processing_pil_siglip import SiglipImageProcessorPil
from transformers.models.siglip2.tokenization_siglip2 import Siglip2Tokenizer

SPREAD = 0.2
SAM_SIDE = 128
OWL_SIDE = 48
EYE_SIDE = 32
WIDTH = {"hidden_size": 32, "intermediate_size": 64, "num_hidden_layers": 2, "num_attention_heads": 2}


def drawn(build: Callable[[], PreTrainedModel], seed: int) -> PreTrainedModel:
    """Build a network and draw its matrices anew and wider; norms and scales stay as they are."""
    torch.manual_seed(seed)  # some draw buffers while they are built
    network = build()
    with torch.no_grad():
        for weight in network.parameters():
            if weight.dim() > 1:
                weight.copy_(torch.randn(weight.shape) * SPREAD)
    return network


def clip_tokenizer(length: int) -> CLIPTokenizer:
    """One token per byte, at the end of a word or within one."""
    letters = sorted(ByteLevel.alphabet())
    words = [*letters, *(f"{one}</w>" for one in letters), "<|startoftext|>", "<|endoftext|>"]
    pad = "!" if length == 16 else "<|endoftext|>"  # OWLv2's own habit: padding is token 0
    return CLIPTokenizer(
        vocab={word: i for i, word in enumerate(words)}, merges=[], model_max_length=length, pad_token=pad
    )


def vocabulary(words: PreTrainedTokenizerBase) -> dict[str, int]:
    """What the text model must know of its tokenizer."""
    ids = {f"{name}_token_id": getattr(words, f"{name}_token_id") for name in ("bos", "eos", "pad")}
    return {"vocab_size": len(words), **ids}


def sam2_settings() -> dict[str, object]:
    """Settings that the image and the video kind share."""
    backbone = {
        "model_type": "sam2_hiera_det_model",
        "hidden_size": 8,
        "image_size": [SAM_SIDE, SAM_SIDE],
        "blocks_per_stage": [1, 2, 2, 1],
        "embed_dim_per_stage": [8, 16, 32, 64],
        "num_attention_heads_per_stage": [1, 1, 2, 2],
        "window_size_per_stage": [4, 2, 4, 2],
        "global_attention_blocks": [4],  # one that starts a stage cannot be global
        "window_positional_embedding_background_size": [4, 4],
    }
    stride = SAM_SIDE // 4
    vision = {
        "backbone_config": backbone,
        "backbone_channel_list": [64, 32, 16, 8],
        "backbone_feature_sizes": [[stride, stride], [stride // 2, stride // 2], [stride // 4, stride // 4]],
        "fpn_hidden_size": 32,
    }
    decoder = {"hidden_size": 32, "mlp_dim": 32, "num_attention_heads": 2, "iou_head_hidden_dim": 32}
    return {
        "vision_config": vision,
        "prompt_encoder_config": {"hidden_size": 32, "image_size": SAM_SIDE, "mask_input_channels": 8},
        "mask_decoder_config": decoder,
    }


def save_sam2(folder: Path) -> Path:
    """SAM 2.1 for pictures; asked for a single candidate it would give its first, not the best of the others."""
    config = Sam2Config(**sam2_settings())
    config.mask_decoder_config.dynamic_multimask_via_stability = False
    drawn(lambda: Sam2Model(config), seed=1).save_pretrained(folder)
    return folder


def save_sam2_video(folder: Path) -> Path:
    """SAM 2.1 for films, the kind that is published: its config is of another type, and it has more weights."""
    memory = {
        "image_size": SAM_SIDE,
        "memory_attention_hidden_size": 32,
        "memory_attention_num_layers": 1,
        "memory_attention_feed_forward_hidden_size": 32,
        "memory_encoder_hidden_size": 32,
        "memory_encoder_output_channels": 16,
        "mask_downsampler_embed_dim": 32,
        "memory_fuser_embed_dim": 32,
        "memory_fuser_intermediate_dim": 32,
        "memory_fuser_num_layers": 1,
    }
    drawn(lambda: Sam2VideoModel(Sam2VideoConfig(**sam2_settings(), **memory)), seed=2).save_pretrained(folder)
    return folder


def save_owlv2(folder: Path) -> Path:
    """OWLv2 with its tokenizer."""
    words = clip_tokenizer(16)
    text = {**WIDTH, **vocabulary(words), "max_position_embeddings": 16}
    vision = {**WIDTH, "image_size": OWL_SIDE, "patch_size": 8}
    config = Owlv2Config(text_config=text, vision_config=vision, projection_dim=32)
    drawn(lambda: Owlv2ForObjectDetection(config), seed=3).save_pretrained(folder)
    words.save_pretrained(folder)
    Owlv2ImageProcessorPil(size={"height": OWL_SIDE, "width": OWL_SIDE}).save_pretrained(folder)
    return folder


def save_clip(folder: Path) -> Path:
    """CLIP with its tokenizer and its way with pictures."""
    words = clip_tokenizer(77)
    text = {**WIDTH, **vocabulary(words)}
    vision = {**WIDTH, "image_size": EYE_SIDE, "patch_size": 8}
    config = CLIPConfig(text_config=text, vision_config=vision, projection_dim=24)
    drawn(lambda: CLIPModel(config), seed=4).save_pretrained(folder)
    words.save_pretrained(folder)
    CLIPImageProcessorPil(
        size={"shortest_edge": EYE_SIDE}, crop_size={"height": EYE_SIDE, "width": EYE_SIDE}
    ).save_pretrained(folder)
    return folder


def save_siglip(folder: Path) -> Path:
    """SigLIP 2 at a fixed size, whose model is of the kind siglip and whose tokenizer lower-cases."""
    special = ("<pad>", "<eos>", "<bos>", "<unk>", "<mask>")
    letters = [*map(chr, range(33, 127)), "▁"]
    words = Siglip2Tokenizer(
        vocab={word: i for i, word in enumerate([*special, *letters])}, merges=[], model_max_length=64
    )
    text = {**WIDTH, **vocabulary(words), "max_position_embeddings": 64, "projection_size": 32}
    vision = {**WIDTH, "image_size": EYE_SIDE, "patch_size": 8}
    config = SiglipConfig(text_config=text, vision_config=vision)
    drawn(lambda: SiglipModel(config), seed=5).save_pretrained(folder)
    words.save_pretrained(folder)
    SiglipImageProcessorPil(size={"height": EYE_SIDE, "width": EYE_SIDE}).save_pretrained(folder)
    return folder
