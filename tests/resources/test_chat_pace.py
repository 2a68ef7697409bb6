"""How many questions are under way, and how long a wait is."""

import asyncio
from email.utils import formatdate

import pytest

from resources._chat_pace import LONGEST_WAIT, Pace, wait_seconds
from tests.resources.chat_server import FastClock

TODAY = 1_790_000_000.0


@pytest.mark.parametrize(
    ("retry_after", "attempt", "seconds"),
    [
        ("", 1, 1.0),
        ("", 3, 4.0),
        ("", 100, LONGEST_WAIT),
        ("5", 3, 5.0),
        ("1.5", 1, 1.5),
        (" 5 ", 1, 5.0),
        ("3600", 1, LONGEST_WAIT),
        ("9" * 400, 1, LONGEST_WAIT),
        (formatdate(TODAY + 12, usegmt=True), 1, 12.0),
        (formatdate(TODAY + 86_400, usegmt=True), 1, LONGEST_WAIT),
        (formatdate(TODAY - 12, usegmt=True), 2, 2.0),
        ("0", 2, 2.0),
        ("-5", 2, 2.0),
        ("nan", 2, 2.0),
        ("in a moment", 2, 2.0),
        ("Mon, 99 Feb 2026 99:99:99 GMT", 2, 2.0),
        ("Mon, 01 Feb 99999999999999 00:00:00 GMT", 2, 2.0),
    ],
)
def test_a_wait_is_what_the_server_asks_for_or_doubles_and_is_bounded(retry_after, attempt, seconds):
    assert wait_seconds(retry_after, attempt, TODAY) == seconds


def test_a_429_holds_back_every_question_that_has_not_left():
    clock = FastClock()

    async def talk():
        pace = Pace(4, clock.clock)
        async with pace.lane() as mark:
            pace.too_many(mark, 30.0)
        async with pace.lane():
            return list(clock.waits)

    assert asyncio.run(talk()) == [30.0]


def test_questions_that_were_refused_together_halve_the_lanes_once():
    async def talk():
        pace = Pace(8, FastClock().clock)
        limits = []
        async with pace.lane() as first, pace.lane() as second:
            pace.too_many(first, 1.0)
            pace.too_many(second, 1.0)
        limits.append(pace.limit)
        for _ in range(4):
            async with pace.lane() as mark:
                pace.too_many(mark, 1.0)
            limits.append(pace.limit)
        return limits

    assert asyncio.run(talk()) == [4, 2, 1, 1, 1]


def test_lanes_open_again_one_by_one_and_not_beyond_those_that_were_set():
    async def talk():
        pace = Pace(3, FastClock().clock)
        async with pace.lane() as mark:
            pace.too_many(mark, 1.0)
        limits = [pace.limit]
        for _ in range(8):
            pace.good()
            limits.append(pace.limit)
        return limits

    assert asyncio.run(talk()) == [1, 2, 2, 3, 3, 3, 3, 3, 3]
