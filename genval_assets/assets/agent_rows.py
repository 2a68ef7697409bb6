"""Wiring of what a refinement leaves behind: a row of `agent_prompts` per step, and what people see of it in the UI."""

import re
from collections.abc import Mapping, Sequence
from datetime import datetime

import dagster as dg

from genval_assets import keys
from genval_assets.assets.previews import Metadata
from genval_assets.rows import AgentPrompt
from genval_assets.textgrad.agents import AgentName, Agents
from genval_assets.textgrad.loop import Step
from genval_assets.textgrad.versions import Version


def start_row(agent: AgentName, version: Version, run_id: str, now: datetime) -> AgentPrompt:
    """Return the row of the text that a refinement begins with, where nobody has stored it yet."""
    return AgentPrompt(
        agent_prompt_id=keys.recipe("agent_prompts", agent=agent, version=version.version),
        run_id=run_id,
        created_at=now,
        agent=agent,
        version=version.version,
        text=version.text,
        written_by=version.written_by,
        refinement=0,
        step=0,
        parent_version=None,
        minibatch=[],
        criticism=[],
        pairs=0,
        score_parent=None,
        score=None,
        difference_low=None,
        difference_high=None,
        diversity_parent=None,
        diversity=None,
        accepted=True,
        reason="what refinements begin with",
        calls=0,
    )


def step_row(agent: AgentName, step: Step, refinement: int, run_id: str, now: datetime) -> AgentPrompt:
    """Return the row of one step of TextGrad."""
    return AgentPrompt(
        agent_prompt_id=keys.recipe(  # the run tells two refinements apart that began at once
            "agent_prompts", agent=agent, refinement=refinement, step=step.number, run_id=run_id
        ),
        run_id=run_id,
        created_at=now,
        agent=agent,
        version=keys.agent_version(step.text),
        text=step.text,
        written_by="textgrad",
        refinement=refinement,
        step=step.number,
        parent_version=keys.agent_version(step.parent),
        minibatch=list(step.minibatch),
        criticism=list(step.criticism),
        pairs=step.pairs,
        score_parent=step.score_parent,
        score=step.score,
        difference_low=step.difference_low,
        difference_high=step.difference_high,
        diversity_parent=step.diversity_parent,
        diversity=step.diversity,
        accepted=step.accepted,
        reason=step.reason,
        calls=step.calls,
    )


def refinement_metadata(steps: Mapping[AgentName, Sequence[Step]], agents: Agents) -> Metadata:
    """Return what people see of a refinement: its steps as a table, and the versions in force since."""
    records = [
        dg.TableRecord(
            {
                "agent": agent,
                "step": step.number,
                "accepted": step.accepted,
                "score": "" if step.score is None else f"{step.score_parent:.3f} → {step.score:.3f}",
                "criticism": " | ".join(step.criticism)[:300],
                "reason": step.reason,
            }
        )
        for agent, of_agent in steps.items()
        for step in of_agent
    ]
    columns = [dg.TableColumn(name, "string") for name in ("agent", "score", "criticism", "reason")]
    columns += [dg.TableColumn("step", "int"), dg.TableColumn("accepted", "bool")]
    table = {"steps": dg.MetadataValue.table(records, schema=dg.TableSchema(columns))} if records else {}
    return {
        "prompt_agent": agents.prompt.version,
        "judge": agents.judge.version,
        "accepted": sum(step.accepted for of_agent in steps.values() for step in of_agent),
        "prompt_agent_text": dg.MetadataValue.md(_verbatim(agents.prompt.text)),
        **table,
    }


def _verbatim(text: str) -> str:
    """Return Markdown that shows a text as it is: its fence is longer than any row of backticks in it."""
    fence = "`" * (1 + max(map(len, re.findall("`+", text)), default=2))
    return f"{fence}text\n{text}\n{fence}"
