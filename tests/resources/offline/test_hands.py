"""What is measured is drawn by hands that share no parameters; some kinds keep their colour whatever is asked."""

from dataclasses import fields, replace
from itertools import combinations

import cv2
import numpy as np
import pytest
from pydantic import ValidationError

from genval_assets.types import DrawRequest
from resources.offline.drawing import STUBBORN, _cut_by_frame, draft
from resources.offline.foregrounds import OfflineForegrounds
from resources.offline.hands import HANDS, MEASURING
from resources.offline.sealed import read_truths
from resources.offline.studio import KINDS, Style, draw, sample_look
from resources.offline.wording import read_wording

CAREFUL = "A single {} {}, whole object in view, isolated on a plain background"
RANGES = [field.name for field in fields(Style) if field.name not in ("grain", "lean")]


@pytest.mark.parametrize(("one", "other"), list(combinations(MEASURING, 2)))
@pytest.mark.parametrize("name", RANGES)
def test_no_two_hands_of_a_measurement_share_a_value_of_any_range(one, other, name):
    a, b = (getattr(HANDS[hand], name) for hand in (one, other))
    assert a[1] < b[0] or b[1] < a[0]


def test_the_same_request_is_drawn_otherwise_by_each_hand(tmp_path):
    request = DrawRequest("i", "mug", "mug", CAREFUL.format("blue", "mug"), "", 1)
    pictures = {}
    for hand in HANDS:
        resource = OfflineForegrounds(home=str(tmp_path / hand), frame=96, hand=hand)
        assert f"hand={hand}" in resource.fingerprint()
        with resource.open() as model:
            pictures[hand] = model.draw([request])[0].rgba.tobytes()
    assert len(set(pictures.values())) == len(HANDS)


def test_words_that_fix_the_light_and_the_viewpoint_leave_the_proportions_to_the_hand():
    words = read_wording("a single mug, side view, light from the left, soft light, on a plain background")
    looks = [draft(words, 3, 64, HANDS[hand]).look for hand in MEASURING]
    assert len({(look.elevation, look.light.azimuth) for look in looks}) == 1
    assert len({(look.a, look.b, look.tint) for look in looks}) == len(MEASURING)


def test_an_unknown_hand_is_an_error_that_names_the_known_ones(tmp_path):
    with pytest.raises(ValidationError, match="own, golden, acceptance, final"):
        OfflineForegrounds(home=str(tmp_path), hand="left")


@pytest.mark.parametrize("kind", STUBBORN)
def test_a_stubborn_kind_keeps_its_colour_and_the_truth_says_which(tmp_path, kind):
    requests = [DrawRequest(str(i), kind, kind, CAREFUL.format("blue", kind), "", i) for i in range(8)]
    with OfflineForegrounds(home=str(tmp_path), frame=64).open() as model:
        model.draw(requests)
    truths = [truth for truth in read_truths(tmp_path) if truth.drawn == kind]
    assert any(truth.valid for truth in truths)
    for truth in truths:
        assert any(f'"colour": "{colour}"' in truth.attributes for colour in KINDS[kind].colours)


def test_other_kinds_take_the_colour_that_is_asked_for():
    for kind in KINDS.keys() - STUBBORN.keys():
        assert draft(read_wording(CAREFUL.format("blue", kind)), 1, 64).look.colour in ("blue", *_if_wrong(kind))


def _if_wrong(kind: str) -> tuple[str, ...]:
    """A draw that went wrong may show a stubborn kind."""
    shown = draft(read_wording(CAREFUL.format("blue", kind)), 1, 64).look.kind
    return KINDS[shown].colours if shown in STUBBORN else ()


def test_of_two_things_the_frame_cuts_one_and_swallows_none():
    for seed in range(40):
        rng = np.random.default_rng(seed)
        pair = np.zeros((128, 128, 4), dtype=np.uint8)
        for x in (2, 66):
            thing = draw(replace(sample_look("guitar", rng, HANDS["own"]), angle=0.0), 60)
            pair[20:80, x : x + 60] = thing
        alpha = _cut_by_frame(pair, rng)[..., 3]
        _, _, stats, _ = cv2.connectedComponentsWithStats((alpha > 127).astype(np.uint8))
        assert (stats[1:, cv2.CC_STAT_AREA] > 60).sum() >= 2
        assert max(edge.max() for edge in (alpha[0], alpha[-1], alpha[:, 0], alpha[:, -1])) > 127
