"""The two agents whose system prompts have versions, and which versions a run works with."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

from genval_assets.rows import AgentPrompt
from genval_assets.textgrad.versions import Version, current

AgentName = Literal["prompt", "judge"]
PROMPT_AGENT: AgentName = "prompt"
JUDGE: AgentName = "judge"


@dataclass(frozen=True)
class AgentText:
    """Where one agent's versions begin, and what a person has decided about them."""

    shipped: str
    own: str = ""  # a person's text in place of the shipped one
    pinned: str = ""  # a version that a person has chosen

    @property
    def origin(self) -> str:
        """The text that the first refinement begins with."""
        return self.own or self.shipped


@dataclass(frozen=True)
class Agents:
    """The versions in force."""

    prompt: Version
    judge: Version

    def of(self, agent: AgentName) -> Version:
        """Return one agent's version."""
        return self.prompt if agent == PROMPT_AGENT else self.judge


def in_force(rows: Iterable[AgentPrompt], prompt: AgentText, judge: AgentText) -> Agents:
    """Return the versions in force.

    Raises:
        UnknownVersion: no row has a pinned version.
    """
    known = list(rows)
    return Agents(
        current(known, PROMPT_AGENT, prompt.shipped, prompt.pinned, prompt.own),
        current(known, JUDGE, judge.shipped, judge.pinned, judge.own),
    )
