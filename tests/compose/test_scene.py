from dataclasses import fields

import cv2
import numpy as np
import pytest

from genval_assets.compose.canvas import RealObject
from genval_assets.compose.paste import Paste, object_mask
from genval_assets.compose.rle import decode
from genval_assets.compose.scene import Cutout, Placed, SceneObject, compose_scene, draw_scene
from genval_assets.compose.settings import SceneSettings
from genval_assets.compose.sizes import SizePrior, SizePriors
from genval_assets.rows import Annotation

SETTINGS = SceneSettings()
PRIORS = SizePriors(SizePrior(float(np.log(0.25)), 0.3), {})
SIZE = (120, 160)


def ground(seed=0, size=SIZE) -> np.ndarray:
    return np.random.default_rng(seed).integers(60, 180, (*size, 3), dtype=np.uint8)


def cutout(name: str, side=40, alpha=255, threshold=127, seed=0, colour=None) -> Cutout:
    """Return a round object with a soft rim."""
    rng = np.random.default_rng(seed)
    y, x = np.mgrid[:side, :side] - (side - 1) / 2
    rim = np.clip(side / 2 - np.hypot(x, y), 0, 1)
    rgb = (rng.integers(0, 256, 3) if colour is None else np.array(colour)) + rng.integers(-20, 20, (side, side, 3))
    rgba = np.dstack((rgb.clip(0, 255), rim * alpha)).astype(np.uint8)
    return Cutout(name, f"category of {name}", rgba, threshold)


def full_mask(item: SceneObject, size=SIZE) -> np.ndarray:
    return decode(item.segmentation, size)


def block(rows: slice, columns: slice, annotation_id=1, iscrowd=False) -> RealObject:
    mask = np.zeros(SIZE, dtype=bool)
    mask[rows, columns] = True
    return RealObject(annotation_id, "bench", mask, iscrowd)


def crowded(seed=0, real=()):
    return compose_scene(ground(), real, [cutout(f"i{k}", seed=k) for k in range(8)], PRIORS, SETTINGS, seed)


def test_objects_carry_the_fields_of_their_table():
    assert {field.name for field in fields(SceneObject)} <= {field.name for field in fields(Annotation)}


@pytest.mark.parametrize("seed", range(8))
def test_annotations_agree_with_their_masks(seed):
    scene = crowded(seed, [block(slice(10, 50), slice(10, 60), 3), block(slice(80, 110), slice(100, 150), 4)])
    for item in scene.objects:
        mask = full_mask(item)
        rows, columns = np.nonzero(mask)
        assert item.area_px == len(rows)
        assert (item.x, item.y) == (columns.min(), rows.min())
        assert (item.x + item.w, item.y + item.h) == (columns.max() + 1, rows.max() + 1)
        if item.amodal is not None:
            whole = decode(item.amodal, SIZE)
            assert not (mask & ~whole).any()
            assert item.visible_share == pytest.approx(mask.sum() / whole.sum())
        assert item.visible_share >= 0.5 or item.iscrowd


@pytest.mark.parametrize("seed", range(8))
def test_no_pixel_belongs_to_two_objects(seed):
    scene = crowded(seed, [block(slice(10, 50), slice(10, 60))])
    assert np.sum([full_mask(item) for item in scene.objects], axis=0).max() == 1


def test_pixels_change_only_where_something_was_pasted():
    scene = crowded()
    pasted = np.any([decode(item.amodal, SIZE) for item in scene.objects], axis=0)
    near = cv2.dilate(pasted.astype(np.uint8), np.ones((7, 7), np.uint8)) > 0  # soft rims reach beyond the mask
    assert (scene.rgb[~near] == ground()[~near]).all()
    assert (scene.rgb[pasted] != ground()[pasted]).any(axis=1).mean() > 0.95


def test_the_same_seed_gives_the_same_scene_and_another_one_another():
    one, same, other = crowded(5), crowded(5), crowded(6)
    assert (one.rgb == same.rgb).all()
    assert (one.objects, one.omitted) == (same.objects, same.omitted)
    assert one.objects != other.objects


def test_depths_number_the_painted_objects_from_the_back():
    scene = crowded(1, [block(slice(10, 50), slice(10, 60))])
    assert [item.z for item in scene.objects] == [-1, *range(len(scene.objects) - 1)]


def test_every_cutout_is_annotated_or_omitted_for_a_reason():
    for seed in range(5):
        scene = crowded(seed)
        names = [item.instance_id for item in (*scene.objects, *scene.omitted)]
        assert sorted(names) == [f"i{k}" for k in range(8)]
        assert {item.reason for item in scene.omitted} <= {"no_room"}


def test_the_primary_is_there_even_on_a_picture_full_of_objects():
    real = [block(slice(0, 120), slice(0, 160), 9)]
    large = SizePriors(SizePrior(float(np.log(0.5)), 0.0), {})
    for seed in range(5):
        scene = compose_scene(ground(), real, [cutout("first", 90), cutout("second", 90)], large, SETTINGS, seed)
        assert "first" in [item.instance_id for item in scene.objects]


def test_a_real_object_that_is_covered_is_annotated_by_what_is_left():
    rgba = np.full((10, 10, 4), 255, dtype=np.uint8)
    over = Placed("new", "zebra", Paste(rgba, object_mask(rgba, 127), 10, 10), "none")
    real = [
        block(slice(10, 20), slice(5, 25), 1),
        block(slice(8, 22), slice(10, 20), 2),
        block(slice(12, 14), slice(12, 14), 3),
    ]
    scene = draw_scene(ground(), real, [over], SETTINGS)
    half, sliver, new = scene.objects
    assert (half.source_annotation_id, half.area_px, half.visible_share, half.iscrowd) == (1, 100, 0.5, 0)
    assert (half.x, half.y, half.w, half.h) == (5, 10, 20, 10)
    assert (sliver.source_annotation_id, sliver.area_px, sliver.iscrowd) == (2, 40, 1)
    assert (new.instance_id, new.z, new.visible_share, new.amodal) == ("new", 0, 1.0, new.segmentation)
    assert [(item.source_annotation_id, item.reason) for item in scene.omitted] == [(3, "hidden")]


def test_a_hidden_object_is_neither_painted_nor_annotated():
    white = np.full((10, 10, 4), 255, dtype=np.uint8)
    black = white * np.array([0, 0, 0, 1], dtype=np.uint8)
    mask = object_mask(white, 127)
    behind = Placed("behind", "x", Paste(black, mask, 10, 10), "none")
    front = Placed("front", "x", Paste(white, mask, 13, 12), "none")  # hides 7 x 8 of its 10 x 10 px
    scene = draw_scene(ground(), [], [behind, front], SETTINGS)
    assert [(item.instance_id, item.area_px) for item in scene.objects] == [("front", 100)]
    assert [(item.instance_id, item.reason) for item in scene.omitted] == [("behind", "hidden")]
    assert (scene.rgb[10:12, 10:20] == ground()[10:12, 10:20]).all()


def test_where_harmonising_would_change_a_colours_name_the_blend_is_none():
    rgba = np.full((10, 10, 4), 255, dtype=np.uint8)
    rgba[..., :3] = (217, 217, 217)  # just white: any darker and it would be grey
    edge = Placed("edge", "x", Paste(rgba, object_mask(rgba, 127), 10, 10), "reinhard")
    rgba = rgba.copy()
    rgba[..., :3] = (200, 30, 30)
    safe = Placed("safe", "x", Paste(rgba, object_mask(rgba, 127), 40, 40), "reinhard")
    scene = draw_scene(ground(), [], [edge, safe], SETTINGS)
    assert [item.blend for item in scene.objects] == ["none", "reinhard"]
    assert (scene.rgb[10:20, 10:20] == 217).all()


def test_glass_keeps_its_mask():
    glass = cutout("glass", alpha=60, threshold=20)
    scene = compose_scene(ground(), [], [glass], PRIORS, SETTINGS, 0)
    (item,) = scene.objects
    assert item.area_px == pytest.approx(np.pi / 4 * item.w * item.h, rel=0.1)


@pytest.mark.parametrize(
    ("cut", "reason"), [(cutout("faint", alpha=60, threshold=127), "no_mask"), (cutout("dot", side=5), "too_small")]
)
def test_what_cannot_be_pasted_is_omitted_with_its_reason(cut, reason):
    scene = compose_scene(ground(), [], [cut], PRIORS, SETTINGS, 0)
    assert [(item.instance_id, item.reason) for item in scene.omitted] == [(cut.instance_id, reason)]
    assert (scene.rgb == ground()).all()


def test_blends_follow_their_weights_whatever_the_category():
    red = cutout("a", colour=(200, 30, 30))
    blends = [compose_scene(ground(), [], [red], PRIORS, SETTINGS, seed).objects[0].blend for seed in range(200)]
    shares = [blends.count(name) / 200 for name in ("none", "reinhard", "feathered")]
    assert shares == pytest.approx([0.4, 0.4, 0.2], abs=0.09)


def test_a_large_background_is_scaled_down_with_its_annotations():
    small = SceneSettings(longest_side=80)
    scene = compose_scene(ground(), [block(slice(20, 60), slice(40, 80))], [], PRIORS, small, 0)
    assert scene.rgb.shape == (60, 80, 3)
    (item,) = scene.objects
    assert (item.x, item.y, item.w, item.h, item.area_px) == (20, 10, 20, 20, 400)


def test_crowds_are_in_nobodys_way():
    crowd = block(slice(0, 120), slice(0, 160), iscrowd=True)
    strict = SETTINGS.model_copy(update={"min_visible": 0.99})
    scene = compose_scene(ground(), [crowd], [cutout("a"), cutout("b")], PRIORS, strict, 0)
    assert len([item for item in scene.objects if item.instance_id]) == 2


def test_the_primary_is_not_always_at_the_back():
    depths = {next(item.z for item in crowded(seed).objects if item.instance_id == "i0") for seed in range(12)}
    assert len(depths) > 4


def test_rims_are_painted_without_the_ground_they_were_cut_from():
    rgba = np.full((10, 10, 4), (200, 30, 30, 255), dtype=np.uint8)
    rgba[0] = (0, 250, 0, 128)  # grass
    scene = draw_scene(ground(), [], [Placed("a", "x", Paste(rgba, object_mask(rgba, 127), 5, 5), "none")], SETTINGS)
    expected = ground()[5, 5:15].astype(float) * (127 / 255) + np.array([200, 30, 30]) * (128 / 255)
    assert np.abs(scene.rgb[5, 5:15] - expected).max() <= 0.5 + 1e-9


def test_an_untouched_crowd_stays_a_crowd():
    scene = compose_scene(ground(), [block(slice(0, 9), slice(0, 9), iscrowd=True)], [], PRIORS, SETTINGS, 0)
    assert scene.objects[0].iscrowd == 1


def test_the_background_handed_in_is_not_painted_on():
    background = ground()
    compose_scene(background, [], [cutout("a")], PRIORS, SETTINGS, 0)
    assert (background == ground()).all()
