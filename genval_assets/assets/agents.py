"""Wiring of `agent_prompts`: both agents' system prompts refined by TextGrad, each step a row, accepted or not.

Materializing it is a decision: it costs draws and questions. Until somebody does, the shipped texts are in force.
"""

from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import UTC, datetime

import dagster as dg
from pydantic import Field

from genval_assets import keys
from genval_assets.assets.agent_rows import refinement_metadata, start_row, step_row
from genval_assets.assets.catalog import OWNERS
from genval_assets.assets.cost import metered_run
from genval_assets.assets.device import device_held, refuse_missing
from genval_assets.assets.golden import bring_golden_labels, judge_golden, labelled_candidates
from genval_assets.assets.judging import validation_of
from genval_assets.assets.recorded import RecordedChat
from genval_assets.concepts.register import active
from genval_assets.model_ports import Chat, Embedders, Foregrounds, Gauge
from genval_assets.ports import GoldenSource, Images, Locks, Tables
from genval_assets.project import Project
from genval_assets.rows import AgentPrompt, Category
from genval_assets.runs import lock_name
from genval_assets.textgrad.agents import JUDGE, PROMPT_AGENT, AgentName
from genval_assets.textgrad.judge_rehearsal import JudgeRehearsal, Labelled
from genval_assets.textgrad.loop import Rehearsal, Step, refine
from genval_assets.textgrad.prompt_rehearsal import PromptRehearsal, Studio
from genval_assets.textgrad.proposals import Criticised
from genval_assets.validation.trials import Examiner

STAGE = "agent_prompts"
LEAST_GOLDEN = 20
"""Labels in the acceptance set under which the validation agent is not refined: the interval would mean nothing."""


class RefinementConfig(dg.Config):
    """What a refinement may be told. Nothing needs to be."""

    steps: int = Field(default=0, ge=0, le=100, description="Most rewrites tried per agent; 0: as the settings say.")
    prompt_agent: bool = Field(default=True, description="Refine the prompt agent.")
    judge: bool = Field(default=True, description="Refine the validation agent, where there are golden labels.")


@dataclass(frozen=True)
class Refining:
    """What refinements of one run share: everything open."""

    project: Project
    tables: Tables
    opener: Chat
    chat: RecordedChat
    run_id: str
    now: datetime
    steps: int

    def examiner(self) -> Examiner:
        """Return who examines, with the validation agent's version in force."""
        agent = self.project.agents(self.tables).judge
        return validation_of(self.project, self.opener, agent).of_drawn(self.chat)

    def asked(self) -> int:
        """Return how many questions were put to the model so far, those answered from the record included."""
        return self.chat.asked + self.chat.recalled


def agent_prompts(pool: str | None = None) -> dg.AssetsDefinition:
    """Return the asset; its runs wait for their turn in Dagster's `pool`, where there is one."""

    @dg.asset(
        name=STAGE,
        deps=["concept_list"],
        group_name="agents",
        owners=OWNERS,
        tags={"system": "gen-n-val"},
        kinds={"text", "parquet"},
        description="Versions of the prompt agent's and the validation agent's system prompts, refined by TextGrad: "
        "criticised, rewritten, and accepted only on paired draws. Costs draws and questions; nothing requests it.",
        pool=pool,
    )
    def refined(
        context: dg.AssetExecutionContext,
        config: RefinementConfig,
        project: dg.ResourceParam[Project],
        tables: dg.ResourceParam[Tables],
        images: dg.ResourceParam[Images],
        chat: dg.ResourceParam[Chat],
        rehearsal_foregrounds: dg.ResourceParam[Foregrounds],
        embedders: dg.ResourceParam[Embedders],
        golden: dg.ResourceParam[GoldenSource],
        gauge: dg.ResourceParam[Gauge],
        locks: dg.ResourceParam[Locks],
    ) -> dg.MaterializeResult[None]:
        """Refine the validation agent first, because it scores the prompt agent's draws; then the prompt agent.

        Raises:
            ModelUnavailable: a model cannot be opened; nothing was begun.
        """
        refuse_missing((chat, rehearsal_foregrounds, embedders) if config.prompt_agent else (chat,))
        run_id, now = context.run.run_id, datetime.now(UTC)
        categories = [c for c in active(tables.read(Category)).values() if rehearsal_foregrounds.can_draw(c.name)]
        steps: dict[AgentName, list[Step]] = {}
        with (
            locks.hold(lock_name(run_id)),
            device_held(project, locks),
            metered_run(tables, STAGE, run_id, now, gauge) as meter,
            ExitStack() as stack,
        ):
            recorded = RecordedChat(stack.enter_context(chat.open()), tables, run_id, now)
            asking = stack.enter_context(meter.asking(recorded))
            refining = Refining(project, tables, chat, asking, run_id, now, config.steps)
            bring_golden_labels(tables, images, golden, categories, run_id, now)
            labelled = labelled_candidates(tables, images)
            if config.judge:
                steps[JUDGE] = list(_refine_judge(context, refining, labelled))
            judge_golden(tables, labelled, refining.examiner(), run_id, now)
            if config.prompt_agent and not categories:
                context.log.info("the prompt agent is not refined: the foreground model draws none of the categories")
            elif config.prompt_agent:
                with rehearsal_foregrounds.open() as foregrounds, embedders.open() as embedder:
                    studio = Studio(recorded, foregrounds, refining.examiner(), embedder)
                    steps[PROMPT_AGENT] = list(_refine_prompts(context, refining, categories, studio))
            meter.items = sum(len(of_agent) for of_agent in steps.values())
        return dg.MaterializeResult(metadata=refinement_metadata(steps, project.agents(tables)))

    return refined


def _refine_judge(
    context: dg.AssetExecutionContext, refining: Refining, labelled: Sequence[Labelled]
) -> Iterator[Step]:
    settings, seed = refining.project.settings.textgrad, refining.project.settings.project.seed
    rehearsal = JudgeRehearsal(labelled, refining.examiner(), settings.minibatch, seed, refining.asked)
    if rehearsal.compared < LEAST_GOLDEN:
        context.log.info(
            f"the validation agent is not refined: {rehearsal.compared} golden labels to compare on, at least "
            f"{LEAST_GOLDEN} are needed; `genval review` makes them"
        )
        return
    yield from _refine(context, refining, rehearsal, JUDGE)


def _refine_prompts(
    context: dg.AssetExecutionContext, refining: Refining, categories: Sequence[Category], studio: Studio
) -> Iterator[Step]:
    settings, seed = refining.project.settings.textgrad, refining.project.settings.project.seed
    rehearsal = PromptRehearsal(categories, studio, settings.pairs, settings.minibatch, seed, refining.asked)
    yield from _refine(context, refining, rehearsal, PROMPT_AGENT)


def _refine(
    context: dg.AssetExecutionContext, refining: Refining, rehearsal: Rehearsal, agent: AgentName
) -> Iterator[Step]:
    """Refine one agent from the version in force, storing each step before the next begins."""
    settings = refining.project.settings.textgrad
    if refining.steps:
        settings = settings.model_copy(update={"steps": refining.steps})
    rows = refining.tables.read(AgentPrompt, [agent])
    version = refining.project.agents(refining.tables).of(agent)
    known = {row.agent_prompt_id for row in rows}
    start = start_row(agent, version, refining.run_id, refining.now)
    refining.tables.append([start] if start.agent_prompt_id not in known else [])
    number = max((row.refinement for row in rows), default=0) + 1
    origin = refining.project.agent_text(agent).origin
    memory = [point for row in sorted(rows, key=lambda r: (r.refinement, r.step)) for point in row.criticism]
    seed = keys.seed_of("refinement", agent, refining.project.settings.project.seed, number)
    for step in refine(version.text, rehearsal, Criticised(refining.chat), settings, seed, memory, origin):
        refining.tables.append([step_row(agent, step, number, refining.run_id, refining.now)])
        context.log.info(f"{agent} agent, refinement {number}, step {step.number}: {step.reason}")
        yield step
