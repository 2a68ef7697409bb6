"""What became of every candidate of a project, as far as its pages tell: counts, reasons, and rejects to look at."""

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass

from genval_assets.rows import Instance, Verdict

SHOWN = 48
"""Rejects per reason that are kept to look at (our choice): one sheet of 8 x 6."""


@dataclass(frozen=True)
class CategoryCandidates:
    """The candidates of one category by the verdicts in force."""

    category: str  # key
    accepted: int
    rejected: int
    errors: int  # count in no rate
    reasons: tuple[tuple[str, int], ...]  # (reason code, rejected candidates), the commonest first

    @property
    def judged(self) -> int:
        """Accepted and rejected ones."""
        return self.accepted + self.rejected


@dataclass(frozen=True)
class Reject:
    """A rejected candidate to look at."""

    instance_id: str
    category: str  # key
    image: str  # what was drawn, path relative to the home; `genval gc` may have taken it


@dataclass(frozen=True)
class RejectGroup:
    """The candidates that one reason refused; a candidate may be in several groups."""

    reason: str  # code
    count: int
    shown: tuple[Reject, ...]  # the newest of each category first, then the second newest of each, and so on


@dataclass(frozen=True)
class Candidates:
    """All candidates of a project's categories. Every tuple has a fixed order."""

    categories: tuple[CategoryCandidates, ...] = ()  # by key; only those with a verdict
    rejects: tuple[RejectGroup, ...] = ()  # the commonest reason first


def candidates(
    verdicts: Iterable[Verdict], instances: Iterable[Instance], categories: Collection[str], shown: int = SHOWN
) -> Candidates:
    """Return the candidates of the given categories, with at most `shown` rejects per reason.

    Args:
        verdicts: those in force, in any order.
        instances: at least the rejected ones; one that is not given is counted, and not shown.
        categories: keys; candidates of other categories are left out.
        shown: how many rejects of a reason are kept to look at.
    """
    of_category: dict[str, list[Verdict]] = defaultdict(list)
    for verdict in verdicts:
        if verdict.category in categories:
            of_category[verdict.category].append(verdict)
    of_reason: dict[str, list[Verdict]] = defaultdict(list)
    for verdict in (v for judged in of_category.values() for v in judged if v.outcome == "rejected"):
        for reason in set(verdict.reasons):
            of_reason[reason].append(verdict)
    images = {i.instance_id: i.image for i in instances}
    there = {reason: [v for v in rejected if v.instance_id in images] for reason, rejected in of_reason.items()}
    chosen = {reason: _chosen(rejected, shown) for reason, rejected in there.items()}
    counts = Counter({reason: len(rejected) for reason, rejected in of_reason.items()})
    return Candidates(
        categories=tuple(_of_category(key, judged) for key, judged in sorted(of_category.items())),
        rejects=tuple(RejectGroup(reason, n, _rejects(chosen[reason], images)) for reason, n in _commonest(counts)),
    )


def _of_category(category: str, verdicts: Iterable[Verdict]) -> CategoryCandidates:
    outcomes: Counter[str] = Counter()
    reasons: Counter[str] = Counter()
    for verdict in verdicts:
        outcomes[verdict.outcome] += 1
        if verdict.outcome == "rejected":
            reasons.update(set(verdict.reasons))
    return CategoryCandidates(
        category, outcomes["accepted"], outcomes["rejected"], outcomes["error"], tuple(_commonest(reasons))
    )


def _commonest(counts: Counter[str]) -> list[tuple[str, int]]:
    return sorted(counts.items(), key=lambda item: (-item[1], item[0]))


def _chosen(rejected: Iterable[Verdict], shown: int) -> list[Verdict]:
    """Return the verdicts to show: categories in turn, so that one with many rejects leaves room for the others."""
    turn: Counter[str] = Counter()
    ranked: list[tuple[int, str, str, Verdict]] = []
    for verdict in sorted(rejected, key=_newest_first):
        ranked.append((turn[verdict.category], verdict.category, verdict.instance_id, verdict))
        turn[verdict.category] += 1
    return [verdict for *_, verdict in sorted(ranked, key=lambda one: one[:3])[:shown]]


def _newest_first(verdict: Verdict) -> tuple[int, int, str]:
    return -verdict.round, -verdict.index, verdict.instance_id


def _rejects(verdicts: Iterable[Verdict], images: Mapping[str, str]) -> tuple[Reject, ...]:
    return tuple(Reject(v.instance_id, v.category, images[v.instance_id]) for v in verdicts)
