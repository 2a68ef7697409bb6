"""Which module writes which format."""

from collections.abc import Callable, Mapping

from genval_assets.export.content import PictureBytes
from genval_assets.export.formats import coco, hugging_face, imagefolder, lvis, pool, webdataset, yolo
from genval_assets.export.prepared import Prepared
from genval_assets.export.words import Format
from genval_assets.export.written import Written

Writer = Callable[[Prepared, PictureBytes], Written]

WRITERS: Mapping[Format, Writer] = {
    "coco": coco.write,
    "lvis": lvis.write,
    "yolo": yolo.write,
    "hf": hugging_face.write,
    "imagefolder": imagefolder.write,
    "webdataset": webdataset.write,
    "pool": pool.write,
}
