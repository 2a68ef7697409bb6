"""Promises of the prompts of painted backgrounds."""

import re
from collections import Counter

import pytest

from genval_assets.backgrounds.places import background_prompts, wording
from genval_assets.prompting.lint import MAX_TOKENS, estimate_tokens

COCO = """person bicycle car motorcycle airplane bus train truck boat traffic_light fire_hydrant stop_sign parking_meter
bench bird cat dog horse sheep cow elephant bear zebra giraffe backpack umbrella handbag tie suitcase frisbee skis
snowboard sports_ball kite baseball_bat baseball_glove skateboard surfboard tennis_racket bottle wine_glass cup fork
knife spoon bowl banana apple sandwich orange broccoli carrot hot_dog pizza donut cake chair couch potted_plant bed
dining_table toilet tv laptop mouse remote keyboard cell_phone microwave oven toaster sink refrigerator book clock vase
scissors teddy_bear hair_drier toothbrush table plant lamp window door tree shelf desk curtain pillow"""
ALL = 48 * 24
"""Prompts after which every place had every light and camera of its setting."""


def parts(request) -> tuple[str, str, str]:
    """Return place, light and camera of a prompt."""
    said = wording()
    lights = [light for of in said.settings for light in of.lights]
    found = [
        max((one for one in ones if one in request.prompt), key=len)
        for ones in ([place for of in said.settings for place in of.places], lights, said.cameras)
    ]
    return tuple(found)


def test_a_longer_list_begins_with_the_shorter_one():
    assert background_prompts(200, 3)[:50] == background_prompts(50, 3)
    assert [request.index for request in background_prompts(50, 3)] == list(range(50))
    assert background_prompts(0, 3) == []


def test_every_picture_has_a_seed_of_its_own_and_another_project_other_seeds_and_another_order():
    mine, theirs = background_prompts(1000, 0), background_prompts(1000, 1)
    assert len({request.seed for request in mine + theirs}) == 2000
    assert [r.prompt for r in mine[:48]] != [r.prompt for r in theirs[:48]]


def test_no_prompt_returns_before_every_place_had_every_light_and_camera():
    prompts = [request.prompt for request in background_prompts(ALL + 48, 0)]
    assert len(set(prompts[:ALL])) == ALL
    assert prompts[ALL:] == prompts[:48]


@pytest.mark.parametrize("seed", [0, 1])
def test_each_block_of_48_has_every_place_once_and_all_lights_and_cameras_alike(seed):
    found = [parts(request) for request in background_prompts(4 * 48, seed)]
    for start in range(0, len(found), 48):
        places, lights, cameras = (Counter(values) for values in zip(*found[start : start + 48], strict=True))
        assert set(places.values()) == {1}
        assert set(lights.values()) == {4}
        assert set(cameras.values()) == {12}
        assert (len(places), len(lights), len(cameras)) == (48, 12, 4)


@pytest.mark.parametrize("count", [2, 7, 20, 61])
def test_a_short_list_is_balanced_too(count):
    found = [parts(request) for request in background_prompts(count, 0)]
    indoors = wording().settings[0]
    assert abs(2 * sum(place in indoors.places for place, _, _ in found) - count) <= 1
    places = Counter(place for place, _, _ in found)
    assert max(places.values()) - (min(places.values()) if len(places) == 48 else 0) <= 1
    lights = Counter(light for place, light, _ in found if place in indoors.places)
    assert max(lights.values()) - (min(lights.values()) if len(lights) == 6 else 0) <= 2
    cameras = Counter(camera for _, _, camera in found)
    assert max(cameras.values()) - (min(cameras.values()) if len(cameras) == 4 else 0) <= 3


def test_a_place_has_the_light_of_its_setting():
    indoors, outdoors = wording().settings
    for place, light, _ in map(parts, background_prompts(ALL, 0)):
        assert light in (indoors if place in indoors.places else outdoors).lights


@pytest.mark.parametrize("request_", background_prompts(48, 0), ids=lambda r: str(r.index))
def test_a_prompt_says_that_nothing_countable_is_there_and_is_read_to_its_end(request_):
    assert all(
        words in request_.prompt
        for words in ("nothing countable", "no people", "no animals", "no vehicles", "no text", "empty")
    )
    assert "{" not in request_.prompt
    assert estimate_tokens(request_.prompt) <= MAX_TOKENS
    assert estimate_tokens(request_.negative) <= MAX_TOKENS


def test_no_place_light_or_camera_names_what_data_sets_have_as_a_category():
    said = wording()
    texts = [*said.cameras, *(text for of in said.settings for text in (*of.places, *of.lights))]
    names = [name.replace("_", " ") for name in COCO.split()]
    named = [(text, name) for text in texts for name in names if re.search(rf"\b{name}s?\b", text)]
    assert named == []


@pytest.mark.parametrize("word", ["person", "animal", "vehicle", "text", "watermark"])
def test_the_negative_prompt_names_what_must_not_be_in_it(word):
    assert word in wording().negative
