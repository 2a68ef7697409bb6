"""Wiring of `optimized_prompts`: a prompt for every planned candidate of a foreground model that has none."""

from collections.abc import Sequence

from genval_assets.assets.cost import metered
from genval_assets.assets.drawing import Owed
from genval_assets.batches import Batch
from genval_assets.ports import Chat
from genval_assets.prompting.agent import system_prompt
from genval_assets.prompting.write import PromptJob, write_prompts
from genval_assets.rows import Prompt
from genval_assets.topup.owed import CUTOUT

STAGE = "optimized_prompts"


def write_missing_prompts(batch: Batch, owed: Sequence[Owed], chat: Chat) -> None:
    """Write and store the prompts that the owed candidates need: one each, of the candidate's index."""
    used = batch.tables.read(Prompt, batch.keys)
    known = {(prompt.category, prompt.index) for prompt in used}
    jobs = [
        PromptJob(one.category, one.round, one.index)
        for one in owed
        if one.source != CUTOUT and (one.category.category, one.index) not in known
    ]
    if not jobs:
        return
    with metered(batch, STAGE, model="chat", items=len(jobs)) as meter, chat.open() as model:
        meter.opened(f"{model.model}@{model.revision}")
        with batch.progress.stage(STAGE, len(jobs)) as advance:
            for rows in write_prompts(jobs, used, model, system_prompt(), batch.run_id, batch.now):
                batch.tables.append(rows)
                advance(len(rows))
                batch.stop_here()
