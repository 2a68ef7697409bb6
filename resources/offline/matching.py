"""The offline text model compares two descriptions of a picture, by rule and from words alone. Simulated.

The scale is the one that the system prompt gives (`genval_assets/layouts/match_agent.txt`).
"""

import json
import math
from collections.abc import Sequence

from genval_assets.layouts.seeing import BEST, MatchAnswer
from genval_assets.types import ChatRequest
from resources.offline.mentions import SaidThing, said_things
from resources.offline.opinion import NAMELESS
from resources.offline.studio import KINDS

UNSAID, OTHER = 4, 3
"""Score of a thing of which an attribute is left unsaid, and of one of which it is another."""
HALF = 0.5
"""What an unrecognised thing counts beside the others."""


def match(request: ChatRequest) -> MatchAnswer:
    """Return how well what is shown is what should be."""
    task = json.loads(request.user)
    return MatchAnswer(score=agreement(task["should_show"], task["shows"]))


def agreement(should_show: str, shows: str) -> int:
    """Return 0 to `BEST`: the mean over the things of both descriptions, each asked for or too much.

    Only a description in which nothing is missing, other or too much has the best score, and only one in which at most
    something is left unsaid the second best. Where neither names a kind of the studio, the words that they share count.
    """
    wanted = [thing for thing in said_things(should_show) if thing.kind in KINDS]
    shown = said_things(shows)
    if not wanted:
        return _shared_words(should_show, shows)
    scores, left = _scores(wanted, shown)
    weights = [1.0] * len(scores) + [HALF if thing.kind == NAMELESS else 1.0 for thing in left]
    mean = sum(scores) / sum(weights)
    worst = 0 if left else min(scores)
    score = math.ceil(mean - 0.5)  # a half is rounded down: the right thing beside one too much has 2
    if worst < BEST:
        score = min(score, UNSAID if worst == UNSAID else OTHER)
    return max(score, 1) if _related(wanted, shown) else score


def _scores(wanted: Sequence[SaidThing], shown: Sequence[SaidThing]) -> tuple[list[int], list[SaidThing]]:
    """Return a score per wanted thing, each compared with the most alike that is left, and what remains."""
    scores = [0] * len(wanted)
    pairs = [(_alike(a, b), i, j) for i, a in enumerate(wanted) for j, b in enumerate(shown) if a.kind == b.kind]
    taken: set[int] = set()
    for score, i, j in sorted(pairs, key=lambda pair: (-pair[0], pair[1:])):
        if not scores[i] and j not in taken:
            scores[i] = score
            taken.add(j)
    return scores, [thing for j, thing in enumerate(shown) if j not in taken]


def _alike(wanted: SaidThing, shown: SaidThing) -> int:
    """Return the score of two things of one kind: by what is asked of the one and said of the other."""
    asked = [(a, b) for a, b in zip(wanted.attributes, shown.attributes, strict=True) if a is not None]
    other = sum(b is not None and a != b for a, b in asked)
    unsaid = sum(b is None for _, b in asked)
    if other:
        return max(1, OTHER - (other - 1))
    return UNSAID if unsaid else BEST


def _related(wanted: Sequence[SaidThing], shown: Sequence[SaidThing]) -> bool:
    """Return whether something shown is of a sort with something wanted, or cannot be told."""
    sorts = {KINDS[thing.kind].supercategory for thing in wanted}
    return any(thing.kind == NAMELESS or KINDS[thing.kind].supercategory in sorts for thing in shown)


def _shared_words(should_show: str, shows: str) -> int:
    asked, said = (set(text.lower().replace(".", " ").replace(",", " ").split()) for text in (should_show, shows))
    return math.floor(BEST * len(asked & said) / len(asked | said)) if asked else 0
