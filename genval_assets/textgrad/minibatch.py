"""Which items a step of TextGrad looks at: every frequency band and every reject reason in its turn."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

from genval_assets.keys import seed_of
from genval_assets.rows import Category


@dataclass(frozen=True)
class Pickable:
    """An item that a minibatch can hold; drawn, judged and criticised only there, never in acceptance."""

    name: str  # unique; it stands in `agent_prompts.minibatch`
    band: str  # how frequent its category is, such as r | c | f
    last_reason: str = ""  # for which its like was refused last; empty where it was accepted or never tried


def band(category: Category) -> str:
    """Return how frequent a category is: r | c | f where its file says so (LVIS), else rare | other."""
    return category.frequency or ("rare" if category.rare else "other")


def pick_minibatch(pool: Sequence[Pickable], size: int, step: int, seed: int) -> list[Pickable]:
    """Return `size` items, stratified by (last reject reason, band): one of each stratum, the refused ones first.

    The strata take turns from step to step, so that a rare fault is looked at as often as a frequent one. The
    choice within a stratum depends on seed and step. Fewer items come back where the pool has no more.

    Args:
        pool: what there is to choose from; names are unique.
        size: items wanted.
        step: of the refinement, from 1.
        seed: of the refinement.
    """
    strata: dict[tuple[str, str], list[Pickable]] = defaultdict(list)
    for item in sorted(pool, key=lambda item: seed_of("minibatch", seed, step, item.name)):
        strata[item.last_reason, item.band].append(item)
    turns = sorted(strata, key=lambda stratum: (not stratum[0], seed_of("stratum", seed, *stratum)))
    start = (step - 1) * size % max(1, len(turns))
    queues = [strata[stratum] for stratum in turns[start:] + turns[:start]]
    depth = max((len(queue) for queue in queues), default=0)
    return [queue[i] for i in range(depth) for queue in queues if i < len(queue)][:size]
