"""Fakes of what hard negatives need: a reader who takes every picture for the same thing, and a writer of negatives."""

import json
import re

from genval_assets.negatives.claims import ClaimsAnswer
from genval_assets.negatives.positive import PositiveAnswer
from genval_assets.negatives.writing import NegativesAnswer
from genval_assets.types import ChatRequest

SHOWN = ("red", "striped", "opaque")
"""What the reader sees in every picture."""
SWAPS = (
    *(("blue",), ("green",), ("black",), ("white",)),
    *(("blue", "plain"), ("green", "plain"), ("black", "dotted")),
    *(("blue", "plain", "transparent"), ("green", "dotted", "transparent"), ("pink", "plain", "translucent")),
)
"""Ten negatives: what stands in place of the first words of `SHOWN`."""
ANSWERS = (PositiveAnswer, NegativesAnswer, ClaimsAnswer)


def contrasted(request: ChatRequest) -> str:
    """Return an answer to a question of hard negatives: all goes well."""
    task = json.loads(request.user)
    if request.answer_schema is PositiveAnswer:
        caption = f"This picture shows one {' '.join(SHOWN)} {task['things'][0]} all by itself in the very middle."
        return json.dumps({"caption": caption, "nouns": []})
    if request.answer_schema is NegativesAnswer:
        return json.dumps({"sentences": [_swapped(task["caption"], swap) for swap in SWAPS]})
    claims = [{"id": one["id"], "holds": _holds(one["says"])} for one in task["statements"]]
    return json.dumps({"claims": claims})


def _swapped(caption: str, swap: tuple[str, ...]) -> str:
    for word, other in zip(SHOWN, swap, strict=False):
        caption = caption.replace(word, other)
    return caption


def _holds(says: str) -> str:
    """Return whether a statement is true of what the reader sees: all of its words are."""
    value = re.fullmatch(r"There is an? (\w+) \w+\.", says)
    if value is None:
        return "false"  # another picture's caption
    return "true" if value[1] in SHOWN else "false"
