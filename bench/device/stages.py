# ruff: noqa: TID253 - imported only where the bench measures
"""The models of a night's stages on a card of 24 GB: seconds, peak memory, and how long the device computes.

Each stage's models are opened and asked as the stage does, in a loop of the bench's own. Neither the stages nor the
accepted candidates per hour include writing rows, Prompt Rethink and its probes, selection, and composing scenes.
"""

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager, ExitStack
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import torch
from device.drawing import NEGATIVE
from device.scale import Scale, gb, taken
from pydantic import Field

from genval_assets.chat.answers import Answered
from genval_assets.instances.gate import Frame, judge_mask
from genval_assets.instances.gate_settings import GateSettings
from genval_assets.instances.mask import tight_crop
from genval_assets.models.smoke import square_picture
from genval_assets.types import ChatRequest, Drawn, DrawRequest, LayoutRequest, PaintRequest, Rgb, VaryRequest
from resources.images import ImageFiles
from resources.latents import LatentFiles

CARD_BYTES = 23e9
"""What a card of 24 GB leaves to torch's allocator beside CUDA itself (our choice)."""
GATE = 0.8
"""Share of candidates that the mask gate lets pass, assumed."""
JUDGE = 0.7
"""Share of those that the judge keeps, assumed; random weights keep nothing."""
WAVE = 500
"""Candidates of one wave: each model is opened once for all of them."""
LEFT_OUT = "without writing rows, Prompt Rethink and its probes, selection, and composing scenes"
BUSY_GOAL = 0.9
DRAWN, JUDGED = "raw_instances: drawn", "validated_instances: judge"
PICTURE_PX = 512
"""Longest side of what the judge is shown."""


@dataclass(frozen=True)
class Measured:
    """One stage."""

    name: str
    per_candidate: float  # items for each candidate of a wave
    open_seconds: float
    items: int
    seconds: float
    peak_bytes: int
    busy: float | None

    @property
    def wave_seconds(self) -> float:
        """Seconds of a wave: opening once, and the items of all candidates."""
        return self.open_seconds + WAVE * self.per_candidate * self.seconds / self.items

    @property
    def computing_seconds(self) -> float | None:
        """Seconds of a wave in which the device computes, opening counted as none; None where not sampled."""
        return None if self.busy is None else (self.wave_seconds - self.open_seconds) * self.busy


def report_stages(scale: Scale, root: Path, home: Path) -> None:
    """Print the stages, and the accepted candidates per hour that follow for the models alone."""
    if scale.device != "cpu":
        torch.accelerator.empty_cache()
        share = min(1.0, CARD_BYTES / torch.cuda.get_device_properties(0).total_memory)
        torch.cuda.set_per_process_memory_fraction(share)
    drawn = _line(scale, root, home)
    varied = _varied(scale, root, home)
    others = _others(scale, root)
    limit = f"The process is limited to {CARD_BYTES / 1e9:.0f} GB of the device. " if scale.device != "cpu" else ""
    print(scale.title("Stages"))
    print(
        f"{limit}Questions of {scale.question} tokens, answers of at most {scale.answer}.\n"
        f"Busy: share of time in which the device computes, by nvidia-smi, without opening. The goal is {BUSY_GOAL}.\n"
    )
    print("| stage | opening, s | items | s per item | peak GB | busy |")
    print("|---|---:|---:|---:|---:|---:|")
    for one in (*drawn, *varied, *others):
        busy = "-" if one.busy is None else f"{one.busy:.2f}"
        cells = f"{one.open_seconds:.1f} | {one.items} | {one.seconds / one.items:.3f} | {gb(one.peak_bytes)} | {busy}"
        print(f"| {one.name} | {cells} |")
    _print_rates(scale, drawn, varied)


def _print_rates(scale: Scale, drawn: Sequence[Measured], varied: Sequence[Measured]) -> None:
    accepted = GATE * JUDGE
    # a variation has no latent: what is judged is final
    judged = [one for one in drawn if one.name == JUDGED]
    print(scale.title("Accepted candidates"))
    print(f"assumed: the gate passes {GATE:.0%}, the judge keeps {JUDGE:.0%} of those; waves of {WAVE} candidates")
    print(f"the bench's own loop over the models: {LEFT_OUT}; a night makes fewer")
    for name, stages in (("drawn from prompts", drawn), ("variations of real instances", [*varied, *judged])):
        seconds = sum(one.wave_seconds for one in stages)
        computing = [one.computing_seconds for one in stages]
        known = [each for each in computing if each is not None]
        said = f", device busy {sum(known) / seconds:.2f} of the time, opening included" if known == computing else ""
        print(f"{name}: {3600 * accepted * WAVE / seconds:,.0f} accepted candidates per hour{said}")


@dataclass(frozen=True)
class Part:
    """One kind of work of a stage."""

    name: str
    per_candidate: float
    work: Callable[[Any], int]  # with the open model; returns how many items it did


def _stage(scale: Scale, opened: AbstractContextManager[Any], *parts: Part) -> list[Measured]:
    """Open a stage's models once, let each part run unmeasured, and measure it; the first bears the opening."""
    measured: list[Measured] = []
    with ExitStack() as stack:
        with taken(scale.device) as opening:
            models = stack.enter_context(opened)
        for part in parts:
            part.work(models)
            with taken(scale.device, sampled=True) as took:
                items = part.work(models)
            peak, opened_in = max(opening.peak_bytes, took.peak_bytes), 0.0 if measured else opening.seconds
            measured.append(Measured(part.name, part.per_candidate, opened_in, items, took.seconds, peak, took.busy))
    return measured


class Said(Answered):
    """An answer of any length up to what the scale allows."""

    text: str = Field(min_length=1)


def _line(scale: Scale, root: Path, home: Path) -> list[Measured]:
    """Measure what a candidate that is drawn from its prompt goes through."""
    foregrounds = scale.foregrounds(root, scale.steps[0], scale.batch)
    kept: list[Drawn] = []
    n = scale.candidates
    requests = [DrawRequest(str(i), "bench", "mug", f"a single mug, number {i}", NEGATIVE, i) for i in range(n)]
    square = square_picture(PICTURE_PX, 0)[0]
    chat = scale.chat(root, scale.answer)
    return [
        *_stage(scale, chat.open(), Part("optimized_prompts", 1.0, partial(_asked, scale, n, None))),
        *_stage(scale, foregrounds.open(), Part(DRAWN, 1.0, partial(_drawn, requests, home, kept))),
        *_stage(
            scale,
            _together(chat.open(), foregrounds.finishing()),
            Part(JUDGED, GATE, lambda models: _asked(scale, n, square, models[0])),
            Part("validated_instances: finish", GATE * JUDGE, lambda models: _finished(home, kept, models[1])),
        ),
    ]


def _asked(scale: Scale, n: int, picture: Rgb | None, model: Any) -> int:  # noqa: ANN401 - any resource's model
    question = ("What is it? " * scale.question)[: scale.question]
    shown = () if picture is None else (picture,)
    requests = [ChatRequest("bench", "", question, Said, images=shown, seed=i, temperature=1.0) for i in range(n)]
    failed = [one.error for one in model.ask(requests) if one.error]
    assert not failed, failed[0]
    return n


def _drawn(requests: Sequence[DrawRequest], home: Path, kept: list[Drawn], model: Any) -> int:  # noqa: ANN401
    """Draw in batches; each is gated, encoded and written while the next is drawn, as `raw_instances` does."""
    kept.clear()
    images, latents = ImageFiles(home=str(home)), LatentFiles(home=str(home))

    def store(drawn: Sequence[Drawn]) -> None:
        for one in drawn:
            assert one.rgba is not None, one.error
            crop, x, y = tight_crop(one.rgba)
            if crop.size:
                judge_mask(crop, Frame(one.rgba.shape[1], one.rgba.shape[0], x, y), GateSettings(), real=False)
        images.put([one.rgba for one in drawn if one.rgba is not None])
        latents.put([one.latent for one in drawn if one.latent is not None])

    with ThreadPoolExecutor(1) as behind:
        pending = None
        for start in range(0, len(requests), model.best_batch):
            drawn = model.draw(requests[start : start + model.best_batch])
            if pending is not None:
                pending.result()
            pending = behind.submit(store, drawn)
            kept += drawn
        if pending is not None:
            pending.result()
    return len(requests)


def _finished(home: Path, kept: Sequence[Drawn], model: Any) -> int:  # noqa: ANN401
    due = [one.latent for one in kept if one.latent is not None][: max(1, len(kept) // 2)]
    finished = model.finish(due)
    frames = [one.rgba for one in finished if one.rgba is not None]
    assert len(frames) == len(due), next(one.error for one in finished if one.rgba is None)
    ImageFiles(home=str(home)).put(frames)
    return len(due)


def _varied(scale: Scale, root: Path, home: Path) -> list[Measured]:
    """Measure what a variation goes through: three models are open together."""
    n = scale.candidates
    requests = []
    for i in range(n):
        picture, _, mask = square_picture(scale.side, i)
        requests.append(VaryRequest(str(i), "bench", "box", f"a single box, number {i}", NEGATIVE, picture, mask, i))

    def work(models: tuple[Any, Any, Any]) -> int:
        variation, segmenter, embedder = models
        for start in range(0, n, variation.best_batch):
            made = variation.vary(requests[start : start + variation.best_batch])
            pictures = [one.rgb for one in made if one.rgb is not None]
            assert len(pictures) == len(made), made[0].error
            side = float(pictures[0].shape[0])
            segmenter.masks(pictures, [[(side / 4, side / 4, side / 3, side / 3)] for _ in pictures])
            embedder.images([each for one in pictures for each in (one, one)])
            ImageFiles(home=str(home)).put([np.dstack([one, one[..., :1]]) for one in pictures])
        return n

    opened = _together(scale.variations(root).open(), scale.segmenters(root).open(), scale.embedders(root).open())
    return _stage(scale, opened, Part("raw_instances: varied", 1.0, work))


class _together(ExitStack):  # noqa: N801 - used as a function
    """Opens several models and hands out all of them."""

    def __init__(self, *contexts: AbstractContextManager[Any]) -> None:
        super().__init__()
        self._contexts = contexts

    def __enter__(self) -> Any:  # noqa: ANN401 - models have no common type
        return tuple(self.enter_context(one) for one in self._contexts)


def _others(scale: Scale, root: Path) -> list[Measured]:
    """Measure what is not done per candidate."""
    n = scale.candidates
    painted = [PaintRequest(i, f"an empty meadow, number {i}", NEGATIVE, i) for i in range(n)]
    names = [f"thing {i}" for i in range(50)]
    pictures = [square_picture(scale.side, i)[0] for i in range(n)]
    layout = LayoutRequest(
        "bench", "a mug and a key", ("a mug", "a key"), ((0.1, 0.1, 0.3, 0.3), (0.5, 0.5, 0.3, 0.3)), (1, 2, 3, 4)
    )
    painting = Part("backgrounds: painted", 0.0, lambda model: len(model.paint(painted)))
    searching = Part("backgrounds: searched for 50 names", 0.0, lambda model: len(model.find(pictures, names)))
    drawing = Part("layout images", 0.0, lambda model: len(model.draw([layout])[0].pictures))
    return [
        *_stage(scale, scale.painters(root).open(), painting),
        *_stage(scale, scale.detectors(root).open(), searching),
        *_stage(scale, scale.layouts(root).open(), drawing),
    ]
