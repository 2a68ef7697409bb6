import subprocess
import sys
import time

import pytest

from genval_assets.types import LockState
from resources import locks as locks_module
from resources.locks import RunLocks

HOLD = """
import sys
from resources.locks import RunLocks
with RunLocks(home=sys.argv[1]).hold(sys.argv[2]):
    print("held", flush=True)
    sys.stdin.read()
"""


@pytest.fixture
def locks(tmp_path, monkeypatch):
    monkeypatch.setattr(locks_module, "PATIENCE", 0.05)
    return RunLocks(home=str(tmp_path))


def test_a_name_is_held_by_one_process_and_free_when_it_ends(locks, program, tmp_path):
    assert locks.state("run-1") == LockState("absent", None)
    before = time.time()
    other = program(HOLD, tmp_path, "run-1")
    assert other.first_line == "held"
    with pytest.raises(BlockingIOError, match=r"run-1 is locked: another process holds it"), locks.hold("run-1"):
        pass
    held = locks.state("run-1")
    assert held.kind == "held"
    assert before - 1 <= held.since <= time.time()
    other.finish()
    released = locks.state("run-1")
    assert released.kind == "released"
    assert held.since <= released.since <= time.time()
    with locks.hold("run-1"):
        assert locks.state("run-1").kind == "held"


def test_the_lock_of_a_killed_process_is_free_and_says_that_it_was_killed(locks, program, tmp_path):
    program(HOLD, tmp_path, "run-1").kill()
    assert locks.state("run-1").kind == "killed"
    assert locks.state("run-1").since <= time.time()
    with locks.hold("run-1"):
        pass
    assert locks.state("run-1").kind == "released"


def test_programs_that_a_holder_starts_do_not_keep_its_lock(locks):
    with locks.hold("run-1"):
        wait = [sys.executable, "-c", "import sys; sys.stdin.read()"]
        child = subprocess.Popen(wait, stdin=subprocess.PIPE, close_fds=False)
    try:
        with locks.hold("run-1"):
            pass
    finally:
        child.communicate()


def test_a_block_that_fails_gives_its_lock_back(locks):
    with pytest.raises(RuntimeError), locks.hold("run-1"):
        raise RuntimeError
    assert locks.state("run-1").kind == "released"


def test_asking_for_the_state_of_a_name_keeps_nobody_from_taking_it(locks, tmp_path):
    with locks.hold("run-1"):
        pass
    for _ in range(200):
        locks.state("run-1")
        with locks.hold("run-1"):
            assert locks.state("run-1").kind == "held"


def test_nobody_has_the_home_alone_while_somebody_holds_a_name(locks):
    with (
        locks.hold("run-1"),
        locks.hold("gpu-0"),
        pytest.raises(BlockingIOError, match="runs are at work on this home"),
        locks.alone(),
    ):
        pass
    with (
        locks.alone(),
        pytest.raises(BlockingIOError, match="gc is at work"),
        locks.hold("run-1"),
    ):
        pass
    with locks.alone():
        pass


@pytest.mark.parametrize("name", ["", "../x", "a/b", ".hidden", "home", "x" * 201, "a\nb"])
def test_a_name_that_is_no_file_name_is_refused(locks, name):
    with pytest.raises(ValueError, match="a lock's name is"), locks.hold(name):
        pass


def test_old_lock_files_that_nobody_holds_can_be_forgotten(locks, tmp_path):
    with locks.hold("old"):
        pass
    with locks.hold("live"):
        assert locks.forget(time.time() - 60) == 0
        assert locks.forget(time.time() + 60) == 1
        assert sorted(p.name for p in (tmp_path / "locks").iterdir()) == ["home", "live"]
