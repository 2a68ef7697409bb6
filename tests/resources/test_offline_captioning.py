"""The offline vision model tells from pixels alone what stands in a scene, in a box of it, and in a crop."""

import json
from collections import Counter
from collections.abc import Sequence
from functools import cache

import cv2
import numpy as np
import pytest

from genval_assets.layouts.seeing import CaptionAnswer, CaptionQuestion
from genval_assets.types import LayoutRequest, Rgb, Xywh
from resources.offline.captioning import caption, described
from resources.offline.chat import OfflineChat
from resources.offline.layout_drawing import draft_layout
from resources.offline.mentions import said_things
from resources.offline.scene_sight import SeenThing, things
from resources.offline.scenery import PLACES, paint_place
from resources.offline.studio import COLOURS, KINDS, MODEL, draw, sample_look
from resources.offline.vision import NoPicture

SIDE = 512
LEFT, RIGHT = (60, 190, 150, 150), (300, 200, 150, 150)
"""Boxes, px."""
NAMES = list(KINDS)
SHARES = ((0.05, 0.08, 0.28, 0.3), (0.6, 0.1, 0.3, 0.32), (0.1, 0.55, 0.32, 0.36), (0.58, 0.56, 0.3, 0.3))
"""Boxes of four things as shares."""


@cache
def scene(*stood: tuple[str, str, Xywh], place: str = "room", pattern: str = "plain") -> Rgb:
    """A place with things of a kind and a colour at boxes, drawn by hand of the test."""
    picture = paint_place(place, np.random.default_rng(3), SIDE, SIDE)[0]
    picture = cv2.GaussianBlur(picture, (0, 0), 1.2)
    for seed, (kind, colour, (x, y, w, h)) in enumerate(stood):
        look = sample_look(kind, np.random.default_rng(seed), MODEL, colour=colour, second="white", pattern=pattern)
        rgba = draw(look, max(w, h), margin=0.02)[:h, :w]
        alpha = rgba[..., 3:] / 255
        picture[y : y + h, x : x + w] = picture[y : y + h, x : x + w] * (1 - alpha) + rgba[..., :3] * alpha
    return picture


def asked(picture: Rgb, box: Xywh | None = None, faults: Sequence[str] = ()) -> str:
    """What is said, as the stage asks and reads it."""
    shares = None if box is None else tuple(side / SIDE for side in (box[0], box[1], box[0] + box[2], box[1] + box[3]))
    question = CaptionQuestion(picture, shares, "mug", 1)
    with OfflineChat().open() as chat:
        return question.read(chat.ask([question.request(1 + len(faults), faults)])[0].text)


def pair() -> Rgb:
    return scene(("mug", "red", LEFT), ("duck", "yellow", RIGHT))


@pytest.mark.parametrize("place", PLACES)
def test_a_box_is_described_by_what_stands_in_it(place):
    picture = scene(("mug", "red", LEFT), ("duck", "yellow", RIGHT), place=place)
    assert asked(picture, LEFT) == "A red mug."
    assert asked(picture, RIGHT) == "A yellow duck."
    assert asked(picture, (20, 380, 120, 110)) == "Nothing but background."


@pytest.mark.parametrize("place", PLACES)
def test_a_picture_is_described_by_everything_in_it(place):
    picture = scene(("mug", "red", LEFT), ("duck", "yellow", RIGHT), place=place)
    assert Counter((t.kind, t.colour) for t in said_things(asked(picture))) == {
        ("mug", "red"): 1,
        ("duck", "yellow"): 1,
    }


@pytest.mark.parametrize("place", PLACES)
def test_an_empty_place_has_nothing(place):
    assert asked(scene(place=place)) == "Nothing but background."


@pytest.mark.parametrize(
    ("kind", "colour"), [("mug", "red"), ("padlock", "blue"), ("teapot", "green"), ("duck", "pink")]
)
def test_a_crop_is_described_though_hardly_any_ground_is_left(kind, colour):
    x, y, w, h = LEFT
    crop = np.ascontiguousarray(scene((kind, colour, LEFT))[y : y + h, x : x + w])
    assert asked(crop) == f"A {colour} {kind}."


@pytest.mark.parametrize("pattern", ["striped", "checkered", "dotted"])
def test_a_pattern_is_said(pattern):
    (thing,) = said_things(asked(scene(("lamp", "blue", LEFT), pattern=pattern), LEFT))
    assert (thing.kind, thing.pattern) == ("lamp", pattern)


def test_a_neighbour_that_only_reaches_into_the_box_is_left_out():
    picture = scene(("mug", "red", LEFT), ("duck", "yellow", RIGHT))
    x, y, w, h = LEFT
    assert asked(picture, (x, y, w + 130, h)) == "A red mug."


@pytest.mark.parametrize("kinds", [("mug", "lamp"), ("padlock", "lamp"), ("lamp", "mushroom"), ("padlock", "mushroom")])
def test_things_that_touch_are_told_apart(kinds):
    picture = scene((kinds[0], "red", (100, 200, 150, 150)), (kinds[1], "blue", (235, 200, 150, 150)))
    assert sorted(thing.kind for thing in said_things(asked(picture))) == sorted(kinds)


def test_two_things_in_one_box_are_told():
    assert asked(pair(), (50, 180, 420, 180)) in (
        "There is a red mug and a yellow duck.",
        "There is a yellow duck and a red mug.",
    )


def test_half_a_thing_is_not_called_by_its_kind():
    x, y, w, h = LEFT
    picture = scene(("chair", "red", LEFT)).copy()
    picture[y : y + h, x + w // 2 : x + w] = scene()[y : y + h, x + w // 2 : x + w]
    assert asked(picture, LEFT) == "Something that cannot be recognised."


def test_the_same_question_has_the_same_answer_also_after_a_fault():
    assert asked(pair(), LEFT, ["expected a caption"]) == asked(pair(), LEFT) == asked(pair().copy(), LEFT)


def test_no_picture_is_an_error():
    request = CaptionQuestion(pair(), None, "mug", 1).request(1, ())
    with pytest.raises(NoPicture, match="got 0"):
        caption(type(request)(request.stage, request.system, request.user, request.answer_schema))
    assert "box" not in json.loads(request.user)


def seen(kind: str, colour: str = "red", fit: float = 0.9, pattern: str = "plain") -> SeenThing:
    return SeenThing(kind, fit, colour, pattern, (0, 0, 9, 9))


@pytest.mark.parametrize(
    ("shown", "said"),
    [
        ([], "Nothing but background."),
        ([seen("umbrella", "")], "An umbrella."),
        ([seen("umbrella", "orange", pattern="dotted")], "An orange dotted umbrella."),
        ([seen("duck"), seen("duck")], "Two red ducks."),
        ([seen("duck"), seen("mug", "blue"), seen("duck")], "There are two red ducks and a blue mug."),
        ([seen("scissors")], "Red scissors."),
        ([seen("mug", fit=0.5)], "Something that cannot be recognised."),
        ([seen("mug", fit=0.5), seen("key", fit=0.5)], "Two things that cannot be recognised."),
    ],
)
def test_what_is_seen_is_said_in_a_plain_sentence(shown, said):
    assert described(shown) == said


def test_a_crowd_of_thirty_things_can_be_said():
    kinds, colours = ("watering can", "butterfly", "umbrella"), list(COLOURS)[:10]
    crowd = [seen(kind, colour, pattern="checkered") for kind in kinds for colour in colours]
    said = CaptionAnswer(caption=described(crowd)).caption
    assert len(said_things(said)) == 30


@pytest.mark.parametrize("shape", [(1, 1), (2, 400), (400, 2), (1, 512), (64, 64)])
def test_noise_of_any_shape_shows_nothing(shape):
    picture = np.random.default_rng(1).integers(0, 256, (*shape, 3)).astype(np.uint8)
    assert things(picture) == []


@cache
def drawn(seed: int) -> tuple[LayoutRequest, Rgb, tuple]:
    rng = np.random.default_rng(seed)
    kinds = [NAMES[int(i)] for i in rng.integers(len(NAMES), size=len(SHARES))]
    phrases = tuple(f"{KINDS[kind].colours[0]} {kind}" for kind in kinds)
    request = LayoutRequest("l", " ".join(phrases), phrases, SHARES, (seed,))
    draft = draft_layout(request, seed, SIDE)
    return request, draft.rgb, draft.things


def test_most_right_things_of_the_layout_model_are_named_and_hardly_any_wrong_one():
    named: Counter[tuple[bool, bool]] = Counter()
    for seed in range(12):
        request, picture, stood = drawn(seed)
        for phrase, (x, y, w, h), thing in zip(request.phrases, SHARES, stood, strict=True):
            kind = phrase.split(" ", 1)[1]
            calls = [t.called for t in things(picture, (x * SIDE, y * SIDE, w * SIDE, h * SIDE))]
            named[thing.faults in ((), ("wrong_colour",)), calls == [kind]] += 1
    assert named[True, True] >= 0.9 * (named[True, True] + named[True, False])
    assert named[False, True] <= 0.2 * (named[False, True] + named[False, False])
