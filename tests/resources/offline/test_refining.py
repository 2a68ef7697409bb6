"""With the offline model in all roles TextGrad mends a careless system prompt, and its controls do not. Simulated."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
import pytest

from genval_assets.prompting.agent import PromptQuestion, read_prompt
from genval_assets.prompting.slots import FACTORS, choose_slots
from genval_assets.rows import Category
from genval_assets.textgrad.acceptance import Comparison
from genval_assets.textgrad.diversity import Made, diversity
from genval_assets.textgrad.loop import Minibatch, Named, Step, refine
from genval_assets.textgrad.minibatch import Pickable, pick_minibatch
from genval_assets.textgrad.proposals import Criticised, Proposer, RandomRewrite, ShuffledCriticism
from genval_assets.textgrad.roles import Example, rubric
from genval_assets.textgrad.scores import named_slots, prompt_agent_score
from genval_assets.textgrad.settings import TextGradSettings
from resources.offline.chat import OfflineChatModel
from resources.offline.errors import sample_faults
from resources.offline.studio import KINDS
from resources.offline.wording import read_wording

CARELESS = (
    "You write prompts for a text-to-image model. Given a category and slot values, describe it vividly. "
    'Answer with one JSON object and nothing else: {"prompt": "..."}'
)
TABLES: Mapping[str, Mapping[str, Sequence[str]]] = dict.fromkeys(KINDS, FACTORS)
CHAT = OfflineChatModel()


@dataclass
class Words:
    """Fits `loop.Rehearsal`: prompts are written and their draws' faults sampled from the words; nothing is drawn."""

    categories: Mapping[str, Category]
    agent: str = "prompt"
    rubric: str = rubric("prompt")
    questions: int = 2 * 224 + 3
    seed: int = 0
    last: dict[str, str] = field(default_factory=dict)
    known: dict[tuple[str, range], tuple[list[bool], list[Made]]] = field(default_factory=dict)

    def minibatch(self, step: int, system: str) -> Minibatch:
        pool = [Pickable(kind, "rf"[i % 2], self.last.get(kind, "")) for i, kind in enumerate(KINDS)]
        items = []
        for item in pick_minibatch(pool, 3, step, self.seed):
            prompt, reasons = self.drawn(system, item.name, 1_000 * (1 + self.seed) + step)
            self.last[item.name] = reasons[0] if reasons else ""
            outcome = "rejected" if reasons else "accepted"
            items.append(Named(item.name, Example({"category": item.name}, prompt, outcome, tuple(reasons))))
        return Minibatch(tuple(items), len(items))

    def compare(self, parent: str, rewrite: str) -> Comparison:
        (old, old_made), (new, new_made) = self.measured(parent), self.measured(rewrite)
        return Comparison(
            len(old),
            prompt_agent_score(old, old_made, TABLES, pictures=False),
            prompt_agent_score(new, new_made, TABLES, pictures=False),
            diversity(old_made, TABLES, pictures=False),
            diversity(new_made, TABLES, pictures=False),
            calls=2 * len(old),
        )

    def measured(self, system: str, seeds: range = range(8)) -> tuple[list[bool], list[Made]]:
        if (system, seeds) not in self.known:
            drawn = [(kind, i, *self.drawn(system, kind, i)) for kind in KINDS for i in seeds]
            made = [Made(kind, named_slots(prompt, choose_slots(kind, kind, i, []))) for kind, i, prompt, _ in drawn]
            self.known[system, seeds] = [not reasons for *_, reasons in drawn], made
        return self.known[system, seeds]

    def drawn(self, system: str, kind: str, seed: int) -> tuple[str, list[str]]:
        question = PromptQuestion(system, self.categories[kind], seed, choose_slots(kind, kind, seed, []), lint=False)
        (answer,) = CHAT.ask([question.request(1, ())])
        prompt = read_prompt(answer.text)
        return prompt, sample_faults(kind, read_wording(prompt), seed).reasons()


@pytest.fixture(scope="module")
def words(make_row) -> Words:
    return Words({kind: make_row(Category, category=kind, name=kind, synonyms=[], definition=None) for kind in KINDS})


def refined(words: Words, proposer: Proposer, seed: int) -> tuple[str, list[Step]]:
    words.seed = seed
    words.last.clear()
    steps = list(refine(CARELESS, words, proposer, TextGradSettings(), seed))
    return next((step.text for step in reversed(steps) if step.accepted), CARELESS), steps


def cues(words: Words, system: str) -> set[str]:
    """Return the cues that every prompt written under a system prompt has."""
    heard = [read_wording(words.drawn(system, kind, 5)[0]) for kind in KINDS]
    return {cue for cue in ("single", "whole", "plain") if all(getattr(wording, cue) for wording in heard)}


def invalid(words: Words, system: str) -> float:
    """Return the share of bad draws on seeds that no step has seen."""
    return float(1 - np.mean(words.measured(system, range(50_000, 50_012))[0]))


@pytest.mark.parametrize("seed", range(2))
def test_a_few_steps_lead_from_a_careless_prompt_to_one_that_asks_for_all_that_counts(words, seed):
    text, steps = refined(words, Criticised(CHAT), seed)
    assert cues(words, CARELESS) == set()
    assert cues(words, text) == {"single", "whole", "plain"}
    assert invalid(words, CARELESS) > 0.4
    assert invalid(words, text) < 0.1
    assert len(steps) <= 12
    assert all(step.diversity is None or step.diversity > 0.6 for step in steps)


@pytest.mark.parametrize("control", [ShuffledCriticism(CHAT), RandomRewrite(CHAT)], ids=["shuffled", "random"])
@pytest.mark.parametrize("seed", range(2))
def test_shuffled_criticism_and_random_rewrites_change_words_and_mend_nothing(words, control, seed):
    text, steps = refined(words, control, seed)
    assert any(step.pairs for step in steps)
    assert not any(step.accepted for step in steps)
    assert cues(words, text) == set()
