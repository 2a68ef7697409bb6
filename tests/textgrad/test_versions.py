"""The text in force is the pinned one, else the last accepted, else a person's own, else the shipped one."""

from collections.abc import Callable

import pytest

from genval_assets.keys import agent_version
from genval_assets.rows import AgentPrompt
from genval_assets.textgrad.versions import Version, current

OWN = agent_version("own")


@pytest.fixture
def step(make_row) -> Callable[..., AgentPrompt]:
    def make(refinement: int, number: int, version: str, accepted: bool = True, **more: object) -> AgentPrompt:
        given = {"agent": "prompt", "written_by": "textgrad", "text": f"text {version}", **more}
        return make_row(AgentPrompt, refinement=refinement, step=number, version=version, accepted=accepted, **given)

    return make


def test_without_rows_it_is_the_shipped_text_or_a_persons_own():
    assert current([], "prompt", "shipped") == Version("shipped", agent_version("shipped"), "shipped")
    assert current([], "prompt", "shipped", own="own") == Version("own", OWN, "person")


def test_the_last_accepted_step_counts_whatever_the_order_of_the_rows(step):
    rows = [step(2, 1, "c"), step(1, 12, "b"), step(1, 2, "a"), step(2, 2, "d", accepted=False),
            step(3, 1, "x", agent="judge")]  # fmt: skip
    assert current(rows, "prompt", "shipped") == Version("text c", "c", "textgrad")
    assert current(rows[::-1], "prompt", "shipped").version == "c"
    assert current(rows, "judge", "shipped").version == "x"


def test_rows_that_only_say_where_a_refinement_began_change_nothing(step):
    begun = step(1, 0, "old", written_by="shipped")
    assert current([begun], "prompt", "shipped").written_by == "shipped"


def test_a_pinned_version_is_used_also_one_that_was_refused(step):
    rows = [step(1, 1, "a"), step(1, 2, "b", accepted=False), step(1, 3, "c")]
    assert current(rows, "prompt", "shipped", pinned="b") == Version("text b", "b", "textgrad")
    assert current(rows, "prompt", "shipped", pinned="a").version == "a"
    shipped = agent_version("shipped")
    assert current(rows, "prompt", "shipped", pinned=shipped).written_by == "shipped"


def test_an_unknown_pin_is_an_error_that_lists_the_known_ones(step):
    rows = [step(1, 1, "a"), step(1, 1, "x", agent="judge")]
    shipped = agent_version("shipped")
    with pytest.raises(ValueError, match=rf"no version 'x' of the prompt agent; known: {shipped}, a$"):
        current(rows, "prompt", "shipped", pinned="x")


def test_a_persons_own_text_counts_only_refinements_that_began_with_it(step):
    rows = [step(1, 1, "a", parent_version="s"), step(2, 1, "b", parent_version=OWN),
            step(2, 3, "c", parent_version="b"), step(3, 1, "d", parent_version="a")]  # fmt: skip
    assert current(rows, "prompt", "shipped", own="own").version == "c"
    assert current(rows[:1], "prompt", "shipped", own="own").version == OWN


def test_another_text_is_another_version():
    assert agent_version("a") == agent_version("a") != agent_version("a ")
    assert len(agent_version("")) == 12
