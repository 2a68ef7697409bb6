"""One step of writing a batch of answers: what each schema permits, and each request's own randomness."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import torch
from pydantic import BaseModel
from transformers import LogitsProcessor

from genval_assets.types import ChatRequest

if TYPE_CHECKING:
    from xgrammar import CompiledGrammar, GrammarMatcher

NEVER = float("-inf")


class Permit:
    """What the schema of one answer still permits."""

    def __init__(self, matcher: "GrammarMatcher", legal: torch.Tensor) -> None:
        self._matcher = matcher
        self._legal = legal

    def tokens(self) -> torch.Tensor:
        """Return a (width,) mask of the tokens that may come next, on the CPU."""
        words = torch.zeros((1, -(-len(self._legal) // 32)), dtype=torch.int32)
        self._matcher.fill_next_token_bitmask(words)
        bits = words[0, :, None] >> torch.arange(32, dtype=torch.int32) & 1
        return bits.flatten()[: len(self._legal)].bool() & self._legal

    def take(self, token: int) -> None:
        """Go on behind a token, one of `tokens`."""
        taken = self._matcher.accept_token(token)
        assert taken, f"token {token} was masked, and yet taken"


class Grammars:
    """Answer schemas compiled for one tokenizer, each once. Needs xgrammar.

    Limits of strings and lists are kept as the schema has them. No spaces but those of `json.dumps`, so that a model
    cannot go on writing them. With a vocabulary of 151,000 words a schema takes 8.5 s to compile on one core, nearly
    all of it for `maxLength`, and a step inside such a string 3 ms (xgrammar 0.2.8, a shared 2-core machine).
    """

    def __init__(self, tokenizer: Any, width: int, ends: Sequence[int]) -> None:  # noqa: ANN401
        import xgrammar

        info = xgrammar.TokenizerInfo.from_huggingface(tokenizer, vocab_size=width, stop_token_ids=list(ends))
        # strings with a maxLength would let control characters through (xgrammar 0.2.8), and JSON has none, bare
        self._legal = torch.tensor([not word or min(word) >= 0x20 for word in info.decoded_vocab])
        self._compiler = xgrammar.GrammarCompiler(info, max_threads=torch.get_num_threads())
        self._compiled: dict[type[BaseModel], CompiledGrammar] = {}

    def permit(self, schema: type[BaseModel]) -> Permit:
        """Return what the schema permits of an answer of which nothing is written yet."""
        import xgrammar

        if schema not in self._compiled:
            self._compiled[schema] = self._compiler.compile_json_schema(schema, any_whitespace=False)
        return Permit(xgrammar.GrammarMatcher(self._compiled[schema]), self._legal)


@dataclass
class Answering:
    """One answer while it is written."""

    temperature: float
    generator: torch.Generator | None  # None: the most likely token
    permit: Permit | None  # None: written freely
    ended: bool = False

    def draw(self, scores: torch.Tensor) -> torch.Tensor | None:
        """Return a token drawn at the temperature; None when the most likely one is wanted.

        Exponential race: the smallest of Exp(1) / p wins with probability p. It needs no running sum, so rounding
        in another batch moves a draw only where two tokens tie.
        """
        if self.generator is None:
            return None
        chances = torch.softmax(scores / self.temperature, dim=-1)
        waits = torch.empty_like(chances).exponential_(generator=self.generator)
        return (chances / waits).argmax()


class Steps(LogitsProcessor):
    """Leaves each row of a batch only the tokens that its own request permits; used for one `generate`.

    Greedy search then takes what was drawn here, because nothing else is left.
    """

    def __init__(
        self, requests: Sequence[ChatRequest], grammars: Grammars | None, ends: Sequence[int], device: torch.device
    ) -> None:
        self._ends = frozenset(ends)
        self._started = False
        self._rows = [
            Answering(
                temperature=request.temperature,
                generator=torch.Generator(device).manual_seed(request.seed) if request.temperature > 0 else None,
                permit=grammars.permit(request.answer_schema) if grammars is not None else None,
            )
            for request in requests
        ]

    def __call__(self, input_ids: torch.LongTensor, scores: torch.FloatTensor) -> torch.FloatTensor:
        """Return (N, width) scores with -inf for what may not come next; (N, length) tokens so far."""
        if self._started:
            self._hear(input_ids[:, -1].tolist())
        self._started = True
        for row, answering in enumerate(self._rows):
            if answering.ended:
                continue
            if answering.permit is not None:
                scores[row].masked_fill_(~answering.permit.tokens().to(scores.device), NEVER)
            drawn = answering.draw(scores[row])
            if drawn is not None:
                scores[row] = NEVER
                scores[row, drawn] = 0.0
        return scores

    def _hear(self, tokens: Sequence[int]) -> None:
        for answering, token in zip(self._rows, tokens, strict=True):
            if answering.ended:
                continue
            answering.ended = token in self._ends
            if answering.permit is not None and not answering.ended:
                answering.permit.take(token)
