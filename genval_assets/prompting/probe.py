"""Whether a rewritten prompt draws more good pictures than its parent: a paired probe that stops as soon as it can.

Beta posteriors of both rates from uniform priors, compared after every pair. Looking often makes chance look like
progress, so the last pair alone is judged at `accept_at`; before it, evidence has to be overwhelming (`EARLY`). The
false acceptance of an unchanged prompt, computed exactly over rates .025 to .975 with outcomes that are independent
within a pair, which is the worst case: 16 pairs, P >= .9 from pair 4 on: 25 %; from pair 8 on: 21 %; from pair 12 on:
14 %; the rule here: 10 %. Equal seeds make the outcomes of a pair alike: where they agree every second time, 4 %.
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from math import comb
from typing import Literal

from genval_assets.keys import seed_of

MIN_PAIRS = 4
"""No decision before (our choice): 4 good pictures of 4 against none are .996."""
EARLY = 0.995
"""Least probability for which a probe ends before its last pair (our choice, see above)."""
FUTILE = 0.3
"""Below this probability a probe gives up (our choice): of an unchanged prompt it draws 12.6 pairs instead of 14."""


@dataclass(frozen=True)
class Probe:
    """What a probe has found so far: pure, each pair gives a new one."""

    max_pairs: int = 16
    accept_at: float = 0.9
    pairs: int = 0
    parent_good: int = 0
    good: int = 0  # of the rewrite's pictures

    def __post_init__(self) -> None:
        if self.max_pairs < MIN_PAIRS:
            raise ValueError(
                f"a probe needs at least {MIN_PAIRS} pairs, or it could never accept; got {self.max_pairs}"
            )

    def add(self, old_good: bool, new_good: bool) -> "Probe":
        """Return the probe with one more pair, drawn on one seed.

        Raises:
            ValueError: it is decided; a further pair would be a second chance.
        """
        if self.decision:
            raise ValueError(f"the probe is decided ({self.decision} after {self.pairs} pairs); start another")
        return replace(self, pairs=self.pairs + 1, parent_good=self.parent_good + old_good, good=self.good + new_good)

    def add_until_decided(self, pairs: Iterable[tuple[bool, bool]]) -> "Probe":
        """Return the probe with the pairs up to its decision; what was drawn beyond that is left out."""
        probe = self
        for old_good, new_good in pairs:
            if probe.decision:
                break
            probe = probe.add(old_good, new_good)
        return probe

    @property
    def p_better(self) -> float:
        """Probability that the rewrite draws more good pictures."""
        return p_better(self.pairs, self.parent_good, self.good)

    @property
    def decision(self) -> Literal["accept", "refuse"] | None:
        """What is decided; None while further pairs are wanted."""
        left = self.max_pairs - self.pairs
        if self.pairs < MIN_PAIRS:
            return None
        if self.p_better >= (max(EARLY, self.accept_at) if left else self.accept_at):
            return "accept"
        reachable = p_better(self.max_pairs, self.parent_good, self.good + left) >= self.accept_at
        return None if left and reachable and self.p_better >= FUTILE else "refuse"

    @property
    def reason(self) -> str:
        """The state in a sentence."""
        found = f"{self.good} of {self.pairs} good against {self.parent_good}, P(better) {self.p_better:.3f}"
        if self.decision is None:
            return f"undecided after {self.pairs} of {self.max_pairs} pairs: {found}"
        return f"{'accepted' if self.decision == 'accept' else 'refused'}: {found}"


def p_better(pairs: int, old_good: int, new_good: int) -> float:
    """Return P(new rate > old rate) under independent uniform priors, exactly, after as many pictures of each.

    A Beta(g + 1, n - g + 1) variable is the (g + 1)-th smallest of n + 1 uniform ones. So old < new says that, of
    2n + 2 uniform variables in random order, at most `new_good` of the new ones come before the old one's: a sum of
    whole numbers, no approximation.
    """
    n, a, b = pairs, old_good, new_good
    orders = sum(comb(a + j, j) * comb(2 * n - a + 1 - j, n - a) for j in range(b + 1))
    return orders / comb(2 * n + 2, n + 1)


def pair_seed(parent_id: str, pair: int) -> int:
    """Return the seed with which both prompts of a probe draw their `pair`-th picture, counted from 0."""
    return seed_of("probe", parent_id, pair)
