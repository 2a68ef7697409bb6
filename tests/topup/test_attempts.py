"""A run that dies without a trace is launched again, but not for ever."""

from genval_assets.topup.attempts import next_attempt
from genval_assets.topup.plan import Resumed, WavePlan


def wave(owed: int) -> str:
    return WavePlan(resumed=(Resumed("zebra", owed),), categories=("zebra",)).key


def test_the_same_wave_may_be_asked_for_three_times():
    memory, allowed = None, []
    for _ in range(5):
        attempt = next_attempt(memory, wave(9))
        memory = attempt.memory
        allowed.append(not attempt.too_many)
    assert allowed == [True, True, True, False, False]


def test_progress_makes_it_another_wave():
    third = next_attempt(next_attempt(next_attempt("", wave(9)).memory, wave(9)).memory, wave(9))
    assert next_attempt(third.memory, wave(8)).number == 1


def test_waves_that_take_turns_are_counted_apart():
    memory = ""
    for _ in range(4):
        first = next_attempt(memory, wave(9))
        second = next_attempt(first.memory, wave(8))
        memory = second.memory
    assert first.too_many
    assert second.too_many


def test_the_memory_does_not_grow_without_end():
    memory = ""
    for owed in range(1, 500):
        memory = next_attempt(memory, wave(owed)).memory
    assert len(memory) < 1000
    assert next_attempt(memory, wave(499)).number == 2
    assert next_attempt(memory, wave(1)).number == 1
