"""How fast scenes are composed, against the straightforward way: CPU time, medians of one interleaved run.

    python bench/compose.py

Two comparisons on a 1024 x 1024 canvas, cut-outs of 64 to 512 px, both sides given the same positions:

- composing: pixels, visible masks, drop rule, run-length code, box and area. The straightforward way lays each
  cut-out on a canvas of its own, uses Pillow's `alpha_composite`, and hands whole masks to pycocotools.
- end to end, K = 20: read the cut-outs, compose, harmonise each, annotate (visible and amodal), encode, write. The
  straightforward way reads PNG, transforms the whole layer to Lab for each object, and writes Pillow's default PNG.

Kept objects, masks, boxes and areas of both ways are asserted to be equal.
"""

import platform
import statistics
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import Image
from pycocotools import mask as coco_mask

from genval_assets.compose.paste import Paste, object_mask, paint, resolve
from genval_assets.compose.rle import area_px, encode, tight_box
from genval_assets.compose.scene import Placed, draw_scene
from genval_assets.compose.settings import SceneSettings

SIDE = 1024
THRESHOLD = 127
SETTINGS = SceneSettings()
ROUNDS = 9

Annotation = tuple[int, str, tuple[int, int, int, int], int]
"""Index of the object, counts, box, area."""


@dataclass(frozen=True)
class Layer:
    """A cut-out and its place."""

    rgba: NDArray[np.uint8]
    left: int
    top: int


def blob(side: int, rng: np.random.Generator) -> NDArray[np.uint8]:
    """Return a tight, anti-aliased RGBA crop of a wavy shape with a photograph-like texture."""
    angle = np.linspace(0, 2 * np.pi, 256, endpoint=False)
    radius = 0.42 + sum(rng.normal(0, 0.015) * np.cos(k * angle + rng.uniform(0, 6.3)) for k in range(2, 9))
    corners = (0.5 + radius[:, None] * np.stack((np.cos(angle), np.sin(angle)), axis=1)) * side * 16
    alpha = np.zeros((side, side), np.uint8)
    cv2.fillPoly(alpha, [corners.astype(np.int32)], 255, cv2.LINE_AA, 4)
    base = rng.integers(30, 225, 3)
    coarse = np.clip(base + rng.normal(0, 30, (max(2, side // 16), max(2, side // 16), 3)), 0, 255).astype(np.float32)
    texture = cv2.resize(coarse, (side, side), interpolation=cv2.INTER_CUBIC) + rng.normal(0, 4, (side, side, 3))
    left, top, width, height = cv2.boundingRect(alpha)
    rgba = np.dstack((np.clip(texture, 0, 255).astype(np.uint8), alpha))
    return np.ascontiguousarray(rgba[top : top + height, left : left + width])


def layers_of(count: int, rng: np.random.Generator) -> list[Layer]:
    layers = []
    for _ in range(count):
        rgba = blob(int(rng.integers(64, 513)), rng)
        height, width = rgba.shape[:2]
        layers.append(Layer(rgba, int(rng.integers(0, SIDE - width + 1)), int(rng.integers(0, SIDE - height + 1))))
    return layers


def ours(background: NDArray[np.uint8], layers: list[Layer]) -> tuple[NDArray[np.uint8], list[Annotation]]:
    canvas = background.copy()
    pastes = [Paste(one.rgba, object_mask(one.rgba, THRESHOLD), one.left, one.top) for one in layers]
    annotations = []
    for index, (paste, mask) in enumerate(
        zip(pastes, resolve(pastes, (SIDE, SIDE), SETTINGS.min_visible).visible, strict=True)
    ):
        if mask is None:
            continue
        paint(canvas, paste)
        left, top, width, height = tight_box(mask)
        box = (left + paste.left, top + paste.top, width, height)
        annotations.append((index, encode(mask, (SIDE, SIDE), paste.left, paste.top), box, area_px(mask)))
    return canvas, annotations


def naive(background: Image.Image, layers: list[tuple[Image.Image, int, int]]) -> tuple[Image.Image, list[Annotation]]:
    full = [on_canvas(*layer) for layer in layers]
    visible = visible_masks([np.asarray(layer)[..., 3] > THRESHOLD for layer in full])
    canvas = background.convert("RGBA")
    annotations = []
    for index, (layer, mask) in enumerate(zip(full, visible, strict=True)):
        if mask is None:
            continue
        canvas = Image.alpha_composite(canvas, layer)
        annotations.append((index, *described(mask)))
    return canvas.convert("RGB"), annotations


def on_canvas(cutout: Image.Image, left: int, top: int) -> Image.Image:
    layer = Image.new("RGBA", (SIDE, SIDE))
    layer.paste(cutout, (left, top))
    return layer


def visible_masks(masks: list[NDArray[np.bool_]]) -> list[NDArray[np.bool_] | None]:
    """Return the same rule as `resolve`, on full canvases."""
    covered = np.zeros((SIDE, SIDE), dtype=bool)
    visible: list[NDArray[np.bool_] | None] = []
    for mask in reversed(masks):
        seen = mask & ~covered
        if seen.sum() / mask.sum() >= SETTINGS.min_visible:
            covered |= mask
            visible.append(seen)
        else:
            visible.append(None)
    return visible[::-1]


def described(mask: NDArray[np.bool_]) -> tuple[str, tuple[int, int, int, int], int]:
    coded = coco_mask.encode(np.asfortranarray(mask.astype(np.uint8)))
    left, top, width, height = (int(v) for v in coco_mask.toBbox(coded))
    return coded["counts"].decode(), (left, top, width, height), int(coco_mask.area(coded))


def ours_end_to_end(background: NDArray[np.uint8], layers: list[Layer], folder: Path) -> list[Annotation]:
    placed = []
    for index, layer in enumerate(layers):
        with Image.open(folder / f"{index}.webp") as file:
            rgba = np.asarray(file.convert("RGBA"))
        paste = Paste(rgba, object_mask(rgba, THRESHOLD), layer.left, layer.top)
        placed.append(Placed(str(index), "blob", paste, "reinhard"))
    scene = draw_scene(background, [], placed, SETTINGS)
    Image.fromarray(scene.rgb).save(folder / "scene.jpg", quality=SETTINGS.jpeg_quality)
    return [
        (int(o.instance_id or 0), o.segmentation, (int(o.x), int(o.y), int(o.w), int(o.h)), o.area_px)
        for o in scene.objects
    ]


def naive_end_to_end(background: Image.Image, layers: list[Layer], folder: Path) -> list[Annotation]:
    full = []
    for index, layer in enumerate(layers):
        with Image.open(folder / f"{index}.png") as file:
            full.append(on_canvas(file.convert("RGBA"), layer.left, layer.top))
    masks = [np.asarray(layer)[..., 3] > THRESHOLD for layer in full]
    canvas = background.convert("RGBA")
    annotations: list[Annotation] = []
    for index, (layer, mask, seen) in enumerate(zip(full, masks, visible_masks(masks), strict=True)):
        if seen is None:
            continue
        canvas = Image.alpha_composite(canvas, harmonised_layer(layer, mask, background))
        described(mask)  # the amodal annotation
        annotations.append((index, *described(seen)))
    canvas.convert("RGB").save(folder / "scene.png")
    return annotations


def harmonised_layer(layer: Image.Image, mask: NDArray[np.bool_], background: Image.Image) -> Image.Image:
    """Return the layer after Reinhard's transfer in Lab over the whole picture, as published snippets do it."""
    rgba = np.asarray(layer)
    own = cv2.cvtColor(rgba[..., :3].astype(np.float32) / 255, cv2.COLOR_RGB2LAB)
    ground = cv2.cvtColor(np.asarray(background, dtype=np.float32) / 255, cv2.COLOR_RGB2LAB)
    ring = (cv2.dilate(mask.astype(np.uint8), np.ones((65, 65), np.uint8)) > 0) & ~mask
    spread = np.clip(np.maximum(ground[ring].std(0), 1) / np.maximum(own[mask].std(0), 1), 0.5, 2)
    moved = (own - own[mask].mean(0)) * spread + ground[ring].mean(0)
    mixed = own + SETTINGS.reinhard_strength * (moved - own)
    rgb = np.clip(cv2.cvtColor(mixed.astype(np.float32), cv2.COLOR_LAB2RGB) * 255, 0, 255).round().astype(np.uint8)
    return Image.fromarray(np.dstack((rgb, rgba[..., 3])))


def cpu_seconds(work: Callable[[], object]) -> float:
    start = time.process_time()
    work()
    return time.process_time() - start


def interleaved(first: Callable[[], object], second: Callable[[], object]) -> tuple[float, float]:
    """Return the median CPU seconds of both, run in turn."""
    times = [(cpu_seconds(first), cpu_seconds(second)) for _ in range(ROUNDS)]
    return statistics.median(t for t, _ in times), statistics.median(t for _, t in times)


def compare_composing(count: int, background: NDArray[np.uint8], rng: np.random.Generator) -> str:
    layers = layers_of(count, rng)
    picture = Image.fromarray(background)
    pillow = [(Image.fromarray(one.rgba), one.left, one.top) for one in layers]
    canvas, annotations = ours(background, layers)
    naive_canvas, naive_annotations = naive(picture, pillow)
    assert annotations == naive_annotations
    assert np.abs(canvas.astype(int) - np.asarray(naive_canvas)).max() <= 1  # Pillow rounds another way
    fast, slow = interleaved(lambda: ours(background, layers), lambda: naive(picture, pillow))
    return row(f"compose, K = {count} ({len(annotations)} kept)", fast, slow, 8 if count == 8 else 12)


def compare_end_to_end(background: NDArray[np.uint8], rng: np.random.Generator) -> str:
    layers = layers_of(20, rng)
    picture = Image.fromarray(background)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        for index, layer in enumerate(layers):
            cutout = Image.fromarray(layer.rgba)
            cutout.save(folder / f"{index}.webp", lossless=True, exact=True, method=0)
            cutout.save(folder / f"{index}.png")
        annotations = ours_end_to_end(background, layers, folder)
        assert annotations == naive_end_to_end(picture, layers, folder)
        fast, slow = interleaved(
            lambda: ours_end_to_end(background, layers, folder), lambda: naive_end_to_end(picture, layers, folder)
        )
    return row(f"end to end, K = 20 ({len(annotations)} kept)", fast, slow, 15)


def row(name: str, fast: float, slow: float, goal: int) -> str:
    return f"| {name} | {fast * 1000:.1f} | {slow * 1000:.0f} | {slow / fast:.1f} x | {goal} x |"


def main() -> None:
    cv2.setNumThreads(1)
    rng = np.random.default_rng(11)
    coarse = rng.integers(0, 256, (32, 32, 3)).astype(np.float32)
    smooth = cv2.resize(coarse, (SIDE, SIDE), interpolation=cv2.INTER_LINEAR) + rng.normal(0, 4, (SIDE, SIDE, 3))
    background = np.clip(smooth, 0, 255).astype(np.uint8)
    print(f"CPU time, one thread, median of {ROUNDS} interleaved rounds; {platform.machine()}, {platform.system()}\n")
    print("| work on 1024 x 1024 | genval, ms | straightforward, ms | ratio | goal |")
    print("|---|---:|---:|---:|---:|")
    print(compare_composing(8, background, rng))
    print(compare_composing(20, background, rng))
    print(compare_end_to_end(background, rng))


if __name__ == "__main__":
    main()
