"""Wiring of replies: what a model was not reached for fails its category, and stays owed."""

from collections.abc import Iterator, Sequence
from typing import TypeVar

from genval_assets.batches import Batch, OfCategory
from genval_assets.chat.ask import Reply, Unanswered

T = TypeVar("T")


def answered(
    batch: Batch, stage: str, jobs: Sequence[OfCategory], replies: Sequence[Reply[T]]
) -> Iterator[tuple[int, Reply[T]]]:
    """Yield place and reply of the jobs for which the model was reached; the categories of the others fail.

    Args:
        batch: whose categories they are.
        stage: that asked.
        jobs: what was asked for.
        replies: one per job, in order.
    """
    for i, (job, reply) in enumerate(zip(jobs, replies, strict=True)):
        if reply.unanswered:
            batch.fail(stage, job.category, Unanswered(reply.unanswered))
        else:
            yield i, reply
