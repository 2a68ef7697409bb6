"""SigLIP (Zhai et al. 2023, arXiv 2303.15343), SigLIP 2 (arXiv 2502.14786) or CLIP (arXiv 2103.00020) in this process.

Pictures and words become vectors of one space.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NoReturn, TypeVar

import numpy as np
import torch
from numpy.typing import NDArray
from transformers import AutoTokenizer, CLIPConfig, CLIPModel, SiglipConfig, SiglipModel
from transformers.models.clip.image_processing_pil_clip import CLIPImageProcessorPil
from transformers.models.siglip.image_processing_pil_siglip import SiglipImageProcessorPil

from genval_assets.types import ModelUnavailable, Rgb
from resources._loading import checkpoint_settings, loaded, loading
from resources._memory import fitting, free
from resources.embedder import FILES, NAME
from resources.weights import Weights


@dataclass(frozen=True)
class Kind:
    """What transformers has for one kind of checkpoint."""

    settings: Any
    network: Any
    processor: Any  # of pictures, without torchvision: so that vectors agree wherever they are made
    width: Callable[[Any], int]  # of the vectors, by its settings
    lowers: bool  # whether it was trained on lower case


KINDS: Mapping[str, Kind] = {
    "clip": Kind(CLIPConfig, CLIPModel, CLIPImageProcessorPil, lambda config: config.projection_dim, False),
    "siglip": Kind(
        SiglipConfig, SiglipModel, SiglipImageProcessorPil, lambda config: config.text_config.projection_size, True
    ),
}
"""SigLIP 2 at a fixed size is of the kind siglip; siglip2 is the one of any size (NaFlex), and is not read."""
T = TypeVar("T")
F32 = NDArray[np.float32]


class ImageTextEmbedderModel:
    """Fits `model_ports.Embedder`; a text is never without a vector, for these models read any."""

    def __init__(self, weights: Weights, device: str, batch: int) -> None:
        folder = weights.here(NAME, FILES)
        self.model, self.revision = weights.identity
        self.best_batch = batch
        self._device = device
        with loading(NAME, folder):
            settings = checkpoint_settings(folder, KINDS)
            self._kind = KINDS[settings["model_type"]]
            config = self._kind.settings.from_dict(settings)
            self._network: Any = loaded(self._kind.network, folder, config, device)
            self._processor: Any = self._kind.processor.from_pretrained(folder, local_files_only=True)
            self._tokenizer: Any = AutoTokenizer.from_pretrained(folder, local_files_only=True, trust_remote_code=False)
        self._longest = config.text_config.max_position_embeddings
        self._width = self._kind.width(config)

    def close(self) -> None:
        """Let go of the weights, also on the device."""
        self._network = None
        free()

    def images(self, pictures: Sequence[Rgb]) -> F32:
        """Return (N, D) unit vectors.

        Raises:
            ModelUnavailable: the model was closed, even half a batch does not fit into memory, or it answers NaN.
        """
        return self._vectors(pictures, self._of_pictures)

    def texts(self, texts: Sequence[str]) -> F32:
        """Return (N, D) unit vectors of texts as they are given; what is longer than the model reads is cut off.

        Raises:
            ModelUnavailable: as for `images`.
        """
        return self._vectors(texts, self._of_texts)

    def _vectors(self, items: Sequence[T], embed: Callable[[Sequence[T]], list[F32]]) -> F32:
        if self._network is None:
            raise ModelUnavailable(f"{NAME} was closed: ask within its `with` block")
        rows: list[F32] = []
        for start in range(0, len(items), self.best_batch):
            rows += fitting(items[start : start + self.best_batch], embed, _give_up)
        return np.stack(rows) if rows else np.zeros((0, self._width), dtype=np.float32)

    @torch.inference_mode()
    def _of_pictures(self, pictures: Sequence[Rgb]) -> list[F32]:
        pixels = [
            self._processor(picture, input_data_format="channels_last", return_tensors="pt").pixel_values
            for picture in pictures
        ]
        return _units(self._network.get_image_features(pixel_values=torch.cat(pixels).to(self._device)).pooler_output)

    @torch.inference_mode()
    def _of_texts(self, texts: Sequence[str]) -> list[F32]:
        """Return unit vectors. Padded behind to the full length, and the padding not masked: so they were trained.

        SigLIP 2's published tokenizer leaves capitals, its training did not.
        """
        tokens = self._tokenizer(
            [text.lower() if self._kind.lowers else text for text in texts],
            padding="max_length",
            padding_side="right",
            truncation=True,
            max_length=self._longest,
            return_tensors="pt",
        )
        return _units(self._network.get_text_features(input_ids=tokens.input_ids.to(self._device)).pooler_output)


def _units(vectors: torch.Tensor) -> list[F32]:
    if not vectors.isfinite().all():
        raise ModelUnavailable(f"{NAME} answers NaN or infinity: its weights are damaged")
    unit = torch.nn.functional.normalize(vectors.to(torch.float32), dim=-1)
    return list(unit.cpu().numpy())


def _give_up(_: object, why: str) -> NoReturn:
    raise ModelUnavailable(f"{NAME}: {why}")
