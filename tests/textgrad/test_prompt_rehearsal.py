"""The prompt agent off stage: as many draws as are asked for, and no measurement on vectors that mean nothing."""

import numpy as np
import pytest

from genval_assets.chat.ask import ATTEMPTS
from genval_assets.instances.gate_settings import GateSettings
from genval_assets.prompting.agent import prompt_agent_text
from genval_assets.rows import Category
from genval_assets.textgrad.prompt_rehearsal import POOL, PromptRehearsal
from genval_assets.textgrad.prompt_rehearsal import Studio as Rehearsed
from genval_assets.types import ModelUnavailable
from genval_assets.validation.trials import Examiner
from tests.assets.fake_models import PixelEmbedders
from tests.assets.fake_studio import Studio
from tests.assets.fakes import RuleChat


@pytest.fixture
def rehearsal(make_row):
    """Build a rehearsal on so many categories and pairs; `foregrounds` and `embedder` are fakes."""

    def build(categories: int, pairs: int, embedder: object = None) -> PromptRehearsal:
        rows = [make_row(Category, category=f"c{i}", name=f"kind{i}") for i in range(categories)]
        chat = RuleChat()
        studio = Rehearsed(chat, Studio(), Examiner(GateSettings(), chat, "judge"), embedder or PixelEmbedders())
        return PromptRehearsal(rows, studio, pairs, 3, 0, lambda: len(chat.asked))

    return build


def compared(rehearsal: PromptRehearsal) -> list[str]:
    """Return the categories of what a comparison draws."""
    shipped = prompt_agent_text()
    assert rehearsal.compare(shipped, shipped).pairs == sum(map(len, rehearsal.studio.foregrounds.batches))
    return [category for batch in rehearsal.studio.foregrounds.batches for category in batch]


def test_every_category_is_drawn_equally_often(rehearsal):
    drawn = compared(rehearsal(categories=3, pairs=20))
    assert sorted(drawn) == ["c0"] * 7 + ["c1"] * 7 + ["c2"] * 7


def test_of_more_categories_than_pairs_as_many_are_drawn_as_there_are_pairs(rehearsal):
    """Else 1,203 categories would ask six times as many questions as the settings say, and never fit the budget."""
    many = rehearsal(categories=60, pairs=20)
    assert many.questions == (POOL + 2 * 20) * ATTEMPTS * 2
    drawn = compared(many)
    assert len(set(drawn)) == len(drawn) == 20


class Blind(PixelEmbedders):
    """Knows nothing of any picture, and does not say so."""

    def images(self, pictures):
        return np.zeros((len(pictures), 3), np.float32)


def test_vectors_without_a_length_are_refused_because_they_would_count_as_variety(rehearsal):
    with pytest.raises(ValueError, match="pixels embedded a picture as a vector of length 0; 1 was expected"):
        rehearsal(categories=2, pairs=20, embedder=Blind()).compare(prompt_agent_text(), "another")


def test_want_of_memory_ends_a_measurement_because_it_would_count_against_the_prompt(rehearsal):
    short = rehearsal(categories=2, pairs=20)
    short.studio.foregrounds.no_room = {"c1"}
    with pytest.raises(ModelUnavailable, match="could not draw a rehearsal: out of memory"):
        short.compare(prompt_agent_text(), "another")
