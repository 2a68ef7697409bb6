"""The prompt agent off stage: its prompts are written, drawn and judged, for criticism and for acceptance."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from itertools import islice
from math import ceil

import numpy as np
from numpy.typing import NDArray

from genval_assets.chat.ask import ATTEMPTS, Unanswered
from genval_assets.instances.ground import on_plain_ground
from genval_assets.keys import agent_version, seed_of
from genval_assets.model_ports import ChatModel, Embedder, ForegroundModel
from genval_assets.prompting.slots import FACTORS, read_slots
from genval_assets.prompting.write import Author, PromptJob, write_prompts
from genval_assets.rows import Category, Prompt
from genval_assets.textgrad.acceptance import Comparison
from genval_assets.textgrad.agents import PROMPT_AGENT, AgentName
from genval_assets.textgrad.diversity import Made, diversity
from genval_assets.textgrad.loop import Minibatch, Named
from genval_assets.textgrad.minibatch import Pickable, band, pick_minibatch
from genval_assets.textgrad.roles import Example, rubric
from genval_assets.textgrad.scores import named_slots, prompt_agent_score
from genval_assets.textgrad.versions import Version
from genval_assets.types import ModelUnavailable, Rgb
from genval_assets.validation.trials import Examiner, Trial, Tried, try_out

NEVER = datetime(1970, 1, 1, tzinfo=UTC)
"""When rehearsed prompts were made: they are not stored."""
EMBEDDED_AT_ONCE = 64
UNIT_TOLERANCE = 0.01
"""By which the length of a picture's embedding may differ from 1: half precision."""
FIRST_LESSON = 1_000_000
"""Index of the first prompt of a minibatch: its slots are none that acceptance compares."""
POOL = 24
"""Draws from which a minibatch is chosen (our choice): at 5 % faults, seven pools in ten hold one."""


@dataclass(frozen=True)
class Studio:
    """Who writes, draws, judges and compares; all models are open."""

    chat: ChatModel
    foregrounds: ForegroundModel
    examiner: Examiner
    embedder: Embedder


@dataclass(frozen=True)
class Measured:
    """What a system prompt's items came to, in the order of the items."""

    valid: tuple[bool, ...]
    made: tuple[Made, ...]


@dataclass
class PromptRehearsal:
    """Fits `loop.Rehearsal`. Acceptance items and minibatch items have seeds of their own."""

    categories: Sequence[Category]
    studio: Studio
    pairs: int
    size: int  # of a minibatch
    seed: int
    asked: Callable[[], int]  # questions put to the model so far
    _measured: dict[str, Measured] = field(default_factory=dict)  # by system prompt

    @property
    def agent(self) -> AgentName:
        """Return prompt."""
        return PROMPT_AGENT

    @property
    def rubric(self) -> str:
        """Return what a prompt is measured by."""
        return rubric(PROMPT_AGENT)

    @property
    def questions(self) -> int:
        """Return the most questions of a minibatch and a comparison: each item is written, then judged."""
        items = POOL + 2 * len(self._compared())
        return items * ATTEMPTS * (1 + self.studio.examiner.votes)

    def _compared(self) -> list[PromptJob]:
        """Return the acceptance items: of every category equally many, or one of each of as many as there are pairs."""
        chosen = self.categories
        if len(chosen) > self.pairs:
            chosen = sorted(chosen, key=lambda c: seed_of("compared", self.seed, c.category))[: self.pairs]
        draws = ceil(self.pairs / len(chosen))
        return [PromptJob(category, 0, i) for category in chosen for i in range(draws)]

    def minibatch(self, step: int, system: str) -> Minibatch:
        """Return a prompt of each chosen category, with what was drawn from it and how that was judged.

        More are drawn than chosen: the better an agent is, the rarer is a draw from which it can learn.
        """
        before = self.asked()
        of_step = sorted(self.categories, key=lambda c: seed_of("pool", self.seed, step, c.category))[:POOL]
        tried = list(
            self._tried(system, [PromptJob(category, 0, FIRST_LESSON + step) for category in of_step], "minibatch")
        )
        found = {one.trial.category.category: one for one in tried}
        pool = [Pickable(name, band(one.trial.category), _reason(one)) for name, one in found.items()]
        chosen = pick_minibatch(pool, self.size, step, self.seed)
        return Minibatch(tuple(Named(one.name, _example(found[one.name])) for one in chosen), self.asked() - before)

    def compare(self, parent: str, rewrite: str) -> Comparison:
        """Return how both do on the same categories, slots' order and seeds; the parent is measured once."""
        before = self.asked()
        old, new = self._measure(parent), self._measure(rewrite)
        factors: Mapping[str, Mapping[str, Sequence[str]]] = {c.category: FACTORS for c in self.categories}
        return Comparison(
            pairs=len(old.valid),
            parent=prompt_agent_score(old.valid, old.made, factors),
            rewrite=prompt_agent_score(new.valid, new.made, factors),
            diversity_parent=diversity(old.made, factors, pictures=True),
            diversity=diversity(new.made, factors, pictures=True),
            calls=self.asked() - before,
        )

    def _measure(self, system: str) -> Measured:
        if system not in self._measured:
            tried = self._tried(system, self._compared(), "acceptance")
            valid: list[bool] = []
            made: list[Made] = []
            while some := list(islice(tried, EMBEDDED_AT_ONCE)):  # pictures are large: none is kept
                valid += [one.outcome == "accepted" for one in some]
                made += made_of(some, self.studio.embedder)
            self._measured[system] = Measured(tuple(valid), tuple(made))
        return self._measured[system]

    def _tried(self, system: str, jobs: Sequence[PromptJob], purpose: str) -> Iterator[Tried]:
        trials = [
            Trial(job.category, prompt, seed_of(purpose, self.seed, job.category.category, job.index))
            for job, prompt in zip(jobs, written(system, jobs, self.studio.chat), strict=True)
        ]
        for one in try_out(trials, self.studio.foregrounds, self.studio.examiner):
            if one.examined and one.examined.unanswered:
                raise Unanswered(f"the {self.studio.chat.model} model was not reached: {one.examined.unanswered}")
            if one.owed:  # counted as a failure, it would decide over a prompt that had no part in it
                raise ModelUnavailable(f"the foreground model could not draw a rehearsal: {one.error}")
            yield one


def written(system: str, jobs: Sequence[PromptJob], chat: ChatModel, *, lint: bool = True) -> list[Prompt]:
    """Return a prompt per job, in the jobs' order, written under a system prompt; nothing is stored.

    Raises:
        Unanswered: the model was not reached.
    """
    author = Author(chat, Version(system, agent_version(system), "textgrad"), "", NEVER, lint=lint)
    made: dict[tuple[str, int], Prompt] = {}
    for group in write_prompts(jobs, (), author):
        for category, error in group.unanswered.items():
            raise Unanswered(f"the {chat.model} model was not reached for {category}: {error}")
        made |= {(prompt.category, prompt.index): prompt for prompt in group.prompts}
    return [made[job.category.category, job.index] for job in jobs]


def made_of(tried: Sequence[Tried], embedder: Embedder) -> Iterator[Made]:
    """Yield what counts for diversity of each item: the slots that its prompt names, and its picture's embedding.

    The pictures go to the embedding model all at once.

    Raises:
        ValueError: it brought a vector whose length is not 1; distances would mean nothing.
    """
    pictures = [_picture(one) for one in tried]
    shown = [picture for picture in pictures if picture is not None]
    vectors = iter(embedder.images(shown) if shown else ())
    for one, picture in zip(tried, pictures, strict=True):
        prompt = one.trial.prompt
        made = Made(prompt.category, named_slots(prompt.text, read_slots(prompt.slots)))
        yield made if picture is None else replace(made, embedding=_unit(next(vectors), embedder))


def _unit(vector: NDArray[np.float32], embedder: Embedder) -> NDArray[np.float32]:
    length = float(np.linalg.norm(vector))
    if not abs(length - 1) < UNIT_TOLERANCE:
        raise ValueError(f"{embedder.model} embedded a picture as a vector of length {length:g}; 1 was expected")
    return vector


def _picture(one: Tried) -> Rgb | None:
    """Return the candidate over a plain ground; None where nothing was drawn."""
    return on_plain_ground(one.examined.specimen.crop) if one.examined else None


def _reason(one: Tried) -> str:
    """Return for what a draw was refused; empty where it was not."""
    return next(iter(one.examined.reasons), "") if one.examined else "not_drawn"


def _example(one: Tried) -> Example:
    prompt = one.trial.prompt
    asked = {"category": one.trial.category.name, "slots": read_slots(prompt.slots)}
    reasons = one.examined.reasons if one.examined else ("not_drawn",)
    return Example(asked, prompt.text, one.outcome, reasons)
