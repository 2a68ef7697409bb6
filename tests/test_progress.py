"""How far a run is: few lines in a log, a bar on a terminal."""

from collections.abc import Callable

import pytest

from genval_assets.progress import BarProgress, LineProgress


class Clock:
    """Goes on by so many seconds each time it is looked at."""

    def __init__(self, step: float) -> None:
        self.now = 0.0
        self.step = step

    def __call__(self) -> float:
        self.now += self.step
        return self.now


def lines_of(total: int, advances: list[int], step: float) -> list[str]:
    lines: list[str] = []
    with LineProgress(lines.append, Clock(step)).stage("raw_instances", total) as advance:
        for n in advances:
            advance(n)
    return lines


def test_a_quick_stage_is_one_line():
    assert lines_of(40, [10] * 4, step=0.5) == ["raw_instances: 40/40 in 2.5 s"]


def test_a_slow_stage_says_about_every_ten_seconds_how_much_is_left():
    assert lines_of(6, [1] * 6, step=4.0) == [
        "raw_instances: 3/6, about 12 s left",
        "raw_instances: 6/6 in 28.0 s",
    ]


def test_a_stage_in_which_nothing_is_done_for_long_foretells_nothing():
    assert lines_of(2, [0, 0, 2], step=20.0) == ["raw_instances: 2/2 in 80.0 s"]


def test_a_stage_without_work_says_nothing():
    assert lines_of(0, [], step=1.0) == []


def test_a_stage_that_is_left_early_does_not_claim_an_end():
    lines: list[str] = []
    stage = LineProgress(lines.append, Clock(1.0)).stage("raw_instances", 9)
    with pytest.raises(InterruptedError), stage as advance:
        stop_after(advance, 2)
    assert lines == []


def stop_after(advance: Callable[[int], None], n: int) -> None:
    advance(n)
    raise InterruptedError


def test_a_bar_shows_the_stage_and_its_counts_beside_the_results(capsys):
    with BarProgress().stage("raw_instances", 8) as advance:
        advance(3)
        advance(5)
    out, err = capsys.readouterr()
    assert out == ""
    assert "raw_instances" in err
    assert "8/8" in err
