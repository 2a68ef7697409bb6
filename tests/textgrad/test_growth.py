"""However often an agent is refined, its system prompt does not grow beyond the bound of the text it began with."""

from dataclasses import dataclass

import pytest

from genval_assets.textgrad.acceptance import Comparison, mean_of
from genval_assets.textgrad.loop import Minibatch, refine
from genval_assets.textgrad.proposals import Proposal
from genval_assets.textgrad.settings import TextGradSettings

FORM = 'Answer with one JSON object: {"prompt": "..."}'


class AlwaysBetter:
    agent, rubric, questions = "prompt", "", 1

    def minibatch(self, step, system):
        return Minibatch((), 0)

    def compare(self, parent, rewrite):
        return Comparison(20, mean_of([0.0] * 20), mean_of([1.0] * 20))


@dataclass(frozen=True)
class Longer:
    """Adds a rule of 300 characters to whatever there is."""

    def propose(self, situation):
        return Proposal(f"{situation.system} {'rule ' * 60}{situation.seed}", ("a fault",), 0)


@pytest.mark.parametrize(("origin", "grows"), [("", True), (FORM, False)])
def test_a_second_refinement_is_bounded_by_where_the_first_began(origin, grows):
    refined = FORM + " x" * 500
    settings = TextGradSettings(steps=1)
    (step,) = refine(refined, AlwaysBetter(), Longer(), settings, 0, origin=origin)
    assert step.accepted is grows
