"""The offline vision model: judges a cut-out by rule, from its pixels, and as carefully as it is told to. Simulated.

What the system prompt does not ask for it takes to be met, and what it asks for loosely it judges loosely, so that
improving the prompt really changes the verdicts. It errs; its errors are measured, not hidden.
"""

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from genval_assets.types import ChatRequest
from genval_assets.validation.judge import CRITERIA, Attribute, Finding, JudgeAnswer
from resources.offline.opinion import TOUCHING, Opinion, opinion
from resources.offline.rubric import Care, read_rubric
from resources.offline.studio import PATTERNS
from resources.offline.wording import kind_named

LIKE = 0.5
"""Fit of the named kind under which even half of a thing, or a careless look, tells that it is another; whole things of
most other kinds come to .45-.65 (all thresholds here are our choice)."""
CLEARLY = 0.85
"""Fit from which something is of a kind of the studio although the category is none of them."""
CUT, COVERED = 0.1, 0.9
"""Share of one edge of the frame that is not ground: nobody overlooks that it cuts the object; it is a scene's."""
MET = Finding(outcome="meet", explanation="")


@dataclass(frozen=True)
class Case:
    """What one criterion is decided on."""

    seen: Opinion
    named: str | None  # the kind that the category's name stands for; None where the studio has none
    care: Care


class NoPicture(ValueError):
    """The vision model was asked to judge, and shown nothing or several pictures."""


def look(request: ChatRequest) -> JudgeAnswer:
    """Return the judgement of the request's picture, free of contradictions.

    Raises:
        NoPicture: the request does not hold exactly one picture.
    """
    if len(request.images) != 1:
        raise NoPicture(f"the offline vision model judges one picture at a time; got {len(request.images)}")
    task = json.loads(request.user)
    seen = opinion(request.images[0])
    if seen is None:
        return _nothing(task["describe"])
    care = read_rubric(request.system)
    named = kind_named(task["category"])
    cases = {name: Case(seen, named, care[name]) for name in CRITERIA}
    findings = {name: _finding(RULES[name](case) if case.care else "") for name, case in cases.items()}
    keep = all(finding.outcome == "meet" for finding in findings.values())
    several = findings["single_object"].outcome == "fail"
    return JudgeAnswer(
        objects=seen.things if several else seen.things[:1],
        attributes=tuple(_described(task["describe"], seen)),
        keep=keep,
        **findings,
    )


def _nothing(names: Sequence[str]) -> JudgeAnswer:
    """Return the judgement of an empty picture, which no judge overlooks."""
    na = Finding(outcome="na", explanation="")
    return JudgeAnswer(
        objects=(),
        attributes=tuple(Attribute(name=name, value="") for name in names),
        correct_category=_finding("Nothing can be seen."),
        single_object=na,
        single_view=na,
        intact=na,
        plain_background=na,
        keep=False,
    )


def _finding(fault: str) -> Finding:
    return Finding(outcome="fail", explanation=fault) if fault else MET


def _described(names: Sequence[str], seen: Opinion) -> Iterator[Attribute]:
    """Yield each property asked for; a surface without a pattern says nothing of its texture."""
    texture = seen.pattern if seen.pattern != PATTERNS[0] else ""
    told = {"colour": seen.colour, "color": seen.colour, "pattern": seen.pattern, "texture": texture}
    for name in names:
        yield Attribute(name=name, value=told.get(name.strip().lower(), ""))


def _category(case: Case) -> str:
    """Return what is wrong with the category."""
    seen, named = case.seen, case.named
    if named is None:
        other = seen.whole and seen.fits[seen.kinds[0]] >= CLEARLY
    elif case.care is Care.EXACT and seen.whole:
        other = named not in seen.kinds
    else:
        other = seen.fits[named] < LIKE
    return f"It looks like another thing: {seen.kinds[0]}." if other else ""


def _single(case: Case) -> str:
    """Return what is wrong with the number of objects; an exact judge tells overlapping things of known kinds apart."""
    overlapping = case.seen.overlapping
    if len(case.seen.things) < 2 or (overlapping and (case.named is None or case.care is not Care.EXACT)):
        return ""
    return f"There are {len(case.seen.things)} objects{', overlapping' if overlapping else ''}."


def _view(case: Case) -> str:
    """Return what is wrong with the view: three or more separate pictures of one kind are a sheet of views."""
    sheet = len(case.seen.things) > 2 and len(set(case.seen.things)) == 1
    return "It is shown several times." if sheet else ""


def _intact(case: Case) -> str:
    """Return what is missing. Of what the studio does not know, only the frame tells."""
    seen = case.seen
    if seen.touch > COVERED:
        return ""
    if seen.touch > (TOUCHING if case.care is Care.EXACT else CUT):
        return "The edge of the frame cuts it off."
    unexplained = not seen.whole and len(seen.things) == 1 and not seen.smeared
    odd = case.care is Care.EXACT and case.named is not None and unexplained
    return "A part of it is missing or hidden." if odd else ""


def _plain(case: Case) -> str:
    """Return what is left of a background; loose smears are noticed only by an exact judge."""
    if case.seen.touch > COVERED:
        return "A background or a floor is left."
    smeared = case.care is Care.EXACT and case.seen.smeared
    return "Patches of something are left around the object." if smeared else ""


RULES: Mapping[str, Callable[[Case], str]] = {
    "correct_category": _category, "single_object": _single, "single_view": _view, "intact": _intact,
    "plain_background": _plain,
}  # fmt: skip
"""Criterion -> what is wrong with it; an empty text where nothing is."""
