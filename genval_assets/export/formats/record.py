"""One picture with its objects as plain values: what Hugging Face, ImageFolder and WebDataset hold beside its bytes."""

import msgspec

from genval_assets.export.formats.document import AnnotationOrigin, ImageOrigin, annotation_origin, image_origin
from genval_assets.export.numbering import NumberedImage
from genval_assets.export.prepared import Prepared
from genval_assets.export.read_set import origin_id
from genval_assets.export.segmentation import Rle
from genval_assets.types import Xywh


class ObjectRecord(msgspec.Struct, frozen=True):
    """One object. `category` is the class index from 0 without gaps, `category_id` the id of the user's file."""

    id: int
    origin: str  # id of genval's `annotations` row, or `source-<id in the user's file>`
    category: int
    category_id: int
    bbox: Xywh
    area: float
    iscrowd: int
    segmentation: Rle  # exact
    genval: AnnotationOrigin


class PictureRecord(msgspec.Struct, frozen=True):
    """One picture."""

    image_id: int
    width: int
    height: int
    objects: list[ObjectRecord]
    genval: ImageOrigin


def picture_record(prepared: Prepared, image: NumberedImage) -> PictureRecord:
    """Return a picture with all of its objects, regions to ignore included, by exported id."""
    return PictureRecord(
        image_id=image.image_id,
        width=image.width,
        height=image.height,
        objects=[
            ObjectRecord(
                id=a.annotation_id,
                origin=origin_id(a),
                category=prepared.classes[a.category_id],
                category_id=a.category_id,
                bbox=a.box,
                area=a.area,
                iscrowd=int(a.iscrowd),
                segmentation=Rle((image.height, image.width), prepared.masks[a.annotation_id]),
                genval=annotation_origin(a),
            )
            for a in prepared.of_image[image.image_id]
        ],
        genval=image_origin(image),
    )
