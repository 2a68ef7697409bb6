"""Where one category stands: its state and the reason in a sentence, the same for the planner and for people."""

from collections.abc import Collection
from dataclasses import dataclass
from typing import Literal

from genval_assets.topup.deficit import counting, deficit
from genval_assets.topup.owed import CUTOUT, owes
from genval_assets.topup.settings import TopUpSettings
from genval_assets.topup.sources import Sources, is_exhausted, usable
from genval_assets.types import Tally

MIN_ACCEPTED = 4
"""Of fewer accepted instances it says nothing of the settings that scenes could not hold most (our choice)."""

State = Literal["done", "short", "in_flight", "needs_generator", "exhausted", "failing"]


@dataclass(frozen=True)
class Standing:
    """A state and why it is so, with what to do about it."""

    state: State
    why: str


def standing(
    tally: Tally, settings: TopUpSettings, sources: Sources, in_flight: Collection[str], *, retry: bool = False
) -> Standing:
    """Return the state of a category; with `retry` as if it had not failed.

    The first that holds of: in_flight, failing, failing (below its target, and scenes refuse most of what was
    accepted), short (a plan was interrupted), done, short (a source is left), exhausted, needs_generator.
    """
    missing = deficit(tally)
    if tally.category in in_flight:
        return Standing("in_flight", "an unfinished run works on it")
    if tally.failures >= settings.failures_before_pause and not retry:
        return Standing(
            "failing",
            f"it failed {tally.failures} times in a row; see `failures`, then materialize it by hand to retry",
        )
    if missing and _mostly_refused(tally) and not retry:
        return Standing(
            "failing",
            f"no scene could hold {tally.refused} of its {tally.accepted} accepted instances; see `quarantine` for "
            "why, change [scenes] in genval.toml, then materialize it by hand to retry",
        )
    if owes(tally):
        return Standing("short", f"a run was interrupted with {owes(tally)} planned items to go; the next resumes it")
    if not missing:
        return Standing("done", _reached(tally))
    open_sources = usable(tally, sources, settings)
    if open_sources:
        return Standing("short", f"{missing} effective instances are missing; next from {open_sources[0]}")
    return _without_source(tally, settings, sources, missing)


def _mostly_refused(tally: Tally) -> bool:
    return tally.accepted >= MIN_ACCEPTED and 2 * tally.refused > tally.accepted


def _reached(tally: Tally) -> str:
    if not counting(tally):
        return f"the {tally.real} real instances are its target of {tally.target} or more"
    return f"{tally.real} real and {counting(tally)} effective synthetic instances reach its target of {tally.target}"


def _without_source(tally: Tally, settings: TopUpSettings, sources: Sources, missing: int) -> Standing:
    """Return why a category in deficit has no source left that may be asked."""
    spent = [s for s, mark in sources.fingerprints.items() if is_exhausted(tally.history, mark, settings)]
    if sources.generators(tally.name):
        return Standing(
            "exhausted",
            f"{missing} effective instances are missing, but the yield of {' and of '.join(spent)} stayed under "
            f"{settings.min_yield:.0%}; it is asked again once prompts, model or settings change",
        )
    if len(sources.fingerprints) > len(sources.of_objects):
        found = "the foreground model of this profile does not know it"
    elif not tally.real:
        found = "it has no real instance to cut out"
    elif not tally.references and not any(sources.left(tally, source) for source in sources.of_objects):
        found = f"none of its {tally.real} real instances can be cut out"
    elif spent:
        made = "cut-outs" if spent == [CUTOUT] else "cut-outs and variations"
        found = f"the yield of its {made} stayed under {settings.min_yield:.0%}"
    else:
        found = f"its {tally.references} source objects are used up"
    return Standing(
        "needs_generator",
        f"{missing} effective instances are missing, but {found}; choose a profile with a foreground model that can "
        "draw it, or add real images",
    )
