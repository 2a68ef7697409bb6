"""A chat endpoint on a real loopback socket that does what a test tells it, faults included.

A test gives a function from the question to what is sent back: a `Reply`, or a function that writes to the socket
itself. Everything that arrives is noted, also connections that ask nothing.
"""

import asyncio
import json
import socket
import threading
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from http import HTTPStatus
from socketserver import StreamRequestHandler, ThreadingTCPServer
from typing import Any

from genval_assets.chat.answers import Answered
from genval_assets.types import ChatRequest
from resources.chat_http import Clock, ServedChat


class Echo(Answered):
    """The answer that the questions of these tests ask for."""

    said: str


def question(text: str = "hello", answer_schema: type[Answered] = Echo, **given: Any) -> ChatRequest:
    """Return a question."""
    return ChatRequest("validated_instances", "Answer in JSON.", text, answer_schema, **given)


class FastClock:
    """Real time in which a wait takes none: it is noted, and the clock is put forward."""

    def __init__(self) -> None:
        self.waits: list[float] = []
        self._ahead = 0.0

    async def _sleep(self, seconds: float) -> None:
        self.waits.append(round(seconds, 1))
        self._ahead += seconds
        await asyncio.sleep(0)

    @property
    def clock(self) -> Clock:
        return Clock(lambda: time.monotonic() + self._ahead, lambda: time.time() + self._ahead, self._sleep)


def served(server: "ChatServer", clock: FastClock | None = None, **given: Any) -> ServedChat:
    """Return the resource that asks a server, with waits that take no time."""
    return ServedChat(**{"url": server.url, "model": "m", "clock": (clock or FastClock()).clock, **given})


@dataclass(frozen=True)
class Heard:
    """One request as it arrived."""

    method: str
    path: str
    headers: Mapping[str, str]  # names in lower case
    body: Any  # of the JSON; None without body
    number: int  # how many asked for the same path before it
    under_way: int  # requests not yet replied to, this one included

    @property
    def user(self) -> str:
        """The question's text."""
        content = self.body["messages"][-1]["content"]
        return content if isinstance(content, str) else content[-1]["text"]


@dataclass(frozen=True)
class Reply:
    """What is sent back."""

    status: int = 200
    body: bytes = b""
    headers: Mapping[str, str] = field(default_factory=dict)
    reason: str = ""

    def encode(self) -> bytes:
        reason = self.reason or HTTPStatus(self.status).phrase
        heads = {"content-type": "application/json", "content-length": str(len(self.body)), **self.headers}
        lines = [f"HTTP/1.1 {self.status} {reason}", *(f"{k}: {v}" for k, v in heads.items()), "", ""]
        return "\r\n".join(lines).encode() + self.body


Raw = Callable[[socket.socket], None]
"""Writes what it likes; the connection is closed afterwards."""
Script = Callable[[Heard], "Reply | Raw"]


def completion(text: str | None, tokens_in: int = 11, tokens_out: int = 7, finish: str = "stop") -> Reply:
    """Return a chat completion as such servers write it."""
    message = {"role": "assistant", "content": text}
    usage = {"prompt_tokens": tokens_in, "completion_tokens": tokens_out, "total_tokens": tokens_in + tokens_out}
    whole = {
        "id": "c1", "object": "chat.completion", "created": 1, "model": "m", "usage": usage,
        "choices": [{"index": 0, "message": message, "finish_reason": finish}],
    }  # fmt: skip
    return Reply(body=json.dumps(whole).encode())


def models(*names: str) -> Reply:
    """Return a list of models."""
    data = [{"id": name, "object": "model"} for name in names]
    return Reply(body=json.dumps({"object": "list", "data": data}).encode())


class ChatServer(ThreadingTCPServer):
    """Serves until the `with` block ends; then no thread of it is left."""

    request_queue_size = 128

    def __init__(self, script: Script, listed: Callable[[Heard], "Reply | Raw"] = lambda heard: models("m")) -> None:
        super().__init__(("127.0.0.1", 0), _Conversation)
        self.script = script
        self.listed = listed
        self.connections = 0
        self.everything: list[Heard] = []
        self._under_way = 0
        self._lock = threading.Lock()
        self._thread = threading.Thread(target=self.serve_forever, kwargs={"poll_interval": 0.02})

    def __enter__(self) -> "ChatServer":
        self._thread.start()
        return self

    def __exit__(self, *error: object) -> None:
        self.shutdown()
        self.server_close()
        self._thread.join()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_address[1]}/v1"

    @property
    def questions(self) -> list[Heard]:
        """The chat completions asked for, in order of arrival."""
        return [heard for heard in self.everything if heard.path == "/v1/chat/completions"]

    def verify_request(self, request: object, client_address: object) -> bool:
        self.connections += 1
        return True

    def arrived(self, method: str, path: str, headers: Mapping[str, str], body: object) -> Heard:
        with self._lock:
            self._under_way += 1
            number = sum(before.path == path for before in self.everything)
            heard = Heard(method, path, headers, body, number, self._under_way)
            self.everything.append(heard)
            return heard

    def replying(self) -> None:
        with self._lock:
            self._under_way -= 1


class _Conversation(StreamRequestHandler):
    server: ChatServer
    timeout = 20

    def handle(self) -> None:
        with suppress(OSError):  # the client may hang up at any time
            while (heard := self._read()) is not None:
                answer = (self.server.listed if heard.path.endswith("/models") else self.server.script)(heard)
                self.server.replying()  # before the first byte, or the next question could arrive sooner
                if not isinstance(answer, Reply):
                    answer(self.connection)
                    return
                self.wfile.write(answer.encode())

    def _read(self) -> Heard | None:
        first = self.rfile.readline().decode()
        if not first:
            return None
        method, path, _ = first.split()
        headers = {}
        while line := self.rfile.readline().decode().strip():
            name, _, value = line.partition(":")
            headers[name.lower()] = value.strip()
        length = int(headers.get("content-length", 0))
        body = json.loads(self.rfile.read(length)) if length else None
        return self.server.arrived(method, path, headers, body)
