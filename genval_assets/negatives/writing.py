"""What a text model is asked for: negatives of a caption, and mended ones in place of those with faults."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Annotated

from pydantic import Field

from genval_assets.chat.answers import Answered, UnreadableAnswer, read_answer, refuse_other_ids
from genval_assets.chat.ask import worded
from genval_assets.keys import seed_of
from genval_assets.negatives.positive import STAGE, Positive, words_of
from genval_assets.negatives.sentence import Attribute
from genval_assets.negatives.vocabulary import Vocabulary
from genval_assets.types import ChatRequest

MOST_AT_ONCE = 20
Sentence = Annotated[str, Field(min_length=1, max_length=400)]


class NegativesAnswer(Answered):
    """Sentences that differ from a caption; how is told by code."""

    sentences: tuple[Sentence, ...] = Field(min_length=1, max_length=MOST_AT_ONCE)


class Corrected(Answered):
    """What should stand in place of one sentence."""

    id: str = Field(max_length=8)
    sentence: Sentence


class CorrectionAnswer(Answered):
    """One entry for each sentence that had faults."""

    corrections: tuple[Corrected, ...] = Field(min_length=1, max_length=MOST_AT_ONCE)


@cache
def negatives_prompt() -> str:
    """Return the system prompt of the model that writes negatives."""
    return files("genval_assets.negatives").joinpath("negatives_agent.txt").read_text(encoding="utf-8")


@cache
def correction_prompt() -> str:
    """Return the system prompt of the model that mends them."""
    return files("genval_assets.negatives").joinpath("correction_agent.txt").read_text(encoding="utf-8")


@dataclass(frozen=True, eq=False)
class NegativesQuestion:
    """Negatives of one caption, at most as many as are wanted. Fits `chat.ask.Question`."""

    positive: Positive
    wanted: Mapping[str, int]  # hard, medium, easy -> how many
    taken: tuple[str, ...]  # negatives that there are already
    vocabulary: Vocabulary
    category: str  # partition key, for the record
    seed: int

    def request(self, attempt: int, faults: Sequence[str]) -> ChatRequest:
        """Return the question; with `faults`, what was wrong with the earlier answers."""
        task = {
            **_task(self.positive, self.vocabulary, self.taken),
            "wanted": {f"{n}_exchanged": self.wanted[level] for n, level in ((1, "hard"), (2, "medium"), (3, "easy"))},
        }
        seed = seed_of("negatives", self.seed, attempt)
        return _request(negatives_prompt(), worded(task, faults), NegativesAnswer, seed, self.category, attempt)

    def read(self, text: str) -> tuple[str, ...]:
        """Return the sentences of a raw answer, their blanks made single; fewer than wanted are taken, more are not.

        Raises:
            UnreadableAnswer: the answer has another form, or more sentences than were asked for.
        """
        sentences = read_answer(text, NegativesAnswer).sentences
        wanted = sum(self.wanted.values())
        if len(sentences) > wanted:
            raise UnreadableAnswer(f"expected at most {wanted} sentences, got {len(sentences)}", ("too_many",))
        return tuple(map(_single_blanked, sentences))


@dataclass(frozen=True)
class Faulty:
    """A sentence that goes back, with what is wrong with it."""

    id: str
    sentence: str
    faults: tuple[str, ...]  # as sentences
    exchange: int  # how many words a sentence in its place should exchange


@dataclass(frozen=True, eq=False)
class CorrectionQuestion:
    """Mended sentences in place of those with faults. Fits `chat.ask.Question`."""

    positive: Positive
    faulty: tuple[Faulty, ...]
    taken: tuple[str, ...]
    vocabulary: Vocabulary
    category: str
    seed: int

    def request(self, attempt: int, faults: Sequence[str]) -> ChatRequest:
        """Return the question; with `faults`, what was wrong with the earlier answers."""
        mend = [
            {"id": one.id, "sentence": one.sentence, "wrong": list(one.faults), "exchange": one.exchange}
            for one in self.faulty
        ]
        task = {**_task(self.positive, self.vocabulary, self.taken), "mend": mend}
        seed = seed_of("correction", self.seed, attempt)
        return _request(correction_prompt(), worded(task, faults), CorrectionAnswer, seed, self.category, attempt)

    def read(self, text: str) -> dict[str, str]:
        """Return id -> sentence of a raw answer, blanks made single: one for each that was asked about.

        Raises:
            UnreadableAnswer: the answer has another form, or other ids than those of the task.
        """
        corrections = read_answer(text, CorrectionAnswer).corrections
        refuse_other_ids([one.id for one in self.faulty], [one.id for one in corrections])
        return {one.id: _single_blanked(one.sentence) for one in corrections}


def _request(system: str, user: str, schema: type[Answered], seed: int, category: str, attempt: int) -> ChatRequest:
    """Return a question of words alone; the writer is asked for variety at every attempt."""
    return ChatRequest(
        stage=STAGE,
        system=system,
        user=user,
        answer_schema=schema,
        seed=seed,
        temperature=0.7,
        category=category,
        attempt=attempt,
    )


def _task(positive: Positive, vocabulary: Vocabulary, taken: Sequence[str]) -> dict[str, object]:
    return {
        "caption": positive.text,
        "attributes": [_told(one, positive.units[one.place].text) for one in positive.attributes],
        "words": words_of(vocabulary),
        "sentences_there_are": list(taken),
    }


def _told(attribute: Attribute, word: str) -> dict[str, str]:
    """Return an attribute with its word as the caption has it, and what that means where it is written otherwise."""
    means = {} if word == attribute.value else {"means": attribute.value}
    return {"word": word, **means, "type": attribute.type, "noun": attribute.noun}


def _single_blanked(sentence: str) -> str:
    single = " ".join(sentence.split())
    if not single:
        raise UnreadableAnswer("a sentence is blank", ("blank",))
    return single
