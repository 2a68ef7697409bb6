"""Which candidates a person should look at next."""

import random
from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from typing import TypeVar

from genval_assets.rows import Verdict

T = TypeVar("T")


def in_review_order(verdicts: Iterable[Verdict], labelled: Collection[str], seed: int) -> list[Verdict]:
    """Return candidates so that the first n of them are a stratified sample, for every n.

    Strata are the outcomes (accepted, rejected by the vision model, rejected by the gate) and, within each, the
    categories. Both take part in proportion to their size: then what is measured on the sample, precision and recall
    and the rates of `invalid_rates`, holds for all candidates without weights (our choice). Nothing was decided on
    errors, so they are not shown. Candidates with a label come after all others.

    Args:
        verdicts: of gate and vision model, one per candidate.
        labelled: instances that a person has labelled.
        seed: another order for another number.
    """
    decided = [verdict for verdict in verdicts if verdict.outcome != "error"]
    new = [verdict for verdict in decided if verdict.instance_id not in labelled]
    known = [verdict for verdict in decided if verdict.instance_id in labelled]
    return [*_stratified(new, seed), *_stratified(known, seed)]


def shuffled(verdicts: Sequence[Verdict], seed: int) -> list[Verdict]:
    """Return the candidates in an order that tells nothing of their outcome."""
    mixed = sorted(verdicts, key=lambda verdict: verdict.instance_id)
    random.Random(seed).shuffle(mixed)  # noqa: S311 - no secret
    return mixed


def _stratified(verdicts: Sequence[Verdict], seed: int) -> list[Verdict]:
    rng = random.Random(seed)  # noqa: S311 - no secret
    outcomes: dict[str, dict[str, list[Verdict]]] = defaultdict(lambda: defaultdict(list))
    for verdict in sorted(verdicts, key=lambda verdict: verdict.instance_id):
        outcome = verdict.outcome if verdict.outcome == "accepted" else verdict.stage
        outcomes[outcome][verdict.category].append(verdict)
    groups = []
    for _, categories in sorted(outcomes.items()):
        for members in categories.values():
            rng.shuffle(members)
        groups.append(_merged([members for _, members in sorted(categories.items())], rng))
    return _merged(groups, rng)


def _merged(groups: Sequence[Sequence[T]], rng: random.Random) -> list[T]:
    """Return the members of all groups, each group's in its order and spread evenly over the whole."""
    places = []
    for group in groups:
        offset = rng.random()
        places += [((rank + offset) / len(group), member) for rank, member in enumerate(group)]
    return [member for _, member in sorted(places, key=lambda place: place[0])]
