"""How much of a device's memory the weights of each stage take.

Only weights are counted, exactly: from the headers of the files where they are there, else from the published sizes.
Activations, caches of answers and what CUDA itself takes come on top and are not counted.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from math import prod
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, ValidationError

BYTES = {"bfloat16": 2, "float16": 2, "float32": 4}
"""Of one parameter, by number format."""
GB = 1e9

PUBLISHED: Mapping[str, int] = {
    "chat": 4_437_815_808,
    "sdxl_unet": 2_567_463_684,
    "sdxl_text": 817_720_320,
    "vae": 83_653_863,
    "transparent_decoder": 104_104_804,
    "ip_adapter": 349_188_096,
    "image_encoder": 632_076_800,
    "layout": 1_275_337_547,
    "segmenter": 216_924_865,
    "detector": 154_966_792,
    "embedder": 375_187_970,
}
"""Network -> parameters of the default weights, computed by building each architecture without its weights.

`chat` is Qwen3-VL-4B-Instruct; `sdxl_text` are both text encoders; `layout` is GLIGEN with its text encoder and VAE.
The attention offsets of Layer Diffusion are added to the UNet when it is loaded and take no memory of their own.
"""

SDXL = ("sdxl_unet", "sdxl_text", "vae")


@dataclass(frozen=True)
class Stage:
    """Networks that are in memory at the same time."""

    name: str  # as Dagster and `usage` have it; after a comma, which part of the stage
    networks: Mapping[str, tuple[str, ...]]  # role -> what is in memory for it


FOREGROUNDS = (*SDXL, "transparent_decoder")
STAGES = (
    Stage("optimized_prompts", {"chat": ("chat",)}),
    Stage("optimized_prompts, rethinking", {"chat": ("chat",), "foregrounds": FOREGROUNDS}),
    Stage("raw_instances, drawn", {"foregrounds": FOREGROUNDS}),
    Stage(
        "raw_instances, varied",
        {
            "variations": (*SDXL, "ip_adapter", "image_encoder"),
            "segmenters": ("segmenter",),
            "embedders": ("embedder",),
        },
    ),
    Stage("validated_instances", {"chat": ("chat",), "foregrounds": ("vae", "transparent_decoder")}),
    Stage("composite_scenes, selection", {"embedders": ("embedder",)}),
    Stage("scene_graphs", {"chat": ("chat",)}),
    Stage("layouts", {"chat": ("chat",)}),
    Stage("layout_scenes, drawing", {"layout_images": ("layout",)}),
    Stage("layout_scenes, looking", {"chat": ("chat",)}),
    Stage("layout_scenes, masks", {"segmenters": ("segmenter",), "detectors": ("detector",)}),
    Stage("hard_negatives", {"chat": ("chat",)}),
    Stage("backgrounds, painted", {"painters": SDXL}),
    Stage("backgrounds, searched", {"detectors": ("detector",)}),
    Stage("agent_prompts", {"chat": ("chat",), "foregrounds": FOREGROUNDS, "embedders": ("embedder",)}),
    Stage("negative_ranking", {"embedders": ("embedder",)}),
)
"""What the profile `gpu-24gb` has open at once, in the order of a night; after it what people ask for."""


def open_in(stage: Stage, roles: Collection[str]) -> Stage:
    """Return the stage with the networks of these roles alone."""
    return replace(stage, networks={role: names for role, names in stage.networks.items() if role in roles})


class _Stored(BaseModel):
    """One tensor as the header of a safetensors file describes it."""

    model_config = ConfigDict(frozen=True, extra="ignore")
    shape: tuple[Annotated[int, Field(ge=0)], ...]  # of a scalar none


class _Header(BaseModel):
    """Name -> tensor, and texts about the file."""

    model_config = ConfigDict(frozen=True, extra="allow")
    __pydantic_extra__: dict[str, _Stored]
    texts: dict[str, str] = Field(default_factory=dict, alias="__metadata__")


def parameters_in(header: bytes) -> int:
    """Return how many numbers the tensors of a safetensors file hold.

    Args:
        header: the JSON that follows the file's first 8 bytes.

    Raises:
        ValueError: it is no such header.
    """
    try:
        tensors = _Header.model_validate_json(header).__pydantic_extra__
    except ValidationError as err:
        first = err.errors()[0]
        raise ValueError(f"no header of a safetensors file: {first['msg']} at {first['loc']}") from err
    return sum(prod(one.shape) for one in tensors.values())


@dataclass(frozen=True)
class Need:
    """What the weights of one stage take."""

    stage: Stage
    weight_bytes: int
    guessed: tuple[str, ...]  # networks of which no file was found: the size of the published default stands for them


def need_of(stage: Stage, stored: Mapping[str, int], widths: Mapping[str, int]) -> Need:
    """Return what a stage's weights take.

    Args:
        stage: its networks.
        stored: network -> parameters, of those whose files are there.
        widths: network -> bytes of one parameter in memory.
    """
    networks = [name for names in stage.networks.values() for name in names]
    guessed = tuple(name for name in networks if name not in stored)
    total = sum(stored.get(name, PUBLISHED[name]) * widths[name] for name in networks)
    return Need(stage, total, guessed)


def fits(need: Need, device_bytes: int | None) -> bool:
    """Return whether the weights alone leave anything of the device's memory; True where that is unknown."""
    return device_bytes is None or need.weight_bytes < device_bytes


def in_words(need: Need, device_bytes: int | None) -> str:
    """Return the sentence about a stage: what it needs, and what the device has."""
    words = f"needs {need.weight_bytes / GB:.1f} GB of weights, plus activations, which are not counted"
    if device_bytes is not None:
        words += f"; the device has {device_bytes / GB:.1f} GB"
    if need.guessed:
        words += f" ({', '.join(need.guessed)} as published: not here yet)"
    return words
