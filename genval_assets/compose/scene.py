"""A scene from a picture and cut-outs: sized, placed, blended, painted, annotated."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Literal

import numpy as np

from genval_assets.compose.canvas import RealObject, Remaining, fit_canvas, remaining_objects
from genval_assets.compose.harmonise import feathered, harmonised
from genval_assets.compose.paste import Paste, defringed, object_mask, paint, resized, resolve
from genval_assets.compose.placement import place
from genval_assets.compose.rle import area_px, encode, tight_box
from genval_assets.compose.settings import SceneSettings
from genval_assets.compose.sizes import SizePriors, scale_for
from genval_assets.types import Mask, Rgb, Rgba

Blend = Literal["none", "reinhard", "poisson", "feathered"]
Reason = Literal["no_mask", "too_small", "no_room", "hidden"]
"""Why an object is not in the scene: no pixel above its threshold; smaller than the least side even at the largest
upscale; no position found; too little (pasted) or nothing (real) of it would be visible."""


@dataclass(frozen=True, eq=False)
class Cutout:
    """An accepted instance."""

    instance_id: str
    category: str
    rgba: Rgba  # tight crop
    mask_threshold: int  # alpha level (0..254) above which a pixel belongs to the object


@dataclass(frozen=True, eq=False)
class Placed:
    """A cut-out at its size and place, and how its seam is treated."""

    instance_id: str
    category: str
    paste: Paste
    blend: Blend


@dataclass(frozen=True)
class SceneObject:
    """An annotated object of a scene; the fields are those of the `annotations` table."""

    instance_id: str | None  # pasted objects
    source_annotation_id: int | None  # real objects
    category: str
    x: float  # box of the visible mask, xywh in px
    y: float
    w: float
    h: float
    area_px: int  # of the visible mask
    segmentation: str  # COCO compressed RLE counts of the visible mask
    amodal: str | None  # the same for the whole object; pasted objects
    z: int  # 0 is the back; real objects are -1
    visible_share: float  # of the whole object; for real objects: of what was visible before
    iscrowd: int
    blend: Blend | None  # pasted objects; none where harmonising had to leave the object as it was


@dataclass(frozen=True)
class Omitted:
    """An object that is not in the scene."""

    instance_id: str | None
    source_annotation_id: int | None
    category: str
    reason: Reason


@dataclass(frozen=True, eq=False)
class ComposedScene:
    """A picture with its annotations: real objects first, then the pasted ones back to front."""

    rgb: Rgb
    objects: tuple[SceneObject, ...]
    omitted: tuple[Omitted, ...]


def compose_scene(
    background: Rgb,
    real: Sequence[RealObject],
    cutouts: Sequence[Cutout],
    priors: SizePriors,
    settings: SceneSettings,
    seed: int,
) -> ComposedScene:
    """Return a picture with the cut-outs pasted onto the background, and everything in it annotated.

    Sizes follow the priors, depths are a random order, positions leave every object `min_visible`. The first cut-out
    is placed first and has its place even where no position spares the real objects.

    Args:
        background: scaled down to `longest_side` if it is larger.
        real: the objects annotated in it, masks of its size.
        cutouts: instances to paste; the first is the one that the scene is for.
        priors: object sizes by category.
        settings: limits and weights.
        seed: the same seed and arguments give the same scene.
    """
    rng = np.random.default_rng(seed)
    picture, objects = fit_canvas(background, real, settings.longest_side)
    size = picture.shape[0], picture.shape[1]
    sized = [_at_size(cutout, size, priors, settings, rng) for cutout in cutouts]
    omitted = [_omitted(cutout, why) for cutout, why in zip(cutouts, sized, strict=True) if isinstance(why, str)]
    fitting = [found for found in sized if isinstance(found, Cutout)]

    masks = [object_mask(cutout.rgba, cutout.mask_threshold) for cutout in fitting]
    depths = [int(z) for z in rng.permutation(len(masks))]
    blends = [_draw_blend(settings, rng) for _ in masks]
    spared = [item.mask for item in objects if not item.iscrowd]
    positions = place(masks, depths, spared, size, min_visible=settings.min_visible, tries=settings.tries, rng=rng)
    placed: dict[int, Placed] = {}
    for cutout, mask, z, blend, position in zip(fitting, masks, depths, blends, positions, strict=True):
        if position is None:
            omitted.append(_omitted(cutout, "no_room"))
        else:
            placed[z] = Placed(cutout.instance_id, cutout.category, Paste(cutout.rgba, mask, *position), blend)
    scene = draw_scene(picture, objects, [placed[z] for z in sorted(placed)], settings)
    return replace(scene, omitted=(*omitted, *scene.omitted))


def _at_size(
    cutout: Cutout, size: tuple[int, int], priors: SizePriors, settings: SceneSettings, rng: np.random.Generator
) -> Cutout | Reason:
    """Return the cut-out at a size drawn from its category's prior; else why it cannot be used."""
    side = priors.of(cutout.category).draw(rng)
    mask_px = area_px(object_mask(cutout.rgba, cutout.mask_threshold))
    if not mask_px:
        return "no_mask"
    scale = scale_for(side, mask_px, cutout.rgba.shape[:2], size, settings)
    if scale is None:
        return "too_small"
    rgba = resized(cutout.rgba, scale)
    return replace(cutout, rgba=rgba) if object_mask(rgba, cutout.mask_threshold).any() else "too_small"


def _draw_blend(settings: SceneSettings, rng: np.random.Generator) -> Blend:
    """Return a way to blend, whatever the category, so that seams carry no class signal."""
    weights = np.array([settings.blend_none, settings.blend_harmonised, settings.blend_feathered])
    blends: tuple[Blend, ...] = ("none", settings.harmonise, "feathered")
    return blends[int(rng.choice(3, p=weights / weights.sum()))]


def _omitted(cutout: Cutout | Placed, reason: Reason) -> Omitted:
    return Omitted(cutout.instance_id, None, cutout.category, reason)


def draw_scene(
    picture: Rgb, real: Sequence[RealObject], placed: Sequence[Placed], settings: SceneSettings
) -> ComposedScene:
    """Return the scene of objects that have their places, back to front; rims are cleaned, too hidden ones left out."""
    size = picture.shape[0], picture.shape[1]
    seen = resolve([item.paste for item in placed], size, settings.min_visible)
    rgb = picture.copy()
    pasted: list[SceneObject] = []
    for item, mask in zip(placed, seen.visible, strict=True):
        if mask is not None:
            clean = replace(item.paste, rgba=defringed(item.paste.rgba))
            rgba = _blended(clean, item.blend, picture, settings)
            paint(rgb, replace(clean, rgba=rgba))
            blend = item.blend if rgba is not clean.rgba else "none"
            pasted.append(_pasted_object(item, mask, size, len(pasted), blend))

    left, gone = remaining_objects(real, seen.covered, settings.min_visible)
    objects = (*(_real_object(item, size) for item in left), *pasted)
    omitted = [_omitted(item, "hidden") for item, mask in zip(placed, seen.visible, strict=True) if mask is None]
    omitted += [Omitted(None, item.source_annotation_id, item.category, "hidden") for item in gone]
    return ComposedScene(rgb, objects, tuple(omitted))


def _blended(paste: Paste, blend: Blend, picture: Rgb, settings: SceneSettings) -> Rgba:
    """Return the pixels to paint; the cut-out's own array where nothing changed."""
    if blend == "none":
        return paste.rgba
    if blend == "feathered":
        return feathered(paste.rgba)
    return harmonised(paste, picture, settings)


def _pasted_object(item: Placed, seen: Mask, size: tuple[int, int], z: int, blend: Blend) -> SceneObject:
    paste = item.paste
    left, top, width, height = tight_box(seen)
    seen_px, whole_px = area_px(seen), area_px(paste.mask)
    counts = encode(seen, size, paste.left, paste.top)
    return SceneObject(
        instance_id=item.instance_id,
        source_annotation_id=None,
        category=item.category,
        x=float(paste.left + left),
        y=float(paste.top + top),
        w=float(width),
        h=float(height),
        area_px=seen_px,
        segmentation=counts,
        amodal=counts if seen_px == whole_px else encode(paste.mask, size, paste.left, paste.top),
        z=z,
        visible_share=seen_px / whole_px,
        iscrowd=0,
        blend=blend,
    )


def _real_object(item: Remaining, size: tuple[int, int]) -> SceneObject:
    left, top, width, height = tight_box(item.mask)
    return SceneObject(
        instance_id=None,
        source_annotation_id=item.source.source_annotation_id,
        category=item.source.category,
        x=float(left),
        y=float(top),
        w=float(width),
        h=float(height),
        area_px=area_px(item.mask),
        segmentation=encode(item.mask, size),
        amodal=None,
        z=-1,
        visible_share=item.visible_share,
        iscrowd=int(item.iscrowd),
        blend=None,
    )
