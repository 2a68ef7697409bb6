"""The offline embedder's vectors lie close for pictures that look alike, and near the words for what they show."""

from dataclasses import replace

import numpy as np
import pytest

from genval_assets.instances.ground import contrasting_ground, flattened
from genval_assets.instances.mask import tight_crop
from genval_assets.model_ports import Embedders
from resources.offline.embedder import OfflineEmbedders
from resources.offline.hands import HANDS
from resources.offline.studio import KINDS, Look, draw, sample_look


def look_of(kind: str, seed: int = 0, **changes) -> Look:
    return replace(sample_look(kind, np.random.default_rng(seed), HANDS["own"]), **changes)


def picture(look: Look, *, tight: bool = False) -> np.ndarray:
    rgba = draw(look, 192)
    return flattened(tight_crop(rgba)[0] if tight else rgba, contrasting_ground(rgba))


def images(*pictures: np.ndarray) -> np.ndarray:
    embedders: Embedders = OfflineEmbedders()
    with embedders.open() as model:
        return model.images(pictures)


def texts(*said: str) -> np.ndarray:
    embedders: Embedders = OfflineEmbedders()
    with embedders.open() as model:
        return model.texts(said)


def alike(one: Look, other: Look) -> float:
    a, b = images(picture(one), picture(other))
    return float(a @ b)


def test_vectors_have_length_one_and_one_space():
    vectors = images(picture(look_of("mug")), picture(look_of("key")), np.full((20, 30, 3), 90, np.uint8))
    assert np.linalg.norm(vectors, axis=1) == pytest.approx(1, abs=1e-5)
    assert texts("a mug").shape[1] == vectors.shape[1]
    assert vectors.dtype == np.float32


def test_no_pictures_and_no_texts_are_no_rows():
    assert images().shape == (0, images(picture(look_of("mug"))).shape[1])
    assert texts().shape[0] == 0


@pytest.mark.parametrize(
    "changes", [{"colour": "blue"}, {"angle": 90.0}, {"angle": 180.0}, {"kind": "padlock"}, {"a": -1.0, "b": 1.0}]
)
def test_colour_pose_proportions_and_kind_show(changes):
    look = look_of("teapot", colour="red", angle=0.0, a=1.0, b=-1.0)
    same = alike(look, replace(look, light=replace(look.light, seed=7)))
    assert same > 0.98
    assert alike(look, replace(look, **changes)) < same - 0.02


def test_the_ground_and_the_margin_do_not_show():
    look = look_of("ladder")
    loose, tight = images(picture(look), picture(look, tight=True))
    assert float(loose @ tight) > 0.97


def test_a_picture_is_closest_to_the_words_for_its_kind():
    words = texts(*(f"a photo of a {kind}" for kind in KINDS))
    shown = images(*(picture(look_of(kind, 3, angle=0.0)) for kind in KINDS))
    assert np.mean((shown @ words.T).argmax(axis=1) == np.arange(len(KINDS))) >= 0.9


def test_words_of_colour_count():
    red = images(picture(look_of("backpack", colour="red", pattern="plain")))[0]
    as_red, as_blue = texts("a red backpack", "a blue backpack")
    assert float(red @ as_red) > float(red @ as_blue) + 0.1


def test_a_text_that_names_nothing_known_is_all_zeros():
    assert not texts("a zebra at dusk").any()
