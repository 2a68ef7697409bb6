"""How far the validation agent agrees with golden labels, version by version, overall and by criterion.

Overall, keeping is the positive answer: precision is the share of the accepted ones that are good, recall the share
of the good ones that are accepted. By criterion, finding the fault is the positive answer, and only candidates count
that the vision model looked at and whose label says what is wrong. Errors are counted and are in no share.

Intervals are Wilson's, 95 %. F0.5 weighs precision more than recall; it is no share, so it has no such interval.
"""

from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass

from genval_assets.golden.labels import REASONS
from genval_assets.golden.record import labels_in_force
from genval_assets.golden.splits import split_of
from genval_assets.instances.gate import GATE
from genval_assets.rows import GoldenJudgement, GoldenLabel
from genval_assets.textgrad.scores import BETA
from genval_assets.topup.wilson import wilson
from genval_assets.types import JudgeAgreement

OVERALL = "overall"
ENOUGH = 30
"""Labels under which nothing is concluded: the interval of a share of .9 is then .74 to .97 (our choice)."""

Pair = tuple[GoldenLabel, GoldenJudgement]
Positive = Callable[[Pair], tuple[bool, bool]]
"""Pair -> (whether the judge says so, whether the label does)."""


def judge_agreement(
    labels: Sequence[GoldenLabel],
    judgements: Sequence[GoldenJudgement],
    versions: Sequence[str],
    refined: Collection[str] = (),
) -> list[JudgeAgreement]:
    """Return rows by labeller, then by version from the oldest to the one in force, the overall row first.

    Args:
        labels: all that are stored; of each labeller's labels on one candidate the last counts.
        judgements: all that are stored; of one judge's and version's on one candidate the last counts.
        versions: of the validation agent, oldest first, the one in force last. Others come before them.
        refined: those of them that TextGrad found by the labels: only labels that it never saw count for them.
    """
    order = {version: place for place, version in enumerate(versions)}
    rows = []
    for labeller in sorted({label.labeller for label in labels}):
        current = labels_in_force(labels, labeller)
        said = {(j.judge_version, j.judge, j.instance_id): j for j in judgements if j.instance_id in current}
        groups: dict[str, list[Pair]] = defaultdict(list)
        for judgement in _once_each(said.values()):
            if judgement.judge_version not in refined or split_of(judgement.instance_id) == "final":
                groups[judgement.judge_version].append((current[judgement.instance_id], judgement))
        for version, pairs in sorted(groups.items(), key=lambda group: (order.get(group[0], -1), group[0])):
            rows += _of_version(labeller, version, pairs, is_in_force=version in versions[-1:])
    return rows


def _once_each(judgements: Collection[GoldenJudgement]) -> list[GoldenJudgement]:
    """Return the judgements without what an earlier version of the gate refused and a model has judged since."""
    looked_at = {(j.judge_version, j.instance_id) for j in judgements if j.stage == "vlm"}
    return [j for j in judgements if j.stage == "vlm" or (j.judge_version, j.instance_id) not in looked_at]


def _of_version(labeller: str, version: str, pairs: Sequence[Pair], *, is_in_force: bool) -> list[JudgeAgreement]:
    """Return the rows of one version; what the gate decided before it belongs to each model that used it."""
    rows = []
    for judge in sorted({j.judge for _, j in pairs if j.stage == "vlm"}) or [GATE]:
        own = [pair for pair in pairs if pair[1].stage == "gate" or pair[1].judge == judge]
        explained = [(label, j) for label, j in own if j.stage == "vlm" and (label.keep or label.reasons)]
        about = (labeller, judge, version, is_in_force)
        rows.append(_row(about, OVERALL, own, _kept))
        rows += [_row(about, reason, explained, _finding(reason)) for reason in REASONS if judge != GATE]
    return rows


def _kept(pair: Pair) -> tuple[bool, bool]:
    return pair[1].outcome == "accepted", pair[0].keep


def _finding(reason: str) -> Positive:
    return lambda pair: (reason in pair[1].reasons, reason in pair[0].reasons)


def _row(
    about: tuple[str, str, str, bool], criterion: str, pairs: Iterable[Pair], positive: Positive
) -> JudgeAgreement:
    counts = {(True, True): 0, (True, False): 0, (False, True): 0, (False, False): 0}
    errors = 0
    for pair in pairs:
        if pair[1].outcome == "error":
            errors += 1
        else:
            counts[positive(pair)] += 1
    tp, fp, fn, tn = counts.values()
    labeller, judge, version, is_in_force = about
    precision, recall = _share(tp, tp + fp), _share(tp, tp + fn)
    weighted = (1 + BETA**2) * tp + BETA**2 * fn + fp
    return JudgeAgreement(
        labeller=labeller,
        judge=judge,
        judge_version=version,
        in_force=is_in_force,
        criterion=criterion,
        labels=tp + fp + fn + tn,
        tp=tp,
        fp=fp,
        fn=fn,
        tn=tn,
        errors=errors,
        precision=precision.value,
        precision_low=precision.low,
        precision_high=precision.high,
        recall=recall.value,
        recall_low=recall.low,
        recall_high=recall.high,
        f05=(1 + BETA**2) * tp / weighted if weighted else None,
    )


@dataclass(frozen=True)
class _Share:
    value: float | None = None
    low: float | None = None
    high: float | None = None


def _share(hits: int, total: int) -> _Share:
    if not total:
        return _Share()
    bounds = wilson(hits, total)
    return _Share(hits / total, bounds.low, bounds.high)


@dataclass(frozen=True)
class Watched:
    """What a check says of the newest version: why it fails, and what could not be told."""

    faults: tuple[str, ...]
    notes: tuple[str, ...]


def watch(rows: Iterable[JudgeAgreement], least_precision: float, least_recall: float) -> Watched:
    """Return where the newest version of each labeller's rows is under the least, or worse than the one before it.

    Worse: under the lower bound of the version before, both with at least 30 labels. With fewer nothing is concluded.
    """
    by_labeller: dict[str, list[JudgeAgreement]] = defaultdict(list)
    for row in rows:
        if row.criterion == OVERALL:
            by_labeller[row.labeller].append(row)
    faults: list[str] = []
    notes = [] if by_labeller else ["no golden labels: `genval review` makes a page to label candidates on"]
    for labeller, versions in sorted(by_labeller.items()):
        seen = [row for row in versions if row.judge != GATE] or versions
        newest, before = seen[-1], [row for row in seen[:-1] if row.labels >= ENOUGH][-1:]
        if newest.labels < ENOUGH:
            notes.append(f"{labeller} labels: {newest.labels} of {newest.judge_version}; {ENOUGH} are needed")
            continue
        faults += _faults(newest, before, least_precision, least_recall)
    return Watched(tuple(faults), tuple(notes))


def _faults(
    newest: JudgeAgreement, before: Sequence[JudgeAgreement], least_precision: float, least_recall: float
) -> list[str]:
    faults = []
    for name, share, least in (
        ("precision", newest.precision, least_precision),
        ("recall", newest.recall, least_recall),
    ):
        about = f"{name} of {newest.judge} {newest.judge_version} against {newest.labeller} labels"
        if share is not None and share < least:
            faults.append(f"{about} is {share:.2f}, under {least:.2f}")
        for earlier in before:
            low = earlier.precision_low if name == "precision" else earlier.recall_low
            if share is not None and low is not None and share < low:
                faults.append(f"{about} is {share:.2f}, under what {earlier.judge_version} had at least: {low:.2f}")
    return faults
