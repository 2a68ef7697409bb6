"""SDXL in memory, painting backgrounds."""

from collections.abc import Sequence

import torch

from genval_assets.types import Painted, PaintRequest
from resources._redraw import Made, fault_of, made
from resources._sdxl import Sdxl
from resources._vae import decoded, levels
from resources.sdxl import Drawing


class SdxlPainterModel:
    """Fits `model_ports.PainterModel`."""

    def __init__(self, identity: tuple[str, str], how: Drawing) -> None:
        self.model, self.revision = identity
        self.best_batch = how.batch
        self._sdxl = Sdxl(how)

    def close(self) -> None:
        """Let go of the networks, also on the device."""
        self._sdxl.close()

    @torch.inference_mode()
    def paint(self, requests: Sequence[PaintRequest]) -> list[Painted]:
        """Return one result per request, in order; each depends on its own request alone, but for rounding.

        Raises:
            ModelUnavailable: the model was closed.
        """
        results = made(requests, self._paint, self.best_batch, least=self._sdxl.least)
        return [Painted(one.request, one.picture, one.error, one.owed) for one in results]

    def _paint(self, requests: Sequence[PaintRequest]) -> list[Made[PaintRequest]]:
        latents = self._sdxl.latents(requests)
        return [self._one(request, latent) for request, latent in zip(requests, latents[:, None], strict=True)]

    def _one(self, request: PaintRequest, latent: torch.Tensor) -> Made[PaintRequest]:
        rgb = decoded(self._sdxl.pipeline.vae, latent)
        picture = levels(rgb)
        fault = fault_of(picture, finite=bool(torch.isfinite(rgb).all()))
        return Made(request, None, error=fault) if fault else Made(request, picture)
