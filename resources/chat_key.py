"""The key of a served chat model: taken from one environment variable, sent to one endpoint, shown nowhere."""

import logging
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from urllib.parse import quote

from genval_assets.types import ModelUnavailable

SHORTEST_KEY = 8
"""Characters; a shorter key could not be told from ordinary words of an answer, from which it has to be taken out."""
ESCAPED = frozenset(" \"'`\\<>&")
"""What JSON, logs or HTML write in another way: a key with it would pass the mask. RFC 6750 permits none of it."""
MASK = "[key]"
TALKERS = (
    "openai",
    "openai._base_client",
    "openai._legacy_response",
    "openai._response",
    "httpx2",
    "httpcore2.connection",
    "httpcore2.http11",
    "httpcore2.proxy",
    "httpcore2.socks",
)
"""Loggers that a call passes; at their finest level they repeat headers that the server chose."""


@dataclass(frozen=True)
class Key:
    """A key that does not show itself, and takes itself out of texts; without a value there is none."""

    variable: str = ""
    value: str = field(default="", repr=False)

    def mask(self, text: str) -> str:
        """Return the text without the key: as it is, as some JSON writes it, and as addresses write it."""
        if not self.value:
            return text
        for form in (self.value, self.value.replace("/", "\\/"), quote(self.value, safe=""), quote(self.value)):
            text = text.replace(form, MASK)
        return text

    @contextmanager
    def kept_from_logs(self) -> Iterator[None]:
        """Mask what the libraries below log while the block lasts."""
        if not self.value:
            yield
            return
        loggers = [logging.getLogger(name) for name in TALKERS]
        masking = _Masking(self)
        for logger in loggers:
            logger.addFilter(masking)
        try:
            yield
        finally:
            for logger in loggers:
                logger.removeFilter(masking)


class _Masking(logging.Filter):
    def __init__(self, key: Key) -> None:
        super().__init__()
        self._key = key

    def filter(self, record: logging.LogRecord) -> bool:
        record.msg, record.args = self._key.mask(record.getMessage()), ()
        return True


def read_key(variable: str, environment: Mapping[str, str]) -> Key:
    """Return the key that an environment variable holds; an empty name asks for none.

    Raises:
        ModelUnavailable: the variable is not set, or what it holds cannot be a key. The message does not repeat it.
    """
    if not variable:
        return Key()
    value = environment.get(variable, "")
    if not value:
        raise ModelUnavailable(
            f"[chat.served] key_env names the environment variable {variable}, which is not set or empty: set it to "
            "the endpoint's key, or empty key_env if the endpoint needs none"
        )
    if not value.isascii() or not value.isprintable() or set(value) & ESCAPED:
        raise ModelUnavailable(
            f"the environment variable {variable} holds a space, a line end, a quote or another character that no "
            "key has: set it to the key alone"
        )
    if len(value) < SHORTEST_KEY:
        raise ModelUnavailable(
            f"the environment variable {variable} holds {len(value)} characters, a key has at least {SHORTEST_KEY}: "
            "empty [chat.served] key_env if the endpoint needs none"
        )
    return Key(variable, value)
