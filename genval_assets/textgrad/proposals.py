"""Where rewrites come from: criticism and rewriting as TextGrad has them, and the two controls that must fail.

The loop knows only `Proposer`, so that another way to find rewrites needs no other loop.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol, TypeVar

import numpy as np

from genval_assets.chat.ask import Question, Reply, Unanswered, ask_all
from genval_assets.keys import seed_of
from genval_assets.model_ports import ChatModel
from genval_assets.textgrad.criticism import settled
from genval_assets.textgrad.roles import CriticQuestion, Example, OptimizerQuestion

T = TypeVar("T")


@dataclass(frozen=True)
class Situation:
    """What a rewrite is proposed for."""

    agent: str  # prompt | judge
    rubric: str
    system: str  # the best system prompt so far
    examples: tuple[Example, ...]  # of its work
    memory: tuple[str, ...]  # criticisms of earlier steps, oldest first
    seed: int


@dataclass(frozen=True)
class Proposal:
    """A rewrite, or why there is none."""

    text: str | None
    criticism: tuple[str, ...]  # as the optimizer was given it
    calls: int
    fault: str = ""  # why there is no text, as a sentence
    faultless: bool = False  # the critic saw nothing to mend


class Proposer(Protocol):
    """Finds a rewrite of a system prompt."""

    def propose(self, situation: Situation) -> Proposal:
        """Return a rewrite.

        Raises:
            Unanswered: a model was not reached.
        """


@dataclass(frozen=True)
class Criticised:
    """TextGrad: the critic says what is wrong, the optimizer rewrites for it."""

    chat: ChatModel

    def propose(self, situation: Situation) -> Proposal:
        """Return the optimizer's rewrite for the critic's points and similar ones of earlier steps."""
        critic = CriticQuestion(situation.agent, situation.system, situation.rubric, situation.examples, situation.seed)
        reply = _asked(self.chat, critic)
        calls = len(reply.answers)
        if reply.value is None:
            return Proposal(None, (), calls, f"the critic's answer could not be read: {reply.faults[-1]}")
        points = settled(reply.value, situation.memory) if reply.value else ()
        if not points:
            return Proposal(None, (), calls, "the critic found no fault", faultless=True)
        return _rewritten(self.chat, situation, points, calls)


@dataclass(frozen=True)
class ShuffledCriticism:
    """Control: the optimizer is given criticism that has nothing to do with the examples."""

    chat: ChatModel
    points: int = 3  # at each step

    def propose(self, situation: Situation) -> Proposal:
        """Return the optimizer's rewrite for points drawn by the seed from `UNRELATED`."""
        rng = np.random.default_rng(seed_of("shuffled", situation.seed))
        pool = UNRELATED[situation.agent]
        chosen = tuple(pool[i] for i in rng.permutation(len(pool))[: self.points])
        return _rewritten(self.chat, situation, chosen, 0)


@dataclass(frozen=True)
class RandomRewrite:
    """Control: the optimizer is given no criticism and says the same in other words."""

    chat: ChatModel

    def propose(self, situation: Situation) -> Proposal:
        """Return the optimizer's rewrite for no points."""
        return _rewritten(self.chat, situation, (), 0)


UNRELATED: Mapping[str, Sequence[str]] = {
    "prompt": (
        "Explanations are missing where a criterion is not met.",
        "The answers run on and on; nothing limits their length.",
        "The order in which the properties are described is left open.",
        "The sentences are built alike; nothing asks for variety of wording.",
        "Nothing says what to do when the definition of the category is missing.",
        "The tone wanders between cheerful and dry.",
        "na is used where a clear decision would be possible.",
        "Colours are named too coarsely; nothing asks for nuances.",
    ),
    "judge": (
        "The slot values are worked in carelessly; nothing says which may be left out.",
        "The words high-resolution and highly realistic are missing from the answers.",
        "The sentences are built alike; nothing asks for variety of wording.",
        "The mood of the picture is never mentioned.",
        "The answers run on and on; nothing limits their length.",
        "The tone wanders between cheerful and dry.",
        "Nothing says how to name colours.",
        "The time period is left out of most answers.",
    ),
}
"""Agent -> points as the other agent, or anybody's writing, might deserve them."""


def _rewritten(chat: ChatModel, situation: Situation, points: tuple[str, ...], calls: int) -> Proposal:
    reply = _asked(chat, OptimizerQuestion(situation.agent, situation.system, points, situation.seed))
    calls += len(reply.answers)
    if reply.value is None:
        return Proposal(None, points, calls, f"the optimizer's answer could not be read: {reply.faults[-1]}")
    return Proposal(reply.value, points, calls)


def _asked(chat: ChatModel, question: Question[T]) -> Reply[T]:
    (reply,) = ask_all(chat, [question])
    if reply.unanswered:
        raise Unanswered(f"the {chat.model} model was not reached: {reply.unanswered}")
    return reply
