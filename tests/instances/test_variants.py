"""Promises of variants: deterministic, bounded, and of the same colour name."""

import colorsys

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from genval_assets.instances.effective import PER_SOURCE
from genval_assets.instances.variants import VariantSettings, vary

DEFAULTS = VariantSettings()
STILL = VariantSettings(
    min_scale=1, max_scale=1, max_turn_degrees=0, max_brightness=0, max_contrast=0, max_gamma=0, max_saturation=0,
    max_temperature=0,
)  # fmt: skip


def cut_out(colour=(180, 40, 40), side=60):
    """Return an L-shaped cut-out with hard alpha and black where nothing is."""
    rgba = np.zeros((side, side, 4), dtype=np.uint8)
    rgba[: side // 2, :, :] = (*colour, 255)
    rgba[:, : side // 3, :] = (*colour, 255)
    return rgba


def test_variant_zero_is_the_source_itself():
    source = cut_out()
    first = vary(source, 5, 0, DEFAULTS)
    assert first.rgba is source
    assert first.settings == {"variant": 0}


@pytest.mark.parametrize("variant", [1, 2])
def test_the_same_seed_and_number_give_the_same_pixels(variant):
    once, again = vary(cut_out(), 5, variant, DEFAULTS), vary(cut_out(), 5, variant, DEFAULTS)
    assert np.array_equal(once.rgba, again.rgba)
    assert once.settings == again.settings


def test_other_seeds_and_other_numbers_give_other_pictures():
    pictures = {vary(cut_out(), seed, n, DEFAULTS).rgba.tobytes() for seed in (0, 1, 2) for n in (1, 2)}
    assert len(pictures) == 6


def test_the_source_is_not_changed():
    source = cut_out()
    vary(source, 1, 1, DEFAULTS)
    assert np.array_equal(source, cut_out())


def test_without_any_permitted_change_only_the_flip_is_left():
    both = {vary(cut_out(), seed, 1, STILL).rgba.tobytes() for seed in range(8)}
    assert both == {cut_out().tobytes(), cut_out()[:, ::-1].tobytes()}


@settings(deadline=None, max_examples=40)
@given(seed=st.integers(0, 2**31 - 1), variant=st.integers(1, 5))
def test_a_variant_is_tight_and_its_area_follows_its_scale(seed, variant):
    varied = vary(cut_out(), seed, variant, DEFAULTS)
    alpha = varied.rgba[..., 3]
    assert all(edge.any() for edge in (alpha[0], alpha[-1], alpha[:, 0], alpha[:, -1]))
    scale = varied.settings["scale"]
    assert DEFAULTS.min_scale <= scale <= DEFAULTS.max_scale
    area = (cut_out()[..., 3] > 127).sum() * scale**2
    assert (alpha > 127).sum() == pytest.approx(area, rel=0.05)


@settings(deadline=None, max_examples=40)
@given(
    seed=st.integers(0, 2**31 - 1),
    colour=st.sampled_from([(180, 40, 40), (40, 150, 60), (50, 70, 190), (200, 180, 40), (120, 60, 150), (90, 60, 30)]),
)
def test_hue_stays_so_that_the_colours_name_stays_true(seed, colour):
    varied = vary(cut_out(colour), seed, 1, DEFAULTS).rgba
    mean = varied[varied[..., 3] > 250][:, :3].mean(axis=0)
    before, after = (colorsys.rgb_to_hsv(*(c / 255 for c in rgb)) for rgb in (colour, mean))
    assert abs((after[0] - before[0] + 0.5) % 1 - 0.5) * 360 < 9
    assert abs(after[2] - before[2]) < 0.3


@pytest.mark.parametrize("grey", [(128, 128, 128), (240, 240, 240), (20, 20, 20)])
def test_what_was_grey_stays_grey(grey):
    varied = vary(cut_out(grey), 3, 1, DEFAULTS).rgba
    colours = varied[varied[..., 3] > 250][:, :3].astype(int)
    assert (colours.max(axis=1) - colours.min(axis=1)).max() <= 20


def test_the_resampled_edge_keeps_its_colour():
    """What lies under alpha 0 must not bleed into the rim, as it would without premultiplying."""
    source = cut_out((200, 200, 200))
    source[source[..., 3] == 0] = (90, 10, 250, 0)
    turned = vary(source, 4, 1, STILL.model_copy(update={"min_scale": 0.75, "max_turn_degrees": 6}))
    rim = turned.rgba[(turned.rgba[..., 3] > 8) & (turned.rgba[..., 3] < 250)]
    assert len(rim) > 20
    assert rim[:, :3].min() >= 195
    assert rim[:, :3].max() <= 205


def test_by_default_no_candidate_is_made_that_could_not_count():
    assert DEFAULTS.per_source == PER_SOURCE


def test_a_cut_out_that_shows_nothing_is_an_error():
    with pytest.raises(ValueError, match="visible pixels"):
        vary(np.zeros((4, 4, 4), dtype=np.uint8), 0, 1, DEFAULTS)
