"""The served chat model: any OpenAI-compatible endpoint (vLLM, Ollama, llama.cpp, SGLang, or a provider).

Light: what needs the extra `models` is imported by `open()`. Not here: the conversation itself (`_chat_http.py`), and
what an answer means (`genval_assets/chat/`).
"""

import asyncio
import os
import time
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from genval_assets.types import ModelUnavailable
from resources.chat_key import read_key

if TYPE_CHECKING:
    from resources._chat_http import ServedChatModel


@dataclass(frozen=True)
class Clock:
    """What tells the time and waits."""

    now: Callable[[], float] = time.monotonic  # seconds since any moment
    today: Callable[[], float] = time.time  # POSIX seconds
    sleep: Callable[[float], Awaitable[None]] = asyncio.sleep


@dataclass(frozen=True)
class ServedChat:
    """Opens a model behind an OpenAI-compatible endpoint. Fits `model_ports.Chat`; the settings are `[chat.served]`'s.

    Nothing is sent to another address than `url`: redirects are errors, and of what the `openai` client picks up from
    its environment (keys, organisation, headers) nothing leaves. Proxies are those that the environment names.
    """

    url: str = field(repr=False)  # a faulty one may hold a password
    model: str
    revision: str = ""
    key_env: str = ""
    deadline_seconds: float = 120.0
    attempts: int = 4
    concurrency: int = 8
    max_tokens: int = 1024
    clock: Clock = field(default_factory=Clock, repr=False)

    @contextmanager
    def open(self) -> Iterator["ServedChatModel"]:
        """Return the model for the length of one `with` block, once the endpoint has shown that it serves it.

        The endpoint is asked for its list of models; if that does not name the model, for one token. One that says it
        is busy (429) is there. At the block's end all connections are closed and no thread is left.

        Raises:
            ModelUnavailable: the extra `models` is missing, the address or the key cannot be used, or the endpoint
                did not answer as one that serves the model. The message says what was seen and what to do.
        """
        _check_address(self.url)
        key = read_key(self.key_env, os.environ)
        try:
            from resources._chat_http import ServedChatModel
        except ImportError as err:
            raise ModelUnavailable(
                f"a served chat model needs the package {err.name}, which cannot be imported: "
                "pip install 'genval[models]'"
            ) from err
        with key.kept_from_logs(), asyncio.Runner() as runner:
            model = ServedChatModel(self, key, runner)
            try:
                if fault := model.fault():
                    raise ModelUnavailable(fault)
                yield model
            finally:
                model.close()

    def fault(self) -> str:
        """Return why the model cannot be opened now, with what to do; empty when the endpoint serves it."""
        try:
            with self.open():
                return ""
        except ModelUnavailable as err:
            return str(err)


def _check_address(url: str) -> None:
    """Refuse an address that is none, or that holds a secret; the message does not repeat it then."""
    try:
        parts = urlsplit(url)
        usable = parts.scheme in ("http", "https") and bool(parts.hostname) and parts.port != 0
    except ValueError:  # such as a port above 65535
        usable = False
    if "@" in url or "?" in url or "#" in url:
        raise ModelUnavailable(
            "[chat.served] url holds a user, a password, a query or a fragment: give the bare address, such as "
            "http://127.0.0.1:8000/v1, and name the variable that holds the key in key_env"
        )
    if not usable:
        raise ModelUnavailable(f"[chat.served] url is {url!r}, no address such as http://127.0.0.1:8000/v1")
