"""SAM 2.1 in this process: masks of boxes.

Our own way from picture to tensor and back: the library's needs torchvision. A test compares the two where both are.
"""

from collections.abc import Sequence
from typing import Any, NoReturn

import torch
from torch.nn.functional import interpolate
from transformers import Sam2Config, Sam2Model
from transformers.models.sam2.modeling_sam2 import Sam2SinePositionEmbedding

from genval_assets.types import Mask, ModelUnavailable, Rgb, Segment, Xywh
from resources._loading import checkpoint_settings, loaded, loading
from resources._memory import fitting, free
from resources.segmenter import FILES, NAME
from resources.weights import Weights

KINDS = ("sam2", "sam2_video")
"""SAM 2.1 is published as a model for films; its image part is the one that is used, the rest is not loaded."""
MEAN, STD = (0.485, 0.456, 0.406), (0.229, 0.224, 0.225)
"""ImageNet's, on values in [0, 1]."""
BOXES_AT_ONCE = 16
"""Each box takes about 16 MB of SAM's decoder at 1024 px in float32 (by its shapes)."""
Asked = tuple[Rgb, Sequence[Xywh]]


class Sam2SegmenterModel:
    """Fits `model_ports.Segmenter`. In float32: the sign of a logit decides a pixel, and it is small (0.9 GB)."""

    def __init__(self, weights: Weights, device: str, batch: int) -> None:
        folder = weights.here(NAME, FILES)
        self.model, self.revision = weights.identity
        self.best_batch = batch
        self._device = device
        with loading(NAME, folder):
            config = Sam2Config.from_dict(checkpoint_settings(folder, KINDS))
            self._network: Any = loaded(Sam2Model, folder, config, device)
        self._side = int(self._network.config.prompt_encoder_config.image_size)

    def close(self) -> None:
        """Let go of the weights, also on the device."""
        self._network = None
        _forget_positions()
        free()

    def masks(self, pictures: Sequence[Rgb], boxes: Sequence[Sequence[Xywh]]) -> list[list[Segment]]:
        """Return one segment per box of each picture, in order: the candidate that the model holds for the best.

        A picture is looked at once, however many boxes it has; one without boxes is not looked at. Every part of a
        mask is kept, also outside its box. The score is the IoU that the model expects, clipped to [0, 1].

        Raises:
            ModelUnavailable: the model was closed, even half a batch does not fit into memory, or it answers NaN.
        """
        if self._network is None:
            raise ModelUnavailable(f"{NAME} was closed: ask within its `with` block")
        asked = [(i, (picture, of)) for i, (picture, of) in enumerate(zip(pictures, boxes, strict=True)) if len(of)]
        answers: list[list[Segment]] = [[] for _ in pictures]
        for start in range(0, len(asked), self.best_batch):
            part = asked[start : start + self.best_batch]
            segments = fitting([one for _, one in part], self._segments, _give_up)
            for (i, _), found in zip(part, segments, strict=True):
                answers[i] = found
        return answers

    @torch.inference_mode()
    def _segments(self, asked: Sequence[Asked]) -> list[list[Segment]]:
        pixels = torch.stack([pixel_values(picture, self._side) for picture, _ in asked]).to(self._device)
        embeddings = self._network.get_image_embeddings(pixels)
        return [
            self._of_picture([level[i : i + 1] for level in embeddings], picture, boxes)
            for i, (picture, boxes) in enumerate(asked)
        ]

    def _of_picture(self, embeddings: list[torch.Tensor], picture: Rgb, boxes: Sequence[Xywh]) -> list[Segment]:
        height, width = picture.shape[:2]
        prompts = scaled_boxes(boxes, width, height, self._side).to(self._device)
        segments: list[Segment] = []
        for start in range(0, len(prompts), BOXES_AT_ONCE):
            some = prompts[None, start : start + BOXES_AT_ONCE]
            answer = self._network(image_embeddings=embeddings, input_boxes=some, multimask_output=True)
            logits, scores = best_candidates(answer.pred_masks[0], answer.iou_scores[0])
            masks = (full_mask(one, height, width) for one in logits)
            segments += [Segment(mask, score) for mask, score in zip(masks, scores, strict=True)]
        return segments


def pixel_values(picture: Rgb, side: int) -> torch.Tensor:
    """Return (3, side, side) float32: stretched to a square with antialiasing, then ImageNet's mean and deviation.

    As transformers 5.23 does it with torchvision: resized in whole grey levels, mean and deviation times 255.
    """
    levels = torch.tensor(picture).permute(2, 0, 1)[None]
    square = interpolate(levels, (side, side), mode="bilinear", align_corners=False, antialias=True)[0]
    mean, std = (torch.tensor(values).view(3, 1, 1) * 255.0 for values in (MEAN, STD))
    return (square.to(torch.float32) - mean) / std


def scaled_boxes(boxes: Sequence[Xywh], width: int, height: int, side: int) -> torch.Tensor:
    """Return (N, 4) float32 corners x0, y0, x1, y1 on the square that the model sees."""
    corners = torch.tensor([(x, y, x + w, y + h) for x, y, w, h in boxes], dtype=torch.float32)
    return corners * torch.tensor([side / width, side / height] * 2)


def best_candidates(logits: torch.Tensor, scores: torch.Tensor) -> tuple[torch.Tensor, list[float]]:
    """Return of each box the candidate with the highest score, and that score.

    Args:
        logits: (N, C, h, w), C candidates per box.
        scores: (N, C), the IoU that the model expects.

    Returns:
        (N, h, w) logits, and N scores in [0, 1].

    Raises:
        ModelUnavailable: the model answers NaN or infinity.
    """
    if not (scores.isfinite().all() and logits.isfinite().all()):
        raise ModelUnavailable(f"{NAME} answers NaN or infinity: its weights are damaged")
    best = scores.argmax(dim=1)
    rows = torch.arange(len(best), device=best.device)
    return logits[rows, best], scores[rows, best].clamp(0.0, 1.0).tolist()


def full_mask(logits: torch.Tensor, height: int, width: int) -> Mask:
    """Return the (height, width) mask: (h, w) logits, stretched to the picture, above 0."""
    stretched = interpolate(logits[None, None], (height, width), mode="bilinear", align_corners=False)[0, 0]
    mask: Mask = (stretched > 0).cpu().numpy()
    return mask


def _forget_positions() -> None:
    """Let go of what transformers 5.23 keeps of the last batch beyond its network: 67 MB per picture for 2.1 large.

    By its shape: 256 channels of 256 x 256 in float32. It keeps one result, so a small one on the CPU takes its place.
    """
    Sam2SinePositionEmbedding.build_sine_position_embedding(torch.Size((1, 1, 1, 1)), "cpu", torch.float32, 2)


def _give_up(_: Asked, why: str) -> NoReturn:
    raise ModelUnavailable(f"{NAME}: {why}")
