"""Rewrites against the prompts they would replace: drawn on the same seeds and examined as candidates are."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import islice

from genval_assets.model_ports import ForegroundModel
from genval_assets.prompting.probe import Probe, pair_seed
from genval_assets.prompting.records import compare
from genval_assets.prompting.rethink import Rethink
from genval_assets.prompting.slots import read_slots
from genval_assets.rows import Category, Prompt
from genval_assets.validation.trials import Examiner, Trial, Tried, try_out

PAIRS_PER_LOOK = 4
"""Pairs drawn at once (our choice): of the last look at most three are drawn in vain."""


@dataclass(frozen=True)
class Contest:
    """A rewrite, the prompt that it would replace, and what their probe has found so far."""

    category: Category
    rethink: Rethink
    rewrite: Prompt  # as it would be stored
    probe: Probe
    unanswered: str = ""  # why the vision model was not reached: then the probe says nothing

    def trials(self, pair: int) -> tuple[Trial, Trial]:
        """Return the drawings of one pair: the parent's, the rewrite's."""
        seed = pair_seed(self.rethink.parent.prompt_id, pair)
        return Trial(self.category, self.rethink.parent, seed), Trial(self.category, self.rewrite, seed)


def settle(contests: Sequence[Contest], foregrounds: ForegroundModel, examiner: Examiner) -> list[Contest]:
    """Return the contests, in order, each with its probe brought to an end.

    The models' batches are filled across contests. A pair of which one picture could not be drawn or judged is left
    out and drawn with another seed, as often as the probe has pairs; after that it ends without a decision.
    """
    current = list(contests)
    first = 0
    while waiting := [i for i, one in enumerate(current) if _goes_on(one, first)]:
        pairs = range(first, first + PAIRS_PER_LOOK)
        trials = [trial for i in waiting for pair in pairs for trial in current[i].trials(pair)]
        tried = try_out(trials, foregrounds, examiner)
        for i in waiting:
            current[i] = _heard(current[i], list(islice(tried, 2 * PAIRS_PER_LOOK)))
        first += PAIRS_PER_LOOK
    return current


def _goes_on(contest: Contest, drawn: int) -> bool:
    probe = contest.probe
    return probe.decision is None and not contest.unanswered and drawn < 2 * probe.max_pairs


def _heard(contest: Contest, tried: Sequence[Tried]) -> Contest:
    for one in tried:
        if one.examined and one.examined.unanswered:
            return replace(contest, unanswered=one.examined.unanswered)
    return replace(contest, probe=contest.probe.add_until_decided(_decided_pairs(tried)))


def _decided_pairs(tried: Sequence[Tried]) -> Iterator[tuple[bool, bool]]:
    for old, new in zip(tried[::2], tried[1::2], strict=True):
        if "error" not in (old.outcome, new.outcome):
            yield is_good(old), is_good(new)


def is_good(tried: Tried) -> bool:
    """Return whether a picture is valid and shows nothing else than its own prompt asks for, as far as it tells."""
    judgement = tried.examined.judgement if tried.examined else None
    seen = judgement.seen if judgement else {}
    return tried.outcome == "accepted" and not compare(read_slots(tried.trial.prompt.slots), seen).missing
