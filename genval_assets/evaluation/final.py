"""The final measurement of the agents: prompts written, drawn and judged on draws that nothing was tuned on.

Simulated wherever the foreground model is the offline one: the truth of its draws is sealed, and opened only here.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from genval_assets.evaluation.estimates import Drawing
from genval_assets.keys import seed_of
from genval_assets.model_ports import ChatModel, Embedder, ForegroundModel
from genval_assets.ports import SealedTruth
from genval_assets.prompting.slots import FACTORS
from genval_assets.prompting.write import PromptJob
from genval_assets.rows import Category
from genval_assets.textgrad.diversity import Made, diversity
from genval_assets.textgrad.prompt_rehearsal import made_of, written
from genval_assets.validation.trials import Examiner, Trial, Tried, try_out


@dataclass(frozen=True)
class Final:
    """What a system prompt came to."""

    drawings: tuple[Drawing, ...]
    diversity: float  # of slots and pictures, in [0, 1]
    slot_entropy: float  # of the slots alone
    passed: int  # candidates that the gate let pass: the vision model is asked about these alone


@dataclass(frozen=True)
class FinalStudio:
    """Who takes part: all models open, the foreground model with the hand and home that only this measurement has."""

    chat: ChatModel
    foregrounds: ForegroundModel
    examiner: Examiner
    embedder: Embedder
    truth: SealedTruth


def measure(
    system: str, categories: Sequence[Category], draws: int, seed: int, studio: FinalStudio, *, lint: bool = True
) -> Final:
    """Return what `draws` prompts of each category come to under a system prompt of the prompt agent.

    Args:
        system: the system prompt.
        categories: what is drawn.
        draws: per category.
        seed: of the measurement; different seeds share no draw.
        studio: who takes part.
        lint: False takes every prompt as it is written.
    """
    jobs = [PromptJob(category, 0, i) for category in categories for i in range(draws)]
    trials = [
        Trial(job.category, prompt, seed_of("final", seed, job.category.category, job.index))
        for job, prompt in zip(jobs, written(system, jobs, studio.chat, lint=lint), strict=True)
    ]
    made: list[Made] = []
    outcomes: dict[str, tuple[str, str]] = {}
    passed = 0
    waiting: list[Tried] = []
    for one in try_out(trials, studio.foregrounds, studio.examiner):
        outcomes[one.trial.instance_id] = one.trial.category.category, one.outcome
        passed += one.examined is not None and one.examined.gate.accepted
        waiting.append(one)
        if len(waiting) == studio.foregrounds.best_batch:  # pictures are large: none is kept
            made += made_of(waiting, studio.embedder)
            waiting.clear()
    made += made_of(waiting, studio.embedder)
    truth = studio.truth.read()
    drawings = tuple(Drawing(category, outcome, truth[key]) for key, (category, outcome) in outcomes.items())
    factors = {category.category: FACTORS for category in categories}
    varied = diversity(made, factors, pictures=True), diversity(made, factors, pictures=False)
    return Final(drawings, *varied, passed)
