"""A rewrite meets its parent on the same seeds, and only pictures that were really judged count."""

import json

import numpy as np
import pytest

from genval_assets.instances.gate_settings import GateSettings
from genval_assets.prompting.contest import Contest, settle
from genval_assets.prompting.probe import Probe, pair_seed
from genval_assets.prompting.rethink import Rethink
from genval_assets.rows import Category, Prompt
from genval_assets.types import ChatAnswer, Drawn
from genval_assets.validation.trials import Examiner

SIZE = 96


def disc(*, cut: bool) -> np.ndarray:
    y, x = np.mgrid[:SIZE, :SIZE]
    inside = (x - (0 if cut else 48)) ** 2 + (y - 48) ** 2 < 24**2
    rgba = np.zeros((SIZE, SIZE, 4), np.uint8)
    rgba[..., 0], rgba[..., 1], rgba[..., 3] = x * 2, y * 2, inside * 255
    return rgba


class Studio:
    """Draws a whole disc, a cut one where the prompt says `cut`, nothing on the seeds it cannot draw."""

    model, revision, best_batch = "fake", "1", 3

    def __init__(self, *hopeless: int) -> None:
        self.hopeless = hopeless
        self.drawn: list[tuple[str, int]] = []

    def draw(self, requests):
        self.drawn += [(r.prompt, r.seed) for r in requests]
        return [
            Drawn(r, None, "out of memory") if r.seed in self.hopeless else Drawn(r, disc(cut="cut" in r.prompt))
            for r in requests
        ]


class Judge:
    """Accepts everything, and calls everything that it is asked to describe yellow."""

    model, revision, best_batch = "fake", "1", 16

    def ask(self, requests):
        return [ChatAnswer(self._answer(json.loads(r.user)["describe"])) for r in requests]

    def _answer(self, asked: list[str]) -> str:
        met = {"outcome": "meet", "explanation": ""}
        names = ("correct_category", "single_object", "single_view", "intact", "plain_background")
        seen = [{"name": name, "value": "yellow"} for name in asked]
        return json.dumps({"objects": ["banana"], "attributes": seen, **dict.fromkeys(names, met), "keep": True})


class Down:
    model, revision, best_batch = "fake", "1", 16

    def ask(self, requests):
        return [ChatAnswer("", error="127.0.0.1: refused") for _ in requests]


@pytest.fixture
def contest(make_row):
    def contest(old: tuple[str, dict], new: tuple[str, dict], name: str = "p", max_pairs: int = 16) -> Contest:
        parent, rewrite = (
            make_row(Prompt, prompt_id=f"{name}-{i}", text=text, slots=json.dumps(slots))
            for i, (text, slots) in enumerate((old, new))
        )
        rethink = Rethink(parent, (), ("colour",), (), ("colour",))
        return Contest(make_row(Category, name="banana"), rethink, rewrite, Probe(max_pairs))

    return contest


def run(*contests: Contest, studio: Studio | None = None, judge=None) -> list[Contest]:
    return settle(contests, studio or Studio(), Examiner(GateSettings(), judge or Judge(), "sys"))


BLUE, PLAIN = ("a blue banana", {"subject": "banana", "colour": "blue"}), ("a banana", {"subject": "banana"})
CUT = ("a cut banana", {"subject": "banana"})


def test_a_rewrite_without_the_slot_that_the_generator_ignores_is_accepted(contest):
    (one,) = run(contest(BLUE, PLAIN))
    assert (one.probe.decision, one.probe.pairs, one.probe.parent_good, one.probe.good) == ("accept", 4, 0, 4)


def test_a_rewrite_that_is_valid_less_often_is_refused_and_an_equal_one_too(contest):
    worse, equal = run(contest(PLAIN, CUT), contest(PLAIN, PLAIN, "q"))
    assert (worse.probe.decision, worse.probe.pairs) == ("refuse", 4)
    assert equal.probe.decision == "refuse"
    assert equal.probe.pairs > 4


def test_both_prompts_are_drawn_on_the_same_seeds(contest):
    studio = Studio()
    run(contest(BLUE, PLAIN), studio=studio)
    old, new = ([seed for text, seed in studio.drawn if text == prompt] for prompt in ("a blue banana", "a banana"))
    assert old == new == [pair_seed("p-0", k) for k in range(4)]


def test_a_pair_that_could_not_be_drawn_counts_for_neither(contest):
    studio = Studio(pair_seed("p-0", 0), pair_seed("p-0", 2))
    (one,) = run(contest(BLUE, PLAIN), studio=studio)
    assert (one.probe.decision, one.probe.pairs) == ("accept", 4)
    assert len(studio.drawn) == 16


def test_a_probe_that_never_gets_a_picture_ends_without_a_decision(contest):
    studio = Studio(*(pair_seed("p-0", k) for k in range(100)))
    (one,) = run(contest(BLUE, PLAIN, max_pairs=8), studio=studio)
    assert (one.probe.decision, one.probe.pairs) == (None, 0)
    assert len(studio.drawn) == 2 * 2 * 8


def test_where_the_vision_model_is_not_reached_the_contest_says_so_and_draws_no_more(contest):
    studio = Studio()
    (one,) = run(contest(PLAIN, PLAIN), studio=studio, judge=Down())
    assert one.unanswered == "127.0.0.1: refused"
    assert one.probe.pairs == 0
    assert len(studio.drawn) == 8


def test_no_contest_draws_nothing():
    studio = Studio()
    assert run(studio=studio) == []
    assert studio.drawn == []
