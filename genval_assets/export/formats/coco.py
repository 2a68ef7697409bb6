"""The set as COCO instances documents, one per split (pycocotools, Detectron2, MMDetection)."""

import msgspec

from genval_assets.export.content import PictureBytes
from genval_assets.export.formats.document import (
    LICENCE,
    LICENCE_ID,
    PICTURES_DESCRIBED,
    AnnotationOrigin,
    ImageOrigin,
    Info,
    Licence,
    annotation_origin,
    document_path,
    image_origin,
    info,
)
from genval_assets.export.prepared import Prepared
from genval_assets.export.segmentation import Segmentation, Segmentations, segmentations
from genval_assets.export.words import Split
from genval_assets.export.written import Holds, Written
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


def write(prepared: Prepared, _picture: PictureBytes) -> Written:
    """Return the set as one COCO document per split, and its pictures."""
    masks = segmentations(prepared.numbered.annotations, prepared.settings.masks_of("coco"), prepared.masks)
    return Written(
        files=tuple((document_path("coco", split), coco_document(prepared, split, masks)) for split in prepared.splits),
        links=prepared.links,
        holds=Holds(crowds=True, masks="exact" if masks.loss is None else "polygons"),
        described=(
            *(
                (document_path("coco", split), f"COCO instances, {split}{_training(masks)}")
                for split in prepared.splits
            ),
            PICTURES_DESCRIBED,
        ),
        losses=() if masks.loss is None else (masks.loss,),
    )


def _training(masks: Segmentations) -> str:
    return "" if masks.loss else "; with run lengths Detectron2 trains where INPUT.MASK_FORMAT is bitmask"


def coco_document(prepared: Prepared, split: Split, masks: Segmentations) -> bytes:
    """Return the JSON of a split. Area and box are those of the visible mask; real annotations are as they were."""
    images = prepared.images_of(split)
    document = CocoDocument(
        info=info(prepared.name, images),
        licenses=[LICENCE],
        categories=[CocoCategory(i, c.name, c.supercategory or "") for i, c in prepared.numbered.categories.items()],
        images=[
            CocoImage(image.image_id, image.file, image.width, image.height, LICENCE_ID, image_origin(image))
            for image in images
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
            for image in images
            for a in prepared.of_image[image.image_id]
        ],
    )
    return msgspec.json.encode(document)
