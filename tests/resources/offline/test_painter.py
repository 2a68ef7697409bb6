"""The offline painter: its own places in turn, simulated, each by its request alone."""

import numpy as np
import pytest

from genval_assets.backgrounds.places import background_prompts
from genval_assets.model_ports import Painters
from genval_assets.types import PaintRequest
from resources.offline.painter import OfflinePainter
from resources.offline.scenery import PLACES


def painted(requests, width=160, height=120):
    painters: Painters = OfflinePainter(width=width, height=height)
    with painters.open() as model:
        return model.paint(requests)


def test_every_request_gets_a_picture_of_the_size_that_is_set_with_the_request_beside_it():
    requests = background_prompts(3, 5)
    done = painted(requests)
    assert [one.request for one in done] == requests
    assert [one.rgb.shape for one in done] == [(120, 160, 3)] * 3
    assert painted([]) == []


def test_a_picture_is_the_same_alone_and_among_others():
    requests = background_prompts(4, 5)
    together = painted(requests)
    alone = [painted([request])[0] for request in requests]
    assert all(np.array_equal(a.rgb, b.rgb) for a, b in zip(together, alone, strict=True))


def test_another_project_seed_paints_other_pictures():
    first, other = painted(background_prompts(1, 5))[0], painted(background_prompts(1, 6))[0]
    assert not np.array_equal(first.rgb, other.rgb)


def test_the_places_come_in_turn():
    turn = [one.rgb for one in painted([PaintRequest(index, "", "", 9) for index in range(len(PLACES) + 1)])]
    assert np.array_equal(turn[0], turn[-1])
    assert len({rgb.tobytes() for rgb in turn}) == len(PLACES)


@pytest.mark.parametrize(("width", "height"), [(161, 120), (160, 121)])
def test_its_fingerprint_changes_with_what_shapes_the_pixels(width, height):
    plain = OfflinePainter(width=160, height=120).fingerprint()
    assert plain.startswith("genval-offline-painter@1")
    assert OfflinePainter(width=width, height=height).fingerprint() != plain


def test_it_can_always_be_opened():
    assert OfflinePainter().fault() == ""
