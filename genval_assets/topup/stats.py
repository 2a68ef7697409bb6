"""The rows of `category_stats`: where each category stands, for people."""

from collections.abc import Collection, Sequence

from genval_assets.topup.deficit import deficit
from genval_assets.topup.settings import TopUpSettings
from genval_assets.topup.sources import Sources
from genval_assets.topup.standing import standing
from genval_assets.topup.wilson import wilson
from genval_assets.types import CategoryStat, Tally


def category_stats(
    tallies: Sequence[Tally], settings: TopUpSettings, sources: Sources, in_flight: Collection[str] = ()
) -> list[CategoryStat]:
    """Return one row per category, in the order of the tallies.

    The valid rate is accepted / (accepted + rejected) with its 95 % Wilson bounds; errors count in no rate, and
    before anything was judged all three are None.
    """
    return [_stat(tally, settings, sources, in_flight) for tally in tallies]


def _stat(tally: Tally, settings: TopUpSettings, sources: Sources, in_flight: Collection[str]) -> CategoryStat:
    judged = tally.accepted + tally.rejected
    bounds = wilson(tally.accepted, judged)
    now = standing(tally, settings, sources, in_flight)
    return CategoryStat(
        category=tally.category,
        name=tally.name,
        rare=tally.rare,
        real=tally.real,
        target=tally.target,
        generated=tally.drawn,
        valid=tally.accepted,
        rejected=tally.rejected,
        errors=tally.errors,
        effective=tally.effective,
        distinct_sources=tally.distinct_sources,
        scenes=tally.scenes,
        deficit=deficit(tally),
        valid_rate=tally.accepted / judged if judged else None,
        valid_rate_low=bounds.low if judged else None,
        valid_rate_high=bounds.high if judged else None,
        state=now.state,
        why=now.why,
    )
