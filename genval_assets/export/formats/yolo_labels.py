"""The texts of a YOLO set as Ultralytics reads them: label lines and `data.yaml`."""

from collections.abc import Collection, Iterable

import numpy as np
from numpy.typing import NDArray

from genval_assets.export.polygons import Ring
from genval_assets.export.words import Split
from genval_assets.types import Xywh

DECIMALS = 6
"""Of coordinates, which are shares of the picture's sides: 0.001 px on 1000 px.

COCO's rasteriser needs the contours of `polygons.py` within 0.05 px: pictures may be 100,000 px wide.
"""
ROUNDING = 10.0**-DECIMALS
"""Share of a side by which an edge of a box may be off: half a unit of the centre, and a quarter of the side."""

NO_VALIDATION = """\
# No picture of this set is for validation, and Ultralytics refuses a data.yaml without val:
# name a folder of your own photographs here, or export again with splits.val above 0.
# val: images/val
"""


def label_file(split: Split, key: str) -> str:
    """Return where the labels of a picture stand: Ultralytics exchanges `images` for `labels` and the ending."""
    return f"labels/{split}/{key}.txt"


def normalised(ring: Ring, width: int, height: int) -> Ring:
    """Return a ring, px, in shares of its picture's sides, rounded as it will be written."""
    return np.round(ring / (width, height), DECIMALS)


def polygon_line(index: int, corners: Ring) -> str:
    """Return one object's line: class index, then x and y of each normalised corner."""
    return _line(index, corners.ravel())


def box_line(index: int, box: Xywh, width: int, height: int) -> str:
    """Return one object's line: class index, then centre and size, as shares of the picture's sides.

    The box, px, lies within its picture.
    """
    x, y, w, h = box
    return _line(index, np.array([(x + w / 2) / width, (y + h / 2) / height, w / width, h / height]))


def _line(index: int, numbers: NDArray[np.float64]) -> str:
    return " ".join((str(index), *(f"{number:.{DECIMALS}f}" for number in numbers.tolist())))


def data_yaml(names: Iterable[str], splits: Collection[Split]) -> bytes:
    """Return `data.yaml`. Its folders are relative to its own, so it has no `path`; nothing is ever downloaded.

    Args:
        names: of the classes, by index.
        splits: those with pictures; `train` is named always.
    """
    lines = ["train: images/train", *(f"{split}: images/{split}" for split in ("val", "test") if split in splits)]
    listed = [f"  {index}: {quoted(name)}" for index, name in enumerate(names)]
    lines += ["names:", *listed] if listed else ["names: {}"]
    head = "" if "val" in splits else NO_VALIDATION
    return (head + "".join(f"{line}\n" for line in lines)).encode()


def quoted(text: str) -> str:
    """Return a YAML scalar in double quotes, on one line, whatever the text holds."""
    return '"' + "".join(f"\\{c}" if c in '"\\' else c if c.isprintable() else f"\\U{ord(c):08X}" for c in text) + '"'
