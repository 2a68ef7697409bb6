"""The offline text model writes negatives of a caption, and mends those that come back. Simulated.

It knows the caption, not the picture. Not here: how words are exchanged (`exchanging.py`), how it errs (`slips.py`).
"""

import json
import re
from collections.abc import Mapping
from collections.abc import Set as AbstractSet
from typing import Any

import numpy as np

from genval_assets.keys import seed_of
from genval_assets.negatives.writing import Corrected, CorrectionAnswer, NegativesAnswer
from genval_assets.types import ChatRequest
from resources.offline.exchanging import Said, Swap, Task, new_swap, read_swap, task_of, worded
from resources.offline.slips import RATES, Written, faulty, slipped

MENDED = 0.85
"""Share of sentences that are mended when they come back; of the others, half stay as they are and half get a slip,
the same or another (our choice)."""


def negate(request: ChatRequest) -> NegativesAnswer:
    """Return sentences with one, two and three words exchanged, as many as asked; fewer where the caption has no more.

    Where it has none at all, the caption itself: an answer must have a sentence.
    """
    told = json.loads(request.user)
    task, taken = _task(told), set(told["sentences_there_are"])
    rng = np.random.default_rng(seed_of("negate", request.user, request.seed))
    written: list[str] = []
    for number in (1, 2, 3):
        for _ in range(told["wanted"][f"{number}_exchanged"]):
            swap = new_swap(task, number, taken, rng, {}, {})
            if swap is not None:
                taken.add(worded(task, swap))
                written.append(slipped(Written(task, swap, tuple(written)), rng))
    return NegativesAnswer(sentences=tuple(written) or (task.caption,))


def mend(request: ChatRequest) -> CorrectionAnswer:
    """Return a sentence in place of each that came back, mostly with other words than those that were found wrong."""
    told = json.loads(request.user)
    task, taken = _task(told), set(told["sentences_there_are"])
    rng = np.random.default_rng(seed_of("mend", request.user, request.seed))
    corrections = []
    for item in told["mend"]:
        swap = _mended(task, item, taken, rng)
        sentence = _instead(Written(task, swap, (item["sentence"],)), rng) if swap else item["sentence"]
        taken.add(sentence)
        corrections.append(Corrected(id=item["id"], sentence=sentence))
    return CorrectionAnswer(corrections=tuple(corrections))


def _instead(written: Written, rng: np.random.Generator) -> str:
    """Return what is written in place of the sentence before: mostly the mended one."""
    chance = rng.random()
    if chance < MENDED:
        return written.sentence
    slips = list(RATES)
    return (
        faulty(written, slips[int(rng.integers(len(slips)))], rng) if chance < (1 + MENDED) / 2 else written.before[-1]
    )


def _mended(task: Task, item: Mapping[str, Any], taken: AbstractSet[str], rng: np.random.Generator) -> Swap | None:
    """Return a swap of as many words as asked, without those that were found wrong; of all others where none is named.

    None where there is none.
    """
    before = read_swap(task, item["sentence"]) or {}
    wrong = " ".join(item["wrong"])
    named = {place: word for place, word in before.items() if re.search(rf"(?<![\w-]){re.escape(word)}(?!\w)", wrong)}
    good = [place for place, word in before.items() if word in task.spots[place].choices and place not in named]
    kept = {place: before[place] for place in good[: item["exchange"]]} if named else {}
    return new_swap(task, item["exchange"], taken, rng, kept, named or before)


def _task(told: Mapping[str, Any]) -> Task:
    # a word that means itself is told without what it means
    attributes = [
        Said(one["word"], one.get("means", one["word"]), one["type"], one["noun"]) for one in told["attributes"]
    ]
    return task_of(told["caption"], attributes, told["words"])
