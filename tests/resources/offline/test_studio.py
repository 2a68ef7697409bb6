"""The studio draws whole, recognisable objects that look as asked."""

import colorsys
from dataclasses import replace

import cv2
import numpy as np
import pytest

from resources.offline.studio import COLOURS, KINDS, MODEL, WORLD, Look, draw, sample_look


def look_of(kind: str, seed: int = 0, style=MODEL, **asked) -> Look:
    return sample_look(kind, np.random.default_rng(seed), style, **asked)


def silhouette(look: Look, size: int = 128) -> np.ndarray:
    return draw(look, size)[..., 3] > 50


def parts(mask: np.ndarray) -> list[int]:
    """Areas of the connected parts, the largest first."""
    _, _, stats, _ = cv2.connectedComponentsWithStats(mask.astype(np.uint8), connectivity=8)
    return sorted(stats[1:, cv2.CC_STAT_AREA].tolist(), reverse=True)


def test_there_are_at_least_24_kinds():
    assert len(KINDS) >= 24


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("style", [WORLD, MODEL], ids=["world", "model"])
def test_every_kind_is_one_whole_object_with_soft_edges_inside_the_frame(kind, style):
    for seed in range(3):
        alpha = draw(look_of(kind, seed, style), 128)[..., 3]
        edge = np.concatenate([alpha[0], alpha[-1], alpha[:, 0], alpha[:, -1]])
        assert edge.max() == 0
        assert ((alpha > 0) & (alpha < 255)).any()
        areas = parts(alpha > 50)
        assert areas[0] >= 0.97 * sum(areas)
        assert 0.06 <= areas[0] / alpha.size <= 0.8


def test_the_same_look_is_the_same_picture_and_another_seed_another():
    look = look_of("teapot")
    assert np.array_equal(draw(look, 96), draw(look, 96))
    assert not np.array_equal(draw(look, 96), draw(look_of("teapot", seed=1), 96))


def test_nothing_shows_where_alpha_is_zero():
    picture = draw(look_of("bicycle"), 128)
    assert picture[picture[..., 3] == 0].max() == 0


@pytest.mark.parametrize("size", [64, 200, 384])
def test_the_object_fills_the_frame_up_to_its_margin_at_any_size(size):
    alpha = draw(look_of("mushroom"), size, margin=0.1)[..., 3]
    ys, xs = np.nonzero(alpha > 127)
    longer = max(np.ptp(ys) + 1, np.ptp(xs) + 1)
    assert longer == pytest.approx(0.8 * size, abs=3)


def shape_of(look: Look) -> np.ndarray:
    """The silhouette, cropped, scaled to 24 x 24 without distortion and blurred: what an eye at a distance sees."""
    mask = silhouette(replace(look, angle=0.0, flip=False))
    ys, xs = np.nonzero(mask)
    crop = mask[ys.min() : ys.max() + 1, xs.min() : xs.max() + 1].astype(np.float32)
    side = max(crop.shape)
    square = np.zeros((side, side), np.float32)
    top, left = (side - crop.shape[0]) // 2, (side - crop.shape[1]) // 2
    square[top : top + crop.shape[0], left : left + crop.shape[1]] = crop
    return cv2.resize(square, (24, 24), interpolation=cv2.INTER_AREA)


def test_the_models_things_are_recognised_by_their_outline_among_the_worlds():
    known = {kind: [shape_of(look_of(kind, seed, WORLD)) for seed in range(3)] for kind in KINDS}
    right = 0
    for kind in KINDS:
        for seed in (11, 12):
            seen = shape_of(look_of(kind, seed, MODEL))
            distance = {k: min(float(np.abs(seen - s).sum()) for s in shapes) for k, shapes in known.items()}
            right += min(distance, key=distance.__getitem__) == kind
    assert right >= 0.95 * 2 * len(KINDS)


HUES = {"red": 0, "orange": 29, "yellow": 48, "green": 129, "blue": 221, "purple": 278, "pink": 335}
"""Degrees, read off a colour wheel, not from the studio's table."""


def hue_of(picture: np.ndarray) -> str:
    """The colour name that most of the saturated, opaque pixels are nearest to."""
    pixels = picture[picture[..., 3] > 200][:, :3] / 255.0
    hsv = np.array([colorsys.rgb_to_hsv(*p) for p in pixels[:: max(1, len(pixels) // 1500)]])
    hues = hsv[(hsv[:, 1] > 0.4) & (hsv[:, 2] > 0.25), 0] * 360
    gaps = np.stack([np.abs((hues - h + 180) % 360 - 180) for h in HUES.values()])
    names = np.array(list(HUES))[gaps.argmin(axis=0)]
    values, counts = np.unique(names, return_counts=True)
    return str(values[counts.argmax()])


@pytest.mark.parametrize("kind", [k for k in KINDS if k != "wine glass"])
def test_a_colour_that_is_asked_for_is_the_colour_that_is_drawn(kind):
    for i, colour in enumerate(HUES):
        drawn = draw(look_of(kind, i, colour=colour, second="white", pattern="plain", material="plastic"), 96)
        assert hue_of(drawn) == colour


@pytest.mark.parametrize(("colour", "low", "high"), [("black", 0, 70), ("grey", 90, 170), ("white", 180, 255)])
def test_black_grey_and_white_are_told_apart_by_brightness(colour, low, high):
    picture = draw(look_of("mug", colour=colour, second="red", pattern="plain"), 128)
    middle = picture[50:90, 50:78, :3]
    assert low <= np.median(middle) <= high


def changes(line: np.ndarray) -> int:
    """How often a line of pixels goes from reddish to whitish or back."""
    reddish = line[:, 0].astype(int) - line[:, 1] > 60
    return int(np.count_nonzero(np.diff(reddish)))


@pytest.mark.parametrize(
    ("pattern", "down", "across"),
    [
        ("plain", (0, 0), (0, 0)),
        ("striped", (4, 30), (0, 8)),
        ("checkered", (3, 30), (2, 30)),
        ("dotted", (1, 30), (1, 30)),
    ],
)
def test_a_pattern_that_is_asked_for_shows_in_the_pixels(pattern, down, across):
    look = look_of("mug", colour="red", second="white", pattern=pattern, material="plastic")
    picture = draw(replace(look, angle=0.0), 256)
    ys, xs = np.nonzero(picture[..., 3] > 200)
    body = picture[int(np.quantile(ys, 0.2)) : int(np.quantile(ys, 0.9)), :, :3]
    columns = [changes(body[:, int(np.quantile(xs, q))]) for q in (0.45, 0.5, 0.55)]
    centre = body[:, int(np.quantile(xs, 0.25)) : int(np.quantile(xs, 0.75))]
    rows = [changes(centre[i]) for i in range(0, len(centre), 8)]
    assert down[0] <= max(columns) <= down[1]
    assert across[0] <= max(rows) <= across[1]


def test_a_turn_of_half_a_circle_stands_the_object_on_its_head():
    upright = silhouette(replace(look_of("lamp"), angle=0.0, flip=False))
    turned = silhouette(replace(look_of("lamp"), angle=180.0, flip=False))
    back = np.rot90(turned, 2)
    assert (upright & back).sum() / (upright | back).sum() > 0.95
    assert (upright & turned).sum() / (upright | turned).sum() < 0.8


def test_a_flip_mirrors_the_object():
    as_drawn = silhouette(replace(look_of("duck"), angle=0.0, flip=False))
    mirrored = silhouette(replace(look_of("duck"), angle=0.0, flip=True))
    assert (as_drawn & mirrored[:, ::-1]).sum() / (as_drawn | mirrored[:, ::-1]).sum() > 0.95


def test_glass_can_be_seen_through_and_pottery_cannot():
    glass, mug = (draw(look_of(kind), 256)[..., 3] for kind in ("wine glass", "mug"))
    assert (glass[glass > 0] < 200).mean() > 0.3
    assert (mug[mug > 0] < 200).mean() < 0.05


def test_light_from_the_left_brightens_the_left():
    look = look_of("mug", colour="blue", pattern="plain")
    picture = draw(replace(look, angle=0.0, flip=False, light=replace(look.light, azimuth=180.0, contrast=0.9)), 256)
    _, xs = np.nonzero(picture[..., 3] > 200)
    body = slice(int(np.quantile(xs, 0.05)), int(np.quantile(xs, 0.7)))
    columns = picture[140:200, body, :3].mean(axis=(0, 2))
    third = len(columns) // 3
    assert columns[:third].mean() > columns[-third:].mean() + 10


def test_surfaces_are_shaded_not_flat():
    for kind in KINDS:
        picture = draw(look_of(kind, pattern="plain"), 128)
        luma = picture[picture[..., 3] > 100][:, :3].mean(axis=1)
        assert luma.std() > 8


def test_asking_for_a_colour_changes_the_colour_alone():
    free, asked = look_of("umbrella", 4), look_of("umbrella", 4, colour="purple")
    assert replace(asked, colour=free.colour, second=free.second) == free
    assert asked.colour == "purple"


def test_all_colours_have_names_and_lie_apart():
    values = np.array(list(COLOURS.values()), dtype=float)
    gaps = np.linalg.norm(values[:, None] - values[None], axis=2) + np.eye(len(values)) * 1e3
    assert gaps.min() > 40
