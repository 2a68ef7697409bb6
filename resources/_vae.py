"""From SDXL's latents to pixels, one picture at a time: memory then does not grow with the batch (our choice)."""

from pathlib import Path
from typing import Any

import numpy as np
import torch
from diffusers import AutoencoderKL
from numpy.typing import NDArray

from genval_assets.types import ModelUnavailable
from resources._loading import loading
from resources._parts import dtype_of, whole
from resources.sdxl import VAE


def pixel_dtype(dtype: str) -> torch.dtype:
    """Return the type that pixels are decoded in: float16 where the networks have half precision, also for bfloat16.

    bfloat16 keeps 8 bits, which eight-bit pictures would show.
    """
    return torch.float32 if dtype_of(dtype) == torch.float32 else torch.float16


def load_vae(folder: Path, device: str, dtype: str) -> Any:  # noqa: ANN401 - diffusers' classes look empty to mypy
    """Return the VAE (`AutoencoderKL`) on its device, in `pixel_dtype`, whatever its config says.

    Raises:
        ModelUnavailable: the files are damaged or incomplete, or its latents are scaled by more than one number.
    """
    with loading(VAE, folder):
        vae = whole(AutoencoderKL, folder, torch_dtype=pixel_dtype(dtype))
        if vae.config.latents_mean is not None or vae.config.latents_std is not None:
            raise ModelUnavailable(f"{VAE} in {str(folder)!r} has a mean or a spread per channel: take one of SDXL's")
        vae.register_to_config(force_upcast=False)
        return vae.to(device, memory_format=torch.channels_last)


def decoded(vae: Any, latents: torch.Tensor) -> torch.Tensor:  # noqa: ANN401 - see `load_vae`
    """Return (N, 3, H, W) RGB in [0, 1] of (N, 4, H/8, W/8) latents as the VAE takes them; see `within`."""
    pictures: torch.Tensor = vae.decode(latents.to(vae.device, vae.dtype), return_dict=False)[0]
    return within(pictures / 2 + 0.5)


def within(values: torch.Tensor) -> torch.Tensor:
    """Return the values held within [0, 1]; what is infinite becomes NaN, for an overflow to be seen."""
    return values.masked_fill(values.isinf(), torch.nan).clamp(0, 1)


def levels(picture: torch.Tensor) -> NDArray[np.uint8]:
    """Return (H, W, C) levels of 255, rounded to the nearest, of a (1, C, H, W) picture in [0, 1]; NaN is 0."""
    rounded = picture[0].permute(1, 2, 0).float().nan_to_num().mul(255).round().byte()
    return np.ascontiguousarray(rounded.cpu().numpy())
