"""A refinement keeps what is proven better, says why it refused the rest, and ends when it should."""

from dataclasses import dataclass, field

import pytest

from genval_assets.textgrad.acceptance import Comparison, mean_of
from genval_assets.textgrad.loop import PROPOSAL_CALLS, Minibatch, Named, Rehearsal, Step, refine
from genval_assets.textgrad.proposals import Proposal, Situation
from genval_assets.textgrad.roles import Example
from genval_assets.textgrad.settings import TextGradSettings

FORM = 'Answer with JSON: {"prompt": "..."}'
PAIRS = 40


@dataclass
class Scored:
    """Fits `loop.Rehearsal`: the share of good items is how many plus signs a text has, in tenths."""

    agent: str = "prompt"
    rubric: str = "a rubric"
    questions: int = 10
    seen: list[tuple[int, str]] = field(default_factory=list)
    compared: list[tuple[str, str]] = field(default_factory=list)
    diversity: dict[str, float] = field(default_factory=dict)

    def minibatch(self, step: int, system: str) -> Minibatch:
        self.seen.append((step, system))
        return Minibatch((Named(f"item {step}", Example({"step": step}, "work", "rejected", ("incomplete",))),), 3)

    def compare(self, parent: str, rewrite: str) -> Comparison:
        self.compared.append((parent, rewrite))
        old, new = ([float(i < 4 * text.count("+")) for i in range(PAIRS)] for text in (parent, rewrite))
        return Comparison(
            PAIRS, mean_of(old), mean_of(new), self.diversity.get(parent), self.diversity.get(rewrite), calls=5
        )


@dataclass
class Scripted:
    """Fits `proposals.Proposer`: proposes a list of texts, in order."""

    texts: list[str | None]
    situations: list[Situation] = field(default_factory=list)

    def propose(self, situation: Situation) -> Proposal:
        self.situations.append(situation)
        text = self.texts[len(self.situations) - 1]
        point = f"point {len(self.situations)}"
        if text is None:
            return Proposal(None, (), 1, "the critic found no fault", faultless=True)
        if text == "broken":
            return Proposal(None, (point,), 4, "the optimizer's answer could not be read: no JSON")
        return Proposal(text, (point,), 2)


def run(texts: list[str | None], rehearsal: Rehearsal | None = None, **limits: int) -> tuple[list[Step], Scripted]:
    script = Scripted(texts)
    settings = TextGradSettings(**{"steps": len(texts), **limits})
    return list(refine(FORM, rehearsal or Scored(), script, settings, seed=1)), script


def test_a_better_rewrite_becomes_the_parent_of_the_next_and_a_worse_one_does_not():
    better, worse, best = f"++ {FORM}", f"+ {FORM}", f"++++ {FORM}"
    rehearsal = Scored()
    steps, _ = run([better, worse, best], rehearsal)
    assert [step.accepted for step in steps] == [True, False, True]
    assert rehearsal.compared == [(FORM, better), (better, worse), (better, best)]
    assert [system for _, system in rehearsal.seen] == [FORM, better, better]
    assert [(step.parent, step.text) for step in steps] == [(FORM, better), (better, worse), (better, best)]


def test_every_step_says_what_its_row_needs():
    rehearsal = Scored(diversity={FORM: 0.5, f"++ {FORM}": 0.6})
    (step,), _ = run([f"++ {FORM}"], rehearsal)
    assert (step.number, step.minibatch, step.criticism) == (1, ("item 1",), ("point 1",))
    assert (step.pairs, step.score_parent, step.score) == (PAIRS, 0.0, pytest.approx(0.2))
    assert step.difference_low is not None
    assert step.difference_high is not None
    assert 0 < step.difference_low < 0.2 < step.difference_high
    assert (step.diversity_parent, step.diversity) == (0.5, 0.6)
    assert step.calls == 3 + 2 + 5
    assert step.reason.startswith("accepted: +0.200 [")


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("++++ no form any more", "refused: the form of the answer is gone: 'JSON' is missing"),
        (FORM, "refused: it was there before, word for word"),
        (f"{'+' * 2_000} {FORM}", "refused: it has 2,036 characters, at most 1,200 are accepted"),
        ("broken", "refused: the optimizer's answer could not be read: no JSON"),
        (None, "refused: the critic found no fault"),
    ],
)
def test_what_is_not_worth_comparing_is_a_refused_step_with_its_reason_and_costs_no_draw(text, reason):
    rehearsal = Scored()
    (step,), _ = run([text], rehearsal)
    assert (step.accepted, step.reason, step.pairs) == (False, reason, 0)
    assert [step.score, step.score_parent, step.difference_low, step.difference_high] == [None] * 4
    assert rehearsal.compared == []


def test_a_text_that_could_not_be_stored_is_not_in_the_step():
    (step,), _ = run([f"\ud800 {FORM}"])
    assert (step.text, step.parent, step.accepted) == (FORM, FORM, False)


def test_a_rewrite_that_was_refused_is_not_drawn_again():
    rehearsal = Scored()
    steps, _ = run([f"x {FORM}", f"x  {FORM}"], rehearsal)
    assert len(rehearsal.compared) == 1
    assert "word for word" in steps[1].reason


def test_it_ends_after_as_many_refusals_in_a_row_as_there_is_patience():
    worse = [f"{i} {FORM}" for i in range(10)]
    assert len(run(worse)[0]) == 3
    assert len(run([worse[0], worse[1], f"++ {FORM}", *worse[2:]])[0]) == 6
    assert len(run(worse, patience=5)[0]) == 5


def test_faultless_work_is_no_refusal():
    steps, _ = run([None, None, None, None, f"++ {FORM}"])
    assert [step.accepted for step in steps] == [False] * 4 + [True]
    assert [step.faultless for step in steps] == [True] * 4 + [False]


def test_it_ends_after_the_most_steps():
    assert len(run([f"{'+' * i} {FORM}" for i in range(1, 8)], steps=4)[0]) == 4


def test_no_step_is_begun_that_could_exceed_the_budget():
    texts: list[str | None] = [f"{'+' * i} {FORM}" for i in range(1, 8)]
    most = Scored().questions + PROPOSAL_CALLS  # 16; a step costs 10
    assert len(run(texts, questions=most)[0]) == 1
    assert len(run(texts, questions=most + 9)[0]) == 1
    assert len(run(texts, questions=most + 10)[0]) == 2


def test_a_budget_too_small_for_one_step_is_an_error_that_says_what_to_do():
    with pytest.raises(ValueError, match="one step asks up to 16 questions, the budget is 15; raise questions"):
        run([FORM], questions=15)


def test_a_beginning_without_the_form_of_the_answer_is_an_error():
    with pytest.raises(ValueError, match="the prompt agent does not describe the form of its answer: 'JSON'"):
        list(refine("write", Scored(), Scripted([]), TextGradSettings(), seed=0))


def test_the_proposer_is_told_the_best_prompt_its_work_and_what_was_said_before():
    _, script = run([f"x {FORM}", f"++ {FORM}", f"y {FORM}"])
    last = script.situations[-1]
    assert (last.agent, last.rubric, last.system) == ("prompt", "a rubric", f"++ {FORM}")
    assert last.memory == ("point 1", "point 2")
    assert [example.asked for example in last.examples] == [{"step": 3}]
    assert len({situation.seed for situation in script.situations}) == 3


def test_memory_does_not_grow_without_bound():
    script = Scripted([f"{i} {FORM}" for i in range(3)])
    list(refine(FORM, Scored(), script, TextGradSettings(), 0, memory=[f"old {i}" for i in range(500)]))
    assert len(script.situations[0].memory) == len(script.situations[2].memory) == 100
    assert script.situations[2].memory[-2:] == ("point 1", "point 2")
