"""The offline text model: answers by rule, and does what the system prompt asks for, no more. Simulated."""

import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager

from pydantic import BaseModel

from genval_assets.layouts.layout_forms import LayoutAnswer
from genval_assets.layouts.scene_graph import GraphAnswer
from genval_assets.layouts.seeing import CaptionAnswer, MatchAnswer
from genval_assets.negatives.claims import ClaimsAnswer
from genval_assets.negatives.positive import PositiveAnswer
from genval_assets.negatives.writing import CorrectionAnswer, NegativesAnswer
from genval_assets.prompting.agent import PromptAnswer
from genval_assets.prompting.factors import FactorAnswer
from genval_assets.prompting.rewrite import RethinkAnswer
from genval_assets.textgrad.roles import Criticism, Rewrite
from genval_assets.types import ChatAnswer, ChatRequest
from genval_assets.validation.judge import JudgeAnswer
from resources.offline.captioning import caption
from resources.offline.checking import check
from resources.offline.criticising import criticise
from resources.offline.describing import describe
from resources.offline.factor_tables import factor_table
from resources.offline.graphing import graph_things
from resources.offline.laying import lay_out
from resources.offline.matching import match
from resources.offline.negating import mend, negate
from resources.offline.rethinking import rethink
from resources.offline.rewriting import rewrite
from resources.offline.vision import look
from resources.offline.writing import compose_prompt

MODEL_NAME = "genval-offline-rules"
REVISION = "2"


class UnansweredSchema(ValueError):
    """The offline text model has no rule for the answer that is asked of it."""


class OfflineChatModel:
    """Fits `model_ports.ChatModel`; of pictures it sees the pixels, of texts the words, of the sealed truth nothing."""

    model = MODEL_NAME
    revision = REVISION
    best_batch = 64
    max_tokens = 0

    def ask(self, requests: Sequence[ChatRequest]) -> list[ChatAnswer]:
        """Return one answer per request, in order; each depends on its own request alone.

        Raises:
            UnansweredSchema: a request asks for an answer that no rule writes.
        """
        return [self._answer(request) for request in requests]

    def _answer(self, request: ChatRequest) -> ChatAnswer:
        started = time.perf_counter()
        rule = RULES.get(request.answer_schema)
        if rule is None:
            known = ", ".join(sorted(schema.__name__ for schema in RULES))
            raise UnansweredSchema(f"the offline text model answers {known}, not {request.answer_schema.__name__}")
        text = rule(request).model_dump_json()
        words = len((request.system + request.user).split())
        return ChatAnswer(text, words, len(text.split()), time.perf_counter() - started)


class OfflineChat:
    """Opens the offline text model; a plain object, because there is nothing to set."""

    @contextmanager
    def open(self) -> Iterator[OfflineChatModel]:
        """Return the model for the length of one `with` block."""
        yield OfflineChatModel()

    def fault(self) -> str:
        """Return nothing: it needs no weights and no endpoint."""
        return ""


RULES: Mapping[type[BaseModel], Callable[[ChatRequest], BaseModel]] = {
    PromptAnswer: compose_prompt,
    FactorAnswer: factor_table,
    Criticism: criticise,
    Rewrite: rewrite,
    RethinkAnswer: rethink,
    JudgeAnswer: look,
    GraphAnswer: graph_things,
    LayoutAnswer: lay_out,
    CaptionAnswer: caption,
    MatchAnswer: match,
    PositiveAnswer: describe,
    NegativesAnswer: negate,
    CorrectionAnswer: mend,
    ClaimsAnswer: check,
}
"""What the model can answer, by the schema of the answer."""
