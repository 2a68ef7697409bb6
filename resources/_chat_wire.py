"""One call to the endpoint over the `openai` client: bounded in time and size, to that address only.

Whatever happens on the wire becomes a value. Not here: retries, and what a body means.
"""

import asyncio
import time
from collections.abc import Mapping
from dataclasses import dataclass, field

import httpx2
import openai

from resources.chat_key import Key

LONGEST_BODY = 4 * 2**20
"""Bytes; more is refused while it arrives. An answer of 32,768 tokens is below 1 MB."""
CONNECT_SECONDS = 10.0
SENT = ("accept", "content-type", "user-agent")
"""Headers of the `openai` client that are sent; the others tell of the machine, or come from its environment."""
READ = (b"retry-after", b"location")
"""Headers of a reply that are looked at."""


class RefusedBody(Exception):
    """The endpoint sends what is not taken in: too much, or packed."""


@dataclass(frozen=True)
class Heard:
    """What came of one call."""

    seconds: float
    status: int = 0  # 0: no whole reply came
    body: bytes = field(default=b"", repr=False)  # may repeat the key
    retry_after: str = ""
    location: str = ""  # of a redirect
    fault: str = ""  # why no whole reply came
    late: bool = False  # it did not come in the time that was given


class BoundClient(httpx2.AsyncClient):
    """An HTTP client that sends only what is named here, follows no redirect and reads bodies to a bound."""

    def __init__(self, key: Key, timeout: httpx2.Timeout, connections: int) -> None:
        limits = httpx2.Limits(max_connections=connections, max_keepalive_connections=connections)
        super().__init__(timeout=timeout, limits=limits, follow_redirects=False)
        self._headers_of_key = {"authorization": f"Bearer {key.value}"} if key.value else {}

    async def send(self, request: httpx2.Request, **_: object) -> httpx2.Response:
        """Return the whole reply to a request of which method, address, body and harmless headers are taken.

        Raises:
            RefusedBody: its body is longer than `LONGEST_BODY`, or packed: unpacked it could be of any length.
        """
        headers = {name: request.headers[name] for name in SENT if name in request.headers}
        bare = httpx2.Request(
            request.method,
            request.url,
            headers={**headers, "accept-encoding": "identity", **self._headers_of_key},
            content=await request.aread(),
            extensions=request.extensions,
        )
        reply = await super().send(bare, stream=True, auth=None, follow_redirects=False)
        try:
            content = await _bounded(reply)
        finally:
            await reply.aclose()
        kept = [(name, value) for name, value in reply.headers.raw if name.lower() in READ]  # raw: not always ASCII
        return httpx2.Response(reply.status_code, headers=kept, content=content, request=request)


async def _bounded(reply: httpx2.Response) -> bytes:
    if packed := reply.headers.get("content-encoding", "").replace("identity", ""):
        raise RefusedBody(f"a body packed with {packed!r} was refused, although none was asked for")
    content = bytearray()
    async for chunk in reply.aiter_raw():
        content += chunk
        if len(content) > LONGEST_BODY:
            raise RefusedBody(f"a body of more than {LONGEST_BODY // 2**20} MB was refused")
    return bytes(content)


class Wire:
    """The connections to one endpoint."""

    def __init__(self, url: str, key: Key, connections: int) -> None:
        timeout = httpx2.Timeout(None, connect=CONNECT_SECONDS)  # the whole call has a bound of its own
        self._client = openai.AsyncOpenAI(
            base_url=url,
            api_key="sent by BoundClient",  # so that the client does not look for one, and cannot show one
            max_retries=0,
            timeout=timeout,
            http_client=BoundClient(key, timeout, connections),
        )

    async def call(self, path: str, body: Mapping[str, object] | None, seconds: float) -> Heard:
        """Return what came of one call, in at most so many seconds, however slowly the bytes drip.

        Args:
            path: below the endpoint's address.
            body: what is posted as JSON; None gets.
            seconds: for the whole of it, from connecting to the last byte.
        """
        started = time.monotonic()
        try:
            async with asyncio.timeout(seconds):
                reply = await self._reply(path, body)
        except TimeoutError:
            return Heard(time.monotonic() - started, fault=f"no whole answer within {seconds:.3g} s", late=True)
        except (openai.APIConnectionError, RefusedBody) as err:
            return Heard(time.monotonic() - started, fault=_told(err))
        heads = reply.headers
        return Heard(
            time.monotonic() - started,
            reply.status_code,
            reply.content,
            heads.get("retry-after", ""),
            heads.get("location", ""),
        )

    async def _reply(self, path: str, body: Mapping[str, object] | None) -> httpx2.Response:
        try:
            if body is None:
                return await self._client.get(path, cast_to=httpx2.Response)
            return await self._client.post(path, body=body, cast_to=httpx2.Response)
        except openai.APIStatusError as err:
            return err.response

    async def close(self) -> None:
        """Close all connections."""
        await self._client.close()


def _told(err: Exception) -> str:
    cause = err.__cause__ or err
    return str(err) if isinstance(err, RefusedBody) else f"{type(cause).__name__}: {cause}"
