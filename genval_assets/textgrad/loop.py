"""TextGrad: a system prompt rewritten step by step, each rewrite kept only if it is better on paired draws.

After textgrad (Yuksekgonul et al. 2024) as Gen-n-Val (arXiv 2506.04676) uses it; the acceptance is ours.
The parts are separable: what is drawn and judged is a `Rehearsal`, where rewrites come from a `Proposer`.
"""

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Protocol

from genval_assets.keys import seed_of
from genval_assets.textgrad.acceptance import Comparison, Decision, decide
from genval_assets.textgrad.contract import lost_form, refusal, same_text, storable
from genval_assets.textgrad.proposals import Proposal, Proposer, Situation
from genval_assets.textgrad.roles import Example
from genval_assets.textgrad.settings import TextGradSettings

REMEMBERED = 100
"""Criticisms kept of earlier steps, so that what the loop carries along does not grow without bound (our choice)."""
PROPOSAL_CALLS = 6
"""Most questions that one proposal asks: critic and optimizer, three attempts each."""


@dataclass(frozen=True)
class Named:
    """One item of a minibatch under the name by which its row knows it."""

    name: str
    example: Example


@dataclass(frozen=True)
class Minibatch:
    """The agent's work on a few items."""

    items: tuple[Named, ...]
    calls: int  # questions asked of models for it


class Rehearsal(Protocol):
    """An agent at work off stage: on items for criticism, and on other items for acceptance."""

    @property
    def agent(self) -> str:
        """Return prompt | judge."""

    @property
    def rubric(self) -> str:
        """Return what the agent is measured by, in words; see `roles.rubric`."""

    @property
    def questions(self) -> int:
        """Return the most questions that a minibatch and a comparison ask of models together."""

    def minibatch(self, step: int, system: str) -> Minibatch:
        """Return the agent's work under a system prompt, on a few items chosen by step; see `pick_minibatch`."""

    def compare(self, parent: str, rewrite: str) -> Comparison:
        """Return how both system prompts do on the same items and seeds, none of which a minibatch holds."""


@dataclass(frozen=True)
class Step:
    """One step: what was tried, and whether it replaced its parent. The values of a row of `agent_prompts`."""

    number: int  # from 1
    parent: str
    text: str  # the rewrite; the parent where there is none that could be stored
    minibatch: tuple[str, ...]
    criticism: tuple[str, ...]
    calls: int
    faultless: bool = False  # the critic saw nothing to mend, so nothing was tried
    accepted: bool = False
    reason: str = ""
    pairs: int = 0  # 0: the rewrite was not worth comparing
    score_parent: float | None = None
    score: float | None = None
    difference_low: float | None = None
    difference_high: float | None = None
    diversity_parent: float | None = None
    diversity: float | None = None


def refine(
    initial: str,
    rehearsal: Rehearsal,
    proposer: Proposer,
    settings: TextGradSettings,
    seed: int,
    memory: Sequence[str] = (),
    origin: str = "",
) -> Iterator[Step]:
    """Yield the steps of one refinement; the last accepted one, if any, holds the refined system prompt.

    It ends after `settings.steps` steps, after `settings.patience` refused rewrites in a row, or before a step that
    could exceed `settings.questions`. A step whose work showed no fault is no refused rewrite: a fault of one draw in
    six is missed by two minibatches of three in a row one time in three (our choice; such a step is cheap).

    Args:
        initial: the system prompt to begin with.
        rehearsal: of the agent.
        proposer: where rewrites come from.
        settings: limits.
        seed: of the refinement.
        memory: criticisms of earlier refinements, oldest first.
        origin: the text that the first refinement began with, against which growth is bounded; empty: `initial`.

    Raises:
        ValueError: the initial text does not ask for the form of answer that the agent is read by, or the budget is
            too small for a single step.
        Unanswered: a model was not reached; steps that were yielded stand.
    """
    most = rehearsal.questions + PROPOSAL_CALLS
    _refuse_vain(initial, rehearsal.agent, most, settings.questions)
    best, spent, refused = initial, 0, 0
    tried = {same_text(initial)}
    memory = list(memory)[-REMEMBERED:]
    stage = _Stage(origin or initial, rehearsal, proposer, seed)
    for number in range(1, settings.steps + 1):
        if refused >= settings.patience or spent + most > settings.questions:
            return
        step = stage.step(number, best, tried, memory)
        yield step
        spent += step.calls
        tried.add(same_text(step.text))
        memory = [*memory, *step.criticism][-REMEMBERED:]
        best, refused = (step.text, 0) if step.accepted else (best, refused + (not step.faultless))


def _refuse_vain(initial: str, agent: str, most: int, budget: int) -> None:
    if missing := lost_form(agent, initial):
        raise ValueError(
            f"the system prompt of the {agent} agent does not describe the form of its answer: {missing[0]!r} is "
            "missing. Take the sentence over from the shipped text"
        )
    if most > budget:
        raise ValueError(
            f"one step asks up to {most:,} questions, the budget is {budget:,}; raise questions or lower pairs in "
            "[textgrad]"
        )


@dataclass(frozen=True)
class _Stage:
    """What stays the same from step to step."""

    origin: str
    rehearsal: Rehearsal
    proposer: Proposer
    seed: int

    def step(self, number: int, best: str, tried: Collection[str], memory: Sequence[str]) -> Step:
        """Return what one step tried, and whether it replaces the best system prompt."""
        agent, rubric = self.rehearsal.agent, self.rehearsal.rubric
        seed = seed_of("textgrad", agent, self.seed, number)
        batch = self.rehearsal.minibatch(number, best)
        examples = tuple(item.example for item in batch.items)
        proposal = self.proposer.propose(Situation(agent, rubric, best, examples, tuple(memory), seed))
        step = _begun(number, best, batch, proposal)
        why_not = proposal.fault or refusal(agent, proposal.text or "", self.origin, tried)
        if why_not or proposal.text is None:
            return replace(step, reason=f"refused: {why_not}")
        comparison = self.rehearsal.compare(best, proposal.text)
        return _compared(step, comparison, decide(comparison, seed))


def _begun(number: int, parent: str, batch: Minibatch, proposal: Proposal) -> Step:
    text = proposal.text if proposal.text is not None and storable(proposal.text) else parent
    return Step(
        number=number,
        parent=parent,
        text=text,
        minibatch=tuple(item.name for item in batch.items),
        criticism=proposal.criticism,
        calls=batch.calls + proposal.calls,
        faultless=proposal.faultless,
    )


def _compared(step: Step, comparison: Comparison, decision: Decision) -> Step:
    return replace(
        step,
        calls=step.calls + comparison.calls,
        accepted=decision.accepted,
        reason=decision.reason,
        pairs=comparison.pairs,
        score_parent=decision.score_parent,
        score=decision.score,
        difference_low=decision.low,
        difference_high=decision.high,
        diversity_parent=comparison.diversity_parent,
        diversity=comparison.diversity,
    )
