"""Which module reads which format back."""

from collections.abc import Callable, Mapping
from functools import partial
from pathlib import Path

from genval_assets.export.read_set import ReadSet
from genval_assets.export.words import Format
from resources.reading.coco import read_document
from resources.reading.hugging_face import read_hugging_face
from resources.reading.imagefolder import read_imagefolder
from resources.reading.pool import read_pool
from resources.reading.webdataset import read_webdataset
from resources.reading.yolo import read_yolo

READERS: Mapping[Format, Callable[[Path], ReadSet]] = {
    "coco": partial(read_document, document="coco"),
    "lvis": partial(read_document, document="lvis"),
    "yolo": read_yolo,
    "hf": read_hugging_face,
    "imagefolder": read_imagefolder,
    "webdataset": read_webdataset,
    "pool": read_pool,
}
