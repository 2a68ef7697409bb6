"""Prompts tried out: drawn on given seeds and examined as candidates are, nothing stored.

What TextGrad's rehearsals, Prompt Rethink's probes and measurements have in common.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from genval_assets.instances.gate import Frame
from genval_assets.instances.gate_settings import GateSettings
from genval_assets.instances.mask import tight_crop
from genval_assets.keys import recipe
from genval_assets.model_ports import ChatModel, ForegroundModel
from genval_assets.prompting.slots import read_slots
from genval_assets.rows import Category, Prompt
from genval_assets.types import Drawn, DrawRequest
from genval_assets.validation.examine import DESCRIBED, Examined, Specimen, examine


@dataclass(frozen=True)
class Trial:
    """One drawing of one prompt."""

    category: Category
    prompt: Prompt
    seed: int

    @property
    def instance_id(self) -> str:
        """The same prompt on the same seed is the same drawing."""
        return recipe("trial", prompt_id=self.prompt.prompt_id, text=self.prompt.text, seed=self.seed)

    @property
    def request(self) -> DrawRequest:
        """What the foreground model is asked for."""
        return DrawRequest(
            instance_id=self.instance_id,
            category=self.category.category,
            name=self.category.name,
            prompt=self.prompt.text,
            negative=self.prompt.negative,
            seed=self.seed,
        )


@dataclass(frozen=True, eq=False)
class Tried:
    """What came of a trial."""

    trial: Trial
    examined: Examined | None  # None: it could not be drawn
    error: str = ""  # why not
    owed: bool = False  # it says nothing of the prompt: the device's memory ended

    @property
    def outcome(self) -> str:
        """Return accepted | rejected | error."""
        return self.examined.outcome if self.examined else "error"


@dataclass(frozen=True)
class Examiner:
    """Who examines: the gate's thresholds, the open vision model and its system prompt."""

    gate: GateSettings
    chat: ChatModel
    system: str
    votes: int = 1
    by_eye: bool = True  # False: the gate decides alone, as the settings may have it for what is drawn


def try_out(trials: Sequence[Trial], foregrounds: ForegroundModel, examiner: Examiner) -> Iterator[Tried]:
    """Yield what came of each trial, in order, drawing in the foreground model's batches."""
    for start in range(0, len(trials), foregrounds.best_batch):
        some = trials[start : start + foregrounds.best_batch]
        drawn = foregrounds.draw([trial.request for trial in some])
        specimens = {
            trial.instance_id: specimen
            for trial, one in zip(some, drawn, strict=True)
            if (specimen := _specimen(trial, one, by_eye=examiner.by_eye)) is not None
        }
        found = examine(list(specimens.values()), examiner.gate, examiner.chat, examiner.system, examiner.votes)
        examined = dict(zip(specimens, found, strict=True))
        for trial, one in zip(some, drawn, strict=True):
            yield Tried(trial, examined.get(trial.instance_id), one.error, one.owed)


def _specimen(trial: Trial, drawn: Drawn, *, by_eye: bool) -> Specimen | None:
    if drawn.rgba is None:
        return None
    crop, x, y = tight_crop(drawn.rgba)
    if crop.size == 0:
        return None
    slots = read_slots(trial.prompt.slots)
    return Specimen(
        instance_id=trial.instance_id,
        category=trial.category.category,
        name=trial.category.name,
        definition=trial.category.definition,
        crop=crop,
        frame=Frame(drawn.rgba.shape[1], drawn.rgba.shape[0], x, y),
        seed=trial.seed,
        real=False,
        by_eye=by_eye,
        look_for=tuple(name for name in DESCRIBED if name in slots),
    )
