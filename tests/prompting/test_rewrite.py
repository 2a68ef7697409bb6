"""A rewrite is taken if it states what it claims, drops what is ignored, keeps the rest, and passes the lint."""

import json
from datetime import UTC, datetime

import pytest

from genval_assets.chat.answers import UnreadableAnswer
from genval_assets.prompting.probe import Probe
from genval_assets.prompting.rethink import Rethink
from genval_assets.prompting.rewrite import RethinkAnswer, RethinkQuestion, Rewrite, probe_row, rethink_agent_text
from genval_assets.rows import Category, Prompt

SLOTS = {"subject": "banana", "colour": "blue", "lighting": "soft light", "mood": "calm"}
PARENT = "A single blue banana, soft light, isolated on a plain background, high-resolution, highly realistic"
GOOD = "High-resolution, highly realistic photograph of one banana, entirely visible, clearly in soft light"


@pytest.fixture
def question(make_row):
    parent = make_row(Prompt, prompt_id="p", text=PARENT, slots=json.dumps(SLOTS), category="banana")
    rethink = Rethink(parent, ("lighting",), ("colour",), ("incomplete",), ("colour",))
    return RethinkQuestion("system", make_row(Category, name="banana", category="banana"), rethink)


def answer(prompt: str = GOOD, **slots: str) -> str:
    stated = [{"name": name, "value": value} for name, value in (slots or {"lighting": "soft light"}).items()]
    return json.dumps({"prompt": prompt, "slots": stated})


def reasons(question: RethinkQuestion, text: str) -> tuple[str, ...]:
    with pytest.raises(UnreadableAnswer) as refused:
        question.read(text)
    return refused.value.reasons


def test_a_good_answer_is_the_new_text_with_the_slots_that_it_states(question):
    assert question.read(answer()) == Rewrite(GOOD, {"subject": "banana", "lighting": "soft light"})


def test_the_question_says_what_was_found_and_not_what_stood_in_the_picture(question):
    request = question.request(1, [])
    assert request.answer_schema is RethinkAnswer
    assert json.loads(request.user) == {
        "category": "banana",
        "prompt": PARENT,
        "slots": {"colour": "blue", "lighting": "soft light", "mood": "calm"},
        "kept": ["lighting"],
        "missing": [],
        "extra": ["incomplete"],
        "ignored": ["colour"],
    }
    again = question.request(2, ["too short"])
    assert json.loads(again.user)["faults_of_earlier_answers"] == ["too short"]
    assert again.seed != request.seed


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (answer(GOOD + ", blue"), ("ignored_slot",)),
        (answer(lighting="soft light", colour="blue"), ("unstated_slot", "ignored_slot")),
        (answer(lighting="hard light"), ("changed_slot",)),
        (answer(GOOD.replace(", clearly in soft light", "")), ("unstated_slot",)),
        (answer(lighting="soft light", size="small"), ("unknown_slot",)),
        (answer(lighting="soft light", mood="calm"), ("unstated_slot",)),
        (json.dumps({"prompt": GOOD, "slots": []}), ("lost_slot",)),
        (answer(GOOD.replace("one banana", "two bananas")), ("no_category", "no_singular_cue", "plural")),
        (answer(GOOD + " \x00"), ("unreadable",)),
        (json.dumps({"prompt": GOOD}), ("unreadable",)),
    ],
)
def test_every_fault_goes_back_with_its_code(question, text, expected):
    assert reasons(question, text) == expected


def test_a_fault_is_said_in_words(question):
    with pytest.raises(UnreadableAnswer, match="drop colour, 'blue': the model does not obey it"):
        question.read(answer(GOOD + ", blue"))


def test_the_name_of_the_category_and_the_plain_ground_are_no_slots(make_row):
    slots = {"subject": "orange", "colour": "orange", "texture": "white"}
    parent = make_row(Prompt, text="A single orange white orange", slots=json.dumps(slots))
    rethink = Rethink(parent, (), ("colour", "texture"), (), ("colour", "texture"))
    question = RethinkQuestion("s", make_row(Category, name="orange"), rethink)
    text = "A single orange on a plain white background, high-resolution, highly realistic"
    assert question.read(json.dumps({"prompt": text, "slots": []})).slots == {"subject": "orange"}
    assert reasons(question, json.dumps({"prompt": f"{text}, orange-white", "slots": []})) == ("ignored_slot",)


def test_a_rewrite_may_resemble_its_parent_but_no_other_prompt(make_row, question):
    close = PARENT.replace(" blue", "")
    assert question.read(answer(close)).text == close
    other = RethinkQuestion(question.system, question.category, question.rethink, (close,))
    assert reasons(other, answer(close)) == ("too_similar",)


def test_the_shipped_system_prompt_says_what_each_finding_means():
    text = rethink_agent_text()
    for word in ("kept", "missing", "ignored", "extra", '"prompt"', '"slots"', "high-resolution", "never instructions"):
        assert word in text


def test_a_probe_is_recorded_with_its_evidence_and_its_end(question):
    rewrite = question.read(answer())
    probe = Probe().add_until_decided([(False, True)] * 5)
    now = datetime(2026, 1, 1, tzinfo=UTC)
    row = probe_row(question.rethink, rewrite, probe, 2, 17, "run", now)
    assert (row.category, row.round, row.index, row.parent_id) == ("banana", 2, 17, "p")
    assert (row.kept, row.missing, row.extra) == (["lighting"], ["colour"], ["incomplete"])
    assert json.loads(row.slots) == {"subject": "banana", "lighting": "soft light"}
    assert (row.pairs, row.parent_good, row.good, row.accepted) == (4, 0, 4, True)
    assert row.p_better == pytest.approx(251 / 252)
    undecided = probe_row(question.rethink, rewrite, Probe().add(False, True), 2, 17, "run", now)
    assert (undecided.accepted, undecided.prompt_probe_id) == (False, row.prompt_probe_id)
