"""The offline vision model names each kind by its pixels, in any pose, and knows when something fits none."""

import subprocess
import sys
from dataclasses import replace

import cv2
import numpy as np
import pytest

from genval_assets.instances.ground import GROUNDS, contrasting_ground, flattened
from resources.offline.descriptor import Thumbnail, describe, polar, thumbnail
from resources.offline.hands import HANDS
from resources.offline.opinion import WHOLE
from resources.offline.recognition import JUDGE, PER_KIND, recognise, references
from resources.offline.seen import sight
from resources.offline.studio import KINDS, WORLD, Look, draw, sample_look


def look_of(kind: str, seed: int, **changes) -> Look:
    return replace(sample_look(kind, np.random.default_rng(seed), HANDS["own"]), **changes)


def seen(rgba: np.ndarray, ground=None) -> Thumbnail:
    picture = flattened(rgba, ground or contrasting_ground(rgba))
    return thumbnail(picture, sight(picture).mask)


@pytest.mark.parametrize("angle", [0.0, 24.0, 90.0, 180.0])
@pytest.mark.parametrize("flip", [False, True])
def test_every_kind_is_recognised_in_any_pose(angle, flip):
    missed = []
    for kind in KINDS:
        found = recognise(seen(draw(look_of(kind, 5, angle=angle, flip=flip), 192)))
        if found.kind != kind or found.fit < WHOLE:
            missed.append((kind, found.kind, round(found.fit, 2)))
    assert len(missed) <= 1, missed


@pytest.mark.parametrize("ground", GROUNDS)
def test_the_ground_does_not_decide_the_kind(ground):
    for kind in ("guitar", "duck", "ladder"):
        rgba = draw(look_of(kind, 3, colour="purple"), 160)
        assert recognise(seen(rgba, ground)).kind == kind


def test_size_does_not_change_what_is_seen():
    fits = [recognise(seen(draw(look_of("teapot", 2), size))).fits["teapot"] for size in (96, 200, 400)]
    assert max(fits) - min(fits) < 0.06


@pytest.mark.parametrize("kind", ["banana", "duck", "watering can", "sailboat", "chair"])
def test_a_mirrored_thing_fits_as_well(kind):
    rgba = draw(look_of(kind, 4), 192)
    there, mirrored = recognise(seen(rgba)), recognise(seen(np.ascontiguousarray(rgba[:, ::-1])))
    assert mirrored.kind == there.kind == kind
    assert mirrored.fit == pytest.approx(there.fit, abs=0.01)


def test_two_overlapping_things_fit_no_kind():
    for kind in KINDS:
        canvas = np.zeros((160, 240, 4), dtype=np.uint8)
        canvas[:, 80:] = draw(look_of(kind, 1, angle=0.0), 160)
        front = draw(look_of(kind, 2, angle=0.0), 160)
        solid = front[..., 3] > 0
        canvas[:, :160][solid] = front[solid]
        assert recognise(seen(canvas)).fit < WHOLE, kind


def test_turning_a_thing_shifts_its_maps_along_the_angle():
    rgba = draw(look_of("key", 1, angle=0.0), 200)
    maps = describe(seen(rgba))
    turned = describe(seen(np.ascontiguousarray(np.rot90(rgba, -1))))  # clockwise: y points down
    shifted = np.roll(maps, maps.shape[-1] // 4, axis=-1)
    assert float((turned * shifted).sum()) > 0.97
    assert float((turned * maps).sum()) < 0.8


def test_the_maps_of_a_thing_have_norm_one():
    assert float((describe(seen(draw(look_of("chair", 0), 128))) ** 2).sum()) == pytest.approx(1, abs=1e-3)


def test_the_references_have_a_hand_of_their_own():
    assert JUDGE not in (WORLD, *HANDS.values())
    assert len(references().kinds) == PER_KIND * len(KINDS)


@pytest.mark.parametrize("angle", [0.0, 90.0, 200.0])
@pytest.mark.parametrize("flip", [False, True])
def test_the_paint_is_where_the_object_bears_its_colour_whichever_way_it_lies(angle, flip):
    look = look_of("hammer", 1, angle=angle, flip=flip, colour="green", pattern="plain")
    thumb = seen(draw(look, 192))
    rgb = polar(thumb, thumb.rgb.astype(np.float32))
    painted = cv2.cvtColor(rgb / 255, cv2.COLOR_RGB2HSV)[recognise(thumb).paint > 0.9]
    assert len(painted) > 30
    assert np.mean((painted[:, 0] > 90) & (painted[:, 0] < 160)) > 0.9  # a green handle, no steel head


def test_nothing_that_judges_can_read_what_was_really_drawn():
    code = (
        "import sys, resources.offline.vision, resources.offline.embedder\n"
        "truth = {'errors', 'drawing', 'sealed', 'foregrounds', 'golden'}\n"
        "print(sorted(truth & {name.rpartition('.')[2] for name in sys.modules if name.startswith('resources.')}))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
