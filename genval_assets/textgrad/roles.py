"""The roles of TextGrad beside the agent itself: a critic that only criticises, an optimizer that rewrites.

After textgrad (Yuksekgonul et al. 2024) as Gen-n-Val (arXiv 2506.04676) uses it. The prompts are our own, in
`critic.txt` and `optimizer.txt`.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from importlib.resources import files

from pydantic import Field

from genval_assets.chat.answers import Answered, UnreadableAnswer, read_answer
from genval_assets.chat.ask import worded
from genval_assets.keys import seed_of
from genval_assets.types import ChatRequest

STAGE = "agent_prompts"
LONGEST_CRITICISM = 1_500
"""Tokens, estimated as words x 1.3, that reach the optimizer (our choice)."""


class Criticism(Answered):
    """What the critic finds wrong with a system prompt, seen from what its agent did with it."""

    points: tuple[str, ...] = Field(
        min_length=0, max_length=10, description="Each one fault and what the system prompt fails to say; no rewrite."
    )


class Rewrite(Answered):
    """The whole system prompt, rewritten."""

    system_prompt: str = Field(min_length=1, max_length=12_000)


@dataclass(frozen=True)
class Example:
    """One item of a minibatch: what the agent was asked, what it answered, and what came of it."""

    asked: Mapping[str, object]
    answered: str
    outcome: str  # accepted | rejected | error, or for the judge: right | wrongly kept | wrongly refused
    reasons: tuple[str, ...] = ()


def rubric(agent: str) -> str:
    """Return what an agent is for, as the criteria that it is measured by.

    Args:
        agent: prompt | judge.
    """
    return files("genval_assets.textgrad").joinpath(f"{agent}_rubric.txt").read_text(encoding="utf-8")


@dataclass(frozen=True)
class CriticQuestion:
    """What is wrong with a system prompt? Fits `chat.ask.Question`."""

    agent: str  # prompt | judge
    system: str  # the system prompt that is criticised
    rubric: str  # what the agent is for, as the criteria it is measured by
    examples: tuple[Example, ...]
    seed: int

    def request(self, attempt: int, faults: Sequence[str]) -> ChatRequest:
        """Return the question."""
        task: dict[str, object] = {
            "agent": self.agent,
            "rubric": self.rubric,
            "system_prompt": self.system,
            "examples": [
                {"asked": dict(e.asked), "answered": e.answered, "outcome": e.outcome, "reasons": list(e.reasons)}
                for e in self.examples
            ],
        }
        return _request("critic.txt", task, Criticism, self.seed, attempt, faults)

    def read(self, text: str) -> tuple[str, ...]:
        """Return the points."""
        return read_answer(text, Criticism).points


@dataclass(frozen=True)
class OptimizerQuestion:
    """How should a system prompt read, given the criticism? Fits `chat.ask.Question`."""

    agent: str
    system: str
    criticism: tuple[str, ...]
    seed: int

    def request(self, attempt: int, faults: Sequence[str]) -> ChatRequest:
        """Return the question."""
        task: dict[str, object] = {
            "agent": self.agent,
            "system_prompt": self.system,
            "criticism": list(self.criticism),
        }
        return _request("optimizer.txt", task, Rewrite, self.seed, attempt, faults)

    def read(self, text: str) -> str:
        """Return the rewritten system prompt."""
        prompt = read_answer(text, Rewrite).system_prompt.strip()
        if not prompt:
            raise UnreadableAnswer("system_prompt: expected a system prompt, got blanks")
        return prompt


def _request(
    role: str, task: dict[str, object], schema: type[Answered], seed: int, attempt: int, faults: Sequence[str]
) -> ChatRequest:
    system = files("genval_assets.textgrad").joinpath(role).read_text(encoding="utf-8")
    return ChatRequest(
        STAGE,
        system,
        worded(task, faults),
        schema,
        seed=seed_of("textgrad", role, seed, attempt),
        temperature=0.7,
        attempt=attempt,
    )
