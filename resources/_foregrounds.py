"""Layer Diffusion in memory: requests to RGBA frames and latents, and latents to finished frames."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import torch

from genval_assets.instances.holes import filled
from genval_assets.types import Drawn, DrawRequest, Finished, Latent, ModelUnavailable, Rgb, Rgba
from resources import _memory
from resources._redraw import Made, fault_of, made
from resources._sdxl import Sdxl
from resources._transparent_decoder import TransparentDecoder, careful, load_decoder, quick
from resources._vae import decoded, levels, load_vae, pixel_dtype
from resources.sdxl import Drawing

NO_ROOM = "out of memory with one frame: lower side in [models.drawing], or close other programs on the device"


class LayerDiffusionModel:
    """Fits `model_ports.ForegroundModel`."""

    def __init__(self, identity: tuple[str, str], how: Drawing, offsets: Path, decoder: Path) -> None:
        self.model, self.revision = identity
        self.best_batch = how.batch
        self._sdxl = Sdxl(how, offsets)
        self._decoder: TransparentDecoder | None = load_decoder(decoder, how.device, pixel_dtype(how.dtype))

    def close(self) -> None:
        """Let go of the networks, also on the device."""
        self._decoder = None
        self._sdxl.close()

    @torch.inference_mode()
    def draw(self, requests: Sequence[DrawRequest]) -> list[Drawn]:
        """Return one result per request, in order; each depends on its own request alone, but for rounding.

        Frames are decoded from one look, and come with the latent that `LayerDiffusionFinisher` decodes with care.

        Raises:
            ModelUnavailable: the model was closed.
        """
        results = made(requests, self._draw, self.best_batch, least=self._sdxl.least)
        return [Drawn(one.request, one.picture, one.error, one.owed, one.latent) for one in results]

    def _draw(self, requests: Sequence[DrawRequest]) -> list[Made[DrawRequest]]:
        latents = self._sdxl.latents(requests).half()  # what the finisher will see: rounded before both decodings
        return [self._one(request, latent) for request, latent in zip(requests, latents[:, None], strict=True)]

    def _one(self, request: DrawRequest, latent: torch.Tensor) -> Made[DrawRequest]:
        assert self._decoder is not None, "closed together with SDXL, which says so"
        rgba, rgb, finite = _frame(self._sdxl.pipeline.vae, self._decoder, latent, with_care=False)
        if fault := fault_of(rgba, finite=finite):
            return Made(request, None, error=fault)
        if fault := fault_of(rgb, finite=finite):  # the decoder of transparency may colour what SDXL left blank
            return Made(request, None, error=f"{fault} before its transparency is told")
        return Made(request, rgba, latent[0].cpu().numpy())


class LayerDiffusionFinisher:
    """Fits `model_ports.Finisher`: the VAE and the decoder of transparency, without SDXL."""

    def __init__(self, vae: Path, decoder: Path, device: str, dtype: str) -> None:
        self._networks: tuple[Any, TransparentDecoder] | None = (
            load_vae(vae, device, dtype),
            load_decoder(decoder, device, pixel_dtype(dtype)),
        )

    def close(self) -> None:
        """Let go of the networks, also on the device."""
        self._networks = None
        _memory.free()

    @torch.inference_mode()
    def finish(self, latents: Sequence[Latent]) -> list[Finished]:
        """Return one result per latent, in order; frames are of the size that the quick decode had.

        A latent that cannot be decoded is an error; one that only found no room on the device is owed.

        Raises:
            ModelUnavailable: it was closed.
        """
        if self._networks is None:
            raise ModelUnavailable("the finisher was closed: finish within its `with` block")
        return [self._result(latent) for latent in latents]

    def _result(self, latent: Latent) -> Finished:
        if why := undecodable(latent):
            return Finished(None, why)
        (result,) = _memory.that_fit([latent], self._finished) or [Finished(None, NO_ROOM, owed=True)]
        return result

    def _finished(self, latents: Sequence[Latent]) -> list[Finished]:
        assert self._networks is not None, "`finish` says so"
        tensors = [torch.from_numpy(latent.astype(np.float32))[None] for latent in latents]
        frames = [_frame(*self._networks, tensor, with_care=True) for tensor in tensors]
        return [
            Finished(rgba) if finite else Finished(None, "a latent gives pixels that are no numbers: it overflows")
            for rgba, _, finite in frames
        ]


def undecodable(latent: object) -> str:
    """Return why a latent cannot be decoded; empty when it can: floats of (4, h, h), h a multiple of 8, all finite."""
    if not isinstance(latent, np.ndarray) or latent.dtype.kind != "f":
        kind = latent.dtype if isinstance(latent, np.ndarray) else type(latent).__name__
        return f"a latent is an array of floats, not {kind}"
    channels, height, width = latent.shape if latent.ndim == 3 else (0, 0, 0)
    if channels != 4 or height != width or height % 8 or not height:
        return f"a latent is of the shape (4, h, h), h a multiple of 8, not {latent.shape}"
    return "" if np.isfinite(latent).all() else "a latent holds NaN or infinity"


def _frame(
    vae: Any,  # noqa: ANN401 - see `load_vae`
    decoder: TransparentDecoder,
    latent: torch.Tensor,
    *,
    with_care: bool,
) -> tuple[Rgba, Rgb, bool]:
    """Return what a (1, 4, h, w) latent is decoded to.

    Returns:
        The RGBA frame with its false holes filled; what the VAE shows, in which the object stands on grey; whether
        all of both is numbers.
    """
    latent = latent.to(vae.device, vae.dtype)
    rgb = decoded(vae, latent)
    found = (careful if with_care else quick)(decoder, rgb, latent)
    finite = bool(torch.isfinite(rgb).all() and torch.isfinite(found).all())
    rgba, shown = levels(found[:, [1, 2, 3, 0]]), levels(rgb)
    return (filled(rgba, shown) if finite else rgba), shown, finite
