"""A run that dies without a trace is launched again, but not for ever."""

from collections.abc import Collection

from genval_assets.topup.attempts import Turn, next_attempt, next_turn
from genval_assets.topup.plan import Resumed, WavePlan


def wave(owed: int) -> str:
    return WavePlan(resumed=(Resumed("zebra", owed, candidates=0),), categories=("zebra",)).key


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


def turns(n: int, waves: dict[str, WavePlan]) -> list[Turn]:
    """Take turns at plans of which none changes anything; the first that is not given up comes first."""

    def plan(given_up: Collection[str]) -> WavePlan:
        return next((wave for key, wave in waves.items() if key not in given_up), WavePlan())

    taken: list[Turn] = []
    for _ in range(n):
        taken.append(next_turn(plan, taken[-1].memory if taken else None))
    return taken


def test_a_wave_tried_in_vain_makes_room_for_the_others_until_nothing_is_left():
    waves = {key: WavePlan(resumed=(Resumed(key, 9, candidates=0),), categories=(key,)) for key in ("ant", "bee")}
    taken = turns(8, waves)
    assert [turn.wave.categories for turn in taken] == [("ant",)] * 3 + [("bee",)] * 3 + [()] * 2
    assert [sorted(turn.given_up) for turn in taken] == [[]] * 3 + [["ant"]] * 3 + [["ant", "bee"]] * 2


def test_what_was_given_up_is_not_forgotten_while_others_take_their_turns():
    waves = {f"c{n}": WavePlan(resumed=(Resumed(f"c{n}", 9, candidates=0),), categories=(f"c{n}",)) for n in range(50)}
    taken = turns(3 * 50 + 2, waves)
    assert [len(turn.wave.categories) for turn in taken] == [1] * 150 + [0] * 2


def test_what_has_changed_since_is_tried_again():
    stuck = WavePlan(resumed=(Resumed("ant", 9, candidates=0),), categories=("ant",))
    given_up = turns(4, {"ant": stuck})[-1]
    assert given_up.given_up == {"ant"}
    moved = WavePlan(resumed=(Resumed("ant", 8, candidates=0),), categories=("ant",))
    assert next_turn(lambda _: moved, given_up.memory).wave == moved
