"""The local chat model: a transformers checkpoint that answers in batches, each answer as if it had been asked alone.

Not here: how a question becomes tensors (`_chat_local_prompt.py`), how a token is chosen (`_chat_local_draw.py`).
"""

import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import torch
from safetensors import SafetensorError
from transformers import (
    AutoConfig,
    AutoModelForCausalLM,
    AutoModelForImageTextToText,
    GenerationConfig,
    LogitsProcessorList,
)

from genval_assets.types import ChatAnswer, ChatRequest, ModelUnavailable
from resources._chat_local_draw import Grammars, Steps
from resources._chat_local_prompt import LOCAL, Prompts
from resources._memory import free, that_fit
from resources._quiet import hush
from resources.chat_local import SUGGESTED
from resources.weights import Weights

LOADING = (OSError, ValueError, KeyError, ImportError, RuntimeError, SafetensorError)
"""What transformers raises for files that are damaged, of unknown kind, or too large for the device."""


@dataclass(frozen=True, eq=False)
class Loaded:
    """A checkpoint in memory."""

    network: Any
    prompts: Prompts
    grammars: Grammars | None
    ends: tuple[int, ...]  # tokens that end an answer


class LocalChatModel:
    """Fits `model_ports.ChatModel`; text, and images where the checkpoint sees them."""

    def __init__(
        self, weights: Weights, device: str, dtype: str, batch: int, max_tokens: int, constrained: bool
    ) -> None:
        self.model, self.revision = weights.identity
        self.best_batch = batch
        self.max_tokens = max_tokens
        self.constrained = constrained
        folder = weights.folder()
        if folder is None:
            raise ModelUnavailable(f"the local chat model {weights.weights!r} is not on this machine")
        try:
            self._loaded: Loaded | None = _load(str(folder), device, dtype, max_tokens, constrained)
        except ModelUnavailable:
            raise
        except LOADING as err:
            raise ModelUnavailable(f"the local chat model in {str(folder)!r} cannot be loaded: {err}") from err

    def close(self) -> None:
        """Let go of the weights, also on the device."""
        self._loaded = None
        free()

    def ask(self, requests: Sequence[ChatRequest]) -> list[ChatAnswer]:
        """Return one raw answer per request, in order; each depends on its own request alone, but for rounding.

        The seconds of an answer are its share of its batch. Answers end after `max_tokens`, complete or not.

        Raises:
            ModelUnavailable: an image is shown to a checkpoint that sees none, or the model was closed.
        """
        if self._loaded is None:
            raise ModelUnavailable(f"the local chat model {self.model} was closed: ask within its `with` block")
        if not self._loaded.prompts.sees and any(request.images for request in requests):
            raise ModelUnavailable(
                f"the local chat model {self.model} reads text only, and is asked about a picture: set weights in "
                f"[chat.local] to a checkpoint that sees images, such as {SUGGESTED}"
            )
        answers: dict[int, ChatAnswer] = {}
        for rows in _batches(requests, self.best_batch):
            heard = _answers_or_halves(self._loaded, [requests[i] for i in rows])
            answers |= dict(zip(rows, heard, strict=True))
        return [answers[i] for i in range(len(requests))]


def _load(weights: str, device: str, dtype: str, max_tokens: int, constrained: bool) -> Loaded:
    hush()
    config = AutoConfig.from_pretrained(weights, **LOCAL)
    prompts = Prompts(weights, config)
    kind: Any = AutoModelForImageTextToText if prompts.sees else AutoModelForCausalLM
    network, found = kind.from_pretrained(
        weights, **LOCAL, use_safetensors=True, dtype=getattr(torch, dtype), output_loading_info=True
    )
    if found["missing_keys"]:  # transformers fills them with noise and only warns
        missing = sorted(found["missing_keys"])
        raise ModelUnavailable(f"{weights} lacks {len(missing)} weights, such as {missing[0]}: fetch it again")
    network.to(device)
    ends = _ends(network.generation_config, prompts.tokenizer)
    controls = {token for token, t in prompts.tokenizer.added_tokens_decoder.items() if t.special} - set(ends)
    # greedy, and nothing of the checkpoint's own habits: how a request is answered is the request's
    network.generation_config = GenerationConfig(  # type: ignore[no-untyped-call]
        do_sample=False,
        max_new_tokens=max_tokens,
        eos_token_id=list(ends),
        pad_token_id=prompts.tokenizer.pad_token_id,
        suppress_tokens=sorted(controls) or None,
    )
    width = network.get_output_embeddings().weight.shape[0]
    grammars = Grammars(prompts.tokenizer, width, ends) if constrained else None
    return Loaded(network, prompts, grammars, ends)


def _ends(generation: GenerationConfig, tokenizer: Any) -> tuple[int, ...]:  # noqa: ANN401
    """Return the tokens that end an answer: the tokenizer's own and those that the checkpoint names."""
    named = generation.eos_token_id
    ends = {tokenizer.eos_token_id, *(named if isinstance(named, list) else [named])} - {None}
    if not ends:
        raise ModelUnavailable("the checkpoint names no token that ends an answer: set eos_token_id in its config")
    return tuple(sorted(ends))


def _batches(requests: Sequence[ChatRequest], size: int) -> Iterator[list[int]]:
    """Yield the places of requests that are answered together: with images and without are not mixed."""
    seeing = [i for i, request in enumerate(requests) if request.images]
    reading = [i for i, request in enumerate(requests) if not request.images]
    for alike in (seeing, reading):
        for start in range(0, len(alike), size):
            yield alike[start : start + size]


def _answers_or_halves(loaded: Loaded, requests: list[ChatRequest], halve: bool = True) -> list[ChatAnswer]:
    """Return the answers; out of memory, those of each half; a half that does not fit either is answered by errors."""
    answers = that_fit(requests, lambda some: _answers(loaded, some))
    if answers is not None:
        return answers
    if halve and len(requests) > 1:
        half = len(requests) // 2
        parts = (requests[:half], requests[half:])
        return [answer for part in parts for answer in _answers_or_halves(loaded, part, halve=False)]
    device = loaded.network.device
    error = f"out of memory on {device} with {len(requests)} at once: lower batch in [chat.local], or max_tokens"
    return [ChatAnswer("", error=error)] * len(requests)


def _answers(loaded: Loaded, requests: Sequence[ChatRequest]) -> list[ChatAnswer]:
    started = time.perf_counter()
    network, tokenizer = loaded.network, loaded.prompts.tokenizer
    prompt = loaded.prompts.tensors(requests).to(network.device, network.dtype)
    steps = Steps(requests, loaded.grammars, loaded.ends, network.device)
    written = network.generate(**prompt, logits_processor=LogitsProcessorList([steps]))
    length = prompt["input_ids"].shape[1]
    counts = prompt["attention_mask"].sum(dim=1).tolist()
    answers = [_up_to_end(row, loaded.ends) for row in written[:, length:].tolist()]
    seconds = (time.perf_counter() - started) / len(requests)
    texts = [tokenizer.decode(row, skip_special_tokens=True, clean_up_tokenization_spaces=False) for row in answers]
    return [
        ChatAnswer(text, tokens_in=count, tokens_out=len(row), seconds=seconds)
        for text, count, row in zip(texts, counts, answers, strict=True)
    ]


def _up_to_end(tokens: list[int], ends: Sequence[int]) -> list[int]:
    """Return the tokens without the padding behind the one that ends them."""
    stop = next((i for i, token in enumerate(tokens) if token in ends), len(tokens))
    return tokens[: stop + 1]
