"""An independent judge of composites: how many pasted objects does a detector trained on real photographs find?

    python bench/detector.py [--data ../shared/data]

Every large (96 x 96 px or more of mask), non-crowd object of the COCO sample is pasted, alone and at its natural
share of the picture, onto a photograph that has nothing to do with it. FastestDet looks at each in three ways:

- in place: the object in the photograph it was taken in;
- hard paste: its own pixels through its true mask, at the position of our composite;
- composed: `compose_scene` with the default blends (as it is .4, Reinhard .4, feathered .2), and with each blend alone.

An object counts as found when a detection of its class with a score of at least .25 overlaps its box with an IoU of at
least .5. Intervals are Wilson's, 95 %.
"""

import argparse
import json
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
import onnxruntime
from PIL import Image

from genval_assets.annotated.segmentation import decode_mask
from genval_assets.compose.paste import resized
from genval_assets.compose.rle import decode, tight_box
from genval_assets.compose.scene import Cutout, compose_scene
from genval_assets.compose.settings import SceneSettings
from genval_assets.compose.sizes import SizePrior, SizePriors
from genval_assets.types import Mask, Rgb, Xywh

LARGE_PX = 96 * 96
SCORE, IOU, NMS_IOU = 0.25, 0.5, 0.45
INPUT_SIDE = 352
GOAL = 0.50
NATURAL = SceneSettings(max_side=1.0)  # no cap on sizes
COMPOSED = {
    "composed": NATURAL,
    "composed, all as they are": NATURAL.model_copy(update={"blend_harmonised": 0.0, "blend_feathered": 0.0}),
    "composed, all Reinhard": NATURAL.model_copy(update={"blend_none": 0.0, "blend_feathered": 0.0}),
    "composed, all feathered": NATURAL.model_copy(update={"blend_none": 0.0, "blend_harmonised": 0.0}),
}


@dataclass(frozen=True)
class Detection:
    """What the detector believes to see."""

    box: Xywh
    label: int
    score: float


@dataclass(frozen=True)
class Item:
    """A large real object."""

    annotation_id: int
    label: int  # 0..79
    photograph: Rgb
    mask: Mask


class FastestDet:
    """A COCO-80 detector of 1 MB."""

    def __init__(self, path: Path) -> None:
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = 1
        self._session = onnxruntime.InferenceSession(str(path), options, providers=["CPUExecutionProvider"])
        self._input = self._session.get_inputs()[0].name

    def detect(self, rgb: Rgb) -> list[Detection]:
        """Return the detections at or above `SCORE`, after suppression within each class."""
        small = cv2.resize(rgb, (INPUT_SIDE, INPUT_SIDE), interpolation=cv2.INTER_LINEAR)
        batch = small[..., ::-1].transpose(2, 0, 1)[None].astype(np.float32) / 255
        cells = self._session.run(None, {self._input: batch})[0][0]
        score = cells[0] ** 0.6 * cells[5:].max(axis=0) ** 0.4
        label = cells[5:].argmax(axis=0)
        rows, columns = np.nonzero(score >= SCORE)
        grid = score.shape[0]
        height, width = rgb.shape[:2]
        found = []
        for row, column in zip(rows, columns, strict=True):
            shift_x, shift_y, raw_w, raw_h = cells[1:5, row, column]
            w, h = width / (1 + np.exp(-raw_w)), height / (1 + np.exp(-raw_h))
            x = (np.tanh(shift_x) + column) / grid * width - w / 2
            y = (np.tanh(shift_y) + row) / grid * height - h / 2
            found.append(Detection((x, y, w, h), int(label[row, column]), float(score[row, column])))
        return suppressed(found)


def suppressed(detections: list[Detection]) -> list[Detection]:
    kept: list[Detection] = []
    for one in sorted(detections, key=lambda d: -d.score):
        if all(one.label != other.label or iou(one.box, other.box) < NMS_IOU for other in kept):
            kept.append(one)
    return kept


def iou(a: Xywh, b: Xywh) -> float:
    width = min(a[0] + a[2], b[0] + b[2]) - max(a[0], b[0])
    height = min(a[1] + a[3], b[1] + b[3]) - max(a[1], b[1])
    common = max(width, 0) * max(height, 0)
    return common / (a[2] * a[3] + b[2] * b[3] - common)


def is_found(detector: FastestDet, picture: Rgb, box: Xywh, label: int) -> bool:
    return any(one.label == label and iou(one.box, box) >= IOU for one in detector.detect(picture))


def large_items(folder: Path) -> Iterator[Item]:
    """Yield the sample's large objects by annotation id."""
    document = json.loads((folder / "instances.json").read_text())
    labels = {one["id"]: place for place, one in enumerate(sorted(document["categories"], key=lambda c: c["id"]))}
    images = {one["id"]: one for one in document["images"]}
    for one in sorted(document["annotations"], key=lambda a: a["id"]):
        image = images[one["image_id"]]
        if one["iscrowd"]:
            continue
        segmentation = json.dumps(one["segmentation"]).encode()
        mask = decode_mask(segmentation, image["height"], image["width"], f"annotation {one['id']}")
        if np.count_nonzero(mask) >= LARGE_PX:
            yield Item(one["id"], labels[one["category_id"]], picture_of(folder / "images" / image["file_name"]), mask)


def picture_of(path: Path) -> Rgb:
    with Image.open(path) as file:
        return np.asarray(file.convert("RGB"))


def cutout_of(item: Item) -> Cutout:
    left, top, width, height = tight_box(item.mask)
    rgba = np.dstack((item.photograph, item.mask.astype(np.uint8) * 255))[top : top + height, left : left + width]
    return Cutout(str(item.annotation_id), str(item.label), np.ascontiguousarray(rgba), 127)


def hard_paste(background: Rgb, cutout: Cutout, mask: Mask) -> Rgb:
    """Return the background with the cut-out's pixels where the mask is true, nothing mixed."""
    left, top, width, _ = tight_box(mask)
    filled = cutout.rgba.copy()
    filled[..., 3] = 255
    pixels = resized(filled, width / filled.shape[1])
    picture = background.copy()
    rows, columns = np.nonzero(mask)
    picture[rows, columns] = pixels[
        np.minimum(rows - top, pixels.shape[0] - 1), np.minimum(columns - left, pixels.shape[1] - 1), :3
    ]
    return picture


def ways_found(detector: FastestDet, item: Item, background: Rgb) -> list[str]:
    """Return the ways of looking in which the detector finds the object; all composites have it at the same place."""
    ways = ["in place"] if is_found(detector, item.photograph, tight_box(item.mask), item.label) else []
    cutout = cutout_of(item)
    natural = SizePriors(SizePrior(float(np.log(np.sqrt(item.mask.mean()))), 0.0), {})
    for name, settings in COMPOSED.items():
        scene = compose_scene(background, [], [cutout], natural, settings, seed=item.annotation_id)
        (pasted,) = scene.objects
        box = (pasted.x, pasted.y, pasted.w, pasted.h)
        if is_found(detector, scene.rgb, box, item.label):
            ways.append(name)
    hard = hard_paste(background, cutout, decode(pasted.segmentation, background.shape[:2]))
    return [*ways, "hard paste"] if is_found(detector, hard, box, item.label) else ways


def wilson(found: int, n: int) -> str:
    z, p = 1.96, found / n
    centre, half = p + z * z / (2 * n), z * np.sqrt(p * (1 - p) / n + z * z / (4 * n * n))
    low, high = (centre - half) / (1 + z * z / n), (centre + half) / (1 + z * z / n)
    return f"{p:.2f} | {low:.2f} to {high:.2f} | {n}"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    default = Path(__file__).parents[1] / ".." / "shared" / "data"
    parser.add_argument("--data", type=Path, default=default, help="folder with coco_sample, backgrounds and detector")
    data = parser.parse_args().data
    if not data.is_dir():
        raise SystemExit(f"skipped: the real material is not at {data}; name its folder with --data")
    cv2.setNumThreads(1)
    detector = FastestDet(data / "detector" / "FastestDet.onnx")
    backgrounds = [picture_of(path) for path in sorted((data / "backgrounds").glob("*.png"))]

    found: Counter[str] = Counter()
    items = list(large_items(data / "coco_sample"))
    for index, item in enumerate(items):
        found.update(ways_found(detector, item, backgrounds[index % len(backgrounds)]))

    print(f"FastestDet on large real objects, score {SCORE}, IoU {IOU}; yardstick for hard pasting: .56\n")
    print("| picture | recall | 95 % interval | objects |\n|---|---:|---:|---:|")
    for name in ("in place", "hard paste", *COMPOSED):
        print(f"| {name} | {wilson(found[name], len(items))} |")
    recall = found["composed"] / len(items)
    print(f"\nGoal: composed >= {GOAL}: {'reached' if recall >= GOAL else 'MISSED'}")


if __name__ == "__main__":
    main()
