# ruff: noqa: TID253 - only tests that need torch import this
"""Tiny random checkpoints in the layout of real ones. What they answer means nothing.

Their weights are wider than a model starts with, so that every question and every picture moves the answer.
"""

from pathlib import Path

import torch
from tokenizers import AddedToken, Tokenizer, decoders
from tokenizers.models import BPE
from tokenizers.pre_tokenizers import ByteLevel
from transformers import (
    CLIPVisionConfig,
    LlamaConfig,
    LlavaConfig,
    LlavaForConditionalGeneration,
    LlavaProcessor,
    PreTrainedModel,
    PreTrainedTokenizerFast,
    Qwen3Config,
    Qwen3ForCausalLM,
    Qwen3VLConfig,
    Qwen3VLForConditionalGeneration,
)
from transformers.models.clip.image_processing_pil_clip import CLIPImageProcessorPil
from transformers.models.qwen2_vl.image_processing_pil_qwen2_vl import Qwen2VLImageProcessorPil

CONTROL = ("<|end|>", "<|pad|>", "<|turn|>", "<|picture_start|>", "<|picture_end|>", "<|picture|>", "<|video|>")
TEMPLATE = (
    "{% for message in messages %}<|turn|>{{ message.role }}\n"
    "{% if message.content is string %}{{ message.content }}{% else %}{% for part in message.content %}"
    "{% if part.type == 'image' %}<|picture_start|><|picture|><|picture_end|>{% else %}{{ part.text }}{% endif %}"
    "{% endfor %}{% endif %}<|end|>\n{% endfor %}{% if add_generation_prompt %}<|turn|>assistant\n{% endif %}"
)
# Without 0xED and 0xF4 up, UTF-8 has no surrogates and nothing beyond Unicode. xgrammar 0.2.8 permits both in strings,
# but only random weights would write them.
BYTES = sorted(set(ByteLevel.alphabet()) - set("í" + "".join(map(chr, range(0xF4, 0x100)))))
SPARE = 57  # rows of the output layer that no token has, as in real checkpoints
SPREAD = 0.2  # of the weights: of twelve questions at least eleven are then answered differently
SIZES = {"hidden_size": 32, "intermediate_size": 64, "num_hidden_layers": 2, "num_attention_heads": 2}
TEXT = {**SIZES, "vocab_size": len(BYTES) + len(CONTROL) + SPARE, "num_key_value_heads": 1, "head_dim": 16}


def tokenizer(first: str = "") -> PreTrainedTokenizerFast:
    """One token per byte, then the control tokens; the bytes of `first` have the lowest numbers."""
    ordered = [*first, *(byte for byte in BYTES if byte not in first)]
    bare = Tokenizer(BPE(vocab={byte: i for i, byte in enumerate(ordered)}, merges=[]))
    bare.pre_tokenizer = ByteLevel(add_prefix_space=False)
    bare.decoder = decoders.ByteLevel()
    bare.add_special_tokens([AddedToken(word, special=True) for word in CONTROL])
    return PreTrainedTokenizerFast(
        tokenizer_object=bare, eos_token="<|end|>", pad_token="<|pad|>", chat_template=TEMPLATE
    )


def save(network: PreTrainedModel, folder: Path, seed: int) -> Path:
    """Draw the weights anew and wider, and save them with the tokenizer."""
    torch.manual_seed(seed)
    with torch.no_grad():
        for weight in network.parameters():
            weight.copy_(torch.randn(weight.shape) * SPREAD if weight.dim() > 1 else torch.ones(weight.shape))
    words = tokenizer()
    network.generation_config.eos_token_id = [token("<|end|>"), token("<|pad|>")]
    network.generation_config.do_sample = True  # as real ones do: how to answer is not the checkpoint's to say
    network.generation_config.temperature = 9.0
    network.save_pretrained(folder)
    words.save_pretrained(folder)
    return folder


def token(word: str) -> int:
    return len(BYTES) + CONTROL.index(word)


def save_text(folder: Path) -> Path:
    """A text model of the Qwen3 kind."""
    return save(Qwen3ForCausalLM(Qwen3Config(**TEXT, tie_word_embeddings=True)), folder, seed=1)


def save_sighted(folder: Path) -> Path:
    """A model of the Qwen3-VL kind; its own processor needs torchvision."""
    rope = {"rope_type": "default", "rope_theta": 10_000.0, "mrope_section": [2, 3, 3], "mrope_interleaved": True}
    eyes = {"depth": 2, "hidden_size": 32, "intermediate_size": 64, "num_heads": 2, "out_hidden_size": 32}
    config = Qwen3VLConfig(
        text_config={**TEXT, "rope_parameters": rope},
        vision_config={**eyes, "patch_size": 8, "num_position_embeddings": 64, "deepstack_visual_indexes": [0]},
        image_token_id=token("<|picture|>"),
        video_token_id=token("<|video|>"),
        vision_start_token_id=token("<|picture_start|>"),
        vision_end_token_id=token("<|picture_end|>"),
    )
    save(Qwen3VLForConditionalGeneration(config), folder, seed=2)
    size = {"shortest_edge": 16 * 16, "longest_edge": 48 * 48}
    Qwen2VLImageProcessorPil(patch_size=8, merge_size=2, size=size).save_pretrained(folder)
    return folder


def save_agreeable(folder: Path) -> Path:
    """A model of the Qwen3-VL kind that, held to a form, keeps whatever it is shown.

    All its scores are equal, so that of the tokens that the form permits it writes the one with the lowest number: it
    closes strings and lists, meets every criterion and says true.
    """
    save_sighted(folder)
    network = Qwen3VLForConditionalGeneration.from_pretrained(folder)
    with torch.no_grad():
        network.model.language_model.norm.weight.zero_()
    network.save_pretrained(folder)
    tokenizer(first='"]mt').save_pretrained(folder)
    return folder


def save_llava(folder: Path) -> Path:
    """A model of the LLaVA kind, whose processor can be built without torchvision."""
    config = LlavaConfig(
        text_config=LlamaConfig(**TEXT).to_dict(),
        vision_config=CLIPVisionConfig(**SIZES, image_size=32, patch_size=8).to_dict(),
        image_token_index=token("<|picture|>"),
    )
    save(LlavaForConditionalGeneration(config), folder, seed=3)
    LlavaProcessor(
        image_processor=CLIPImageProcessorPil(size={"shortest_edge": 32}, crop_size={"height": 32, "width": 32}),
        tokenizer=tokenizer(),
        patch_size=8,
        vision_feature_select_strategy="default",
        image_token="<|picture|>",
        num_additional_image_tokens=1,
        chat_template=TEMPLATE,
    ).save_pretrained(folder)
    return folder
