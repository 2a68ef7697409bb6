"""The offline text model rewrites prompts as its system prompt says, so that a rewrite really changes what is drawn."""

import json
from collections.abc import Mapping

import numpy as np
import pytest

from genval_assets.chat.ask import ATTEMPTS, ask_all
from genval_assets.prompting.agent import PromptQuestion, prompt_agent_text
from genval_assets.prompting.lint import lint_prompt
from genval_assets.prompting.rethink import Rethink
from genval_assets.prompting.rewrite import RethinkQuestion, rethink_agent_text
from genval_assets.prompting.slots import choose_slots
from genval_assets.rows import Category, Prompt
from genval_assets.types import ChatAnswer
from resources.offline.errors import sample_faults
from resources.offline.rethinking import rethink
from resources.offline.studio import KINDS
from resources.offline.wording import read_wording
from resources.offline.writing import compose_prompt

CARELESS = "You write prompts for an image model. Use the slots. Answer with JSON."


class Rules:
    """The rule alone."""

    model, revision, best_batch = "rules", "1", 64

    def ask(self, requests):
        return [ChatAnswer(rethink(r).model_dump_json()) for r in requests]


@pytest.fixture
def rewrite(make_row):
    """Rewrite a prompt and give the raw answer's text."""

    def rewrite(text: str, slots: Mapping[str, str], system: str = rethink_agent_text(), name="mug", **found) -> str:
        question = RethinkQuestion(system, make_row(Category, name=name), asked(make_row, text, slots, **found))
        return rethink(question.request(1, [])).prompt

    return rewrite


def asked(make_row, text, slots, missing=(), extra=(), ignored=()) -> Rethink:
    parent = make_row(Prompt, text=text, slots=json.dumps({"subject": "x"} | dict(slots)))
    return Rethink(parent, (), (*missing, *ignored), tuple(extra), tuple(ignored))


MUG = {"colour": "orange", "texture": "striped", "lighting": "soft light", "viewpoint": "side view", "mood": "calm"}
TEXT = (
    "High-resolution, highly realistic photograph of a single orange striped mug, in soft light, side view, "
    "with a calm mood, entirely visible, isolated on a plain background"
)


def test_an_ignored_value_goes_with_the_phrase_around_it(rewrite):
    assert rewrite(TEXT, MUG, ignored=["colour", "lighting", "mood"]) == (
        "High-resolution, highly realistic photograph of a single striped mug, side view, entirely visible, "
        "isolated on a plain background"
    )


def test_a_missing_value_moves_beside_the_name_and_is_said_plainly(rewrite):
    assert rewrite(TEXT, MUG, missing=["colour", "viewpoint"]) == (
        "High-resolution, highly realistic photograph of a single striped clearly orange mug, clearly in side view, "
        "in soft light, with a calm mood, entirely visible, isolated on a plain background"
    )


@pytest.mark.parametrize(
    ("reason", "heard"),
    [
        ("multiple_objects", lambda w: w.single),
        ("incomplete", lambda w: w.whole),
        ("cluttered_background", lambda w: w.plain),
    ],
)
def test_an_extra_is_forbidden(rewrite, reason, heard):
    bare = "High-resolution, highly realistic photograph of a mug"
    silent = f"{CARELESS} Forbid each extra."
    assert not heard(read_wording(rewrite(bare, {}, system=silent)))
    assert heard(read_wording(rewrite(bare, {}, system=silent, extra=[reason])))


def test_the_cues_that_the_system_prompt_asks_for_are_added_to_a_careless_prompt(rewrite):
    heard = read_wording(rewrite("A red mug", {"colour": "red"}))
    assert (heard.single, heard.whole, heard.plain) == (True, True, True)


def test_what_the_system_prompt_does_not_ask_for_is_not_done(rewrite):
    found = {"missing": ["viewpoint"], "extra": ["incomplete"], "ignored": ["colour"]}
    assert rewrite(TEXT, MUG, system=CARELESS, **found) == TEXT
    assert "orange" not in rewrite(TEXT, MUG, system=f"{CARELESS} Drop what is ignored.", **found)


def test_the_article_fits_what_follows(rewrite):
    assert rewrite("An orange mug", {"colour": "orange"}, system="ignored: drop it", ignored=["colour"]) == "A mug"
    assert rewrite("A blue old mug", {"colour": "blue"}, system="ignored: drop it", ignored=["colour"]) == "An old mug"


CASES = (
    {"extra": ("multiple_objects",)},
    {"ignored": ("colour",)},
    {"missing": ("colour", "lighting")},
    {"ignored": ("colour", "texture"), "missing": ("viewpoint",), "extra": ("incomplete", "cluttered_background")},
)


@pytest.mark.parametrize("system", [prompt_agent_text(), CARELESS], ids=["careful", "careless"])
@pytest.mark.parametrize("kind", KINDS)
def test_every_rewrite_can_be_used_and_draws_no_more_faults_than_its_parent(make_row, kind, system):
    category = make_row(Category, name=kind, category=kind)
    questions = []
    for i in range(2):
        slots = choose_slots(kind, kind, i, [])
        text = compose_prompt(PromptQuestion(system, category, i, slots).request(1, [])).prompt
        questions += [
            RethinkQuestion(rethink_agent_text(), category, asked(make_row, text, slots, **case)) for case in CASES
        ]
    for question, reply in zip(questions, ask_all(Rules(), questions, ATTEMPTS), strict=True):
        assert reply.value, reply.faults
        assert lint_prompt(reply.value.text, kind) == []
        heard = read_wording(reply.value.text)
        assert heard.kinds == (kind,)
        assert heard.colour == reply.value.slots.get("colour")
        assert faulty(kind, reply.value.text) <= faulty(kind, question.rethink.parent.text)


def faulty(kind: str, text: str) -> float:
    return float(np.mean([bool(sample_faults(kind, read_wording(text), seed).reasons()) for seed in range(40)]))
