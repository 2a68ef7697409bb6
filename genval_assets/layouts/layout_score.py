"""Whether a layout is drawn: CLIS-L of its pairs, put together."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from genval_assets.layouts.clis_l import PairScore
from genval_assets.layouts.settings import ClisLSettings

Outcome = Literal["kept", "flagged", "rejected"]
Reason = Literal["", "no_evidence", "low_percentile", "low_score"]
REASONS: tuple[Reason, ...] = ("no_evidence", "low_percentile", "low_score")


@dataclass(frozen=True)
class LayoutScore:
    """How real a layout looks, and what follows."""

    clis_l: float | None  # mean raw score of the scored pairs (ACP, eq. 9); None: there are none
    n_scored: int
    worst: int | None  # index of the pair with the least percentile, the first of several
    worst_percentile: float | None
    outcome: Outcome  # flagged is drawn, and marked
    reason: Reason  # empty when kept


def layout_score(scores: Sequence[PairScore], settings: ClisLSettings) -> LayoutScore:
    """Return what becomes of a layout, from the scores of all its relations.

    - `percentile`: the worst of k scored pairs must reach the percentile settings.percentile / k. So layouts of real
      pairs are kept about equally often however many relations they have; for one relation it is the percentile.
      Our choice (Bonferroni's correction).
    - `paper`: the mean raw score must reach settings.floor.
    - `off`: everything is kept, also what has no evidence.

    Pairs without evidence are left out; where no pair has any, settings.without_evidence decides. A layout without
    relations, such as one of a single object, has nothing that could look unreal: it is kept, with nothing scored.
    """
    scored = [(one.percentile, i) for i, one in enumerate(scores) if one.percentile is not None]
    raw = [one.score for one in scores if one.score is not None]
    least, worst = min(scored, default=(None, None))
    mean = sum(raw) / len(raw) if raw else None
    outcome, reason = _outcome(mean, least, len(scores), len(raw), settings)
    return LayoutScore(mean, len(raw), worst, least, outcome, reason)


def _outcome(
    mean: float | None, least: float | None, relations: int, scored: int, settings: ClisLSettings
) -> tuple[Outcome, Reason]:
    if settings.filter == "off" or not relations:
        return "kept", ""
    if mean is None or least is None:
        return _without_evidence(settings)
    if settings.filter == "paper":
        return ("kept", "") if mean >= settings.floor else ("rejected", "low_score")
    return ("kept", "") if least >= settings.percentile / scored else ("rejected", "low_percentile")


def _without_evidence(settings: ClisLSettings) -> tuple[Outcome, Reason]:
    if settings.without_evidence == "keep":
        return "kept", ""
    return ("flagged" if settings.without_evidence == "flag" else "rejected"), "no_evidence"
