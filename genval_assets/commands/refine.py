"""`genval refine`: the agents' system prompts refined by TextGrad, as one run of `agent_prompts`."""

import json
from collections.abc import Iterable, Sequence
from dataclasses import asdict
from pathlib import Path

from genval_assets.commands.session import Session, say, session, stop
from genval_assets.commands.top_up import prepare
from genval_assets.rows import AgentPrompt
from genval_assets.runs import errors

ASSET = "agent_prompts"


def refine(home: Path, *, steps: int, as_json: bool) -> None:
    """Refine both agents and print the steps; exit code 1 if the run failed."""
    with session(home) as one:
        made = refined(one, steps)
        agents = one.project.agents(one.tables)
    if as_json:
        print(json.dumps([asdict(row) for row in made], default=str))
        return
    tell_steps(made)
    say(f"in force: prompt agent {agents.prompt.version}, validation agent {agents.judge.version}")


def refined(one: Session, steps: int = 0) -> list[AgentPrompt]:
    """Run one refinement of both agents and return its steps; the command ends with exit code 1 if it failed."""
    one.project.agents(one.tables)  # faults of the settings end the command before any work
    prepare(one)
    known = one.tables.ids(AgentPrompt)
    result = one.materialize([ASSET], {ASSET: {"steps": steps}})
    if not result.success:
        stop("\n".join(errors(result.all_events)), 1)
    return [row for row in one.tables.read(AgentPrompt) if row.step and row.agent_prompt_id not in known]


def tell_steps(rows: Iterable[AgentPrompt]) -> None:
    """Write a line for each step of TextGrad."""
    ordered: Sequence[AgentPrompt] = sorted(rows, key=lambda row: (row.agent, row.refinement, row.step))
    tried = [row for row in ordered if row.criticism or row.pairs]
    for row in tried:
        score = "" if row.score is None else f" score {row.score_parent:.2f} -> {row.score:.2f};"
        say(f"TextGrad, {row.agent} agent, step {row.step}:{score} {row.reason}")
    if len(tried) < len(ordered):
        say(f"TextGrad: in {len(ordered) - len(tried)} further steps the critic found no fault")
    if not ordered:
        say("nothing was refined; the log of the run in the UI says why")
