"""The offline variation model: a real object shown anew, with the errors that the checks are there for."""

from functools import cache

import numpy as np
import pytest

from genval_assets.compose.colours import colour_name
from genval_assets.instances.variation import box_of, in_box, iou, phash_distance
from genval_assets.model_ports import Variations
from genval_assets.types import VaryRequest
from resources.offline.hands import HANDS
from resources.offline.studio import draw, sample_look
from resources.offline.variation import ASTRAY, COPIES, OfflineVariations

KINDS = ("mug", "duck", "bicycle", "chair", "mushroom", "backpack")
SIDE = 160


@cache
def drawn(kind: str, look: int) -> tuple[np.ndarray, np.ndarray]:
    """An object of the studio in the middle of an even ground, from which it can be told by its colour."""
    rgba = draw(sample_look(kind, np.random.default_rng(look), HANDS["own"]), SIDE)
    cover = rgba[..., 3:] / 255
    picture = np.rint(rgba[..., :3] * cover + (210, 0, 210) * (1 - cover)).astype(np.uint8)
    return picture, rgba[..., 3] > 127


def request(seed: int, kind: str = "mug", look: int = 0) -> VaryRequest:
    return VaryRequest("i", "k", kind, "a mug", "", *drawn(kind, look), seed)


def vary(*requests: VaryRequest) -> list[np.ndarray]:
    variations: Variations = OfflineVariations()
    with variations.open() as model:
        results = model.vary(requests)
    assert [result.request for result in results] == list(requests)
    assert [(result.error, result.owed) for result in results] == [("", False)] * len(requests)
    return [result.rgb for result in results]


def seen(picture: np.ndarray) -> np.ndarray:
    """What is not magenta."""
    red, green, blue = picture.astype(int).transpose(2, 0, 1)
    return ~((red - green > 0.6 * red) & (abs(red - blue) < 0.2 * red) & (red > 40))


def fate(picture: np.ndarray, source: VaryRequest) -> str:
    copied = np.abs(picture.astype(int) - source.picture).max() < 8
    astray = iou(seen(picture), source.mask) < 0.45
    return "copy" if copied else "astray" if astray else "new"


def test_the_answer_has_the_requests_size_and_depends_on_picture_mask_and_seed_alone():
    asked = [request(seed, KINDS[seed % 6]) for seed in range(6)]
    together, again = vary(*asked), vary(*asked[::-1])[::-1]
    for one, other, given in zip(together, again, asked, strict=True):
        assert one.shape == given.picture.shape
        assert one.dtype == np.uint8
        assert np.array_equal(one, other)
    elsewhere = VaryRequest("j", "z", "zebra", "a zebra", "blur", asked[0].picture, asked[0].mask, asked[0].seed)
    assert np.array_equal(vary(elsewhere)[0], together[0])
    assert len({one.tobytes() for one in vary(*(request(seed) for seed in range(20)))}) == 20


def test_as_many_answers_are_copies_and_go_astray_as_is_said():
    asked = [request(seed, ("duck", "backpack", "mushroom")[seed % 3]) for seed in range(450)]
    told = [fate(picture, one) for picture, one in zip(vary(*asked), asked, strict=True)]
    assert told.count("copy") / 450 == pytest.approx(COPIES, abs=0.04)  # 3 standard errors
    assert told.count("astray") / 450 == pytest.approx(ASTRAY, abs=0.046)


def new(kind: str, count: int) -> list[tuple[np.ndarray, VaryRequest]]:
    asked = [request(seed, kind, look=seed % 7) for seed in range(count)]
    fates = np.array([np.random.default_rng(one.seed).random() for one in asked])  # the first number decides
    return [(picture, one) for picture, one, f in zip(vary(*asked), asked, fates, strict=True) if f > COPIES + ASTRAY]


@pytest.mark.parametrize("kind", KINDS)
def test_a_new_object_lies_where_its_source_did_and_is_no_copy(kind):
    made = new(kind, 40)
    overlaps = [iou(seen(picture), seen(one.picture)) for picture, one in made]
    distances = [phash_distance(*in_box(one.picture, one.mask, picture)) for picture, one in made]
    assert np.percentile(overlaps, 10) >= 0.6
    assert np.mean(np.array(distances) >= 7) >= 0.5
    assert np.mean(np.array(overlaps) < 0.97) >= 0.9


def test_a_copy_is_told_by_its_hash():
    asked = [request(seed, KINDS[seed % 6]) for seed in range(60)]
    copies = [each for each in zip(vary(*asked), asked, strict=True) if fate(*each) == "copy"]
    assert len(copies) >= 2
    assert all(phash_distance(*in_box(one.picture, one.mask, picture)) < 7 for picture, one in copies)


def test_light_and_saturation_change_and_the_colours_name_stays_as_a_rule():
    kept, light, vivid = [], [], []
    for kind in KINDS:
        for picture, one in new(kind, 30):
            middle, source = one.mask & seen(picture), one.picture[one.mask]
            kept.append(colour_name(picture, middle) == colour_name(one.picture, one.mask))
            light.append(picture[middle].mean() / one.picture[one.mask].mean())
            vivid.append((spread(picture[middle]) / picture[middle].mean()) / (spread(source) / source.mean()))
    assert np.mean(kept) >= 0.85
    assert np.percentile(light, 5) < 0.92
    assert np.percentile(light, 95) > 1.06
    assert 0.7 < np.percentile(vivid, 5) < 0.85
    assert 1.12 < np.percentile(vivid, 95) < 1.4


def spread(pixels: np.ndarray) -> float:
    """How far the channels lie apart."""
    return float(np.ptp(pixels.astype(int), axis=1).mean())


def test_where_the_object_stood_the_ground_is_filled_in():
    gone = [one for one in range(40) if COPIES < np.random.default_rng(one).random() < COPIES + ASTRAY]
    assert gone
    for picture, one in ((vary(request(seed, "backpack"))[0], request(seed, "backpack")) for seed in gone):
        left = one.mask & ~seen(picture)
        assert left.mean() > 0.2 * one.mask.mean()
        red, green, blue = picture[left].astype(float).mean(axis=0)
        assert red > 2 * green
        assert blue > 2 * green


def test_a_mask_without_an_object_is_refused():
    one = request(0)
    nothing = VaryRequest("i", "k", "mug", "", "", one.picture, np.zeros_like(one.mask), 0)
    with pytest.raises(ValueError, match="an object in the picture is needed"):
        vary(nothing)


def test_tiny_and_full_objects_are_varied_too():
    picture = np.random.default_rng(0).integers(0, 256, (40, 40, 3), dtype=np.uint8)
    dot, full = np.zeros((40, 40), dtype=bool), np.ones((40, 40), dtype=bool)
    dot[20, 20] = True
    assert box_of(dot) == (20, 20, 1, 1)
    for mask in (dot, full):
        made = vary(*(VaryRequest("i", "k", "n", "", "", picture, mask, seed) for seed in range(15)))
        assert all(one.shape == (40, 40, 3) for one in made)


def test_it_says_that_it_is_offline():
    variations = OfflineVariations()
    assert variations.fingerprint() == "genval-offline-variation@1"
    assert variations.fault() == ""
