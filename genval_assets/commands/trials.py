"""What `genval doctor --smoke` asks of each model: four results, and what is looked at in them.

Not here: opening models one after the other, time, memory and files (`smoke.py`).
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from pydantic import Field

from genval_assets.chat.answers import Answered, UnreadableAnswer, read_answer
from genval_assets.compose.overlay import overlay
from genval_assets.model_ports import (
    Chat,
    Detectors,
    Embedders,
    Foregrounds,
    LayoutImages,
    Painters,
    Segmenters,
    Variations,
)
from genval_assets.models.smoke import (
    finds_fault,
    finished_fault,
    flat_fault,
    foreground_fault,
    mask_fault,
    square_picture,
    vectors_fault,
)
from genval_assets.prompting.baseline import NEGATIVE, baseline_prompt
from genval_assets.types import (
    ChatAnswer,
    ChatRequest,
    Drawn,
    DrawRequest,
    LayoutRequest,
    PaintRequest,
    Rgb,
    Rgba,
    VaryRequest,
    Xywh,
)
from resources.offline.chat import OfflineChat

NAMES = ("mug", "banana", "key", "teapot")
PLACES = ("an empty meadow", "an empty street", "a bare wooden floor", "an empty beach")
SIDE = 512
"""Of the pictures that are shown to a model, px."""
MARK = (255, 0, 255)
FORM = 'Answer with one JSON object and nothing else: {"answer": "a few words"}'


class Words(Answered):
    """The least that a chat model must be able to answer with."""

    answer: str = Field(min_length=1, max_length=200)


@dataclass(frozen=True, eq=False)
class Tried:
    """What came of one role."""

    pictures: Sequence[Rgb | Rgba]
    faults: Sequence[str]  # of each result that has one
    said: str = ""


def _faults(*found: str) -> list[str]:
    return [one for one in found if one]


def try_foregrounds(foregrounds: Foregrounds) -> Tried:
    """Draw four things and finish those that are drawn quickly first."""
    requests = [
        DrawRequest(f"smoke-{i}", "smoke", name, baseline_prompt(name, None), NEGATIVE, seed=i + 1)
        for i, name in enumerate(NAMES)
    ]
    with foregrounds.open() as model:
        drawn = model.draw(requests)
    faults = [
        f"{d.request.name}: {why}" for d in drawn if (why := d.error if d.rgba is None else foreground_fault(d.rgba))
    ]
    finished, more = _finished(foregrounds, drawn)
    return Tried(
        [f if f is not None else d.rgba for d, f in zip(drawn, finished, strict=True) if d.rgba is not None],
        faults + more,
    )


def _finished(foregrounds: Foregrounds, drawn: Sequence[Drawn]) -> tuple[list[Rgba | None], list[str]]:
    """Return the finished frames, None where there is none, and what is wrong with them."""
    quick = {i: (d.rgba, d.latent) for i, d in enumerate(drawn) if d.rgba is not None and d.latent is not None}
    frames: list[Rgba | None] = [None] * len(drawn)
    if not quick:
        return frames, []
    with foregrounds.finishing() as finisher:
        finished = finisher.finish([latent for _, latent in quick.values()])
    faults = []
    for (i, (rgba, _)), one in zip(quick.items(), finished, strict=True):
        frames[i] = one.rgba
        if why := one.error or "no picture" if one.rgba is None else finished_fault(rgba, one.rgba):
            faults.append(f"{drawn[i].request.name}, finished: {why}")
    return frames, faults


def try_variations(variations: Variations) -> Tried:
    """Vary four squares on plain grounds."""
    requests = []
    for i in range(4):
        picture, _, mask = square_picture(SIDE, i)
        requests.append(
            VaryRequest(f"smoke-{i}", "smoke", "box", baseline_prompt("box", None), NEGATIVE, picture, mask, seed=i + 1)
        )
    with variations.open() as model:
        varied = model.vary(requests)
    return _looked_at([(one.rgb, one.error) for one in varied])


def try_painters(painters: Painters) -> Tried:
    """Paint four empty places."""
    requests = [PaintRequest(i, place, NEGATIVE, seed=i + 1) for i, place in enumerate(PLACES)]
    with painters.open() as model:
        painted = model.paint(requests)
    return _looked_at([(one.rgb, one.error) for one in painted])


def try_layouts(layouts: LayoutImages) -> Tried:
    """Draw one layout of two things four times."""
    boxes: tuple[Xywh, ...] = ((0.1, 0.3, 0.35, 0.5), (0.55, 0.3, 0.35, 0.5))
    request = LayoutRequest(
        "smoke", "a red mug and a yellow banana", ("a red mug", "a yellow banana"), boxes, (1, 2, 3, 4)
    )
    with layouts.open() as model:
        (drawn,) = model.draw([request])
    return _looked_at([(picture, drawn.error) for picture in drawn.pictures])


def _looked_at(results: Sequence[tuple[Rgb | None, str]]) -> Tried:
    """Return pictures, and the faults of those that are flat or missing."""
    faults = [why for rgb, error in results if (why := error or "no picture" if rgb is None else flat_fault(rgb))]
    return Tried([rgb for rgb, _ in results if rgb is not None], faults)


def try_segmenters(segmenters: Segmenters) -> Tried:
    """Ask for the masks of four squares by their boxes."""
    shown = [square_picture(SIDE, i) for i in range(4)]
    with segmenters.open() as model:
        found = model.masks([rgb for rgb, _, _ in shown], [[box] for _, box, _ in shown])
    pairs = [(rgb, box, one) for (rgb, box, _), (one,) in zip(shown, found, strict=True)]
    faults = _faults(*(mask_fault(one, box, rgb.shape[:2]) for rgb, box, one in pairs))
    drawn = [
        rgb if one.mask.shape != rgb.shape[:2] else overlay(rgb, [(one.mask, box, MARK)]) for rgb, box, one in pairs
    ]
    return Tried(drawn, faults, f"scores {', '.join(f'{one.score:.2f}' for _, _, one in pairs)}")


def try_detectors(detectors: Detectors) -> Tried:
    """Search four pictures of squares."""
    names = ("square", *NAMES)
    shown = [square_picture(SIDE, i)[0] for i in range(4)]
    with detectors.open() as model:
        if model is None:
            return Tried([], [], "none in this profile")
        found = model.find(shown, names)
    faults = _faults(*(finds_fault(finds, names, (SIDE, SIDE)) for finds in found))
    nothing = np.zeros((SIDE, SIDE), dtype=bool)
    drawn = [overlay(rgb, [(nothing, one.box, MARK) for one in finds]) for rgb, finds in zip(shown, found, strict=True)]
    return Tried(drawn, faults, f"found {sum(map(len, found))} in 4 pictures of a square")


def try_embedders(embedders: Embedders) -> Tried:
    """Embed four pictures and their descriptions."""
    shown = [square_picture(SIDE, i)[0] for i in range(4)]
    with embedders.open() as model:
        seen, read = model.images(shown), model.texts([f"a {name}" for name in NAMES])
    texts = "" if read.shape == seen.shape else f"texts gave {read.shape}, pictures {seen.shape}"
    return Tried([], _faults(vectors_fault(seen, 4), texts), f"vectors of {seen.shape[-1]} numbers")


def try_chat(chat: Chat) -> Tried:
    """Ask one question in words and one about a picture."""
    if isinstance(chat, OfflineChat):
        return Tried([], [], "rules, simulated: nothing to try")
    square, _, _ = square_picture(SIDE, 0)
    questions = (
        ChatRequest("smoke", FORM, "What do people drink tea from?", Words),
        ChatRequest("smoke", FORM, "Which colour does the square have?", Words, images=(square,)),
    )
    with chat.open() as model:
        tea, colour = (_read(answer) for answer in model.ask(questions))
    return Tried([square], _faults(tea[1], colour[1]), f"said of tea {tea[0]!r}, of the picture {colour[0]!r}")


def _read(answer: ChatAnswer) -> tuple[str, str]:
    """Return (what was said, why nothing could be read)."""
    if answer.error:
        return "", answer.error
    try:
        return read_answer(answer.text, Words).answer, ""
    except UnreadableAnswer as err:
        return "", str(err)
