"""Which rounds of a category brought more valid pictures than it needs, and of which of them some may stay unused.

A round is decided on once for a target. What it left out then stays left out while the target is no higher and what
is used reaches it; so a run that was killed goes on with the same pictures. How the best are told: `selection.py`.
"""

from collections import defaultdict
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass

from genval_assets.instances.effective import effective_instances
from genval_assets.rows import Category, Verdict
from genval_assets.topup.owed import CUTOUT
from genval_assets.validation.selection import kept


@dataclass(frozen=True)
class Held:
    """What is known of one category's valid pictures."""

    accepted: Sequence[Verdict]  # in force; real cut-outs included
    composed: Collection[str] = ()  # instances that have, or had, a scene of their own
    unplaced: Collection[str] = ()  # instances that no scene could hold
    left_out: Collection[str] = ()  # instances not selected at a target that is at least today's


@dataclass(frozen=True)
class Overshoot:
    """A round of which some pictures stay unused, or may."""

    round: int
    members: tuple[Verdict, ...]  # drawn, accepted, and not such as no scene could hold
    waiting: frozenset[str]  # those of the members that have no scene
    needed: int  # so many of the members are used at least
    left_out: frozenset[str] | None  # as decided earlier; None: to be decided now


def overshoots(category: Category, held: Held, keep_share: float) -> Iterator[Overshoot]:
    """Yield the rounds that exceed the target, in their order; none while the category is under it.

    Real cut-outs are never left out. Never more is left out than the category has above its target, all rounds
    together. An earlier decision is worked off before another is made; then it is made anew if what was left out is
    needed by now: a person refused some that were used, or no scene could hold them.
    """
    if keep_share >= 1:
        return
    spare = max(0, _counting(category, held, held.accepted) - category.target)
    for number, drawn in sorted(_drawn(held.accepted).items()):
        before = [one for one in held.accepted if one.round < number]
        members = [one for one in drawn if one.instance_id not in held.unplaced]
        waiting = frozenset(one.instance_id for one in members).difference(held.composed)
        earlier = waiting.intersection(held.left_out)
        needed = max(0, category.target - _counting(category, held, before), len(members) - spare)
        if earlier and (waiting - earlier or len(earlier) <= len(members) - needed):
            spare -= len(earlier)
            yield Overshoot(number, tuple(members), waiting, needed, earlier)
        elif waiting and kept(len(members), needed, keep_share) < len(members):
            spare -= len(members) - kept(len(members), needed, keep_share)
            yield Overshoot(number, tuple(members), waiting, needed, None)


def _drawn(accepted: Sequence[Verdict]) -> dict[int, list[Verdict]]:
    rounds: dict[int, list[Verdict]] = defaultdict(list)
    for one in accepted:
        if one.source != CUTOUT:
            rounds[one.round].append(one)
    return rounds


def _counting(category: Category, held: Held, some: Sequence[Verdict]) -> int:
    """Return how many instances count towards the target, real ones and these accepted ones together."""
    unplaced = sum(one.instance_id in held.unplaced for one in some)
    return category.instance_count + max(0, effective_instances(one.reference_id for one in some) - unplaced)
