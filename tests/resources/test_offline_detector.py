"""The offline detector finds the studio's kinds by name, each spot once, from pixels alone."""

from functools import cache

import cv2
import numpy as np
import pytest

from genval_assets.model_ports import Detectors
from genval_assets.types import Found, Rgb
from resources.offline.detector import OfflineDetectors
from resources.offline.scenery import PLACES, paint_place
from resources.offline.studio import KINDS, MODEL, draw, sample_look

SIDE = 480
SPOTS = {"mug": (50, 180), "duck": (290, 170), "kite": (60, 20)}
"""Left top corners of frames of 140 px."""
FRAME = 140


@cache
def scene(place: str = "table", kinds: tuple[str, ...] = tuple(SPOTS)) -> Rgb:
    picture = cv2.GaussianBlur(paint_place(place, np.random.default_rng(5), SIDE, SIDE)[0], (0, 0), 1.2)
    for kind in kinds:
        x, y = SPOTS[kind]
        rgba = draw(sample_look(kind, np.random.default_rng(1), MODEL, colour="red"), FRAME, margin=0.02)
        alpha = rgba[..., 3:] / 255
        there = picture[y : y + FRAME, x : x + FRAME]
        there[:] = there * (1 - alpha) + rgba[..., :3] * alpha
    return picture


def find(pictures: list[Rgb], names: list[str]) -> list[list[Found]]:
    detectors: Detectors = OfflineDetectors()
    with detectors.open() as model:
        assert model is not None
        return model.find(pictures, names)


def test_only_what_is_asked_for_is_found():
    (found,) = find([scene()], ["mug", "kite", "ladder", "zebra"])
    assert sorted(one.name for one in found) == ["kite", "mug"]
    assert find([scene()], ["zebra"]) == find([scene()], []) == [[]]


def test_a_find_has_the_name_that_was_asked_and_one_spot_has_one_find():
    (found,) = find([scene()], ["coffee cup", "mug", "rubber_duck"])
    assert sorted(one.name for one in found) == ["coffee cup", "rubber_duck"]


@pytest.mark.parametrize("place", PLACES)
def test_a_find_lies_where_the_thing_stands_the_surest_first(place):
    (found,) = find([scene(place)], list(KINDS))
    assert sorted(one.name for one in found) == ["duck", "kite", "mug"]
    assert [one.score for one in found] == sorted((one.score for one in found), reverse=True)
    for one in found:
        x, y = SPOTS[one.name]
        left, top, width, height = one.box
        assert min(left - x, top - y) >= -6
        assert max(left + width - x, top + height - y) <= FRAME + 6
        assert max(width, height) > 0.85 * FRAME


@pytest.mark.parametrize("place", PLACES)
def test_an_empty_place_has_no_finds(place):
    assert find([scene(place, ())], list(KINDS)) == [[]]


def test_each_picture_has_its_own_finds_in_order():
    alone = [find([picture], ["mug", "duck"])[0] for picture in (scene(), scene(kinds=("duck",)))]
    assert find([scene(), scene(kinds=("duck",))], ["mug", "duck"]) == alone
    assert [len(found) for found in alone] == [2, 1]


def test_it_can_always_be_opened_and_says_who_it_is():
    assert OfflineDetectors().fault() == ""
    assert OfflineDetectors().fingerprint() == "genval-offline-detector@1"
