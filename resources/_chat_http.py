"""The conversation with a served model: many questions at a time, each tried until it is answered or given up."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass

from genval_assets.types import ChatAnswer, ChatRequest, ModelUnavailable
from resources._chat_form import Completion, completion_body, one_token_body, read_completion, read_models
from resources._chat_pace import Pace, wait_seconds
from resources._chat_schema import strict_schema
from resources._chat_wire import Heard, Wire
from resources.chat_http import ServedChat
from resources.chat_key import Key

COMPLETIONS = "/chat/completions"
PROBE_SECONDS = 10.0
"""For the list of models; the one-token completion gets the time of an answer, since a model may have to load."""
SHOWN = 200
"""Characters of a reply that an error repeats."""
BATCH_PER_LANE = 4
"""Questions per lane in one batch: the lanes that wait for a batch's slowest answer are few against those at work."""


@dataclass(frozen=True)
class _Asked:
    """What came of one question after all its tries."""

    answer: ChatAnswer
    status: int  # of the last try


class ServedChatModel:
    """Asks an OpenAI-compatible endpoint. Fits `model_ports.ChatModel`; for one thread at a time."""

    def __init__(self, served: ServedChat, key: Key, runner: asyncio.Runner) -> None:
        self.model = served.model
        self.revision = served.revision
        self.best_batch = BATCH_PER_LANE * served.concurrency
        self.max_tokens = served.max_tokens
        self._served = served
        self._key = key
        self._runner = runner
        self._wire = Wire(served.url, key, served.concurrency)
        self._pace = Pace(served.concurrency, served.clock)
        self._has_answered = False

    def ask(self, requests: Sequence[ChatRequest]) -> list[ChatAnswer]:
        """Return one answer per request, in order: the raw text of the model, or the error after all tries.

        Tried again, after a wait, are: 429, 5xx, broken connections, bodies cut short, too long or without a
        completion. All tries of a question together have `deadline_seconds` on the wire; waits are not counted.
        Redirects and other 4xx are final for their question.

        Raises:
            ModelUnavailable: since it was opened the model has answered nothing, and of these questions it refused
                one with 401, 403 or 404: then it is key or name that is wrong, not a question. Later refusals are
                errors of their questions.
            UnservableSchema: a permitted answer has a form that strict servers do not take.
        """
        for schema in {request.answer_schema for request in requests}:
            strict_schema(schema)  # a faulty one is found before anything is sent
        asked = self._runner.run(self._ask_all(requests))
        self._has_answered |= any(not one.answer.error for one in asked)
        refused = [one for one in asked if one.status in (401, 403, 404)]
        if refused and not self._has_answered:
            raise ModelUnavailable(f"{refused[0].answer.error}. {self._remedy(refused[0].status)}")
        return [one.answer for one in asked]

    def fault(self) -> str:
        """Return why the endpoint cannot be asked, with what to do; empty when it serves the model."""
        return self._runner.run(self._probe())

    def close(self) -> None:
        """Close all connections."""
        self._runner.run(self._wire.close())

    async def _ask_all(self, requests: Sequence[ChatRequest]) -> list[_Asked]:
        todo = iter(enumerate(requests))
        asked: dict[int, _Asked] = {}

        async def work() -> None:
            for i, request in todo:  # shared: each question is taken by one worker
                asked[i] = await self._ask(request)

        async with asyncio.TaskGroup() as workers:
            for _ in range(min(self._served.concurrency, len(requests))):
                workers.create_task(work())
        return [asked[i] for i in range(len(requests))]

    async def _ask(self, request: ChatRequest) -> _Asked:
        # off the loop: encoding a picture of 1024 x 1024 px takes 0.1 s, in which other answers would wait
        body = await asyncio.to_thread(completion_body, request, self.model, self._served.max_tokens)
        seconds, tries = 0.0, 0
        while True:
            tries += 1
            async with self._pace.lane() as mark:
                heard = await self._wire.call(COMPLETIONS, body, self._served.deadline_seconds - seconds)
            seconds += heard.seconds
            if completion := _completion(heard):
                self._pace.good()
                text = self._key.mask(completion.text)
                answer = ChatAnswer(text, completion.tokens_in, completion.tokens_out, seconds)
                return _Asked(answer, heard.status)
            wait = wait_seconds(heard.retry_after, tries, self._served.clock.today())
            if heard.status == 429:
                self._pace.too_many(mark, wait)
            if tries == self._served.attempts or not _may_pass(heard) or seconds >= self._served.deadline_seconds:
                error = f"no answer from {self._served.url} in {tries} {'try' if tries == 1 else 'tries'}: "
                return _Asked(ChatAnswer("", seconds=seconds, error=error + self._seen(heard)), heard.status)
            if heard.status != 429:
                await self._served.clock.sleep(wait)

    async def _probe(self) -> str:
        listed = await self._wire.call("/models", None, PROBE_SECONDS)
        names = read_models(listed.body) if listed.status == 200 else []
        if listed.status == 429 or self.model in names:
            return ""
        heard = listed
        if listed.status in (200, 404, 405):
            heard = await self._wire.call(COMPLETIONS, one_token_body(self.model), self._served.deadline_seconds)
            if heard.status == 429 or _completion(heard):
                return ""
        lists = f"; it lists the models {self._shown(', '.join(names))}" if names else ""
        return (
            f"no chat model {self.model!r} at {self._served.url}: {self._seen(heard)}{lists}. "
            f"{self._remedy(heard.status)}"
        )

    def _seen(self, heard: Heard) -> str:
        """Return what a call without completion brought, without the key."""
        if not heard.status:
            return self._shown(heard.fault)
        if 300 <= heard.status < 400:
            return f"status {heard.status}, a redirect to {self._shown(heard.location)!r}, which is not followed"
        what = "no completion" if heard.status == 200 else "saying"
        return f"status {heard.status}, {what}: {self._shown(heard.body.decode(errors='replace'))!r}"

    def _shown(self, text: str) -> str:
        return self._key.mask(text)[:SHOWN]  # in this order: half a key would not be found

    def _remedy(self, status: int) -> str:
        if not status:
            return "Is the server running, and is [chat.served] url its address (it often ends in /v1)?"
        if status in (401, 403) and self._key.value:
            return f"Does the environment variable {self._key.variable} hold this endpoint's key?"
        if status in (401, 403):
            return "No key was sent: name the environment variable that holds it in [chat.served] key_env"
        if status == 404:
            return (
                "Check [chat.served] model, and that url is what stands before /chat/completions (often ending in /v1)"
            )
        if 300 <= status < 400:
            return "If you trust the other address, set [chat.served] url to it"
        return "Check [chat.served] url and model, and the server's own log"


def _completion(heard: Heard) -> Completion | None:
    return read_completion(heard.body) if heard.status == 200 else None


def _may_pass(heard: Heard) -> bool:
    """Return whether the same question may be answered at another try; one that came late has no time left."""
    return not heard.late and (heard.status in (0, 200, 429) or heard.status >= 500)
