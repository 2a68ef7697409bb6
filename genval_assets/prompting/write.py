"""Prompts of categories, written with the agent: asked, read, linted, asked again with the faults, or the baseline."""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from itertools import groupby

from genval_assets.keys import recipe, seed_of
from genval_assets.ports import ChatModel
from genval_assets.prompting.agent import UnreadableAnswer, agent_version, prompt_request, read_prompt_answer
from genval_assets.prompting.baseline import NEGATIVE, baseline_prompt
from genval_assets.prompting.lint import estimate_tokens, lint_prompt
from genval_assets.prompting.slots import choose_slots, read_slots
from genval_assets.rows import Category, Prompt
from genval_assets.types import ChatRequest

ATTEMPTS = 3
"""A prompt is asked for once and its faults go back at most twice."""


@dataclass(frozen=True)
class PromptJob:
    """One prompt to write: the `index`-th of its category over all rounds."""

    category: Category
    round: int
    index: int


@dataclass(frozen=True)
class Settled:
    """A prompt that is settled: the agent's, or the baseline with the reasons why the agent's were refused."""

    text: str
    origin: str  # agent | baseline
    lint: tuple[str, ...]  # reasons of the refused attempts, in order


@dataclass
class _Draft:
    """A job while it is being asked for."""

    job: PromptJob
    slots: dict[str, str]
    answers: list[str] = field(default_factory=list)


def settle_prompt(answers: Sequence[str], category: Category, accepted: Sequence[str]) -> Settled | list[str]:
    """Return the settled prompt, or the faults to send back as sentences when another attempt is left.

    Args:
        answers: the agent's raw answers so far, oldest first.
        category: whose prompt it is.
        accepted: the texts of the category's other prompts.
    """
    reasons: list[str] = []
    faults: list[str] = []
    for answer in answers:
        try:
            text = read_prompt_answer(answer)
        except UnreadableAnswer as err:
            reasons.append("unreadable")
            faults.append(str(err))
            continue
        found = lint_prompt(text, category.name, category.synonyms, accepted)
        if not found:
            return Settled(text, "agent", tuple(reasons))
        reasons += [fault.reason for fault in found]
        faults.append(f"{text[:300]!r}: " + "; ".join(f"{fault.reason}: {fault.detail}" for fault in found))
    if len(answers) < ATTEMPTS:
        return faults
    return Settled(baseline_prompt(category.name, category.definition), "baseline", tuple(reasons))


def write_prompts(
    jobs: Sequence[PromptJob],
    used: Sequence[Prompt],
    chat: ChatModel,
    system: str,
    run_id: str,
    now: datetime,
) -> Iterator[list[Prompt]]:
    """Yield the jobs' prompts in groups that can be stored at once: the next prompt of each category.

    Within a category one prompt follows the other, because the next one must differ from it and balance its slots;
    so what a stopped run has stored leads the next run to the same prompts. The model's batch is filled across
    categories.

    Args:
        jobs: in any order; each (category, index) once.
        used: prompts stored earlier, of any category.
        chat: the open text model.
        system: the agent's system prompt.
        run_id: of the run that appends the rows.
        now: UTC.
    """
    written: dict[str, list[Prompt]] = {}
    for prompt in sorted(used, key=lambda p: (p.category, p.round, p.index)):
        written.setdefault(prompt.category, []).append(prompt)
    for wave in _waves(jobs):
        drafts = [_Draft(job, _next_slots(job, written)) for job in wave]
        rows = [
            _row(draft, settled, chat, system, run_id, now)
            for draft, settled in zip(drafts, _settle(drafts, written, chat, system), strict=True)
        ]
        for row in rows:
            written.setdefault(row.category, []).append(row)
        yield rows


def _waves(jobs: Sequence[PromptJob]) -> Iterator[list[PromptJob]]:
    """Yield the first job of each category, then the second ones, and so on."""
    ordered = sorted(jobs, key=lambda j: (j.category.position, j.category.category, j.round, j.index))
    queues = [list(group) for _, group in groupby(ordered, key=lambda j: j.category.category)]
    for i in range(max((len(queue) for queue in queues), default=0)):
        yield [queue[i] for queue in queues if i < len(queue)]


def _next_slots(job: PromptJob, written: Mapping[str, Sequence[Prompt]]) -> dict[str, str]:
    category = job.category
    used = [read_slots(prompt.slots) for prompt in written.get(category.category, ())]
    return choose_slots(category.category, category.name, job.index, used)


def _settle(
    drafts: Sequence[_Draft], written: Mapping[str, Sequence[Prompt]], chat: ChatModel, system: str
) -> list[Settled]:
    """Return the settled prompt of each draft, after at most `ATTEMPTS` rounds of questions."""
    outcome: dict[int, Settled] = {}
    faults: dict[int, list[str]] = {}
    while open_drafts := [i for i in range(len(drafts)) if i not in outcome]:
        requests = [_request(drafts[i], system, faults.get(i, [])) for i in open_drafts]
        for i, answer in zip(open_drafts, _ask(chat, requests), strict=True):
            draft = drafts[i]
            draft.answers.append(answer)
            accepted = [prompt.text for prompt in written.get(draft.job.category.category, ())]
            result = settle_prompt(draft.answers, draft.job.category, accepted)
            if isinstance(result, Settled):
                outcome[i] = result
            else:
                faults[i] = result
    return [outcome[i] for i in range(len(drafts))]


def _ask(chat: ChatModel, requests: Sequence[ChatRequest]) -> Iterator[str]:
    """Yield the raw answers, in the model's own batches."""
    for start in range(0, len(requests), chat.best_batch):
        for answer in chat.ask(requests[start : start + chat.best_batch]):
            yield answer.text


def _request(draft: _Draft, system: str, faults: Sequence[str]) -> ChatRequest:
    category = draft.job.category
    seed = seed_of("ask", category.category, draft.job.index, len(draft.answers))
    return prompt_request(system, category.name, category.definition, draft.slots, seed, faults)


def _row(draft: _Draft, settled: Settled, chat: ChatModel, system: str, run_id: str, now: datetime) -> Prompt:
    job, version = draft.job, agent_version(system)
    key = job.category.category
    return Prompt(
        run_id=run_id,
        created_at=now,
        prompt_id=recipe(
            "prompts", category=key, index=job.index, agent=version, model=chat.model, revision=chat.revision
        ),
        category=key,
        round=job.round,
        index=job.index,
        text=settled.text,
        negative=NEGATIVE,
        slots=json.dumps(draft.slots if settled.origin == "agent" else {"subject": job.category.name}),
        n_tokens=estimate_tokens(settled.text),
        agent_version=version,
        origin=settled.origin,
        parent_id=None,
        lint=list(settled.lint),
        seed=seed_of("prompt", key, job.index),
    )
