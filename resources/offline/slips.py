"""How the offline text model errs when it exchanges words of a caption: what comes instead of a right sentence.

The kinds are those that language models are known for at this task. All rates are our choice, set so that about one
sentence in six is faulty by its words. They describe this simulation and nothing else.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np

from resources.offline.exchanging import Swap, Task, worded

Slip = Literal["near_word", "other_type", "noun", "article", "unchanged", "repeated", "other_number", "order"]
RATES: Mapping[Slip, float] = {
    "near_word": 0.045, "other_type": 0.025, "noun": 0.02, "article": 0.03, "unchanged": 0.015, "repeated": 0.02,
    "other_number": 0.03, "order": 0.02,
}  # fmt: skip
"""Chance of each, at most one of them comes: a synonym or a word that is in no list; a word of another type; another
noun; the wrong article; the caption itself; the sentence before once more; a word more or less exchanged than asked;
two words in the other order."""
NEAR: Mapping[str, tuple[str, ...]] = {
    "colour": ("crimson", "turquoise", "maroon", "navy", "beige", "golden", "violet"),
    "material": ("steel", "cloth", "bamboo", "porcelain", "rubber"),
    "pattern": ("spotted", "plaid", "zigzag", "marbled"),
    "transparency": ("see-through", "frosted", "clear"),
}
"""Type -> words that are in no list of the shipped vocabulary."""
OTHER_NOUNS = ("object", "item", "thing")


@dataclass(frozen=True)
class Written:
    """A right sentence that is about to be written."""

    task: Task
    swap: Swap
    before: Sequence[str]  # the sentences before it

    @property
    def sentence(self) -> str:
        """The sentence."""
        return worded(self.task, self.swap)


def slipped(written: Written, rng: np.random.Generator) -> str:
    """Return the sentence, or at the rates a faulty one; one draw tells which."""
    chance, reached = rng.random(), 0.0
    for slip, rate in RATES.items():
        reached += rate
        if chance < reached:
            return faulty(written, slip, rng)
    return written.sentence


def faulty(written: Written, slip: Slip, rng: np.random.Generator) -> str:
    """Return the sentence with a slip; as it is where it has no place for that one."""
    task, swap = written.task, dict(written.swap)
    place = sorted(swap)[int(rng.integers(len(swap)))]
    spot = task.spots[place]
    if slip == "near_word":
        return worded(task, swap | {place: _one_of(NEAR.get(spot.type, NEAR["colour"]), rng)})
    if slip == "other_type":
        return worded(task, swap | {place: _of_another_type(task, spot.type, rng)})
    if slip == "other_number":
        return worded(task, _of_other_number(task, swap, rng))
    if slip == "unchanged":
        return task.caption
    if slip == "repeated":
        return written.before[-1] if written.before else task.caption
    return _misspoken(written.sentence, slip, spot.noun, rng)


def _misspoken(sentence: str, slip: Slip, noun: str, rng: np.random.Generator) -> str:
    """Return the sentence with another noun, with its first article wrong, or with two words in the other order."""
    if slip == "noun":
        return re.sub(rf"\b{re.escape(noun)}\b", _one_of(OTHER_NOUNS, rng), sentence, count=1, flags=re.IGNORECASE)
    if slip == "article":
        return re.sub(r"(?i)\b(a)(n?)(?=\s)", lambda found: f"{found[1]}{'' if found[2] else 'n'}", sentence, count=1)
    words = sentence.split()
    at = int(rng.integers(len(words) - 1))
    return " ".join([*words[:at], words[at + 1], words[at], *words[at + 2 :]])


def _of_another_type(task: Task, own: str, rng: np.random.Generator) -> str:
    others = [word for of_type, words in task.words.items() if of_type != own for word in words]
    return _one_of(others, rng)


def _of_other_number(task: Task, swap: Swap, rng: np.random.Generator) -> Swap:
    """Return the swap with one word more, or with one less where all are exchanged already."""
    free = [place for place, spot in enumerate(task.spots) if place not in swap and spot.choices]
    if free:
        place = free[int(rng.integers(len(free)))]
        return {**swap, place: _one_of(task.spots[place].choices, rng)}
    return dict(sorted(swap.items())[:-1]) if len(swap) > 1 else swap


def _one_of(choices: Sequence[str], rng: np.random.Generator) -> str:
    return choices[int(rng.integers(len(choices)))]
