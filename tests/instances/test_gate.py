"""Promises of the mask gate: what it keeps, what it refuses and with which reason."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays
from PIL import Image

from genval_assets.instances.gate import REASONS, Frame, GateVerdict, judge_mask
from genval_assets.instances.gate_settings import GateOverrides, GateSettings
from genval_assets.instances.mask import tight_crop

DEFAULTS = GateSettings()


def frame_of(side=128):
    """Return a clear frame with noise for colour, so that nothing is flat."""
    rng = np.random.default_rng(0)
    rgba = rng.integers(0, 256, (side, side, 4), dtype=np.uint8)
    rgba[..., 3] = 0
    return rgba


def box(rgba, x, y, w, h, alpha=255):
    rgba[y : y + h, x : x + w, 3] = alpha
    return rgba


def judge(rgba, settings=DEFAULTS, *, real=False) -> GateVerdict:
    height, width = rgba.shape[:2]
    crop, x, y = tight_crop(rgba)
    return judge_mask(crop, Frame(width, height, x, y), settings, real=real)


def whole(rgba=None):
    return box(frame_of() if rgba is None else rgba, 40, 40, 50, 40)


def two_equal_parts():
    return box(box(frame_of(), 20, 40, 30, 40), 80, 40, 30, 40)


def specks():
    rgba = whole()
    for x in range(4, 124, 10):
        box(rgba, x, 4, 4, 4)  # twelve specks of 16 px: 9 % of the object, each under 1 %
    return rgba


def ghost():
    return box(frame_of(), 40, 40, 50, 40, alpha=20)


def fog():
    y, x = np.mgrid[:128, :128]
    rgba = frame_of()
    rgba[..., 3] = 255 * np.exp(-((x - 64) ** 2 + (y - 64) ** 2) / (2 * 18**2))
    return rgba


def one_tone():
    rgba = whole()
    rgba[..., :3] = 90
    return rgba


@pytest.mark.parametrize(
    ("rgba", "reason"),
    [
        (frame_of(), "no_object"),
        (box(frame_of(), 60, 60, 20, 20), "too_small"),
        (box(frame_of(), 1, 1, 126, 126), "too_large"),
        (two_equal_parts(), "fragmented"),
        (box(frame_of(), 40, 90, 50, 38), "incomplete"),
        (specks(), "residue"),
        (ghost(), "alpha_too_soft"),
        (fog(), "alpha_too_soft"),
        (one_tone(), "flat"),
        (box(frame_of(), 0, 0, 128, 128), "alpha_opaque"),
    ],
)
def test_each_fault_is_refused_with_its_own_reason(rgba, reason):
    verdict = judge(rgba)
    assert not verdict.accepted
    assert reason in verdict.reasons
    assert verdict.cleaned is None
    assert REASONS[reason] in verdict.explanation


def test_one_whole_object_is_accepted_with_its_exact_mask():
    verdict = judge(whole())
    assert (verdict.accepted, verdict.reasons, verdict.explanation) == (True, (), "")
    assert verdict.area_px == 50 * 40
    assert verdict.mask.all()
    assert verdict.threshold == 127
    assert verdict.cleaned.shape == (40, 50, 4)
    assert verdict.measurements["area_share"] == round(2000 / 128**2, 4)


def test_a_picture_without_an_alpha_channel_is_refused_as_such():
    verdict = judge_mask(whole()[..., :3], Frame(128, 128), DEFAULTS, real=False)
    assert verdict.reasons == ("alpha_missing",)
    assert verdict.threshold is None


@pytest.mark.parametrize("channels", [3, 4])
def test_a_painted_checkerboard_is_named_as_what_it_is(channels):
    y, x = np.mgrid[:128, :128] // 8
    picture = np.where(((x + y) % 2)[..., None], 200, 150) * np.ones(3)
    picture[40:90, 40:90] = (180, 30, 30)
    opaque = np.dstack([picture, np.full((128, 128), 255)]).astype(np.uint8)
    verdict = judge_mask(opaque[..., :channels], Frame(128, 128), DEFAULTS, real=False)
    assert "alpha_painted_background" in verdict.reasons


def test_stripes_are_no_checkerboard():
    stripes = np.repeat((np.arange(128) // 8 % 2 * 60 + 100)[None, :, None], 128, axis=0) * np.ones(3)
    assert judge_mask(stripes.astype(np.uint8), Frame(128, 128), DEFAULTS, real=False).reasons == ("alpha_missing",)


def test_clear_glass_gets_a_mask_that_covers_its_body():
    rgba = box(box(frame_of(), 40, 40, 40, 60, alpha=180), 44, 44, 32, 52, alpha=36)  # rim and clear body
    verdict = judge(rgba)
    assert verdict.accepted
    assert verdict.area_px == 40 * 60
    assert verdict.threshold == 18


def test_the_clear_part_of_an_object_that_is_mostly_opaque_belongs_to_it():
    rgba = box(box(frame_of(), 40, 40, 40, 60), 44, 76, 32, 20, alpha=60)  # a jar with a clear window
    assert judge(rgba).area_px == 40 * 60


def test_a_faint_contact_shadow_stays_out_of_an_opaque_objects_mask():
    rgba = box(whole(), 40, 80, 50, 3, alpha=64)
    verdict = judge(rgba)
    assert verdict.accepted
    assert verdict.area_px == 50 * 40


def test_a_second_part_of_at_least_one_percent_stays_and_a_smaller_one_goes():
    rgba = box(whole(), 100, 40, 6, 6)  # 36 px of 2000
    assert judge(rgba).area_px == 2000 + 36
    assert judge(rgba).measurements["parts"] == 2
    speck = judge(box(whole(), 95, 40, 4, 4), GateSettings(max_residue_share=0.05))  # 16 px
    assert speck.accepted
    assert speck.area_px == 2000
    assert speck.cleaned.shape == (40, 50, 4)


def test_salt_and_pinholes_in_alpha_change_nothing():
    rgba = whole()
    rgba[20, 20, 3] = 255
    rgba[60, 60, 3] = 0
    verdict = judge(rgba)
    assert verdict.accepted
    assert verdict.area_px == 50 * 40
    assert (verdict.cleaned[..., 3] == 255).all()


def test_thin_detail_that_hangs_on_the_object_survives_the_median_filter():
    rgba = box(whole(), 60, 20, 1, 20)  # an aerial, 1 px wide
    assert judge(rgba).area_px == 2000 + 20


def test_an_enclosed_hole_stays_open_and_is_measured():
    rgba = box(whole(), 55, 50, 20, 20, alpha=0)
    verdict = judge(rgba)
    assert verdict.accepted
    assert verdict.area_px == 2000 - 400
    assert verdict.measurements["enclosed_share"] == 0.25


@pytest.mark.parametrize(("x", "y"), [(0, 40), (40, 0), (78, 40), (40, 88), (1, 40), (40, 1)])
def test_an_object_at_any_side_of_the_frame_is_incomplete(x, y):
    assert judge(box(frame_of(), x, y, 50, 40)).reasons == ("incomplete",)


def test_an_object_that_stops_short_of_the_border_is_whole():
    assert judge(box(frame_of(), 2, 2, 50, 40)).accepted


def test_all_faults_are_listed_not_only_the_first():
    assert set(judge(box(frame_of(), 0, 0, 20, 20)).reasons) == {"too_small", "incomplete"}


def test_what_lies_beyond_the_rim_is_gone_from_the_cleaned_cut_out():
    # three rows of shadow; the rim of .05 * sqrt(2000) = 2.2 px holds two of them
    verdict = judge(box(whole(), 40, 80, 50, 3, alpha=64), GateSettings(rim=0.05))
    assert verdict.cleaned[..., 3].astype(int).max(axis=1).tolist() == [255] * 40 + [64] * 2


@pytest.mark.parametrize(
    ("rgba", "accepted"),
    [
        (box(frame_of(), 0, 0, 128, 128), True),  # a screen: the crop of a rectangle is opaque
        (two_equal_parts(), True),
        (box(frame_of(), 0, 0, 22, 22), True),
        (box(frame_of(), 0, 0, 19, 19), False),
        (one_tone(), False),
        (frame_of(), False),
    ],
)
def test_an_annotated_mask_is_believed_but_must_be_large_enough_and_not_flat(rgba, accepted):
    assert judge(rgba, real=True).accepted is accepted


def test_an_anti_aliased_edge_of_a_small_real_cut_out_survives_cleaning():
    rgba = box(box(frame_of(), 39, 39, 24, 24, alpha=100), 40, 40, 22, 22)
    assert judge(rgba, real=True).cleaned.shape == (24, 24, 4)


def test_a_category_may_differ_and_the_others_do_not():
    own = GateSettings(overrides={"earring": GateOverrides(min_largest_part_share=0.4)})
    assert judge(two_equal_parts(), own.for_category("earring")).accepted
    assert judge(two_equal_parts(), own.for_category("dog")).reasons == ("fragmented",)


def test_a_crop_outside_its_frame_is_an_error():
    with pytest.raises(ValueError, match="within its frame"):
        judge_mask(whole(), Frame(100, 200), DEFAULTS, real=False)


def test_an_even_median_kernel_is_refused():
    with pytest.raises(ValueError, match="odd"):
        GateSettings(median_kernel=4)


LENIENT = GateSettings(
    min_area_share=0, max_area_share=1, min_largest_part_share=0, max_border_share=1, max_residue_share=1,
    max_haze_share=1, min_outline_step=0, min_luma_std=0, real_min_area_px=1,
)  # fmt: skip


@settings(deadline=None, max_examples=80)
@given(
    noise=arrays.arrays(np.uint8, (24, 24), elements=st.sampled_from([0, 40, 120, 255]), fill=st.just(1)),
    body=st.sampled_from([40, 130, 255]),
    real=st.booleans(),
)
def test_the_stored_threshold_gives_the_mask_back_from_the_cleaned_cut_out(noise, body, real):
    rgba = box(frame_of(24), 5, 6, 12, 10, alpha=body)
    rgba[..., 3] = np.where(noise == 1, rgba[..., 3], noise)  # pinholes, salt and specks beside the object
    verdict = judge(rgba, LENIENT, real=real)
    if verdict.accepted:
        again = verdict.cleaned[..., 3] > verdict.threshold
        assert int(again.sum()) == verdict.area_px
        assert tight(again).tolist() == tight(verdict.mask).tolist()


def tight(mask):
    rows, columns = np.flatnonzero(mask.any(axis=1)), np.flatnonzero(mask.any(axis=0))
    return mask[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1]


REAL_PICTURES = {
    "animal-1.out.png": (),
    "bad_plants-1.out.png": ("too_small",),
    "car-1.out.png": (),
    "girl-1.out.png": ("incomplete",),
    "lllyasviel_pad_ip.png": ("incomplete",),
    "lllyasviel_t2i_0_transparent.png": (),
    "lllyasviel_t2i_0_visualization.png": ("alpha_missing", "alpha_painted_background"),
    "rootonchair_dreamshaper_sd.png": ("incomplete",),
    "rootonchair_fg_cond.png": (),
    "rootonchair_result_bg_fg_cond.png": ("alpha_opaque",),
    "rootonchair_result_conv_sdxl.png": (),  # a dog's head: what is missing of it is a question for the vision model
    "rootonchair_result_joint_1.png": ("alpha_opaque",),
    "rootonchair_result_sdxl.png": (),
}


@pytest.mark.parametrize(("name", "reasons"), REAL_PICTURES.items())
def test_real_outputs_are_kept_or_refused_for_the_right_reason(shared_data, name, reasons):
    assert judge_file(shared_data / "rgba" / name).reasons == reasons


def test_the_glass_bottle_is_kept_whole(shared_data):
    verdict = judge_file(shared_data / "rgba" / "lllyasviel_t2i_0_transparent.png")
    rows = np.flatnonzero(verdict.mask.any(axis=1))
    columns = np.flatnonzero(verdict.mask[500:900].any(axis=0))
    body = verdict.mask[500:900, columns[0] + 4 : columns[-1] - 3]
    assert rows[-1] - rows[0] > 1050  # of 1152
    assert columns[-1] - columns[0] > 280  # of 896
    assert body.mean() > 0.998


def judge_file(path) -> GateVerdict:
    pixels = np.asarray(Image.open(path))
    if pixels.shape[2] == 3:
        return judge_mask(pixels, Frame(pixels.shape[1], pixels.shape[0]), DEFAULTS, real=False)
    return judge(pixels)
