"""Attribute words of a caption and other words in their place, as the offline text model handles them. Words only.

Not here: what is asked for (`negating.py`), and how it errs (`slips.py`).
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from functools import cache

import numpy as np

from genval_assets.language.nouns import with_article
from genval_assets.negatives.vocabulary import Vocabulary, vocabulary

TRIES = 40
"""Draws of a sentence that there is not yet."""
Swap = Mapping[int, str]
"""Place of a spot -> the word that is put there."""


@dataclass(frozen=True)
class Spot:
    """An attribute word where it stands in its caption."""

    start: int
    end: int
    type: str
    noun: str  # that it is said of
    choices: tuple[str, ...]  # words that may stand there instead


@dataclass(frozen=True)
class Task:
    """A caption whose words are exchanged."""

    caption: str
    spots: tuple[Spot, ...]
    words: Mapping[str, Sequence[str]]  # type -> values


@dataclass(frozen=True)
class Said:
    """An attribute as a task lists it."""

    word: str  # as the caption has it
    means: str  # gray means grey
    type: str
    noun: str


def task_of(caption: str, attributes: Sequence[Said], words: Mapping[str, Sequence[str]]) -> Task:
    """Return the task with the places of its words; a word that is not found in the caption is left alone."""
    return Task(caption, tuple(_spots(caption, attributes, words)), words)


def worded(task: Task, swap: Swap) -> str:
    """Return the caption with words exchanged, and the articles before them as these need them."""
    said, done = "", 0
    for place, spot in enumerate(task.spots):
        said += task.caption[done : spot.start]
        done = spot.end
        old, new = task.caption[spot.start : spot.end], swap.get(place)
        if new is None:
            said += old
            continue
        said = re.sub(r"(?i)\b(a)n?(\s+)$", rf"\1{'n' if _takes_an(new) else ''}\2", said)
        said += f"{new[0].upper()}{new[1:]}" if old[0].isupper() else new
    return said + task.caption[done:]


def new_swap(
    task: Task, number: int, taken: AbstractSet[str], rng: np.random.Generator, kept: Swap, avoided: Swap
) -> Swap | None:
    """Return a swap of so many words that makes a sentence which there is not yet; None where none is found.

    Args:
        task: the caption.
        number: words to exchange.
        taken: sentences that there are.
        rng: draws places and words.
        kept: exchanges that are part of it.
        avoided: place -> word that it does not put there.
    """
    choices = {
        place: [word for word in spot.choices if word != avoided.get(place)] for place, spot in enumerate(task.spots)
    }
    free = [place for place, words in choices.items() if words and place not in kept]
    for _ in range(TRIES if len(kept) <= number <= len(kept) + len(free) else 0):
        places = rng.permutation(free)[: number - len(kept)].tolist()
        swap = {**kept, **{place: choices[place][int(rng.integers(len(choices[place])))] for place in places}}
        if worded(task, swap) not in taken:
            return swap
    return None


def read_swap(task: Task, sentence: str) -> Swap | None:
    """Return which words of the caption a sentence has exchanged; None where it differs in another way."""
    values = sorted({value for words in task.words.values() for value in words}, key=lambda value: -len(value))
    word = rf"((?:{'|'.join(map(re.escape, values))})(?![\w-])|(?:(?:{'|'.join(_words().shades)}) )?[\w-]+)"
    pattern, done = "", 0
    for spot in task.spots:
        between = re.escape(task.caption[done : spot.start])
        pattern += re.sub(r"(?i)\b(a)n?((?:\\?\s)+)$", r"\1n?\2", between) + word
        done = spot.end
    found = re.fullmatch(pattern + re.escape(task.caption[done:]), sentence, re.IGNORECASE)
    if found is None:
        return None
    old = [task.caption[spot.start : spot.end] for spot in task.spots]
    return {i: new.lower() for i, new in enumerate(found.groups()) if new.lower() != old[i].lower()}


def _spots(caption: str, attributes: Sequence[Said], words: Mapping[str, Sequence[str]]) -> Iterator[Spot]:
    text, done = caption.lower(), 0
    for said in attributes:
        match = re.compile(rf"(?<![\w-]){re.escape(said.word)}(?!\w)").search(text, done)
        if match and said.noun.lower() in text[match.end() :]:
            yield Spot(*match.span(), said.type, said.noun, _choices(said, attributes, words))
            done = match.end()


def _choices(said: Said, attributes: Sequence[Said], words: Mapping[str, Sequence[str]]) -> tuple[str, ...]:
    """Return the words of its type that mean neither it nor anything else that is said of its noun."""
    borne = [other.means for other in attributes if other.noun == said.noun and other.type == said.type]
    known = _words()
    return tuple(word for word in words[said.type] if not any(known.same_or_entailed(word, own) for own in borne))


def _takes_an(word: str) -> bool:
    return with_article(f"{word} thing").startswith("an ")


@cache
def _words() -> Vocabulary:
    return vocabulary()
