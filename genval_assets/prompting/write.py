"""Prompts of categories, written with the agent: asked, read, linted, asked again with the faults, or the baseline."""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from itertools import groupby

from genval_assets.chat.ask import Reply, ask_all
from genval_assets.keys import recipe, seed_of
from genval_assets.model_ports import ChatModel
from genval_assets.prompting.agent import PromptQuestion
from genval_assets.prompting.baseline import NEGATIVE, baseline_prompt
from genval_assets.prompting.lint import estimate_tokens
from genval_assets.prompting.slots import FACTORS, choose_slots, read_slots
from genval_assets.rows import Category, Prompt
from genval_assets.textgrad.versions import Version

Factors = Mapping[str, Sequence[str]]


@dataclass(frozen=True)
class PromptJob:
    """One prompt to write: the `index`-th of its category over all rounds."""

    category: Category
    round: int
    index: int


@dataclass(frozen=True)
class Author:
    """Who writes: the open text model under one version of the agent's system prompt, for one run."""

    chat: ChatModel
    agent: Version
    run_id: str
    now: datetime  # UTC
    factors: Mapping[str, Factors] = field(default_factory=dict)  # by category key; the built-in table for others
    lint: bool = True  # False: whatever is written is taken, which only measurements want


@dataclass(frozen=True)
class Written:
    """Prompts that can be stored at once, and the categories for which the model was not reached, with why."""

    prompts: tuple[Prompt, ...]
    unanswered: Mapping[str, str]  # category key -> error; none of its later jobs is tried


def write_prompts(jobs: Sequence[PromptJob], used: Sequence[Prompt], author: Author) -> Iterator[Written]:
    """Yield the jobs' prompts in groups that can be stored at once: the next prompt of each category.

    Within a category one prompt follows the other, because the next one must differ from it and balance its slots;
    so what a stopped run has stored leads the next run to the same prompts. The model's batch is filled across
    categories.

    Args:
        jobs: in any order; each (category, index) once.
        used: prompts stored earlier, of any category.
        author: who writes.
    """
    written: dict[str, list[Prompt]] = {}
    for prompt in sorted(used, key=lambda p: (p.category, p.round, p.index)):
        written.setdefault(prompt.category, []).append(prompt)
    lost: dict[str, str] = {}
    for wave in _waves(jobs):
        group = _write([job for job in wave if job.category.category not in lost], written, author)
        lost |= group.unanswered
        for row in group.prompts:
            written.setdefault(row.category, []).append(row)
        yield group


def _waves(jobs: Sequence[PromptJob]) -> Iterator[list[PromptJob]]:
    """Yield the first job of each category, then the second ones, and so on."""
    ordered = sorted(jobs, key=lambda j: (j.category.position, j.category.category, j.round, j.index))
    queues = [list(group) for _, group in groupby(ordered, key=lambda j: j.category.category)]
    for i in range(max((len(queue) for queue in queues), default=0)):
        yield [queue[i] for queue in queues if i < len(queue)]


def _write(jobs: Sequence[PromptJob], written: Mapping[str, Sequence[Prompt]], author: Author) -> Written:
    questions = [_question(job, written.get(job.category.category, ()), author) for job in jobs]
    prompts, unanswered = [], {}
    for job, question, reply in zip(jobs, questions, ask_all(author.chat, questions), strict=True):
        if reply.unanswered:
            unanswered[job.category.category] = reply.unanswered
        else:
            prompts.append(_row(job, question, reply, author))
    return Written(tuple(prompts), unanswered)


def _question(job: PromptJob, used: Sequence[Prompt], author: Author) -> PromptQuestion:
    category = job.category
    factors = author.factors.get(category.category, FACTORS)
    before = [read_slots(prompt.slots) for prompt in used]
    slots = choose_slots(category.category, category.name, job.index, before, factors)
    accepted = tuple(prompt.text for prompt in used)
    return PromptQuestion(author.agent.text, category, job.index, slots, accepted, author.lint)


def _row(job: PromptJob, question: PromptQuestion, reply: Reply[str], author: Author) -> Prompt:
    """Return the agent's prompt, or the baseline where no attempt brought one that can be used."""
    category, by_agent = job.category, reply.value is not None
    text = reply.value or baseline_prompt(category.name, category.definition)
    return prompt_row(
        job,
        text,
        question.slots if by_agent else {"subject": category.name},
        author,
        origin="agent" if by_agent else "baseline",
        lint=reply.reasons,
    )


def prompt_row(
    job: PromptJob,
    text: str,
    slots: Mapping[str, str],
    author: Author,
    *,
    origin: str,
    lint: Sequence[str] = (),
    parent_id: str | None = None,
) -> Prompt:
    """Return the row of a prompt.

    Args:
        job: whose prompt it is.
        text: as it goes to the foreground model.
        slots: slot -> value that the text states.
        author: who wrote it.
        origin: agent | baseline | rethink.
        lint: reasons for which earlier attempts were refused, in order.
        parent_id: the prompt that this one replaces.
    """
    key, agent = job.category.category, author.agent.version
    model, revision = author.chat.model, author.chat.revision
    return Prompt(
        run_id=author.run_id,
        created_at=author.now,
        prompt_id=recipe(
            "prompts", category=key, index=job.index, agent=agent, model=model, revision=revision, parent=parent_id
        ),
        category=key,
        round=job.round,
        index=job.index,
        text=text,
        negative=NEGATIVE,
        slots=json.dumps(dict(slots)),
        n_tokens=estimate_tokens(text),
        agent_version=agent,
        origin=origin,
        parent_id=parent_id,
        lint=list(lint),
        seed=seed_of("prompt", key, job.index),
    )
