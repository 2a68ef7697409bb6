"""Wiring of the record of questions: every call of a chat model is a `usage` row, every answer is kept by content.

The same question, put to the same model with the same pictures, is not asked twice, in whichever run.
"""

import hashlib
import json
from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from functools import cache

from pydantic import BaseModel

from genval_assets import keys
from genval_assets.model_ports import ChatModel
from genval_assets.ports import Tables
from genval_assets.rows import Answer, Usage
from genval_assets.types import ChatAnswer, ChatRequest


class RecordedChat:
    """A chat model that remembers. Fits `model_ports.ChatModel`."""

    def __init__(self, model: ChatModel, tables: Tables, run_id: str, now: datetime) -> None:
        self.model = model.model
        self.revision = model.revision
        self.best_batch = model.best_batch
        self.max_tokens = model.max_tokens
        self.asked = 0
        self.recalled = 0
        self.tokens_in = 0
        self.tokens_out = 0
        self._inner = model
        self._tables = tables
        self._run_id = run_id
        self._now = now
        self._known: set[str] | None = None
        self._read: set[str] = set()  # categories whose stored answers were read
        self._answers: dict[str, ChatAnswer] = {}

    def ask(self, requests: Sequence[ChatRequest]) -> list[ChatAnswer]:
        """Return one answer per request, in order: from the record where it is there, else from the model.

        Answers are stored before they are handed out. One that never came is not stored, and asked for again the
        next time.
        """
        ids = [question_id(request, self._inner) for request in requests]
        self._recall(dict(zip(ids, requests, strict=True)))
        before = self._answers.keys() & set(ids)
        fresh = {key: request for key, request in zip(ids, requests, strict=True) if key not in before}
        heard = dict(zip(fresh, self._inner.ask(list(fresh.values())), strict=True)) if fresh else {}
        self._store(fresh, heard)
        self.asked += len(heard)
        self.recalled += len(requests) - len(heard)
        return [heard[key] if key in heard else self._answers[key] for key in ids]

    def _recall(self, asked: Mapping[str, ChatRequest]) -> None:
        """Read the stored answers once one of them is needed.

        Those of a whole category at once, since its others are likely to be needed, too; what was first asked for
        another category, or for none, is looked for in the whole table.
        """
        if self._known is None:
            self._known = self._tables.ids(Answer)
        wanted = {key: request for key, request in asked.items() if key in self._known and key not in self._answers}
        fresh = {request.category for request in wanted.values() if request.category is not None} - self._read
        if fresh:
            self._answers |= self._stored(fresh)
            self._read |= fresh
        if any(key not in self._answers for key in wanted):
            self._answers |= {key: answer for key, answer in self._stored().items() if key in wanted}

    def _stored(self, categories: Collection[str] | None = None) -> dict[str, ChatAnswer]:
        columns = ("answer_id", "text", "tokens_in", "tokens_out", "seconds")
        return {
            str(key): ChatAnswer(str(text), int(str(t_in)), int(str(t_out)), float(str(seconds)), recorded=True)
            for key, text, t_in, t_out, seconds in self._tables.values(Answer, columns, categories)
        }

    def _store(self, asked: dict[str, ChatRequest], heard: dict[str, ChatAnswer]) -> None:
        good = {key: answer for key, answer in heard.items() if not answer.error}
        # the cost first: a run that is killed in between asks again, and both calls were made
        self._tables.append([self._usage(key, asked[key], answer) for key, answer in heard.items()])
        self._tables.append([self._answer(key, asked[key], answer) for key, answer in good.items()])
        self.tokens_in += sum(answer.tokens_in for answer in heard.values())
        self.tokens_out += sum(answer.tokens_out for answer in heard.values())
        for key, answer in good.items():
            self._answers[key] = ChatAnswer(
                answer.text, answer.tokens_in, answer.tokens_out, answer.seconds, recorded=True
            )

    def _answer(self, key: str, request: ChatRequest, answer: ChatAnswer) -> Answer:
        return Answer(
            answer_id=key,
            run_id=self._run_id,
            created_at=self._now,
            stage=request.stage,
            category=request.category,
            attempt=request.attempt,
            model=self.model,
            revision=self.revision,
            text=answer.text,
            tokens_in=answer.tokens_in,
            tokens_out=answer.tokens_out,
            seconds=answer.seconds,
        )

    def _usage(self, key: str, request: ChatRequest, answer: ChatAnswer) -> Usage:
        return Usage(
            usage_id=keys.recipe("usage", run_id=self._run_id, at=str(self._now), answer_id=key),
            run_id=self._run_id,
            created_at=self._now,
            stage=request.stage,
            category=request.category,
            model=f"{self.model}@{self.revision}",
            items=1,
            seconds=answer.seconds,
            load_seconds=0.0,
            peak_memory_mb=None,
            tokens_in=answer.tokens_in,
            tokens_out=answer.tokens_out,
            attempt=request.attempt,
            answer_id=key,
        )


def question_id(request: ChatRequest, model: ChatModel) -> str:
    """Return the hash of all that shapes an answer: model, texts, pictures, form, length, seed and temperature.

    Whom it is asked for is no part of it.
    """
    pictures = [[*picture.shape, hashlib.sha256(picture.tobytes()).hexdigest()] for picture in request.images]
    return keys.recipe(
        "answers",
        model=model.model,
        revision=model.revision,
        max_tokens=model.max_tokens,
        system=request.system,
        user=request.user,
        schema=_form(request.answer_schema),
        pictures=json.dumps(pictures),
        seed=request.seed,
        temperature=request.temperature,
    )


@cache
def _form(schema: type[BaseModel]) -> str:
    """Return the permitted form of an answer as JSON; making it takes a millisecond, as long as all the rest."""
    return json.dumps(schema.model_json_schema(), sort_keys=True)
