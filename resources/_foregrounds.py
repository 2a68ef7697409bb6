"""Layer Diffusion in memory: requests to RGBA frames and latents, and latents to finished frames."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import torch

from genval_assets.instances.holes import filled
from genval_assets.types import Drawn, DrawRequest, Latent, ModelUnavailable, Rgba
from resources import _memory
from resources._redraw import Made, fault_of, made
from resources._sdxl import Sdxl
from resources._transparent_decoder import TransparentDecoder, careful, load_decoder, quick
from resources._vae import decoded, levels, load_vae, pixel_dtype
from resources.sdxl import Drawing


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
        rgba, finite = _frame(self._sdxl.pipeline.vae, self._decoder, latent, with_care=False)
        if fault := fault_of(rgba, finite=finite):
            return Made(request, None, error=fault)
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
    def finish(self, latents: Sequence[Latent]) -> list[Rgba]:
        """Return one RGBA frame per latent, in order, of the size that the quick decode had.

        Raises:
            ModelUnavailable: it was closed, or the device's memory does not hold one frame.
            ArithmeticError: a latent gives pixels that are no numbers.
        """
        return _memory.fitting(latents, self._finished, _refuse)

    def _finished(self, latents: Sequence[Latent]) -> list[Rgba]:
        if self._networks is None:
            raise ModelUnavailable("the finisher was closed: finish within its `with` block")
        frames = []
        for latent in latents:
            rgba, finite = _frame(*self._networks, torch.tensor(latent)[None], with_care=True)
            if not finite:
                raise ArithmeticError("a latent gives pixels that are no numbers: the decoder overflowed")
            frames.append(rgba)
        return frames


def _refuse(_: Latent, why: str) -> Rgba:
    raise ModelUnavailable(f"finishing: {why}")


def _frame(
    vae: Any,  # noqa: ANN401 - see `load_vae`
    decoder: TransparentDecoder,
    latent: torch.Tensor,
    *,
    with_care: bool,
) -> tuple[Rgba, bool]:
    """Return (the RGBA frame with its false holes filled, whether all of it is numbers) of a (1, 4, h, w) latent."""
    latent = latent.to(vae.device, vae.dtype)
    rgb = decoded(vae, latent)
    found = (careful if with_care else quick)(decoder, rgb, latent)
    finite = bool(torch.isfinite(rgb).all() and torch.isfinite(found).all())
    rgba = levels(found[:, [1, 2, 3, 0]])
    return (filled(rgba, levels(rgb)) if finite else rgba), finite
