"""Pictures whose negatives are measured: accepted cut-outs alone, and two or three of them in a scene, with captions.

Not here: negatives (`arms.py`), and what is true of the pictures (`judged.py`).
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from agents import category

from genval_assets.assets.picturing import LONGEST_PX, MARGIN
from genval_assets.chat.ask import ask_all
from genval_assets.compose.scene import Cutout, compose_scene
from genval_assets.compose.settings import SceneSettings
from genval_assets.compose.sizes import SizePriors, default_prior
from genval_assets.instances.gate import Frame
from genval_assets.instances.gate_settings import GateSettings
from genval_assets.instances.ground import in_frame
from genval_assets.keys import seed_of
from genval_assets.model_ports import ChatModel, ForegroundModel
from genval_assets.negatives.picture import Pictured, Thing
from genval_assets.negatives.positive import PositiveQuestion
from genval_assets.negatives.requested import requested_values
from genval_assets.negatives.verification import Captioned
from genval_assets.negatives.vocabulary import Vocabulary
from genval_assets.prompting.agent import prompt_agent_text
from genval_assets.prompting.lint import spoken_name
from genval_assets.prompting.slots import read_slots
from genval_assets.prompting.write import PromptJob
from genval_assets.textgrad.prompt_rehearsal import written
from genval_assets.types import Rgb
from genval_assets.validation.judge import judge_prompt
from genval_assets.validation.trials import Examiner, Trial, try_out
from resources.offline.scenery import PLACES, paint_place
from resources.offline.studio import KINDS

FIRST_PROMPT = 1000
"""Index of each kind's first prompt: all draws that thresholds were set or looked over on have lower ones."""
SPARE = 1.25
"""Draws per caption: some are refused, and some get no caption."""
SETTINGS = SceneSettings(min_visible=0.9)
"""Of scenes: as shipped, but nothing is hidden by more than a tenth."""
IN_A_SCENE = (2, 3)
SIZE = (640, 480)
"""Width and height of a scene, px: those of the painter."""


@dataclass(frozen=True, eq=False)
class Cut:
    """An accepted cut-out, and what its prompt asked for."""

    cutout: Cutout
    thing: Thing


@dataclass(frozen=True, eq=False)
class Scene:
    """A picture of several things."""

    pictured: Pictured
    instances: tuple[str, ...]  # ids of the cut-outs that are in it


def cuts(chat: ChatModel, model: ForegroundModel, captions: int, seed: int, words: Vocabulary) -> Iterator[Cut]:
    """Yield accepted cut-outs of all kinds, as many as are needed and some to spare; kinds take turns."""
    categories = [category(name, i) for i, name in enumerate(sorted(KINDS))]
    rounds = -(-int(captions * SPARE) // len(categories))
    jobs = [PromptJob(one, 0, FIRST_PROMPT + i) for i in range(rounds) for one in categories]
    trials = [
        Trial(job.category, prompt, seed_of("negatives", seed, job.category.category, job.index))
        for job, prompt in zip(jobs, written(prompt_agent_text(), jobs, chat), strict=True)
    ]
    for one in try_out(trials, model, Examiner(GateSettings(), chat, judge_prompt())):
        gate = one.examined.gate if one.examined and one.outcome == "accepted" else None
        if gate and gate.cleaned is not None and gate.threshold is not None:
            cutout = Cutout(one.trial.instance_id, one.trial.category.category, gate.cleaned, gate.threshold)
            requested = requested_values(read_slots(one.trial.prompt.slots), words)
            yield Cut(cutout, Thing(spoken_name(one.trial.category.name), requested))


def alone(one: Cut) -> Pictured:
    """Return a cut-out as the stage shows it."""
    height, width = one.cutout.rgba.shape[:2]
    margin = round(MARGIN * max(height, width))
    frame = Frame(width + 2 * margin, height + 2 * margin, margin, margin)
    picture = in_frame(one.cutout.rgba, frame, LONGEST_PX)
    return _pictured("instance", one.cutout.instance_id, one.cutout.category, picture, (one.thing,))


def scenes(given: Sequence[Cut], count: int, seed: int) -> Iterator[Scene]:
    """Yield scenes of two or three random cut-outs; one in which fewer than two find room is left out."""
    rng = np.random.default_rng(seed_of("scenes", seed))
    for index in range(count):
        chosen = [given[int(i)] for i in rng.choice(len(given), int(rng.choice(IN_A_SCENE)), replace=False)]
        scene = _composed(chosen, f"scene-{index}", seed_of("negatives", seed, "scene", index), index)
        if len(scene.instances) >= min(IN_A_SCENE):
            yield scene


def described(chat: ChatModel, pictures: Sequence[Pictured], words: Vocabulary) -> Iterator[Captioned]:
    """Yield the pictures that get a caption."""
    replies = ask_all(chat, [PositiveQuestion(one, words) for one in pictures])
    for one, reply in zip(pictures, replies, strict=True):
        if reply.value is not None:
            yield Captioned(one, reply.value)


def _composed(chosen: Sequence[Cut], subject: str, seed: int, index: int) -> Scene:
    """Return a scene as the product composes it, on a painted ground with nothing else on it: all things are known."""
    ground, _ = paint_place(list(PLACES)[index % len(PLACES)], np.random.default_rng(seed), *SIZE)
    priors = SizePriors(default_prior(SETTINGS), {})
    scene = compose_scene(ground, (), [one.cutout for one in chosen], priors, SETTINGS, seed)
    there = tuple(one.instance_id for one in scene.objects if one.instance_id)
    thing_of = {one.cutout.instance_id: one.thing for one in chosen}
    things = tuple(thing_of[one] for one in there)
    return Scene(_pictured("scene", subject, chosen[0].cutout.category, scene.rgb, things), there)


def _pictured(kind: str, subject: str, category: str, picture: Rgb, things: tuple[Thing, ...]) -> Pictured:
    return Pictured(
        subject_id=subject,
        kind=kind,
        category=category,
        names=tuple(dict.fromkeys(thing.name for thing in things)),
        picture=picture,
        things=things,
        complete=True,
        seed=seed_of("hard_negatives", kind, subject),
    )
