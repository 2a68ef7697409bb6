"""Wiring of `optimized_prompts`: a prompt for every planned candidate of a foreground model that has none.

Prompts of earlier waves whose pictures failed are rethought first; fresh ones take the indices that are left.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from genval_assets.assets.candidates import Owed
from genval_assets.assets.cost import metered
from genval_assets.assets.judging import Validation
from genval_assets.assets.recorded import RecordedChat
from genval_assets.assets.rethinking import Evidence, Rethinking, evidence, rethought_prompts
from genval_assets.batches import Batch
from genval_assets.chat.ask import Unanswered, ask_all
from genval_assets.model_ports import ChatModel, Foregrounds
from genval_assets.prompting.factors import FactorQuestion
from genval_assets.prompting.rethink import reachable_factors
from genval_assets.prompting.rethink_settings import RethinkSettings
from genval_assets.prompting.slots import FACTORS
from genval_assets.prompting.write import Author, Factors, PromptJob, write_prompts
from genval_assets.rows import Prompt
from genval_assets.textgrad.versions import Version

STAGE = "optimized_prompts"


@dataclass(frozen=True)
class Writing:
    """Who writes prompts, and who draws and judges the pictures by which they are rethought."""

    foregrounds: Foregrounds
    agent: Version
    validation: Validation  # its chat model writes, too
    rethink: RethinkSettings


def write_missing_prompts(batch: Batch, owed: Sequence[Owed], writing: Writing) -> None:
    """Write and store the prompts that the owed candidates need: one each, of the candidate's index."""
    used = batch.tables.read(Prompt, batch.keys)
    known = {(prompt.category, prompt.index) for prompt in used}
    jobs = [
        PromptJob(one.category, one.round, one.index)
        for one in owed
        if one.source == writing.foregrounds.source and (one.category.category, one.index) not in known
    ]
    if not jobs:
        return
    with (
        metered(batch, STAGE, model="chat") as meter,
        writing.validation.chat.open() as model,
        meter.asking(RecordedChat(model, batch.tables, batch.run_id, batch.now)) as chat,
        batch.progress.stage(STAGE, len(jobs)) as advance,
    ):
        for prompts in _written(batch, jobs, used, writing, chat):
            batch.tables.append(prompts)
            meter.items += len(prompts)
            advance(len(prompts))
            batch.stop_here()


def _written(
    batch: Batch, jobs: Sequence[PromptJob], used: Sequence[Prompt], writing: Writing, chat: RecordedChat
) -> Iterator[Sequence[Prompt]]:
    """Yield the jobs' prompts, rethought ones first; categories for which the model was not reached fail."""
    found = evidence(batch, used)
    author = Author(chat, writing.agent, batch.run_id, batch.now, _factors(batch, jobs, chat, found))
    examiner = writing.validation.of_drawn(chat)
    rethinking = Rethinking(author, chat, writing.foregrounds, examiner, writing.rethink)
    everything, done = list(used), set()
    for prompts in rethought_prompts(batch, _living(batch, jobs), found, rethinking):
        everything += prompts
        done |= {(prompt.category, prompt.index) for prompt in prompts}
        yield prompts
    left = [job for job in _living(batch, jobs) if (job.category.category, job.index) not in done]
    for written in write_prompts(left, everything, author):
        for category in batch.alive:
            if category.category in written.unanswered:
                batch.fail(STAGE, category, Unanswered(written.unanswered[category.category]))
        yield written.prompts


def _factors(
    batch: Batch, jobs: Sequence[PromptJob], chat: ChatModel, found: Mapping[str, Evidence]
) -> dict[str, Factors]:
    """Return what varies between the prompts of each category; the built-in table where the model brings none.

    What the generator ignores in a category does not vary there.
    """
    categories = list({job.category.category: job.category for job in jobs}.values())
    replies = ask_all(chat, [FactorQuestion(c.category, c.name, c.definition) for c in categories])
    for category, reply in zip(categories, replies, strict=True):
        if reply.unanswered:
            batch.fail(STAGE, category, Unanswered(reply.unanswered))
    return {
        category.category: reachable_factors(reply.value or FACTORS, found[category.category].ignored)
        for category, reply in zip(categories, replies, strict=True)
    }


def _living(batch: Batch, jobs: Sequence[PromptJob]) -> list[PromptJob]:
    return [job for job in jobs if job.category.category not in batch.failed]
