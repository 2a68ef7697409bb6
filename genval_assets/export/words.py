"""The words that settings, formats and the command line share; it imports nothing, so that `genval --help` is quick."""

from typing import Literal

Document = Literal["coco", "lvis"]
"""Formats that are one annotation file beside the pictures."""
Format = Literal["coco", "lvis", "yolo", "hf", "imagefolder", "webdataset", "pool"]
"""The ways out."""
Masks = Literal["rle", "polygons"]
Split = Literal["train", "val", "test"]
Shared = Literal["photograph", "reference", "background", "prompt"]
"""What two pictures may have in common."""
YoloTask = Literal["segment", "detect"]
