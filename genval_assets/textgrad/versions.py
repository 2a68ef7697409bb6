"""Which text an agent works with: pinned by a person, last accepted by TextGrad, a person's own, or the shipped one."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from genval_assets.keys import agent_version
from genval_assets.rows import AgentPrompt


class UnknownVersion(ValueError):
    """A person has chosen a version of a system prompt that nobody has written."""


@dataclass(frozen=True)
class Version:
    """A system prompt and the name that downstream rows know it by."""

    text: str
    version: str
    written_by: str  # shipped | person | textgrad


def current(rows: Iterable[AgentPrompt], agent: str, shipped: str, pinned: str = "", own: str = "") -> Version:
    """Return the system prompt that an agent works with.

    A pinned version is used whatever it is, also one that TextGrad refused. Else it is the last one that TextGrad
    accepted, by (refinement, step); a person's own text counts only refinements that began with it. Else that
    text, or the shipped one.

    Args:
        rows: of any agent, in any order.
        agent: prompt | judge.
        shipped: the text that comes with genval.
        pinned: a version; empty for none.
        own: a person's text in place of the shipped one; empty for none.

    Raises:
        UnknownVersion: the pinned version is not known; the message lists those that are.
    """
    of_agent = [row for row in rows if row.agent == agent]
    start = Version(own, agent_version(own), "person") if own else Version(shipped, agent_version(shipped), "shipped")
    if pinned:
        return _pinned(of_agent, agent, start, pinned)
    accepted = sorted(
        (row for row in of_agent if row.written_by == "textgrad" and row.accepted),
        key=lambda row: (row.refinement, row.step, row.version),
    )
    if own:
        accepted = _descended(accepted, start.version)
    return _version(accepted[-1]) if accepted else start


def _pinned(rows: Sequence[AgentPrompt], agent: str, start: Version, pinned: str) -> Version:
    known = {start.version: start, **{row.version: _version(row) for row in rows}}
    if pinned not in known:
        raise UnknownVersion(f"no version {pinned!r} of the {agent} agent; known: {', '.join(sorted(known))}")
    return known[pinned]


def _descended(accepted: Sequence[AgentPrompt], start: str) -> list[AgentPrompt]:
    """Return the rows, in order, whose parents lead back to a version."""
    family = {start}
    kept = []
    for row in accepted:
        if row.parent_version in family:
            family.add(row.version)
            kept.append(row)
    return kept


def _version(row: AgentPrompt) -> Version:
    return Version(row.text, row.version, row.written_by)
