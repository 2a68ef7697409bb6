"""Questions as tensors: the checkpoint's chat template filled in, and pictures as its vision tower takes them."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Protocol

import jinja2
from PIL import Image
from transformers import AutoImageProcessor, AutoProcessor, AutoTokenizer, BatchFeature, ProcessorMixin

from genval_assets.types import ChatRequest, ModelUnavailable

LOCAL = {"local_files_only": True, "trust_remote_code": False}
"""How anything is loaded: from the folder alone, and no code of its own is run."""
PADDING = {"padding": True, "padding_side": "left", "add_special_tokens": False, "return_tensors": "pt"}
"""Left, so that every prompt of a batch ends where its answer begins; the template wrote the special tokens."""


class PictureReader(Protocol):
    """Makes tensors of prompts that hold pictures."""

    def __call__(self, texts: list[str], pictures: list[list[Image.Image]]) -> BatchFeature:
        """Return the tensors of a batch, one list of pictures per prompt."""


@dataclass(frozen=True)
class GridReader:
    """Reads pictures for the Qwen-VL family where its own processor cannot be built (it wants torchvision for video).

    Each picture's token is repeated once per merged patch: rows x columns of its grid / merge_size².
    """

    tokenizer: Any
    images: Any  # the Pillow image processor
    image_token: str
    image_token_id: int

    def __call__(self, texts: list[str], pictures: list[list[Image.Image]]) -> BatchFeature:
        """Return the tensors of a batch, one list of pictures per prompt."""
        seen = self.images(images=[one for row in pictures for one in row], return_tensors="pt")
        lengths = iter((seen["image_grid_thw"].prod(-1) // self.images.merge_size**2).tolist())
        wide = [re.sub(re.escape(self.image_token), lambda _: self.image_token * next(lengths), text) for text in texts]
        read = self.tokenizer(wide, **PADDING)
        kinds = (read["input_ids"] == self.image_token_id).int()  # 1: of a picture, 0: of text
        return BatchFeature({**read, **seen, "mm_token_type_ids": kinds})


@dataclass(frozen=True)
class ProcessorReader:
    """Reads pictures with the checkpoint's own processor."""

    processor: Any

    def __call__(self, texts: list[str], pictures: list[list[Image.Image]]) -> BatchFeature:
        """Return the tensors of a batch, one list of pictures per prompt."""
        read: BatchFeature = self.processor(text=texts, images=pictures, **PADDING)
        return read


class Prompts:
    """Fills in the chat template of one checkpoint. Raises ModelUnavailable where it has none, or none that fits."""

    def __init__(self, weights: str, config: Any) -> None:  # noqa: ANN401 - each architecture has its own
        self.weights = weights
        self.sees = hasattr(config, "vision_config")
        self.tokenizer: Any = AutoTokenizer.from_pretrained(weights, **LOCAL)
        self.tokenizer.pad_token = self.tokenizer.pad_token or self.tokenizer.eos_token
        self._reader = _picture_reader(weights, self.tokenizer, config) if self.sees else None
        self._template = _template(weights, self.tokenizer, self._reader)
        control = [t.content for t in self.tokenizer.added_tokens_decoder.values() if t.special and len(t.content) > 1]
        self._control = re.compile("|".join(map(re.escape, control)) or r"(?!)")
        self._prove()

    def tensors(self, requests: Sequence[ChatRequest]) -> BatchFeature:
        """Return the padded tensors of requests of which all have images, or none has."""
        texts = [self._fill(request.system, request.user, len(request.images)) for request in requests]
        if self._reader is None or not requests[0].images:
            return BatchFeature({**self.tokenizer(texts, return_token_type_ids=False, **PADDING)})
        return self._reader(texts, [[Image.fromarray(rgb) for rgb in request.images] for request in requests])

    def _fill(self, system: str, user: str, images: int = 0) -> str:
        """Return the prompt up to where the answer begins; thinking aloud is off, for only the answer is read."""
        marks: list[dict[str, str]] = [{"type": "image"}] * images
        said: dict[str, Any] = {"system": self._plain(system), "user": self._plain(user)}
        if self.sees:
            said = {role: [{"type": "text", "text": text}] for role, text in said.items()}
            said["user"] = marks + said["user"]
        messages = [{"role": role, "content": content} for role, content in said.items()]
        filled: str = self.tokenizer.apply_chat_template(
            messages, chat_template=self._template, tokenize=False, add_generation_prompt=True, enable_thinking=False
        )
        return filled

    def _plain(self, text: str) -> str:
        """Return the text with a space in whatever would be read as a control token: what is asked about is data."""
        return self._control.sub(lambda found: f"{found[0][0]} {found[0][1:]}", text)

    def _prove(self) -> None:
        """Refuse a template that loses the system prompt: some do without a word."""
        try:
            filled = self._fill("genval-system", "genval-user", int(self.sees))
        except jinja2.TemplateError as err:
            raise ModelUnavailable(f"the chat template of {self.weights} refuses a system prompt: {err}") from err
        lost = [part for part in ("genval-system", "genval-user") if part not in filled]
        if isinstance(self._reader, GridReader) and filled.count(self._reader.image_token) != 1:
            lost.append(self._reader.image_token)
        if lost:
            raise ModelUnavailable(
                f"the chat template of {self.weights} leaves out {', '.join(lost)}: use another model"
            )


def _picture_reader(weights: str, tokenizer: Any, config: Any) -> PictureReader:  # noqa: ANN401
    try:
        return ProcessorReader(AutoProcessor.from_pretrained(weights, **LOCAL))  # type: ignore[no-untyped-call]
    except ImportError as err:  # without torchvision
        images = AutoImageProcessor.from_pretrained(weights, **LOCAL)  # type: ignore[no-untyped-call]
        if not (hasattr(images, "merge_size") and hasattr(config, "image_token_id")):
            raise ModelUnavailable(f"the processor of {weights} needs torchvision: pip install torchvision") from err
        token: int = config.image_token_id
        return GridReader(tokenizer, images, tokenizer.convert_ids_to_tokens(token), token)


def _template(weights: str, tokenizer: Any, reader: PictureReader | None) -> str:  # noqa: ANN401
    found: str | None = tokenizer.chat_template
    if isinstance(reader, ProcessorReader):
        found = reader.processor.chat_template or found
    elif reader is not None and found is None:
        found = ProcessorMixin.get_processor_dict(weights, local_files_only=True)[0].get("chat_template")
    if found is None:
        raise ModelUnavailable(
            f"{weights} has no chat template (chat_template.jinja, or chat_template in tokenizer_config.json): "
            "add the one of its model card, or use a checkpoint that was tuned for chat"
        )
    return found
