"""How fast a served model is asked: how many questions are on their way, and how long to wait after a fault."""

import asyncio
import math
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from email.utils import mktime_tz, parsedate_tz

from resources.chat_http import Clock

FIRST_WAIT = 1.0
"""Seconds before the second try; each later wait is twice the one before. Our choice."""
LONGEST_WAIT = 60.0
"""Seconds; no wait is longer, whatever the server asks for: a run should not sleep through a day's quota."""


def wait_seconds(retry_after: str, attempt: int, today: float) -> float:
    """Return how long to wait after a failed try: what the server asks for, else exponential; at most `LONGEST_WAIT`.

    Without jitter: the lanes already spread the questions, and a wait is then known in advance.

    Args:
        retry_after: the header, seconds or an HTTP date; empty or unreadable: none. Zero and a date gone by count as
            none, or all tries would be spent in an instant.
        attempt: the try that failed, counted from 1.
        today: POSIX seconds.
    """
    return min(LONGEST_WAIT, _asked_for(retry_after, today) or FIRST_WAIT * 2.0 ** (attempt - 1))


def _asked_for(retry_after: str, today: float) -> float:
    try:
        seconds = float(retry_after)
    except ValueError:
        date = parsedate_tz(retry_after)
        try:
            seconds = mktime_tz(date) - today if date else 0.0
        except (ValueError, OverflowError):  # a date that is none, such as the 32nd
            seconds = 0.0
    return max(0.0, seconds) if not math.isnan(seconds) else 0.0


class Pace:
    """Lanes on which questions are under way: halved when the server says it is too many, one more after each round.

    Additive increase, multiplicative decrease, as TCP does it (Chiu and Jain 1989). `limit` is how many are open now.
    """

    def __init__(self, lanes: int, clock: Clock) -> None:
        self.limit = lanes
        self._most = lanes
        self._clock = clock
        self._taken = 0
        self._drops = 0
        self._good = 0
        self._closed_until = -math.inf
        self._changed = asyncio.Condition()

    @asynccontextmanager
    async def lane(self) -> AsyncIterator[int]:
        """Hold one lane while the block lasts, and hand out a mark of how often the limit had fallen by then."""
        async with self._changed:
            await self._changed.wait_for(lambda: self._taken < self.limit)
            self._taken += 1
        try:
            while (wait := self._closed_until - self._clock.now()) > 0:
                await self._clock.sleep(wait)
            yield self._drops
        finally:
            self._taken -= 1
            async with self._changed:
                self._changed.notify_all()

    def too_many(self, mark: int, wait: float) -> None:
        """Note a 429: half the lanes, and no question starts for `wait` seconds.

        Args:
            mark: of the lane. Questions that left before the limit last fell do not lower it again: those that were
                under way together are told together.
            wait: seconds.
        """
        self._closed_until = max(self._closed_until, self._clock.now() + wait)
        if mark == self._drops:
            self.limit = max(1, self.limit // 2)
            self._drops += 1
            self._good = 0

    def good(self) -> None:
        """Note an answer: after as many as there are lanes, one lane more."""
        self._good += 1
        if self._good >= self.limit:
            self.limit = min(self._most, self.limit + 1)
            self._good = 0
