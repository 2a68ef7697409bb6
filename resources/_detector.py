"""OWLv2 in this process: finds things by their names (Minderer et al. 2023, arXiv 2306.09683)."""

from collections.abc import Sequence
from typing import Any, NoReturn

import numpy as np
import torch
from numpy.typing import NDArray
from transformers import AutoTokenizer, Owlv2Config, Owlv2ForObjectDetection
from transformers.models.owlv2.image_processing_pil_owlv2 import Owlv2ImageProcessorPil

from genval_assets.types import Found, ModelUnavailable, Rgb
from resources._loading import checkpoint_settings, loaded, loading
from resources._memory import fitting, free
from resources.detector import FILES, NAME
from resources.weights import Weights

PROMPT = "a photo of a {}"
GREY = 0.5
"""What fills a picture up to a square, as in the authors' code (scenic, owl_vit); transformers 5.23 takes black."""
NAMES_AT_ONCE = 64
SAME_SPOT = 0.5
"""Finds whose boxes overlap more (IoU) are one thing (our choice)."""
F32 = NDArray[np.float32]


class Owlv2DetectorModel:
    """Fits `model_ports.Detector`. In float32: scores are held against a threshold."""

    def __init__(self, weights: Weights, device: str, batch: int, min_score: float) -> None:
        folder = weights.here(NAME, FILES)
        self.model, self.revision = weights.identity
        self.best_batch = batch
        self.min_score = min_score
        self._device = device
        with loading(NAME, folder):
            config: Any = Owlv2Config.from_dict(checkpoint_settings(folder, ("owlv2",)))
            self._network: Any = loaded(Owlv2ForObjectDetection, folder, config, device)
            self._tokenizer: Any = AutoTokenizer.from_pretrained(folder, local_files_only=True, trust_remote_code=False)
        side = config.vision_config.image_size
        self._processor = Owlv2ImageProcessorPil(size={"height": side, "width": side})
        self._longest = config.text_config.max_position_embeddings
        self._known: tuple[tuple[str, ...], torch.Tensor | None] = ((), None)  # the names that were asked for last

    def close(self) -> None:
        """Let go of the weights, also on the device."""
        self._network, self._known = None, ((), None)
        free()

    def find(self, pictures: Sequence[Rgb], names: Sequence[str]) -> list[list[Found]]:
        """Return what is found in each picture, the surest first; of finds on one spot only the surest.

        A box is clipped to its picture; one that lies in the margin that fills the picture up is no find. Among
        names that score the same the first counts.

        Raises:
            ModelUnavailable: the model was closed, or even half a batch does not fit into memory.
        """
        if self._network is None:
            raise ModelUnavailable(f"{NAME} was closed: ask within its `with` block")
        if not names:
            return [[] for _ in pictures]
        answers: list[list[Found]] = []
        for start in range(0, len(pictures), self.best_batch):
            part = pictures[start : start + self.best_batch]
            answers += fitting(part, lambda some: self._found(some, tuple(names)), _give_up)
        return answers

    @torch.inference_mode()
    def _found(self, pictures: Sequence[Rgb], names: tuple[str, ...]) -> list[list[Found]]:
        queries = self._queries(names)
        pixels = np.stack([pixel_values(picture, self._processor) for picture in pictures])
        maps, _ = self._network.image_embedder(torch.from_numpy(pixels).to(self._device))
        patches = maps.flatten(1, 2)
        boxes = self._network.box_predictor(patches, maps)
        return [
            self._of_picture(picture, names, *self._best_names(patches[i : i + 1], queries), boxes[i])
            for i, picture in enumerate(pictures)
        ]

    def _queries(self, names: tuple[str, ...]) -> torch.Tensor:
        """Return (N, D) vectors of the names; they are kept until others are asked for."""
        known, vectors = self._known
        if vectors is None or known != names:
            parts = [names[i : i + NAMES_AT_ONCE] for i in range(0, len(names), NAMES_AT_ONCE)]
            vectors = torch.cat([self._text_vectors([PROMPT.format(name) for name in part]) for part in parts])
            self._known = (names, vectors)
        return vectors

    def _text_vectors(self, texts: list[str]) -> torch.Tensor:
        tokens = self._tokenizer(
            texts, padding="max_length", truncation=True, max_length=self._longest, return_tensors="pt"
        ).to(self._device)
        answer = self._network.owlv2.get_text_features(tokens.input_ids, tokens.attention_mask)
        vectors: torch.Tensor = answer.pooler_output
        return vectors

    def _best_names(self, patches: torch.Tensor, queries: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
        """Return of each of a picture's P patches the best name's score in [0, 1] and its place, (P,) each.

        A patch has one box, whatever the name: no other name can count there. So a long list of names takes no more
        memory than `NAMES_AT_ONCE`.
        """
        logits = torch.full(patches.shape[1:2], -torch.inf, device=patches.device)
        places = torch.zeros(patches.shape[1:2], dtype=torch.long, device=patches.device)
        for start in range(0, len(queries), NAMES_AT_ONCE):
            some = queries[None, start : start + NAMES_AT_ONCE]
            best, at = self._network.class_predictor(patches, some)[0][0].max(dim=1)
            places = torch.where(best > logits, start + at, places)
            logits = torch.maximum(best, logits)
        return logits.sigmoid(), places

    def _of_picture(
        self, picture: Rgb, names: Sequence[str], scores: torch.Tensor, places: torch.Tensor, boxes: torch.Tensor
    ) -> list[Found]:
        sure = scores >= self.min_score
        height, width = picture.shape[:2]
        corners = clipped_corners(boxes[sure].cpu().numpy(), width, height)
        score, place = scores[sure].cpu().numpy(), places[sure].cpu().numpy()
        return [
            Found(names[place[i]], (float(x0), float(y0), float(x1 - x0), float(y1 - y0)), float(score[i]))
            for i in surest(corners, score)
            for x0, y0, x1, y1 in [corners[i]]
        ]


def pixel_values(picture: Rgb, processor: Owlv2ImageProcessorPil) -> F32:
    """Return (3, side, side): filled up at right and bottom with grey, resized and normalised as the library does."""
    height, width = picture.shape[:2]
    square = np.full((max(height, width), max(height, width), 3), GREY, dtype=np.float32)
    square[:height, :width] = picture / np.float32(255)
    made = processor(
        square, do_rescale=False, do_pad=False, input_data_format="channels_last", return_tensors="np"
    ).pixel_values[0]
    pixels: F32 = made.astype(np.float32, copy=False)
    return pixels


def clipped_corners(boxes: F32, width: int, height: int) -> F32:
    """Return (N, 4) corners x0, y0, x1, y1 in px of the picture.

    Args:
        boxes: (N, 4) centre x, centre y, width, height as shares of the square whose left and top the picture fills.
        width: of the picture in px.
        height: of the picture in px.
    """
    half = boxes[:, 2:] / 2
    corners = np.concatenate([boxes[:, :2] - half, boxes[:, :2] + half], axis=1) * np.float32(max(width, height))
    clipped: F32 = np.clip(corners, 0, np.array([width, height, width, height], dtype=np.float32))
    return clipped


def surest(corners: F32, scores: F32) -> list[int]:
    """Return the places of boxes that are kept, the surest first: of boxes on one spot the surest, of empty ones none.

    Greedy, as usual: a box goes if a surer one that is kept overlaps it with an IoU above `SAME_SPOT`.
    """
    areas = (corners[:, 2] - corners[:, 0]) * (corners[:, 3] - corners[:, 1])
    order = np.argsort(-scores, kind="stable")
    order = order[areas[order] > 0]
    kept: list[int] = []
    while len(order):
        first, rest = order[0], order[1:]
        kept.append(int(first))
        start = np.maximum(corners[rest, :2], corners[first, :2])
        size = np.clip(np.minimum(corners[rest, 2:], corners[first, 2:]) - start, 0, None)
        common = size[:, 0] * size[:, 1]
        order = rest[common <= SAME_SPOT * (areas[rest] + areas[first] - common)]
    return kept


def _give_up(_: Rgb, why: str) -> NoReturn:
    raise ModelUnavailable(f"{NAME}: {why}")
