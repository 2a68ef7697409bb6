"""The set as one COCO instances document (pycocotools, Detectron2, MMDetection)."""

import msgspec

from genval_assets.export.document import (
    LICENCE,
    LICENCE_ID,
    AnnotationOrigin,
    ImageOrigin,
    Info,
    Licence,
    annotation_origin,
    image_origin,
    info,
)
from genval_assets.export.numbering import NumberedSet
from genval_assets.export.segmentation import Segmentation, Segmentations
from genval_assets.types import Xywh


class CocoImage(msgspec.Struct, frozen=True):
    """One picture; `file_name` is relative to the set's folder."""

    id: int
    file_name: str
    width: int
    height: int
    license: int
    genval: ImageOrigin


class CocoAnnotation(msgspec.Struct, frozen=True):
    """One object; `iscrowd` 1 marks a region to ignore."""

    id: int
    image_id: int
    category_id: int
    bbox: Xywh
    area: float
    iscrowd: int
    segmentation: Segmentation
    genval: AnnotationOrigin


class CocoCategory(msgspec.Struct, frozen=True):
    """One category under the id of the user's file."""

    id: int
    name: str
    supercategory: str


class CocoDocument(msgspec.Struct, frozen=True):
    """The whole file."""

    info: Info
    licenses: list[Licence]
    categories: list[CocoCategory]
    images: list[CocoImage]
    annotations: list[CocoAnnotation]


def coco_document(name: str, numbered: NumberedSet, masks: Segmentations) -> bytes:
    """Return the JSON of a set. Area and box are those of the visible mask; real annotations are as they were."""
    document = CocoDocument(
        info=info(name, numbered.images),
        licenses=[LICENCE],
        categories=[CocoCategory(i, c.name, c.supercategory or "") for i, c in numbered.categories.items()],
        images=[
            CocoImage(image.image_id, image.file, image.width, image.height, LICENCE_ID, image_origin(image))
            for image in numbered.images
        ],
        annotations=[
            CocoAnnotation(
                id=a.annotation_id,
                image_id=a.image.image_id,
                category_id=a.category_id,
                bbox=a.box,
                area=a.area,
                iscrowd=int(a.iscrowd),
                segmentation=masks.by_id[a.annotation_id],
                genval=annotation_origin(a),
            )
            for a in numbered.annotations
        ],
    )
    return msgspec.json.encode(document)
